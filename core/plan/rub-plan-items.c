/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-private.h"
#include "volume/rub-fat-name.h"

/* As Linux does (MAXSYMLINKS). */
#define MAX_LINK_HOPS 40

/* How many names a sentence lists before it only counts. The whole list is in the finding. */
#define MAX_NAMES_IN_SENTENCE 3

/* What is known while the items are chosen, one path of the image after the other. */
typedef struct {
    RubPlanning *planning;
    GHashTable *entries;   /* image path -> RubEntry */
    GHashTable *new_paths; /* image path of a folder -> its path on the stick */
    GHashTable *taken;     /* folded path on the stick -> RubPlanItem */
    GPtrArray *renamed;    /* "old → new" */
    GPtrArray *dropped;    /* links that lead nowhere, or to a folder */
} Choosing;

/* Firmware, boot managers and boot menus find these by their names. */
static gboolean
is_needed_for_boot(const char *path)
{
    static const char *const folders[] = {"efi/",      "boot/", "sources/", "isolinux/",
                                          "syslinux/", "live/", "casper/",  "grub/"};
    if (!strchr(path, '/'))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (g_ascii_strncasecmp(path, folders[i], strlen(folders[i])) == 0)
            return TRUE;
    }
    return FALSE;
}

static char *
fold_path(const char *path)
{
    return rub_fat_name_make_key(path);
}

/* Resolves "." and ".." of a link's target against the folder the link is in. */
static char *
resolve_path(const char *link_path, const char *target)
{
    g_autofree char *folder = g_path_get_dirname(link_path);
    g_autofree char *joined =
        *target == '/' ? g_strdup(target) : g_build_filename("/", folder, target, NULL);
    g_autofree char *canonical = g_canonicalize_filename(joined, "/");
    return g_strdup(canonical + 1);
}

/* Follows a symbolic link to a file; NULL if it leads elsewhere. */
static const RubEntry *
follow_link(Choosing *self, const RubEntry *link)
{
    const RubEntry *entry = link;
    for (guint hops = 0; entry && entry->kind == RUB_ENTRY_SYMLINK; hops++) {
        if (hops == MAX_LINK_HOPS || !entry->link_target)
            return NULL;
        g_autofree char *path = resolve_path(entry->path, entry->link_target);
        entry = g_hash_table_lookup(self->entries, path);
    }
    return entry && entry->kind == RUB_ENTRY_FILE ? entry : NULL;
}

static void
add_name_error(Choosing *self, RubText *meaning, const char *first, const char *second)
{
    RubFinding *finding = rub_planning_add_finding(self->planning, RUB_CODE_NAME_NOT_REPRESENTABLE,
                                                   RUB_SEVERITY_ERROR, meaning, NULL);
    const char *files[] = {first, second, NULL};
    finding->files = g_strdupv((char **) files);
}

static void
refuse_name(Choosing *self, const char *path, RubFatNameFault fault)
{
    g_autofree char *shown = g_utf8_make_valid(path, -1);
    add_name_error(self,
                   rub_text_new(N_("\"{path}\": the name {fault}, and starting may depend on it."),
                                "path", shown, "fault", rub_fat_name_fault_to_string(fault), NULL),
                   shown, NULL);
}

static void
refuse_twin(Choosing *self, const char *path, const char *other)
{
    add_name_error(self,
                   rub_text_new(N_("\"{path}\" and \"{other}\" differ only by case, which a stick "
                                   "does not tell apart."),
                                "path", path, "other", other, NULL),
                   other, path);
}

/* name.ext -> name (2).ext, and on until nobody has it. */
static char *
make_unique(Choosing *self, const char *folder, const char *name)
{
    const char *dot = strrchr(name, '.');
    gsize stem_length = dot && dot != name ? (gsize) (dot - name) : strlen(name);
    for (guint number = 2;; number++) {
        g_autofree char *candidate =
            g_strdup_printf("%.*s (%u)%s", (int) stem_length, name, number, name + stem_length);
        g_autofree char *path = g_build_path("/", folder, candidate, NULL);
        g_autofree char *key = fold_path(path);
        if (!g_hash_table_contains(self->taken, key))
            return g_steal_pointer(&path);
    }
}

/* Where an entry goes: its folder's new path and a name that FAT can hold. NULL if it is refused.
 */
static char *
choose_path(Choosing *self, const RubEntry *entry)
{
    g_autofree char *parent = g_path_get_dirname(entry->path);
    const char *folder = g_hash_table_lookup(self->new_paths, parent);
    g_autofree char *name = g_path_get_basename(entry->path);
    RubFatNameFault fault = rub_fat_name_check(name);
    if (fault != RUB_FAT_NAME_OK && is_needed_for_boot(entry->path)) {
        refuse_name(self, entry->path, fault);
        return NULL;
    }
    g_autofree char *safe = rub_fat_name_make_safe(name);
    return g_build_path("/", folder ? folder : "", safe, NULL);
}

static void
note_rename(Choosing *self, const RubEntry *entry, const char *path)
{
    if (strcmp(entry->path, path) == 0)
        return;
    g_autofree char *old_name = g_path_get_basename(entry->path);
    g_autofree char *new_name = g_path_get_basename(path);
    if (strcmp(old_name, new_name) == 0)
        return;
    g_autofree char *shown = g_utf8_make_valid(entry->path, -1);
    g_ptr_array_add(self->renamed, g_strdup_printf("%s → %s", shown, path));
}

/* Adds the item; the plan's arrays own it. Takes path. */
static void
add_item(Choosing *self, GPtrArray *items, const RubEntry *entry, const RubEntry *content,
         char *path)
{
    RubPlanItem *item = g_new0(RubPlanItem, 1);
    item->entry = entry;
    item->content = content;
    item->path = path;
    g_ptr_array_add(items, item);
    g_hash_table_replace(self->taken, fold_path(path), item);
    note_rename(self, entry, path);
}

static void
choose_folder(Choosing *self, const RubEntry *entry)
{
    g_autofree char *path = choose_path(self, entry);
    if (!path)
        return;
    g_autofree char *key = fold_path(path);
    const RubPlanItem *other = g_hash_table_lookup(self->taken, key);
    if (other && other->entry->kind != RUB_ENTRY_FOLDER) {
        refuse_twin(self, entry->path, other->entry->path);
        return;
    }
    /* Two folders that differ only by case become one, as every reader of FAT would see them. */
    const char *new_path = other ? other->path : path;
    g_hash_table_replace(self->new_paths, g_strdup(entry->path), g_strdup(new_path));
    if (!other)
        add_item(self, self->planning->plan->folders, entry, entry, g_steal_pointer(&path));
}

static void
choose_file(Choosing *self, const RubEntry *entry, const RubEntry *content)
{
    g_autofree char *path = choose_path(self, entry);
    if (!path)
        return;
    g_autofree char *key = fold_path(path);
    const RubPlanItem *other = g_hash_table_lookup(self->taken, key);
    if (other && (is_needed_for_boot(entry->path) || is_needed_for_boot(other->entry->path))) {
        refuse_twin(self, entry->path, other->entry->path);
        return;
    }
    if (other) {
        g_autofree char *folder = g_path_get_dirname(path);
        g_autofree char *name = g_path_get_basename(path);
        g_free(path);
        path = make_unique(self, strcmp(folder, ".") == 0 ? "" : folder, name);
    }
    self->planning->plan->copy_bytes += content->size_bytes;
    add_item(self, self->planning->plan->files, entry, content, g_steal_pointer(&path));
}

static void
choose_item(Choosing *self, const RubEntry *entry)
{
    if (entry->kind == RUB_ENTRY_FOLDER) {
        choose_folder(self, entry);
        return;
    }
    const RubEntry *content = entry->kind == RUB_ENTRY_SYMLINK ? follow_link(self, entry) : entry;
    if (content)
        choose_file(self, entry, content);
    else
        g_ptr_array_add(
            self->dropped,
            g_strdup_printf("%s → %s", entry->path, entry->link_target ? entry->link_target : "?"));
}

static char *
list_some(const GPtrArray *names)
{
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < names->len && i < MAX_NAMES_IN_SENTENCE; i++)
        g_string_append_printf(list, "%s%s", i > 0 ? "; " : "",
                               (const char *) g_ptr_array_index((GPtrArray *) names, i));
    if (names->len > MAX_NAMES_IN_SENTENCE)
        g_string_append(list, "; …");
    return g_string_free(list, FALSE);
}

static void
warn_of_names(Choosing *self, GPtrArray *names, const char *singular, const char *plural)
{
    if (names->len == 0)
        return;
    g_autofree char *list = list_some(names);
    RubFinding *finding = rub_planning_add_finding(
        self->planning, RUB_CODE_NAME_NOT_REPRESENTABLE, RUB_SEVERITY_WARNING,
        rub_text_new_plural(singular, plural, names->len, "list", list, NULL),
        rub_text_new(N_("Go on if nothing depends on these names."), NULL));
    g_ptr_array_add(names, NULL);
    finding->files = g_strdupv((char **) names->pdata);
}

static void
refuse_large_files(RubPlanning *self)
{
    const GPtrArray *files = self->plan->files;
    for (guint i = 0; i < files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index((GPtrArray *) files, i);
        if (item->content->size_bytes <= RUB_FAT_MAX_FILE_BYTES)
            continue;
        g_autofree char *size = g_format_size(item->content->size_bytes);
        RubFinding *finding = rub_planning_add_finding(
            self, RUB_CODE_FILE_TOO_LARGE, RUB_SEVERITY_ERROR,
            rub_text_new(N_("\"{path}\" has {size}; FAT32 holds files of up to 4 GiB - 1."), "path",
                         item->path, "size", size, NULL),
            NULL);
        const char *paths[] = {item->path, NULL};
        finding->files = g_strdupv((char **) paths);
    }
}

static int
compare_contents(gconstpointer a, gconstpointer b)
{
    guint64 first = rub_entry_get_first_byte((*(RubPlanItem *const *) a)->content);
    guint64 second = rub_entry_get_first_byte((*(RubPlanItem *const *) b)->content);
    return (first > second) - (first < second);
}

static void
choosing_init(Choosing *self, RubPlanning *planning)
{
    const GPtrArray *entries = planning->listing->entries;
    self->planning = planning;
    self->entries = g_hash_table_new(g_str_hash, g_str_equal);
    self->new_paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->renamed = g_ptr_array_new_with_free_func(g_free);
    self->dropped = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < entries->len; i++) {
        RubEntry *entry = g_ptr_array_index((GPtrArray *) entries, i);
        g_hash_table_insert(self->entries, entry->path, entry);
    }
}

static void
choosing_clear(Choosing *self)
{
    g_hash_table_unref(self->entries);
    g_hash_table_unref(self->new_paths);
    g_hash_table_unref(self->taken);
    g_ptr_array_unref(self->renamed);
    g_ptr_array_unref(self->dropped);
}

void
rub_planning_choose_items(RubPlanning *self)
{
    Choosing choosing;
    choosing_init(&choosing, self);
    for (guint i = 0; i < self->listing->entries->len; i++)
        choose_item(&choosing, g_ptr_array_index(self->listing->entries, i));
    warn_of_names(&choosing, choosing.renamed, N_("{count} name is changed: {list}."),
                  N_("{count} names are changed: {list}."));
    warn_of_names(&choosing, choosing.dropped,
                  N_("{count} symbolic link cannot be stored and is left out: {list}."),
                  N_("{count} symbolic links cannot be stored and are left out: {list}."));
    choosing_clear(&choosing);
    g_ptr_array_sort(self->plan->files, compare_contents);
    refuse_large_files(self);
}
