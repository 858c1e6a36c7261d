/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-folder.h"

#define MEMORY_ALIGNMENT 4096
#define MAX_FOLDER_BYTES (RUB_FAT_MAX_FOLDER_SLOTS * RUB_FAT_SLOT_BYTES)

static guint64
count_clusters(const GArray *runs)
{
    guint64 clusters = 0;
    for (guint i = 0; i < runs->len; i++)
        clusters += g_array_index(runs, RubFatRun, i).count;
    return clusters;
}

static gboolean
read_clusters(RubFatFolder *self, RubFat *fat, GError **error)
{
    guint cluster_bytes = rub_fat_get_geometry(fat)->cluster_bytes;
    gsize total_bytes = (gsize) count_clusters(self->runs) * cluster_bytes;
    self->slot_count = (guint) (MIN(total_bytes, MAX_FOLDER_BYTES) / RUB_FAT_SLOT_BYTES);
    self->slots = g_aligned_alloc(1, total_bytes, MEMORY_ALIGNMENT);

    gsize done_bytes = 0;
    for (guint i = 0; i < self->runs->len; i++) {
        const RubFatRun *run = &g_array_index(self->runs, RubFatRun, i);
        gsize run_bytes = (gsize) run->count * cluster_bytes;
        if (!rub_disk_read(rub_fat_get_disk(fat), rub_fat_get_cluster_offset(fat, run->first),
                           self->slots + done_bytes, run_bytes, error))
            return FALSE;
        done_bytes += run_bytes;
    }
    return TRUE;
}

/* The root folder of FAT12 and FAT16 lies between the tables and the clusters. */
static gboolean
read_fixed_root(RubFatFolder *self, RubFat *fat, GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    guint64 start = (guint64) geometry->root_start_sector * geometry->sector_size;
    gsize size =
        (gsize) (geometry->data_start_sector - geometry->root_start_sector) * geometry->sector_size;
    self->slot_count = geometry->root_entry_count;
    self->slots = g_aligned_alloc(1, size, MEMORY_ALIGNMENT);
    return rub_disk_read(rub_fat_get_disk(fat), rub_fat_get_start_bytes(fat) + start, self->slots,
                         size, error);
}

RubFatFolder *
rub_fat_folder_read(RubFat *fat, guint32 first_cluster, RubFatBitmap *seen, GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    g_autoptr(RubFatFolder) self = g_new0(RubFatFolder, 1);
    self->runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));

    if (first_cluster == RUB_FAT_ROOT && geometry->type != RUB_FAT_32)
        return read_fixed_root(self, fat, error) ? g_steal_pointer(&self) : NULL;
    if (first_cluster == RUB_FAT_ROOT)
        first_cluster = geometry->root_cluster;
    guint32 max_clusters = (guint32) rub_fat_geometry_get_clusters_for(geometry, MAX_FOLDER_BYTES);
    if (!rub_fat_table_read_chain(rub_fat_get_table(fat), first_cluster, seen, max_clusters,
                                  self->runs, error))
        return NULL;
    return read_clusters(self, fat, error) ? g_steal_pointer(&self) : NULL;
}

RubFatFolder *
rub_fat_folder_read_runs(RubFat *fat, const GArray *runs, GError **error)
{
    g_autoptr(RubFatFolder) self = g_new0(RubFatFolder, 1);
    self->runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    g_array_append_vals(self->runs, runs->data, runs->len);
    return read_clusters(self, fat, error) ? g_steal_pointer(&self) : NULL;
}

guint
rub_fat_folder_find_free(const RubFatFolder *self, guint next_slot, guint sector_slots,
                         gboolean *is_full)
{
    guint end = next_slot;
    while (end < self->slot_count &&
           !rub_fat_slot_is_end(self->slots + (gsize) end * RUB_FAT_SLOT_BYTES))
        end++;
    *is_full = end == self->slot_count;
    guint last_sector = (*is_full ? end - 1 : end) / sector_slots;
    return MAX(next_slot, last_sector * sector_slots);
}

guint64
rub_fat_folder_get_offset(const RubFatFolder *self, RubFat *fat, gsize start_bytes)
{
    guint cluster_bytes = rub_fat_get_geometry(fat)->cluster_bytes;
    const RubFatRun *run = &g_array_index(self->runs, RubFatRun, 0);
    for (; start_bytes >= (gsize) run->count * cluster_bytes; run++)
        start_bytes -= (gsize) run->count * cluster_bytes;
    return rub_fat_get_cluster_offset(fat, run->first) + start_bytes;
}

gboolean
rub_fat_folder_write(const RubFatFolder *self, RubFat *fat, gsize start_bytes, gsize end_bytes,
                     GError **error)
{
    guint cluster_bytes = rub_fat_get_geometry(fat)->cluster_bytes;
    gsize run_start = 0;
    for (guint i = 0; i < self->runs->len && run_start < end_bytes; i++) {
        const RubFatRun *run = &g_array_index(self->runs, RubFatRun, i);
        gsize run_end = run_start + (gsize) run->count * cluster_bytes;
        gsize from = MAX(start_bytes, run_start);
        gsize to = MIN(end_bytes, run_end);
        guint64 offset = rub_fat_get_cluster_offset(fat, run->first) + (from - run_start);
        if (from < to &&
            !rub_disk_write(rub_fat_get_disk(fat), offset, self->slots + from, to - from, error))
            return FALSE;
        run_start = run_end;
    }
    return TRUE;
}

void
rub_fat_folder_free(RubFatFolder *self)
{
    g_aligned_free(self->slots);
    g_array_unref(self->runs);
    g_free(self);
}
