/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-private.h"
#include "volume/rub-fat-label.h"

/* How many paths a sentence lists before it only counts. */
#define MAX_PATHS_IN_SENTENCE 3

static void
menu_change_free(gpointer data)
{
    RubMenuChange *self = data;
    rub_entry_free(self->entry);
    g_free(self->path);
    g_free(self->old_label);
    g_free(self->new_label);
    g_free(self);
}

GPtrArray *
rub_planning_new_menu_changes(void)
{
    return g_ptr_array_new_with_free_func(menu_change_free);
}

char *
rub_planning_make_label(const RubPlanning *self)
{
    if (self->options->label)
        return rub_fat_label_make(self->options->label);
    char *label = rub_fat_label_make(self->info->volume_name);
    /* What menus look for has to be easy to write. */
    if (self->info->label_menus->len > 0 && strcmp(label, self->info->volume_name) != 0)
        g_strcanon(label, G_CSET_A_2_Z G_CSET_DIGITS "_-", '_');
    return label;
}

/* Has every file with the bytes of one entry, be it a link, get those of another. @others are
 * RubMenuChanges by the extents of what they replace; each notes the path of its first file. */
static void
exchange(RubPlan *plan, GHashTable *others)
{
    for (guint i = 0; i < plan->files->len; i++) {
        RubPlanItem *item = g_ptr_array_index(plan->files, i);
        RubMenuChange *change = g_hash_table_lookup(others, item->content->extents);
        if (!change)
            continue;
        const RubEntry *other =
            item->content->extents == change->entry->extents ? change->original : change->entry;
        plan->copy_bytes = plan->copy_bytes - item->content->size_bytes + other->size_bytes;
        item->content = other;
        change->path = change->path ? change->path : g_strdup(item->entry->path);
    }
}

static void
take_changes_back(RubPlanning *self)
{
    const GPtrArray *changes = self->plan->changed_menus;
    g_autoptr(GHashTable) originals = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < changes->len; i++) {
        RubMenuChange *change = g_ptr_array_index(changes, i);
        g_hash_table_insert(originals, change->entry->extents, change);
    }
    exchange(self->plan, originals);
    g_ptr_array_set_size(self->plan->changed_menus, 0);
}

static gboolean
can_be_looked_for(const RubBootMenu *menu, const char *label)
{
    return strlen(label) <= RUB_FAT_MAX_LABEL_BYTES && rub_boot_menu_can_look_for(menu, label);
}

/* What a menu is changed to look for: @label, or the label of FAT that takes the most room in it
 * where that is %NULL. Returns %NULL where it stays. */
static const char *
choose_label(const RubBootMenu *menu, const char *label)
{
    static const char *const widest[] = {"X X X X X X", "XXXXXXXXXXX"};
    if (label)
        return can_be_looked_for(menu, label) && strcmp(menu->label, label) != 0 ? label : NULL;
    for (guint i = 0; i < G_N_ELEMENTS(widest); i++) {
        if (can_be_looked_for(menu, widest[i]))
            return widest[i];
    }
    return NULL;
}

static RubMenuChange *
menu_change_new(const RubBootMenu *menu, const char *label)
{
    RubMenuChange *self = g_new0(RubMenuChange, 1);
    self->old_label = g_strdup(menu->label);
    self->new_label = g_strdup(label);
    self->original = menu->entry;
    self->entry = rub_boot_menu_relabel(menu, label);
    return self;
}

/* Has the menus look for @label; they do not where that cannot be. Where it is %NULL, because it
 * is not known yet, they take as much room as they may need. */
static void
change_menus(RubPlanning *self, const char *label)
{
    g_autoptr(GPtrArray) changes = g_ptr_array_new();
    g_autoptr(GHashTable) others = g_hash_table_new(NULL, NULL);
    take_changes_back(self);
    for (guint i = 0; i < self->info->label_menus->len; i++) {
        const RubBootMenu *menu = g_ptr_array_index(self->info->label_menus, i);
        const char *chosen = choose_label(menu, label);
        if (!chosen || g_hash_table_contains(others, menu->entry->extents))
            continue;
        RubMenuChange *change = menu_change_new(menu, chosen);
        g_ptr_array_add(changes, change);
        if (label || change->entry->size_bytes > menu->entry->size_bytes)
            g_hash_table_insert(others, menu->entry->extents, change);
    }
    exchange(self->plan, others);
    for (guint i = 0; i < changes->len; i++) {
        RubMenuChange *change = g_ptr_array_index(changes, i);
        if (change->path)
            g_ptr_array_add(self->plan->changed_menus, change);
        else
            menu_change_free(change);
    }
}

void
rub_planning_reserve_menus(RubPlanning *self)
{
    g_autofree char *label = rub_planning_make_label(self);
    /* Where files are kept, the label is known once a place was chosen that has room for all. */
    change_menus(self, self->options->keep ? NULL : label);
}

static const char *
get_label(const RubPlanning *self)
{
    if (self->plan->mode != RUB_PLAN_KEEP_VOLUME)
        return self->plan->volume.label;
    const char *label = self->kept ? self->kept->contents.label : NULL;
    return label ? label : "";
}

/* A list that distributions put beside their files, for a check of the medium. */
static const char *
find_checksums(const RubListing *listing)
{
    static const char *const prefixes[] = {"md5sum", "sha256sum", "sha512sum"};
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        for (guint k = 0; k < G_N_ELEMENTS(prefixes) && entry->kind == RUB_ENTRY_FILE; k++) {
            if (g_ascii_strncasecmp(entry->path, prefixes[k], strlen(prefixes[k])) == 0 &&
                !strchr(entry->path, '/'))
                return entry->path;
        }
    }
    return NULL;
}

static void
note_changes(RubPlanning *self, const char *label)
{
    const GPtrArray *changes = self->plan->changed_menus;
    if (changes->len == 0)
        return;
    g_autoptr(RubPathList) list = rub_path_list_new();
    for (guint i = 0; i < changes->len; i++)
        rub_path_list_add(list, ((const RubMenuChange *) changes->pdata[i])->path, NULL);
    const RubMenuChange *first = g_ptr_array_index(changes, 0);
    RubText *note = rub_text_new_plural(
        N_PLURAL("{count} boot menu looks for a volume called \"{wanted}\" and is "
                 "changed to look for \"{label}\", as the stick is called: {list}.",
                 "{count} boot menus look for a volume called \"{wanted}\" and are "
                 "changed to look for \"{label}\", as the stick is called: {list}."),
        changes->len, "wanted", first->old_label, "label", label, NULL);
    g_ptr_array_add(
        self->plan->notes,
        rub_text_new_filled(note, "list", rub_path_list_describe(list, MAX_PATHS_IN_SENTENCE)));
    const char *checksums = find_checksums(self->listing);
    if (checksums)
        g_ptr_array_add(self->plan->notes,
                        rub_text_new(N_("A check of the files by {path} will name the changed boot "
                                        "menus; all the others are as they were."),
                                     "path", checksums, NULL));
}

/* Why a menu stays as it is. */
static const char *
get_reason(const RubBootMenu *menu)
{
    static const char *const sentences[] = {
        [RUB_BOOT_MENU_PLAIN] =
            N_("It may stop halfway: {path} looks for a volume called \"{wanted}\", but that of "
               "the stick is called \"{label}\"."),
        [RUB_BOOT_MENU_SIGNED] =
            N_("It may stop halfway: {path} looks for a volume called \"{wanted}\", and it is "
               "signed, so that it cannot be changed to look for \"{label}\"."),
        [RUB_BOOT_MENU_IN_PROGRAM] = N_(
            "It may stop halfway: the program {path} looks for a volume called \"{wanted}\", and "
            "not for \"{label}\"; programs are not changed."),
        [RUB_BOOT_MENU_BY_UUID] =
            N_("It may stop halfway: {path} looks for a volume with the UUID {wanted}, which is "
               "that of the disc; the volume of the stick has another one."),
        [RUB_BOOT_MENU_TOO_LARGE] =
            N_("It may stop halfway: {path} is too large for a boot menu, and may look for a "
               "volume called \"{wanted}\" and not \"{label}\"."),
        [RUB_BOOT_MENU_ONE_TOO_MANY] = N_(
            "It may stop halfway: the image has more boot menus than are looked at. {path} is one "
            "of those that were not, and may look for a volume called \"{wanted}\" and not "
            "\"{label}\"."),
    };
    return sentences[menu->state];
}

static RubText *
get_remedy(const RubPlanning *self, const RubBootMenu *menu)
{
    if (menu->state != RUB_BOOT_MENU_PLAIN)
        return NULL;
    return self->plan->mode == RUB_PLAN_KEEP_VOLUME
               ? rub_text_new(N_("Give the stick's volume a name of at most 11 letters and digits "
                                 "first."),
                              NULL)
               : rub_text_new(N_("Choose a name of at most 11 letters and digits."), NULL);
}

/* Nothing is known of what is in it. */
static gboolean
is_unread(const RubBootMenu *menu)
{
    return menu->state == RUB_BOOT_MENU_TOO_LARGE || menu->state == RUB_BOOT_MENU_ONE_TOO_MANY;
}

/* All menus that stay as they are for one reason; the sentence names the first. */
static void
warn_of_menus(RubPlanning *self, RubBootMenuState state, const char *label)
{
    g_autoptr(RubPathList) list = rub_path_list_new();
    const RubBootMenu *first = NULL;
    for (guint i = 0; i < self->info->label_menus->len; i++) {
        const RubBootMenu *menu = g_ptr_array_index(self->info->label_menus, i);
        if (menu->state != state || strcmp(menu->label, label) == 0 ||
            can_be_looked_for(menu, label))
            continue;
        first = first ? first : menu;
        rub_path_list_add(list, menu->entry->path, NULL);
    }
    if (!first)
        return;
    RubFinding *finding =
        rub_planning_add_finding(self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_WARNING,
                                 rub_text_new(get_reason(first), "path", first->entry->path,
                                              "wanted", first->label, "label", label, NULL),
                                 get_remedy(self, first));
    rub_finding_set_files(finding, list);
    rub_planning_offer_raw(self, finding, self->options->firmware);
}

static void
note_name(RubPlanning *self, const char *label)
{
    for (guint i = 0; i < self->info->label_menus->len; i++) {
        const RubBootMenu *menu = g_ptr_array_index(self->info->label_menus, i);
        if (is_unread(menu) || strcmp(menu->label, label) != 0)
            continue;
        g_ptr_array_add(self->plan->notes,
                        rub_text_new(N_("The volume is called \"{label}\", because {path} looks "
                                        "for it by that name."),
                                     "label", label, "path", menu->entry->path, NULL));
        return;
    }
}

void
rub_planning_tell_label(RubPlanning *self)
{
    if (self->plan->volume.sector_count == 0) {
        take_changes_back(self);
        return;
    }
    const char *label = get_label(self);
    change_menus(self, label);
    note_changes(self, label);
    note_name(self, label);
    warn_of_menus(self, RUB_BOOT_MENU_SIGNED, label);
    warn_of_menus(self, RUB_BOOT_MENU_IN_PROGRAM, label);
    warn_of_menus(self, RUB_BOOT_MENU_BY_UUID, label);
    warn_of_menus(self, RUB_BOOT_MENU_TOO_LARGE, label);
    warn_of_menus(self, RUB_BOOT_MENU_ONE_TOO_MANY, label);
    warn_of_menus(self, RUB_BOOT_MENU_PLAIN, label);
}
