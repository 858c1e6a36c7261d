/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-private.h"
#include "volume/rub-fat-name.h"
#include "volume/rub-records.h"

/* As Linux does (MAXSYMLINKS). */
#define MAX_LINK_HOPS 40

/* How many names a sentence lists before it only counts. The whole list is in the finding. */
#define MAX_NAMES_IN_SENTENCE 3

/* What is known while the items are chosen, one path of the image after the other. */
typedef struct {
    RubPlanning *planning;
    GHashTable *entries;   /* image path -> RubEntry */
    GHashTable *new_paths; /* image path of a folder -> its path on the stick, NULL if left out */
    GHashTable *taken;     /* folded path on the stick -> RubPlanItem */
    RubPathList *unusable; /* names that FAT cannot hold and that must not change */
    RubPathList *twins;    /* pairs that differ only by case and must not change */
    RubPathList *parts;    /* names that a part of a file needs, too */
    RubPathList *renamed;
    RubPathList *links; /* that are left out */
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

/* Adds a path to one of the lists, with a note on another name. */
static void
note(RubPathList *list, const char *path, const char *sentence, const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    rub_path_list_add(list, path, rub_text_new(sentence, "name", valid, NULL));
}

/* The files in the root of every NTFS volume in which NTFS itself is kept. */
static gboolean
is_ntfs_metafile(const char *path)
{
    static const char *const names[] = {"$MFT",     "$MFTMIRR", "$LOGFILE", "$VOLUME",
                                        "$ATTRDEF", "$BITMAP",  "$BOOT",    "$BADCLUS",
                                        "$SECURE",  "$UPCASE",  "$EXTEND",  NULL};
    g_autofree char *key = rub_fat_name_make_key(path);
    return g_strv_contains(names, key);
}

/* What is wrong with an entry's name, in brackets; NULL if the stick can have it. The rules are
 * those of Windows, on NTFS as on FAT. */
static RubText *
describe_fault(const Choosing *self, const RubEntry *entry, const char *name)
{
    RubFatNameFault fault = rub_fat_name_check(name);
    if (fault != RUB_FAT_NAME_OK)
        return rub_text_new_filled(rub_text_new("({fault})", NULL), "fault",
                                   rub_fat_name_describe_fault(fault));
    if (rub_planning_uses_ntfs(self->planning) && is_ntfs_metafile(entry->path))
        return rub_text_new(N_("(NTFS keeps its own data under this name)"), NULL);
    return NULL;
}

/* Where an entry would go: its folder's new path and a name that FAT can hold. NULL if it cannot
 * have one, or goes with a folder that is left out. */
static char *
make_path(Choosing *self, const RubEntry *entry)
{
    g_autofree char *parent = g_path_get_dirname(entry->path);
    gpointer folder = NULL;
    if (!g_hash_table_lookup_extended(self->new_paths, parent, NULL, &folder))
        rub_path_list_add(self->unusable, entry->path,
                          rub_text_new(N_("(its folder is not listed)"), NULL));
    if (!folder)
        return NULL;
    g_autofree char *name = g_path_get_basename(entry->path);
    g_autoptr(RubText) fault = describe_fault(self, entry, name);
    if (fault && is_needed_for_boot(entry->path)) {
        rub_path_list_add(self->unusable, entry->path, g_steal_pointer(&fault));
        return NULL;
    }
    g_autofree char *safe = rub_fat_name_make_safe(name);
    return g_build_path("/", (const char *) folder, safe, NULL);
}

static const RubPlanItem *
find_taken(Choosing *self, const char *path)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    return g_hash_table_lookup(self->taken, key);
}

/* folder/name.ext -> folder/name (2).ext, and on until nobody has it. */
static char *
make_unique(Choosing *self, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    gsize stem_length = dot && dot != name ? (gsize) (dot - path) : strlen(path);
    for (guint number = 2;; number++) {
        g_autofree char *candidate =
            g_strdup_printf("%.*s (%u)%s", (int) stem_length, path, number, path + stem_length);
        if (!find_taken(self, candidate))
            return g_steal_pointer(&candidate);
    }
}

/* Notes where one of two entries of a name is a part of a file: Setup finds parts by their names
 * only. Returns whether that is so. */
static gboolean
meets_part(Choosing *self, const RubEntry *entry, const RubEntry *other)
{
    const char *whole = rub_planning_find_whole(self->planning, entry);
    const RubEntry *own = whole ? other : entry;
    if (!whole)
        whole = rub_planning_find_whole(self->planning, other);
    if (!whole)
        return FALSE;
    note(self->parts, own->path, N_("(also a part of {name})"), whole);
    return TRUE;
}

/* Adds the item under its path, or under another one if that is taken; the plan owns it. Takes
 * path. Returns whether it has a path now. */
static gboolean
add_item(Choosing *self, GPtrArray *items, const RubEntry *entry, const RubEntry *content,
         char *path)
{
    g_autofree char *wanted = path;
    const RubPlanItem *other = find_taken(self, wanted);
    if (other && meets_part(self, entry, other->entry))
        return FALSE;
    if (other && (is_needed_for_boot(entry->path) || is_needed_for_boot(other->entry->path))) {
        note(self->twins, other->entry->path, N_("and {name}"), entry->path);
        return FALSE;
    }
    RubPlanItem *item = g_new0(RubPlanItem, 1);
    item->entry = entry;
    item->content = content;
    item->path = other ? make_unique(self, wanted) : g_steal_pointer(&wanted);
    g_ptr_array_add(items, item);
    g_hash_table_insert(self->taken, rub_fat_name_make_key(item->path), item);
    g_autofree char *old_name = g_path_get_basename(entry->path);
    g_autofree char *new_name = g_path_get_basename(item->path);
    if (strcmp(old_name, new_name) != 0)
        note(self->renamed, entry->path, "→ {name}", item->path);
    return TRUE;
}

/* Two folders that differ only by case become one, as every reader of FAT would see them. */
static void
choose_folder(Choosing *self, const RubEntry *entry)
{
    GPtrArray *folders = self->planning->plan->folders;
    g_autofree char *path = make_path(self, entry);
    const RubPlanItem *item = path ? find_taken(self, path) : NULL;
    if (path && !(item && item->entry->kind == RUB_ENTRY_FOLDER))
        item = add_item(self, folders, entry, entry, g_steal_pointer(&path))
                   ? g_ptr_array_index(folders, folders->len - 1)
                   : NULL;
    g_hash_table_insert(self->new_paths, entry->path, item ? item->path : NULL);
}

static void
choose_file(Choosing *self, const RubEntry *entry, const RubEntry *content)
{
    g_autofree char *path = make_path(self, entry);
    if (!path)
        return;
    /* A link to a name that differs only by case: FAT finds the file under both. */
    const RubPlanItem *other = find_taken(self, path);
    if (other && other->content == content)
        return;
    if (add_item(self, self->planning->plan->files, entry, content, g_steal_pointer(&path)))
        self->planning->plan->copy_bytes += content->size_bytes;
}

/* An image made from one of our sticks has the records of that stick. */
static gboolean
is_our_folder(const RubEntry *entry)
{
    return g_ascii_strcasecmp(entry->path, RUB_RECORDS_FOLDER) == 0;
}

static void
leave_out_our_folder(Choosing *self, const RubEntry *entry)
{
    rub_planning_add_finding(
        self->planning, RUB_CODE_NAME_NOT_REPRESENTABLE, RUB_SEVERITY_WARNING,
        rub_text_new(N_("\"{path}\" in the image is left out: it holds the records of another "
                        "stick, and this program keeps those of this one there."),
                     "path", entry->path, NULL),
        rub_text_new(N_("Go on; nothing that starts a computer is in it."), NULL));
    g_hash_table_insert(self->new_paths, entry->path, NULL);
}

/* A file goes as it is, or in parts, or gives way to another one. */
static void
choose_plain_file(Choosing *self, const RubEntry *entry)
{
    const RubEntry *other = rub_planning_find_replacement(self->planning, entry);
    const GPtrArray *parts = rub_planning_find_parts(self->planning, entry);
    if (!parts)
        choose_file(self, entry, other ? other : entry);
    for (guint i = 0; parts && i < parts->len; i++)
        choose_file(self, parts->pdata[i], parts->pdata[i]);
}

static void
choose_item(Choosing *self, const RubEntry *entry)
{
    if (is_our_folder(entry)) {
        leave_out_our_folder(self, entry);
        return;
    }
    if (entry->kind == RUB_ENTRY_FOLDER) {
        choose_folder(self, entry);
        return;
    }
    if (entry->kind == RUB_ENTRY_FILE) {
        choose_plain_file(self, entry);
        return;
    }
    const RubEntry *replacement = rub_planning_find_replacement(self->planning, entry);
    const RubEntry *content = replacement ? replacement : follow_link(self, entry);
    if (content)
        choose_file(self, entry, content);
    else
        note(self->links, entry->path, "→ {name}", entry->link_target ? entry->link_target : "?");
}

RubFinding *
rub_planning_report(RubPlanning *self, RubCode code, RubSeverity severity, const RubPathList *list,
                    const char *singular, const char *plural, RubText *remedy)
{
    g_autoptr(RubText) own_remedy = remedy;
    guint count = list->paths->len;
    if (count == 0)
        return NULL;
    RubText *meaning = rub_text_new_filled(
        rub_text_new_plural(singular, plural, count, "filesystem",
                            rub_planning_uses_ntfs(self) ? "NTFS" : "FAT", NULL),
        "list", rub_path_list_describe(list, MAX_NAMES_IN_SENTENCE));
    RubFinding *finding =
        rub_planning_add_finding(self, code, severity, meaning, g_steal_pointer(&own_remedy));
    rub_finding_set_files(finding, list);
    return finding;
}

/* No filesystem that a stick gets here has such things. */
static void
report_specials(RubPlanning *self)
{
    g_autoptr(RubPathList) list = rub_path_list_new();
    for (guint i = 0; i < self->listing->specials->len; i++)
        rub_path_list_add(list, self->listing->specials->pdata[i], NULL);
    RubFinding *finding = rub_planning_report(
        self, RUB_CODE_NAME_NOT_REPRESENTABLE, RUB_SEVERITY_WARNING, list,
        N_PLURAL("{count} name of the image is a device node, FIFO or socket, which {filesystem} "
                 "cannot hold, and is left out: {list}.",
                 "{count} names of the image are device nodes, FIFOs or sockets, which "
                 "{filesystem} cannot hold, and are left out: {list}."),
        rub_text_new(N_("Go on if nothing depends on these names."), NULL));
    if (finding)
        rub_planning_offer_raw(self, finding, self->options->firmware);
}

static void
report_names(Choosing *self)
{
    RubPlanning *planning = self->planning;
    const RubCode code = RUB_CODE_NAME_NOT_REPRESENTABLE;
    rub_planning_report(
        planning, code, RUB_SEVERITY_ERROR, self->unusable,
        N_PLURAL("{filesystem} cannot hold {count} name, on which starting may depend: {list}.",
                 "{filesystem} cannot hold {count} names, on which starting may depend: {list}."),
        NULL);
    rub_planning_report(planning, code, RUB_SEVERITY_ERROR, self->twins,
                        N_PLURAL("{count} pair of names differs only by case, which {filesystem} "
                                 "does not tell apart: {list}.",
                                 "{count} pairs of names differ only by case, which {filesystem} "
                                 "does not tell apart: {list}."),
                        NULL);
    rub_planning_report(
        planning, code, RUB_SEVERITY_ERROR, self->parts,
        N_PLURAL("{count} name is needed twice, because a file that is too large for "
                 "{filesystem} is split into parts: {list}.",
                 "{count} names are needed twice, because a file that is too large for "
                 "{filesystem} is split into parts: {list}."),
        NULL);
    rub_planning_report(
        planning, code, RUB_SEVERITY_WARNING, self->renamed,
        N_PLURAL("{count} name is changed, because {filesystem} cannot hold it: {list}.",
                 "{count} names are changed, because {filesystem} cannot hold them: {list}."),
        rub_text_new(N_("Go on if nothing depends on these names."), NULL));
    RubFinding *links = rub_planning_report(
        planning, code, RUB_SEVERITY_WARNING, self->links,
        N_PLURAL("{count} symbolic link does not lead to a file in the image and is left out: "
                 "{list}.",
                 "{count} symbolic links do not lead to a file in the image and are left out: "
                 "{list}."),
        rub_text_new(N_("Go on if nothing depends on these names."), NULL));
    if (links)
        rub_planning_offer_raw(planning, links, planning->options->firmware);
}

static void
refuse_large_files(RubPlanning *self)
{
    g_autoptr(RubPathList) list = rub_path_list_new();
    guint64 largest_bytes = 0;
    for (guint i = 0; i < self->plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(self->plan->files, i);
        if (item->content->size_bytes <= RUB_FAT_MAX_FILE_BYTES)
            continue;
        largest_bytes = MAX(largest_bytes, item->content->size_bytes);
        rub_path_list_add(list, item->path, NULL);
    }
    guint count = list->paths->len;
    if (count == 0)
        return;
    g_autofree char *largest = g_format_size(largest_bytes);
    RubText *meaning =
        rub_text_new_plural(N_PLURAL("{count} file of {largest} is larger than the 4 GiB - 1 that "
                                     "FAT32 can hold: {list}.",
                                     "{count} files of up to {largest} are larger than the 4 GiB - "
                                     "1 that FAT32 can hold: {list}."),
                            count, "largest", largest, NULL);
    meaning =
        rub_text_new_filled(meaning, "list", rub_path_list_describe(list, MAX_NAMES_IN_SENTENCE));
    RubFinding *finding =
        rub_planning_add_finding(self, RUB_CODE_FILE_TOO_LARGE, RUB_SEVERITY_ERROR, meaning, NULL);
    rub_finding_set_files(finding, list);
    if (self->info->boots_bios && !self->options->keep) {
        finding->action = RUB_ACTION_NTFS;
        rub_text_unref(finding->remedy);
        finding->remedy = rub_text_new(N_("Use NTFS, which holds files of any size and starts on "
                                          "BIOS only, or choose an image without files over "
                                          "4 GiB."),
                                       NULL);
    }
    rub_planning_offer_raw(self, finding, self->options->firmware);
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
    self->planning = planning;
    self->entries = g_hash_table_new(g_str_hash, g_str_equal);
    self->new_paths = g_hash_table_new(g_str_hash, g_str_equal);
    self->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->unusable = rub_path_list_new();
    self->twins = rub_path_list_new();
    self->parts = rub_path_list_new();
    self->renamed = rub_path_list_new();
    self->links = rub_path_list_new();
    for (guint i = 0; i < planning->listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(planning->listing->entries, i);
        g_hash_table_insert(self->entries, entry->path, entry);
    }
    g_hash_table_insert(self->new_paths, (gpointer) ".", (gpointer) "");
}

static void
choosing_clear(Choosing *self)
{
    g_hash_table_unref(self->entries);
    g_hash_table_unref(self->new_paths);
    g_hash_table_unref(self->taken);
    rub_path_list_free(self->unusable);
    rub_path_list_free(self->twins);
    rub_path_list_free(self->parts);
    rub_path_list_free(self->renamed);
    rub_path_list_free(self->links);
}

void
rub_planning_choose_items(RubPlanning *self)
{
    Choosing choosing;
    choosing_init(&choosing, self);
    for (guint i = 0; i < self->listing->entries->len; i++)
        choose_item(&choosing, g_ptr_array_index(self->listing->entries, i));
    for (guint i = 0; i < self->info->extra_entries->len; i++) {
        const RubExtraEntry *extra = g_ptr_array_index(self->info->extra_entries, i);
        if (!extra->replaces)
            choose_item(&choosing, extra->entry);
    }
    if (self->plan->uses_grub)
        choose_item(&choosing, self->options->grub);
    rub_planning_note_changes(self);
    report_names(&choosing);
    report_specials(self);
    choosing_clear(&choosing);
    g_ptr_array_sort(self->plan->files, compare_contents);
    if (!rub_planning_uses_ntfs(self))
        refuse_large_files(self);
}
