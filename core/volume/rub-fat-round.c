/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "volume/rub-fat-encode.h"
#include "volume/rub-fat-folder.h"
#include "volume/rub-fat-fsinfo.h"
#include "volume/rub-fat-place.h"
#include "volume/rub-fat-writer-private.h"

#define MEMORY_ALIGNMENT 4096

/* A sector that makes what lies behind it appear. */
typedef struct {
    guint64 offset_bytes;
    guint8 *sector;
} Flip;

static void
flip_clear(gpointer data)
{
    g_aligned_free(((Flip *) data)->sector);
}

static RubDisk *
get_disk(const RubFatWriter *self)
{
    return rub_fat_get_disk(self->fat);
}

/* What is written before it is on the medium before what is written after it. */
static gboolean
barrier(RubFatWriter *self, GError **error)
{
    if (!rub_fat_stream_flush(self->stream, error))
        return FALSE;
    guint64 writes = rub_disk_get_stats(get_disk(self))->writes;
    if (!self->is_ordered || writes == self->synced_writes)
        return TRUE;
    self->synced_writes = writes;
    return rub_disk_sync(get_disk(self), error);
}

/* Writes bytes into clusters that nothing leads to yet, and zeros into the rest of them, so that
 * nothing of an earlier owner shows. */
static gboolean
fill_runs(RubFatWriter *self, const GArray *runs, guint first_run, const guint8 *data,
          gsize size_bytes, GError **error)
{
    for (guint i = first_run; i < runs->len; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        guint64 offset = rub_fat_get_cluster_offset(self->fat, run->first);
        gsize run_bytes = (gsize) run->count * self->geometry->cluster_bytes;
        gsize part = MIN(size_bytes, run_bytes);
        if (part > 0 && !rub_fat_stream_write(self->stream, offset, data, part, error))
            return FALSE;
        if (!rub_fat_stream_write(self->stream, offset + part, NULL, run_bytes - part, error))
            return FALSE;
        data = data ? data + part : NULL;
        size_bytes -= part;
    }
    return TRUE;
}

/* A new folder comes with all entries that appear with it; later ones find room behind them. */
static gboolean
write_new_folder(RubFatWriter *self, RubFatNode *folder, GError **error)
{
    gsize size_bytes = (gsize) folder->slot_count * RUB_FAT_SLOT_BYTES;
    g_autofree guint8 *slots = g_malloc0(size_bytes);
    rub_fat_encode_dots(folder, slots);
    rub_fat_encode_new_nodes(folder, folder->stage, slots);
    return fill_runs(self, folder->runs, 0, slots, size_bytes, error);
}

static gboolean
write_new_folders(RubFatWriter *self, RubFatStage stage, GError **error)
{
    for (guint i = 0; i < self->tree->new_nodes->len; i++) {
        RubFatNode *node = g_ptr_array_index(self->tree->new_nodes, i);
        if (node->is_folder && node->stage == stage && !write_new_folder(self, node, error))
            return FALSE;
    }
    return TRUE;
}

typedef gboolean (*FolderStep)(RubFatWriter *self, RubFatNode *folder, RubFatStage stage,
                               gpointer user_data, GError **error);

static gboolean
for_each_changed_folder(RubFatWriter *self, FolderStep step, RubFatStage stage, gpointer user_data,
                        GError **error)
{
    for (guint i = 0; i < self->tree->changed_folders->len; i++)
        if (!step(self, g_ptr_array_index(self->tree->changed_folders, i), stage, user_data, error))
            return FALSE;
    return TRUE;
}

/* An existing folder gains all its clusters at the first stage. */
static gboolean
grows(const RubFatNode *folder)
{
    return !folder->is_new && folder->runs->len > folder->old_run_count;
}

static gboolean
clear_gained_clusters(RubFatWriter *self, RubFatNode *folder, RubFatStage stage, gpointer user_data,
                      GError **error)
{
    return !grows(folder) || fill_runs(self, folder->runs, folder->old_run_count, NULL, 0, error);
}

static gboolean
extend_chain(RubFatWriter *self, RubFatNode *folder, RubFatStage stage, gpointer user_data,
             GError **error)
{
    if (!grows(folder))
        return TRUE;
    RubFatTable *table = rub_fat_get_table(self->fat);
    const RubFatRun *gained = &g_array_index(folder->runs, RubFatRun, folder->old_run_count);
    rub_fat_table_add_chain(table, folder->runs, folder->old_run_count);
    rub_fat_table_extend(table, gained[-1].first + gained[-1].count - 1, gained->first);
    folder->old_run_count = folder->runs->len;
    return TRUE;
}

static gboolean
mark_dirty(RubFatWriter *self, GError **error)
{
    if (self->is_marked_dirty || self->is_unmarked)
        return TRUE;
    self->is_marked_dirty = TRUE;
    return rub_fat_table_write_clean(rub_fat_get_table(self->fat), FALSE, error);
}

/* Clusters are chained before anything leads to the chains. */
static gboolean
write_tables(RubFatWriter *self, RubFatStage stage, GError **error)
{
    RubFatTable *table = rub_fat_get_table(self->fat);
    for (guint i = 0; i < self->tree->new_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(self->tree->new_nodes, i);
        if (node->stage == stage && node->runs)
            rub_fat_table_add_chain(table, node->runs, 0);
    }
    return for_each_changed_folder(self, extend_chain, stage, NULL, error) &&
           mark_dirty(self, error) && rub_fat_table_write_chains(table, error) &&
           barrier(self, error) && rub_fat_table_write_extensions(table, error) &&
           barrier(self, error);
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

static void
add_flip(RubFatWriter *self, const RubFatFolder *contents, gsize start_bytes, GArray *flips)
{
    guint sector_size = rub_disk_get_sector_size(get_disk(self));
    Flip flip = {rub_fat_folder_get_offset(contents, self->fat, start_bytes),
                 g_aligned_alloc(1, sector_size, MEMORY_ALIGNMENT)};
    memcpy(flip.sector, contents->slots + start_bytes, sector_size);
    g_array_append_val(flips, flip);
}

/* Puts new entries behind those of an existing folder. The first one begins in the sector in which
 * the folder ends; the rest is written now, and nobody reads it before that sector changes. */
static gboolean
append_entries(RubFatWriter *self, RubFatNode *folder, RubFatStage stage, gpointer user_data,
               GError **error)
{
    if (rub_fat_place_get_end(folder, stage) == 0 || (folder->is_new && folder->stage == stage))
        return TRUE;
    g_autoptr(RubFatFolder) contents = rub_fat_folder_read_runs(self->fat, folder->runs, error);
    if (!contents)
        return FALSE;
    guint sector_size = rub_disk_get_sector_size(get_disk(self));
    gsize first = (gsize) folder->old_slot_count * RUB_FAT_SLOT_BYTES;
    gsize flip_start = first / sector_size * sector_size;
    gsize end = changed_end(self, folder);
    memset(contents->slots + first, 0, end - first);
    rub_fat_encode_new_nodes(folder, stage, contents->slots);
    folder->full_at = 0;
    add_flip(self, contents, flip_start, user_data);
    return rub_fat_folder_write(contents, self->fat, flip_start + sector_size, end, error);
}

static gboolean
write_flips(RubFatWriter *self, const GArray *flips, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(get_disk(self));
    for (guint i = 0; i < flips->len; i++) {
        const Flip *flip = &g_array_index(flips, Flip, i);
        if (!rub_disk_write(get_disk(self), flip->offset_bytes, flip->sector, sector_size, error))
            return FALSE;
    }
    return TRUE;
}

/* Writes the sectors in which some slots lie. */
static gboolean
write_slots(RubFatWriter *self, const RubFatFolder *contents, guint first_slot, guint count,
            GError **error)
{
    guint per_sector = rub_disk_get_sector_size(get_disk(self)) / RUB_FAT_SLOT_BYTES;
    guint first_sector = first_slot / per_sector;
    guint end_sector = (first_slot + count + per_sector - 1) / per_sector;
    gsize sector_size = per_sector * RUB_FAT_SLOT_BYTES;
    return rub_fat_folder_write(contents, self->fat, first_sector * sector_size,
                                end_sector * sector_size, error);
}

static guint8 *
get_slot(const RubFatFolder *contents, guint slot)
{
    return contents->slots + (gsize) slot * RUB_FAT_SLOT_BYTES;
}

/* One slot says where a file begins, how large it is and when it changed; it lies in one sector. */
static gboolean
redirect_entries(RubFatWriter *self, RubFatNode *folder, RubFatStage stage, gpointer user_data,
                 GError **error)
{
    g_autoptr(RubFatFolder) contents = NULL;
    for (guint i = 0; i < folder->new_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(folder->new_nodes, i);
        if (!node->replaces || node->stage != stage)
            continue;
        if (!contents)
            contents = rub_fat_folder_read_runs(self->fat, folder->runs, error);
        if (!contents)
            return FALSE;
        rub_fat_encode_redirection(node, get_slot(contents, node->last_slot));
        if (!write_slots(self, contents, node->last_slot, 1, error))
            return FALSE;
    }
    return TRUE;
}

/* The slots of an entry that lie in the sector of its last one are deleted together with that, the
 * other ones after it: until then they belong to nothing, which harms nobody. */
static gboolean
delete_entry(RubFatWriter *self, const RubFatFolder *contents, const RubFatNode *node,
             gboolean is_rest, GError **error)
{
    guint per_sector = rub_disk_get_sector_size(get_disk(self)) / RUB_FAT_SLOT_BYTES;
    guint start = node->last_slot + 1 - node->entry_slots;
    guint middle = MAX(start, node->last_slot / per_sector * per_sector);
    guint first = is_rest ? start : middle;
    guint end = is_rest ? middle : node->last_slot + 1;
    for (guint slot = first; slot < end; slot++)
        rub_fat_slot_delete(get_slot(contents, slot));
    return first == end || write_slots(self, contents, first, end - first, error);
}

/* Which entries are deleted, and which part of them. */
typedef struct {
    gboolean is_rest;
    gboolean is_given_away;
} Deletion;

static gboolean
is_meant(const Deletion *self, const RubFatNode *node)
{
    return !node->successor && (self->is_rest || node->is_given_away == self->is_given_away);
}

static gboolean
delete_entries(RubFatWriter *self, RubFatNode *folder, RubFatStage stage, gpointer user_data,
               GError **error)
{
    const Deletion *deletion = user_data;
    g_autoptr(RubFatFolder) contents = NULL;
    for (guint i = 0; i < folder->removed_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(folder->removed_nodes, i);
        if (!is_meant(deletion, node))
            continue;
        if (!contents)
            contents = rub_fat_folder_read_runs(self->fat, folder->runs, error);
        if (!contents || !delete_entry(self, contents, node, deletion->is_rest, error))
            return FALSE;
    }
    return TRUE;
}

/* A file that moves away leaves its entry when others are redirected. */
static gboolean
write_folders(RubFatWriter *self, RubFatStage stage, GError **error)
{
    Deletion moved_away = {.is_given_away = TRUE};
    g_autoptr(GArray) flips = g_array_new(FALSE, FALSE, sizeof(Flip));
    g_array_set_clear_func(flips, flip_clear);
    return for_each_changed_folder(self, append_entries, stage, flips, error) &&
           barrier(self, error) && write_flips(self, flips, error) &&
           for_each_changed_folder(self, redirect_entries, stage, NULL, error) &&
           (stage != RUB_FAT_STAGE_MAIN ||
            for_each_changed_folder(self, delete_entries, stage, &moved_away, error)) &&
           barrier(self, error);
}

static gboolean
write_stage(RubFatWriter *self, RubFatStage stage, GError **error)
{
    return write_new_folders(self, stage, error) &&
           for_each_changed_folder(self, clear_gained_clusters, stage, NULL, error) &&
           barrier(self, error) && write_tables(self, stage, error) &&
           write_folders(self, stage, error);
}

/* Nothing leads to clusters that are freed, as far as the medium knows. */
static gboolean
remove_old(RubFatWriter *self, GError **error)
{
    Deletion removed = {.is_given_away = FALSE};
    Deletion rest = {.is_rest = TRUE};
    RubFatTable *table = rub_fat_get_table(self->fat);
    for (guint i = 0; i < self->tree->removed_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(self->tree->removed_nodes, i);
        if (node->is_given_away || !node->runs)
            continue;
        rub_fat_table_free_clusters(table, node->runs);
        rub_fat_allocator_release(self->allocator, node->runs);
    }
    return for_each_changed_folder(self, delete_entries, RUB_FAT_STAGE_MAIN, &removed, error) &&
           barrier(self, error) &&
           for_each_changed_folder(self, delete_entries, RUB_FAT_STAGE_MAIN, &rest, error) &&
           rub_fat_table_write_freed(table, error) && barrier(self, error);
}

gboolean
rub_fat_round_write_fsinfo(RubFatWriter *self, GError **error)
{
    guint32 end = rub_fat_bitmap_get_end(self->used);
    guint32 next_free = rub_fat_bitmap_find(self->used, RUB_FAT_FIRST_CLUSTER, end, FALSE);
    return rub_fat_fsinfo_write(self->fat, rub_fat_bitmap_count_clear(self->used), next_free,
                                error);
}

gboolean
rub_fat_round_write(RubFatWriter *self, GError **error)
{
    RubFatTable *table = rub_fat_get_table(self->fat);
    if (!write_stage(self, RUB_FAT_STAGE_MAIN, error) ||
        !write_stage(self, RUB_FAT_STAGE_MOVED, error) || !remove_old(self, error) ||
        !rub_fat_round_write_fsinfo(self, error) || !barrier(self, error))
        return FALSE;
    self->is_marked_dirty = FALSE;
    return self->was_dirty || self->is_unmarked || rub_fat_table_write_clean(table, TRUE, error);
}
