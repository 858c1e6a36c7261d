/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-writer.h"

#include "base/rub-error.h"
#include "volume/rub-fat-folder.h"
#include "volume/rub-fat-place.h"
#include "volume/rub-fat-writer-private.h"

static guint
get_sector_slots(const RubFatWriter *self)
{
    return rub_disk_get_sector_size(rub_fat_get_disk(self->fat)) / RUB_FAT_SLOT_BYTES;
}

static void
find_free(RubFatWriter *self, RubFatNode *folder, const RubFatFolder *contents, guint next_slot)
{
    gboolean is_full;
    folder->old_slot_count =
        rub_fat_folder_find_free(contents, next_slot, get_sector_slots(self), &is_full);
    folder->full_at = is_full ? contents->slot_count : 0;
    folder->slot_count = folder->old_slot_count;
}

/* There is something that a cut must not hurt. */
static void
protect(RubFatWriter *self)
{
    self->is_ordered = TRUE;
    self->tree->sector_slots = get_sector_slots(self);
}

static gboolean
load_folder(RubFatNode *folder, gpointer user_data, GError **error)
{
    RubFatWriter *self = user_data;
    guint32 cluster = folder->parent ? folder->first_cluster : RUB_FAT_ROOT;
    if (folder->parent && cluster == RUB_FAT_ROOT) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED, "it has no clusters");
        return FALSE;
    }
    g_autoptr(RubFatFolder) contents = rub_fat_folder_read(self->fat, cluster, NULL, error);
    if (!contents)
        return FALSE;
    RubFatSlotIter iter = {contents->slots, contents->slot_count, 0};
    RubFatSlot slot;
    char *next_name = NULL;
    while (rub_fat_slot_iter_next(&iter, &slot, &next_name)) {
        g_autofree char *long_name = g_steal_pointer(&next_name);
        if (!(slot.attributes & RUB_FAT_ATTR_LABEL) && !rub_fat_slot_is_dot(&slot))
            rub_fat_tree_add_existing(self->tree, folder, &iter, &slot, long_name);
    }
    find_free(self, folder, contents, iter.next_slot);
    if (!folder->parent && folder->live_count > 0)
        protect(self);
    folder->runs = g_steal_pointer(&contents->runs);
    folder->old_run_count = folder->runs->len;
    contents->runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    return TRUE;
}

static gboolean
add_folder(RubVolume *volume, const char *path, gint64 mtime_unix, RubVolumeFlags flags,
           GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    return rub_fat_tree_add_folder(self->tree, path, mtime_unix, flags, error);
}

static gboolean
add_file(RubVolume *volume, const char *path, guint64 size_bytes, gint64 mtime_unix,
         RubVolumeFlags flags, guint *file_id, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    RubFatNode *node =
        rub_fat_tree_add_file(self->tree, path, size_bytes, mtime_unix, flags, error);
    if (!node)
        return FALSE;
    *file_id = self->files->len;
    g_ptr_array_add(self->files, node);
    return TRUE;
}

/* How many clusters the node needs that it does not have. */
static guint64
count_missing(const RubFatWriter *self, const RubFatNode *node)
{
    if (node->source)
        return 0;
    if (!node->is_folder)
        return rub_fat_geometry_get_clusters_for(self->geometry, node->size_bytes);
    guint64 needed = rub_fat_geometry_get_clusters_for(self->geometry, (guint64) node->slot_count *
                                                                           RUB_FAT_SLOT_BYTES);
    for (guint i = 0; node->runs && i < node->runs->len; i++)
        needed -= MIN(needed, g_array_index(node->runs, RubFatRun, i).count);
    return needed;
}

static gboolean
move_file(RubVolume *volume, const char *from, const char *to, RubVolumeFlags flags, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    return rub_fat_tree_move(self->tree, from, to, flags, error);
}

static gboolean
remove_entry(RubVolume *volume, const char *path, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    return rub_fat_tree_remove(self->tree, path, error);
}

static void
set_full(guint64 missing_bytes, GError **error)
{
    g_autofree char *missing = g_strdup_printf("%" G_GUINT64_FORMAT, missing_bytes);
    rub_error_set_text(error, RUB_CODE_DISK_TOO_SMALL,
                       N_("{missing} bytes are missing on the volume"), "missing", missing, NULL);
}

static gboolean
check_room(RubFatWriter *self, GError **error)
{
    guint64 needed = 0;
    guint32 free_clusters = rub_fat_bitmap_count_clear(self->used);
    for (guint i = 0; i < self->tree->new_nodes->len; i++)
        needed += count_missing(self, g_ptr_array_index(self->tree->new_nodes, i));
    for (guint i = 0; i < self->tree->changed_folders->len; i++) {
        const RubFatNode *folder = g_ptr_array_index(self->tree->changed_folders, i);
        if (!folder->is_new)
            needed += count_missing(self, folder);
    }
    if (needed <= free_clusters)
        return TRUE;
    guint64 missing_bytes = (needed - free_clusters) * self->geometry->cluster_bytes;
    set_full(missing_bytes, error);
    return FALSE;
}

/* Gives the node the clusters that it needs, behind those that it has. */
static void
allocate(RubFatWriter *self, RubFatNode *node)
{
    guint32 count = (guint32) count_missing(self, node);
    if (count == 0)
        return;
    if (!node->runs)
        node->runs = g_array_sized_new(FALSE, FALSE, sizeof(RubFatRun), 1);
    rub_fat_allocator_take(self->allocator, count, node->runs);
    if (node->is_new)
        node->first_cluster = g_array_index(node->runs, RubFatRun, 0).first;
}

static gboolean
check_length(const RubFatWriter *self, const RubFatNode *node, const GArray *runs, GError **error)
{
    guint64 clusters = 0;
    for (guint i = 0; i < runs->len; i++)
        clusters += g_array_index(runs, RubFatRun, i).count;
    if (rub_fat_geometry_get_clusters_for(self->geometry, node->size_bytes) <= clusters)
        return TRUE;
    rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED, N_("its clusters end too early"), NULL);
    return FALSE;
}

static gboolean
read_old_chain(RubFatWriter *self, RubFatNode *node, RubFatBitmap *seen, GError **error)
{
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    if (!rub_fat_table_read_chain(rub_fat_get_table(self->fat), node->first_cluster, seen,
                                  self->geometry->cluster_count, runs, error) ||
        !check_length(self, node, runs, error)) {
        g_autofree char *path = rub_fat_node_get_path(node);
        rub_error_put_into(error, N_("the file “{name}”: {text}"), path);
        return FALSE;
    }
    g_clear_pointer(&node->runs, g_array_unref);
    node->runs = g_steal_pointer(&runs);
    return TRUE;
}

/* Finds the clusters that entries lead to until this round. None may have two owners among them:
 * they will be freed. */
static gboolean
read_old_chains(RubFatWriter *self, GError **error)
{
    g_autoptr(RubFatBitmap) seen = NULL;
    for (guint i = 0; i < self->tree->removed_nodes->len; i++) {
        RubFatNode *node = g_ptr_array_index(self->tree->removed_nodes, i);
        if (node->first_cluster == 0)
            continue;
        if (!seen)
            seen = rub_fat_bitmap_new(self->geometry->cluster_count);
        if (!read_old_chain(self, node, seen, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
place_nodes(RubFatWriter *self, GError **error)
{
    for (guint i = 0; i < self->tree->changed_folders->len; i++)
        if (!rub_fat_place_new_nodes(g_ptr_array_index(self->tree->changed_folders, i),
                                     self->tree->sector_slots, error))
            return FALSE;
    return TRUE;
}

/* Folders lie together before the files, so that walking them moves the drive little. */
static gboolean
prepare(RubVolume *volume, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    if (!place_nodes(self, error) || !read_old_chains(self, error) || !check_room(self, error))
        return FALSE;
    for (guint i = 0; i < self->tree->changed_folders->len; i++) {
        RubFatNode *folder = g_ptr_array_index(self->tree->changed_folders, i);
        if (!folder->is_new)
            allocate(self, folder);
    }
    for (guint i = 0; i < self->tree->new_nodes->len; i++) {
        RubFatNode *node = g_ptr_array_index(self->tree->new_nodes, i);
        if (node->is_folder)
            allocate(self, node);
    }
    for (guint i = 0; i < self->files->len; i++)
        allocate(self, g_ptr_array_index(self->files, i));
    self->is_prepared = TRUE;
    return TRUE;
}

/* Writes bytes, or zeros, into the clusters of the current node, from where the last ones ended. */
static gboolean
put(RubFatWriter *self, const guint8 *data, gsize size_bytes, GError **error)
{
    while (size_bytes > 0) {
        const RubFatRun *run = &g_array_index(self->current->runs, RubFatRun, self->run_index);
        guint64 run_bytes = (guint64) run->count * self->geometry->cluster_bytes;
        gsize part = (gsize) MIN(size_bytes, run_bytes - self->run_done_bytes);
        guint64 offset = rub_fat_get_cluster_offset(self->fat, run->first) + self->run_done_bytes;
        if (!rub_fat_stream_write(self->stream, offset, data, part, error))
            return FALSE;
        data = data ? data + part : NULL;
        size_bytes -= part;
        self->run_done_bytes += part;
        if (self->run_done_bytes < run_bytes)
            continue;
        self->run_index++;
        self->run_done_bytes = 0;
    }
    return TRUE;
}

static void
start_node(RubFatWriter *self, RubFatNode *node)
{
    self->current = node;
    self->run_index = 0;
    self->run_done_bytes = 0;
}

/* Fills the rest of the last cluster with zeros, so that the next file continues it and nothing
 * of an earlier file shows. */
static gboolean
fill_slack(RubFatWriter *self, guint64 size_bytes, GError **error)
{
    guint64 rest = size_bytes % self->geometry->cluster_bytes;
    gsize slack = rest == 0 ? 0 : (gsize) (self->geometry->cluster_bytes - rest);
    return put(self, NULL, slack, error);
}

static gboolean
check_whole(const RubFatNode *file, GError **error)
{
    if (file->written_bytes == file->size_bytes)
        return TRUE;
    g_autofree char *path = rub_fat_node_get_path(file);
    g_set_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED,
                "“%s” was to have %" G_GUINT64_FORMAT " bytes, but has %" G_GUINT64_FORMAT, path,
                file->size_bytes, file->written_bytes);
    return FALSE;
}

static gboolean
write_file(RubVolume *volume, guint file_id, const void *data, gsize size_bytes, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(self->is_prepared && file_id < self->files->len, FALSE);
    RubFatNode *file = g_ptr_array_index(self->files, file_id);
    g_return_val_if_fail(size_bytes <= file->size_bytes - file->written_bytes, FALSE);
    if (size_bytes == 0)
        return TRUE;
    if (self->current != file) {
        if (self->current && !check_whole(self->current, error))
            return FALSE;
        start_node(self, file);
    }
    if (!put(self, data, size_bytes, error))
        return FALSE;
    file->written_bytes += size_bytes;
    return file->written_bytes < file->size_bytes || fill_slack(self, file->size_bytes, error);
}

static gboolean
check_all_whole(const RubFatWriter *self, GError **error)
{
    for (guint i = 0; i < self->files->len; i++)
        if (!check_whole(g_ptr_array_index(self->files, i), error))
            return FALSE;
    return TRUE;
}

static gboolean
commit(RubVolume *volume, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(self->is_prepared, FALSE);
    if (!check_all_whole(self, error) || !rub_fat_round_write(self, error))
        return FALSE;
    rub_fat_tree_settle(self->tree);
    g_ptr_array_set_size(self->files, 0);
    self->current = NULL;
    self->is_prepared = FALSE;
    return TRUE;
}

static void
writer_free(RubVolume *volume)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_clear_pointer(&self->allocator, rub_fat_allocator_free);
    g_clear_pointer(&self->used, rub_fat_bitmap_free);
    g_clear_pointer(&self->tree, rub_fat_tree_free);
    g_clear_pointer(&self->stream, rub_fat_stream_free);
    g_clear_pointer(&self->files, g_ptr_array_unref);
    rub_fat_free(self->fat);
    g_free(self);
}

gboolean
rub_fat_writer_adopt(RubVolume *volume, guint64 offset_bytes, guint32 size_bytes, gint64 mtime_unix,
                     const char *to, RubVolumeFlags flags, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    guint64 data_start = rub_fat_get_cluster_offset(self->fat, RUB_FAT_FIRST_CLUSTER);
    guint64 index = (offset_bytes - data_start) / self->geometry->cluster_bytes;
    g_return_val_if_fail(!self->is_prepared && size_bytes > 0, FALSE);
    if (offset_bytes < data_start || index >= self->geometry->cluster_count ||
        (offset_bytes - data_start) % self->geometry->cluster_bytes != 0) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED,
                    "“%s”: no cluster begins at byte %" G_GUINT64_FORMAT, to, offset_bytes);
        return FALSE;
    }
    RubFatSlot lost = {.attributes = RUB_FAT_ATTR_ARCHIVE,
                       .first_cluster = (guint32) index + RUB_FAT_FIRST_CLUSTER,
                       .size_bytes = size_bytes,
                       .mtime_unix = mtime_unix};
    return rub_fat_tree_adopt(self->tree, &lost, to, flags, error);
}

static int
compare_runs(gconstpointer a, gconstpointer b)
{
    guint32 first_a = ((const RubFatRun *) a)->first;
    guint32 first_b = ((const RubFatRun *) b)->first;
    return (first_a > first_b) - (first_a < first_b);
}

/* Sorts runs and joins those that touch. */
static GArray *
join_runs(GArray *runs)
{
    guint last = 0;
    g_array_sort(runs, compare_runs);
    for (guint i = 1; i < runs->len; i++) {
        RubFatRun run = g_array_index(runs, RubFatRun, i);
        RubFatRun *before = &g_array_index(runs, RubFatRun, last);
        if (before->first + before->count == run.first)
            before->count += run.count;
        else
            g_array_index(runs, RubFatRun, ++last) = run;
    }
    g_array_set_size(runs, MIN(runs->len, last + 1));
    return runs;
}

GArray *
rub_fat_writer_get_runs(RubVolume *volume)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(self->is_prepared, NULL);
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    for (guint i = 0; i < self->tree->changed_folders->len; i++) {
        const RubFatNode *folder = g_ptr_array_index(self->tree->changed_folders, i);
        for (guint j = folder->old_run_count; !folder->is_new && j < folder->runs->len; j++)
            g_array_append_val(runs, g_array_index(folder->runs, RubFatRun, j));
    }
    for (guint i = 0; i < self->tree->new_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(self->tree->new_nodes, i);
        if (node->runs)
            g_array_append_vals(runs, node->runs->data, node->runs->len);
    }
    return join_runs(runs);
}

GArray *
rub_fat_writer_get_old_runs(RubVolume *volume)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(self->is_prepared, NULL);
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    for (guint i = 0; i < self->tree->removed_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(self->tree->removed_nodes, i);
        if (node->runs)
            g_array_append_vals(runs, node->runs->data, node->runs->len);
    }
    return join_runs(runs);
}

void
rub_fat_writer_set_marking(RubVolume *volume, gboolean is_on)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_if_fail(!self->is_prepared);
    self->is_unmarked = !is_on;
}

static gboolean
check_in_use(const RubFatWriter *self, const GArray *runs, GError **error)
{
    for (guint i = 0; i < runs->len; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        for (guint64 cluster = run->first; cluster < (guint64) run->first + run->count; cluster++) {
            if (cluster <= G_MAXUINT32 &&
                rub_fat_geometry_has_cluster(self->geometry, (guint32) cluster) &&
                rub_fat_bitmap_contains(self->used, (guint32) cluster))
                continue;
            g_set_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED,
                        "cluster %" G_GUINT64_FORMAT " is not in use", cluster);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean
rub_fat_writer_reclaim(RubVolume *volume, const GArray *runs, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    RubFatTable *table = rub_fat_get_table(self->fat);
    RubDisk *disk = rub_fat_get_disk(self->fat);
    g_return_val_if_fail(self->tree->changed_folders->len == 0, FALSE);
    if (!check_in_use(self, runs, error))
        return FALSE;
    rub_fat_table_free_clusters(table, runs);
    rub_fat_allocator_release(self->allocator, runs);
    if (!rub_fat_table_write_freed(table, error) || !rub_fat_table_equalize_copies(table, error) ||
        !rub_fat_round_write_fsinfo(self, error) || !rub_disk_sync(disk, error) ||
        !rub_fat_mark_clean(self->fat, error))
        return FALSE;
    self->was_dirty = rub_fat_is_dirty(self->fat);
    return TRUE;
}

static const RubVolumeOps writer_ops = {
    .add_folder = add_folder,
    .add_file = add_file,
    .move = move_file,
    .remove = remove_entry,
    .prepare = prepare,
    .write = write_file,
    .commit = commit,
    .free = writer_free,
};

RubVolume *
rub_fat_writer_new(RubDisk *disk, guint64 start_lba, guint64 sector_count, GError **error)
{
    g_autoptr(RubFat) fat = rub_fat_open(disk, start_lba, sector_count, error);
    if (!fat)
        return NULL;
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    if (geometry->type != RUB_FAT_32) {
        g_set_error(error, RUB_ERROR, RUB_CODE_SMALL_FAT, "the volume is FAT%d, not FAT32",
                    (int) geometry->type);
        return NULL;
    }
    g_autoptr(RubFatBitmap) used = rub_fat_table_read_used(rub_fat_get_table(fat), error);
    if (!used)
        return NULL;
    RubFatWriter *self = g_new0(RubFatWriter, 1);
    self->volume.ops = &writer_ops;
    self->geometry = geometry;
    self->was_dirty = rub_fat_is_dirty(fat);
    self->fat = g_steal_pointer(&fat);
    self->used = g_steal_pointer(&used);
    self->allocator = rub_fat_allocator_new(self->used);
    self->tree = rub_fat_tree_new(load_folder, self);
    self->stream = rub_fat_stream_new(disk);
    self->files = g_ptr_array_new();
    return &self->volume;
}
