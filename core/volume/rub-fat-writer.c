/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-writer.h"

#include <string.h>

#include "base/rub-error.h"
#include "volume/rub-fat-allocator.h"
#include "volume/rub-fat-encode.h"
#include "volume/rub-fat-folder.h"
#include "volume/rub-fat-fsinfo.h"
#include "volume/rub-fat-stream.h"
#include "volume/rub-fat-tree.h"
#include "volume/rub-fat.h"

#define MEMORY_ALIGNMENT 4096

typedef struct {
    RubVolume volume;
    RubFat *fat;
    const RubFatGeometry *geometry;
    RubFatBitmap *used;
    RubFatAllocator *allocator;
    RubFatTree *tree;
    RubFatStream *stream;
    /* (element-type RubFatNode): the files of this round, by their ids. */
    GPtrArray *files;
    gboolean is_prepared;
    gboolean was_dirty;
    /* The file being written, and where: this far into this run of its clusters. */
    RubFatNode *current;
    guint run_index;
    guint64 run_done_bytes;
} RubFatWriter;

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
            rub_fat_tree_add_existing(self->tree, folder, &slot, long_name);
    }
    folder->old_slot_count = iter.next_slot;
    folder->slot_count = iter.next_slot;
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
    if (!node->is_folder)
        return rub_fat_geometry_get_clusters_for(self->geometry, node->size_bytes);
    guint64 needed = rub_fat_geometry_get_clusters_for(self->geometry, (guint64) node->slot_count *
                                                                           RUB_FAT_SLOT_BYTES);
    for (guint i = 0; node->runs && i < node->runs->len; i++)
        needed -= MIN(needed, g_array_index(node->runs, RubFatRun, i).count);
    return needed;
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
    g_set_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL,
                "%" G_GUINT64_FORMAT " bytes are missing on the volume", missing_bytes);
    return FALSE;
}

static guint32
last_cluster(const GArray *runs)
{
    const RubFatRun *run = &g_array_index(runs, RubFatRun, runs->len - 1);
    return run->first + run->count - 1;
}

/* Gives the node the clusters that it needs, behind those that it has. */
static void
allocate(RubFatWriter *self, RubFatNode *node)
{
    RubFatTable *table = rub_fat_get_table(self->fat);
    guint32 count = (guint32) count_missing(self, node);
    if (count == 0)
        return;
    if (!node->runs)
        node->runs = g_array_sized_new(FALSE, FALSE, sizeof(RubFatRun), 1);
    guint first_run = node->runs->len;
    guint32 tail = first_run > 0 ? last_cluster(node->runs) : 0;
    rub_fat_allocator_take(self->allocator, count, node->runs);
    rub_fat_table_add_chain(table, node->runs, first_run);
    guint32 first_new = g_array_index(node->runs, RubFatRun, first_run).first;
    if (tail != 0)
        rub_fat_table_extend(table, tail, first_new);
    else
        node->first_cluster = first_new;
}

/* Folders lie together before the files, so that walking them moves the drive little. */
static gboolean
prepare(RubVolume *volume, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    if (!check_room(self, error))
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
write_new_folder(RubFatWriter *self, RubFatNode *folder, GError **error)
{
    gsize size_bytes = (gsize) folder->slot_count * RUB_FAT_SLOT_BYTES;
    g_autofree guint8 *slots = g_malloc0(size_bytes);
    rub_fat_encode_dots(folder, slots);
    rub_fat_encode_new_nodes(folder, slots + RUB_FAT_DOT_SLOTS * RUB_FAT_SLOT_BYTES);
    start_node(self, folder);
    return put(self, slots, size_bytes, error) && fill_slack(self, size_bytes, error);
}

static gboolean
write_new_folders(RubFatWriter *self, GError **error)
{
    for (guint i = 0; i < self->tree->new_nodes->len; i++) {
        RubFatNode *node = g_ptr_array_index(self->tree->new_nodes, i);
        if (node->is_folder && !write_new_folder(self, node, error))
            return FALSE;
    }
    return TRUE;
}

/* Clears what an existing folder gains, while nothing leads there yet. */
static gboolean
clear_added_clusters(RubFatWriter *self, RubFatNode *folder, GError **error)
{
    for (guint i = folder->old_run_count; i < folder->runs->len; i++) {
        const RubFatRun *run = &g_array_index(folder->runs, RubFatRun, i);
        if (!rub_fat_stream_write(self->stream, rub_fat_get_cluster_offset(self->fat, run->first),
                                  NULL, (gsize) run->count * self->geometry->cluster_bytes, error))
            return FALSE;
    }
    return TRUE;
}

static void
skip(RubFatWriter *self, guint64 size_bytes)
{
    const RubFatRun *run = &g_array_index(self->current->runs, RubFatRun, 0);
    for (; size_bytes >= (guint64) run->count * self->geometry->cluster_bytes; run++) {
        size_bytes -= (guint64) run->count * self->geometry->cluster_bytes;
        self->run_index++;
    }
    self->run_done_bytes = size_bytes;
}

/* Where the rewritten part of a folder ends: behind the slot that follows the last entry, so that
 * it says "end" whatever an earlier owner left there, at the end of its cluster. */
static gsize
changed_end(const RubFatWriter *self, const RubFatNode *folder)
{
    guint64 wanted = ((guint64) folder->slot_count + 1) * RUB_FAT_SLOT_BYTES;
    guint64 clusters = 0;
    for (guint i = 0; i < folder->runs->len; i++)
        clusters += g_array_index(folder->runs, RubFatRun, i).count;
    clusters = MIN(clusters, rub_fat_geometry_get_clusters_for(self->geometry, wanted));
    return (gsize) clusters * self->geometry->cluster_bytes;
}

/* Adds the new entries to an existing folder, from the sector in which the first one begins. */
static gboolean
write_changed_folder(RubFatWriter *self, RubFatNode *folder, GError **error)
{
    guint sector_size = self->geometry->sector_size;
    gsize first_new = (gsize) folder->old_slot_count * RUB_FAT_SLOT_BYTES;
    gsize start = first_new / sector_size * sector_size;
    gsize size_bytes = changed_end(self, folder) - start;

    start_node(self, folder);
    skip(self, start);
    const RubFatRun *run = &g_array_index(folder->runs, RubFatRun, self->run_index);
    guint64 offset = rub_fat_get_cluster_offset(self->fat, run->first) + self->run_done_bytes;
    guint8 *slots = g_aligned_alloc0(1, size_bytes, MEMORY_ALIGNMENT);
    gboolean is_written =
        rub_disk_read(rub_fat_get_disk(self->fat), offset, slots, sector_size, error);
    if (is_written) {
        memset(slots + (first_new - start), 0, size_bytes - (first_new - start));
        rub_fat_encode_new_nodes(folder, slots + (first_new - start));
        is_written = put(self, slots, size_bytes, error);
    }
    g_aligned_free(slots);
    return is_written;
}

typedef gboolean (*FolderStep)(RubFatWriter *self, RubFatNode *folder, GError **error);

static gboolean
for_each_changed_folder(RubFatWriter *self, FolderStep step, GError **error)
{
    for (guint i = 0; i < self->tree->changed_folders->len; i++) {
        RubFatNode *folder = g_ptr_array_index(self->tree->changed_folders, i);
        if (!folder->is_new && !step(self, folder, error))
            return FALSE;
    }
    return TRUE;
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
write_fsinfo(RubFatWriter *self, GError **error)
{
    guint32 end = rub_fat_bitmap_get_end(self->used);
    guint32 next_free = rub_fat_bitmap_find(self->used, RUB_FAT_FIRST_CLUSTER, end, FALSE);
    return rub_fat_fsinfo_write(self->fat, rub_fat_bitmap_count_clear(self->used), next_free,
                                error);
}

/* New folders lie in clusters that nothing leads to, so they are written like data. Then the
 * tables, and only then the existing folders, which make it all appear. */
static gboolean
write_round(RubFatWriter *self, GError **error)
{
    RubFatTable *table = rub_fat_get_table(self->fat);
    return check_all_whole(self, error) && write_new_folders(self, error) &&
           for_each_changed_folder(self, clear_added_clusters, error) &&
           rub_fat_stream_flush(self->stream, error) &&
           rub_fat_table_write_clean(table, FALSE, error) && rub_fat_table_write(table, error) &&
           for_each_changed_folder(self, write_changed_folder, error) &&
           rub_fat_stream_flush(self->stream, error) && write_fsinfo(self, error) &&
           (self->was_dirty || rub_fat_table_write_clean(table, TRUE, error));
}

static gboolean
commit(RubVolume *volume, GError **error)
{
    RubFatWriter *self = (RubFatWriter *) volume;
    g_return_val_if_fail(self->is_prepared, FALSE);
    if (!write_round(self, error))
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

static const RubVolumeOps writer_ops = {
    .add_folder = add_folder,
    .add_file = add_file,
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
