/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-kept-volume-private.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

/* The path as it will be spelled on the stick: what is there already keeps its spelling. */
static char *
spell(GHashTable *index, const char *path)
{
    const RubEntry *entry = rub_path_index_find(index, path);
    if (entry)
        return g_strdup(entry->path);
    const char *slash = strrchr(path, '/');
    if (!slash)
        return g_strdup(path);
    g_autofree char *folder = g_strndup(path, (gsize) (slash - path));
    g_autofree char *spelled = spell(index, folder);
    return g_strconcat(spelled, slash, NULL);
}

/* Spells the paths of items, and notes what is in their way: a folder where a file is to go, or the
 * other way round. */
static void
meet(GPtrArray *items, GHashTable *index, RubEntryKind kind, RubPathList *conflicts)
{
    for (guint i = 0; i < items->len; i++) {
        RubPlanItem *item = g_ptr_array_index(items, i);
        const RubEntry *entry = rub_path_index_find(index, item->path);
        if (entry && entry->kind != kind)
            rub_path_list_add(conflicts, entry->path, NULL);
        char *spelled = spell(index, item->path);
        g_free(item->path);
        item->path = spelled;
    }
}

/* FAT finds a file under its long name and under its alias, so neither can be another file's. */
static void
find_aliases(const GPtrArray *items, GHashTable *index, GHashTable *aliases, RubPathList *list)
{
    for (guint i = 0; i < items->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(items, i);
        const RubEntry *entry = rub_path_index_find(aliases, item->path);
        if (entry && !rub_path_index_find(index, item->path))
            rub_path_list_add(list, item->path,
                              rub_text_new(N_("and {name}"), "name", entry->path, NULL));
    }
}

/* Our own records need their folder. */
static void
meet_our_folder(GHashTable *index, RubPathList *conflicts)
{
    static const char *const folders[] = {RUB_RECORDS_FOLDER, RUB_UNDO_FOLDER};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        const RubEntry *entry = rub_path_index_find(index, folders[i]);
        if (entry && entry->kind != RUB_ENTRY_FOLDER)
            rub_path_list_add(conflicts, entry->path, NULL);
    }
}

static void
leave_out_existing_folders(GPtrArray *folders, GHashTable *index)
{
    guint kept = 0;
    for (guint i = 0; i < folders->len; i++) {
        RubPlanItem *item = g_ptr_array_index(folders, i);
        if (rub_path_index_find(index, item->path))
            continue;
        folders->pdata[i] = folders->pdata[kept];
        folders->pdata[kept++] = item;
    }
    g_ptr_array_set_size(folders, (int) kept);
}

static void
report_replaced(RubPlanning *self)
{
    g_autoptr(RubPathList) list = rub_path_list_new();
    for (guint i = 0; i < self->plan->replaced->len; i++)
        rub_path_list_add(list, g_ptr_array_index(self->plan->replaced, i), NULL);
    rub_planning_report(
        self, RUB_CODE_FILES_REPLACED, RUB_SEVERITY_WARNING, list,
        N_PLURAL("{count} file on the stick will be replaced by one of the same name: {list}.",
                 "{count} files on the stick will be replaced by those of the same names: {list}."),
        NULL);
}

/* Reports what on the stick stands in the way. */
static void
refuse(RubPlanning *self, const RubPathList *list, const char *singular, const char *plural)
{
    RubFinding *finding = rub_planning_report(
        self, RUB_CODE_NAME_NOT_REPRESENTABLE, RUB_SEVERITY_ERROR, list, singular, plural,
        rub_text_new(N_("Rename or move them on the stick, erase the whole "
                        "stick, or choose another one."),
                     NULL));
    if (finding)
        finding->action = RUB_ACTION_ERASE;
}

static void
refuse_conflicts(RubPlanning *self, const RubPathList *conflicts)
{
    refuse(
        self, conflicts,
        N_PLURAL(
            "{count} name is a file's in the image and a folder's on the stick, or the other way "
            "round: {list}.",
            "{count} names are files' in the image and folders' on the stick, or the other way "
            "round: {list}."));
}

static void
refuse_aliases(RubPlanning *self, GHashTable *index)
{
    g_autoptr(RubPathList) list = rub_path_list_new();
    g_autoptr(GHashTable) aliases =
        rub_path_index_new_for_aliases(self->kept->contents.kept->listing);
    find_aliases(self->plan->folders, index, aliases, list);
    find_aliases(self->plan->files, index, aliases, list);
    refuse(self, list,
           N_PLURAL("{count} name in the image is also the short 8.3 name by which {filesystem} "
                    "knows something else on the stick: {list}.",
                    "{count} names in the image are also the short 8.3 names by which {filesystem} "
                    "knows something else on the stick: {list}."));
}

static void
refuse_overfull_folders(RubPlanning *self, GHashTable *index)
{
    g_autoptr(RubPathList) list = rub_planning_find_overfull_folders(self, index);
    refuse(self, list,
           N_PLURAL("{count} folder would have more entries than {filesystem} can hold: {list}.",
                    "{count} folders would have more entries than {filesystem} can hold: {list}."));
}

/* NTFS alone has such files; their bytes are said to lie behind the end of the disk. */
static gboolean
can_be_read(const RubPlanning *self, const RubEntry *entry)
{
    for (guint i = 0; i < entry->extents->len; i++) {
        guint64 offset_bytes = g_array_index(entry->extents, RubExtent, i).offset_bytes;
        if (offset_bytes >= self->layout->size_bytes && offset_bytes < RUB_EXTENT_IN_MEMORY)
            return FALSE;
    }
    return TRUE;
}

/* What gives way is read first, so that it can be told later whether it is what was saved. */
static void
refuse_unreadable(RubPlanning *self, const GPtrArray *replaced)
{
    g_autoptr(RubPathList) list = rub_path_list_new();
    for (guint i = 0; i < replaced->len; i++) {
        const RubEntry *entry = g_ptr_array_index(replaced, i);
        if (!can_be_read(self, entry))
            rub_path_list_add(list, entry->path, NULL);
    }
    refuse(self, list,
           N_PLURAL("{count} file on the stick has the name of one in the image, but is compressed "
                    "or encrypted, and this program cannot save it: {list}.",
                    "{count} files on the stick have the names of some in the image, but are "
                    "compressed or encrypted, and this program cannot save them: {list}."));
}

void
rub_planning_meet_kept_files(RubPlanning *self)
{
    const RubKeptVolume *kept = self->kept ? self->kept->contents.kept : NULL;
    if (!kept || !kept->listing)
        return;
    RubPlan *plan = self->plan;
    g_autoptr(GHashTable) index = rub_path_index_new(kept->listing);
    g_autoptr(RubPathList) conflicts = rub_path_list_new();
    g_autoptr(GPtrArray) replaced = rub_plan_find_replaced(plan, index);
    for (guint i = 0; i < replaced->len; i++) {
        const RubEntry *entry = g_ptr_array_index(replaced, i);
        g_ptr_array_add(plan->replaced, g_strdup(entry->path));
    }
    meet_our_folder(index, conflicts);
    meet(plan->folders, index, RUB_ENTRY_FOLDER, conflicts);
    meet(plan->files, index, RUB_ENTRY_FILE, conflicts);
    leave_out_existing_folders(plan->folders, index);
    refuse_conflicts(self, conflicts);
    refuse_aliases(self, index);
    refuse_overfull_folders(self, index);
    refuse_unreadable(self, replaced);
    report_replaced(self);
}
