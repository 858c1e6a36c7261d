/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-need.h"

#include <string.h>

#include "plan/rub-plan-need-private.h"
#include "plan/rub-plan-private.h"
#include "volume/rub-path-index.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

/* What the manifest has at most: beside the paths, which are written once, the numbers and words
 * around each, and what is said about the image and the stick. */
#define MANIFEST_HEAD_BYTES 16384
#define MANIFEST_LINE_BYTES 192

/* What the records list. */
typedef struct {
    guint64 count;
    guint64 path_bytes;
} Lines;

static void
add_items(Lines *lines, const GPtrArray *items)
{
    for (guint i = 0; i < items->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(items, i);
        lines->count++;
        lines->path_bytes += strlen(item->path);
    }
}

/* Each has two paths in the records: where it was, and where it is kept. */
static void
add_replaced(Lines *lines, const GPtrArray *entries)
{
    for (guint i = 0; i < entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(entries, i);
        lines->count++;
        lines->path_bytes += 2 * strlen(entry->path);
    }
}

/* Files too large for FAT32 have a finding of their own and are left out here. While others are
 * copied there is nothing of the new ones yet. */
static gboolean
add_files(const RubPlan *plan, gboolean is_copying, RubFatDemand *demand, GError **error)
{
    for (guint i = 0; i < plan->folders->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->folders, i);
        if (!rub_fat_demand_add_folder(demand, item->path, error))
            return FALSE;
    }
    for (guint i = 0; i < plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->files, i);
        guint64 size_bytes =
            is_copying ? 0 : MIN(item->content->size_bytes, RUB_FAT_MAX_FILE_BYTES);
        if (!rub_fat_demand_add_file(demand, item->path, size_bytes, error))
            return FALSE;
    }
    return TRUE;
}

/* Files that give way get a new name in the undo folder. Our engine leaves their bytes where they
 * are. Through the system's driver they are copied; then what they had is free for the new ones. */
static gboolean
add_kept_records(const RubPlanKeptRecords *kept, gboolean is_copying, RubFatDemand *demand,
                 GError **error)
{
    if (!rub_fat_demand_add_folder(demand, RUB_UNDO_FOLDER, error) ||
        !rub_fat_demand_add_file(demand, RUB_BOOT_SECTORS_PATH, RUB_PLAN_BOOT_SECTORS_BYTES, error))
        return FALSE;
    for (guint i = 0; i < kept->replaced->len; i++) {
        const RubEntry *entry = g_ptr_array_index(kept->replaced, i);
        guint64 size_bytes = is_copying ? entry->size_bytes : 0;
        g_autofree char *path = g_strdup_printf(RUB_UNDO_FOLDER "/%08u", i);
        if (!rub_fat_demand_add_file(demand, path, size_bytes, error))
            return FALSE;
    }
    return TRUE;
}

/* Of what comes into new folders nothing that is on the volume changes. */
static guint64
count_joining(const GPtrArray *items, GHashTable *index)
{
    guint64 count = 0;
    for (guint i = 0; i < items->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(items, i);
        const char *slash = strrchr(item->path, '/');
        g_autofree char *parent =
            slash ? g_strndup(item->path, (gsize) (slash - item->path)) : NULL;
        count += !parent || (index && rub_path_index_find(index, parent));
    }
    return count;
}

static RubPlanRecordSizes
count_records(const RubPlan *plan, const RubPlanKeptRecords *kept)
{
    Lines lines = {0};
    add_items(&lines, plan->folders);
    add_items(&lines, plan->files);
    if (kept)
        add_replaced(&lines, kept->replaced);
    guint64 old_bytes = kept ? kept->old_records_bytes : 0;
    return (RubPlanRecordSizes){
        .manifest_bytes = MANIFEST_HEAD_BYTES + lines.count * MANIFEST_LINE_BYTES +
                          2 * lines.path_bytes + old_bytes,
        .pending_bytes = rub_pending_get_max_bytes(lines.count, lines.path_bytes) + old_bytes,
        .is_kept = kept != NULL,
        .replaced_count = kept ? kept->replaced->len : 0,
        .volume_bytes = kept ? kept->volume_bytes : 0,
        .volume = kept ? kept->volume : NULL,
        .joining_count = kept ? count_joining(plan->folders, kept->index) +
                                    count_joining(plan->files, kept->index)
                              : 0,
    };
}

static gboolean
add_records(const RubPlanRecordSizes *sizes, const RubPlanKeptRecords *kept, gboolean is_copying,
            RubFatDemand *demand, GError **error)
{
    return rub_fat_demand_add_folder(demand, RUB_RECORDS_FOLDER, error) &&
           rub_fat_demand_add_file(demand, RUB_MANIFEST_PATH, sizes->manifest_bytes, error) &&
           rub_fat_demand_add_file(demand, RUB_PENDING_PATH, sizes->pending_bytes, error) &&
           (!kept || add_kept_records(kept, is_copying, demand, error));
}

/* Beside files that stay, entries that would lie in two sectors begin with the next one. That costs
 * 224 bytes an entry at most, of nine slots in a sector of sixteen; what each takes in the records
 * is counted larger than it is by more. */
static RubFatDemand *
count_demand(const RubPlanNeed *self, const RubPlanKeptRecords *kept, gboolean is_copying,
             GError **error)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    if (!add_files(self->plan, is_copying, demand, error) ||
        !add_records(&self->sizes, kept, is_copying, demand, error))
        return NULL;
    return g_steal_pointer(&demand);
}

static gboolean
is_ntfs(const RubPlanNeed *self)
{
    return self->plan->volume.filesystem == RUB_FILESYSTEM_NTFS;
}

RubPlanNeed *
rub_plan_need_new(const RubPlan *plan, const RubPlanKeptRecords *kept, GError **error)
{
    g_autoptr(RubPlanNeed) self = g_new0(RubPlanNeed, 1);
    self->plan = plan;
    self->sizes = count_records(plan, kept);
    if (is_ntfs(self))
        return g_steal_pointer(&self);
    self->demand = count_demand(self, kept, FALSE, error);
    if (!self->demand)
        return NULL;
    if (kept && plan->access == RUB_ACCESS_MOUNTED)
        self->copying_demand = count_demand(self, kept, TRUE, NULL);
    return g_steal_pointer(&self);
}

void
rub_plan_need_free(RubPlanNeed *self)
{
    g_clear_pointer(&self->demand, rub_fat_demand_free);
    g_clear_pointer(&self->copying_demand, rub_fat_demand_free);
    g_free(self);
}

static guint64
count_clusters(const RubPlanNeed *self, guint cluster_bytes)
{
    if (is_ntfs(self))
        return rub_plan_need_count_ntfs_clusters(self, cluster_bytes);
    guint64 clusters = rub_fat_demand_get_clusters(self->demand, cluster_bytes);
    if (!self->copying_demand)
        return clusters;
    return MAX(clusters, rub_fat_demand_get_clusters(self->copying_demand, cluster_bytes));
}

guint64
rub_plan_need_get_clusters(RubPlanNeed *self, guint cluster_bytes)
{
    if (self->cluster_bytes != cluster_bytes) {
        self->cluster_bytes = cluster_bytes;
        self->clusters = count_clusters(self, cluster_bytes);
    }
    return self->clusters;
}

gboolean
rub_plan_predict_volume(RubFatGeometry *geometry, RubAccess access, guint64 volume_bytes,
                        guint sector_size)
{
    return access == RUB_ACCESS_MOUNTED
               ? rub_fat_geometry_for_default(geometry, volume_bytes, sector_size)
               : rub_fat_geometry_for_new(geometry, volume_bytes, sector_size);
}

static gboolean
fits_root(const RubPlanNeed *self, const RubFatGeometry *geometry)
{
    return geometry->type == RUB_FAT_32 ||
           rub_fat_demand_get_root_slots(self->demand) <= geometry->root_entry_count;
}

gboolean
rub_plan_need_fits_new(RubPlanNeed *self, guint64 volume_bytes, guint sector_size)
{
    RubFatGeometry geometry;
    if (is_ntfs(self))
        return rub_plan_need_fits_new_ntfs(self, volume_bytes);
    return rub_plan_predict_volume(&geometry, self->plan->access, volume_bytes, sector_size) &&
           rub_plan_need_get_clusters(self, geometry.cluster_bytes) <= geometry.cluster_count &&
           fits_root(self, &geometry);
}

/* Every size is tried, for with the size of a volume that of its clusters grows, and one that is
 * larger may hold less. */
guint64
rub_plan_need_find_volume_bytes(RubPlanNeed *self, guint64 floor_bytes, guint sector_size)
{
    guint64 volume_bytes = floor_bytes / RUB_ALIGNMENT_BYTES * RUB_ALIGNMENT_BYTES;
    while (volume_bytes < RUB_MAX_PARTITION_END_BYTES - RUB_ALIGNMENT_BYTES) {
        volume_bytes += RUB_ALIGNMENT_BYTES;
        if (rub_plan_need_fits_new(self, volume_bytes, sector_size))
            return volume_bytes;
    }
    return 0;
}
