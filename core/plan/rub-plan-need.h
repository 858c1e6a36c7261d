/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan.h"
#include "volume/rub-fat-demand.h"
#include "volume/rub-fat-geometry.h"

G_BEGIN_DECLS

/**
 * RubPlanRecordSizes:
 * @manifest_bytes: the manifest
 * @pending_bytes: the note of what is under way
 * @is_kept: whether files are kept, so that there is a folder for undo
 * @replaced_count: how many of them give way
 * @volume_bytes: how large the volume is on which they are kept
 * @volume: (nullable): what is known of it
 * @joining_count: how many files and folders come into folders that are on it already
 *
 * How large the program's own records are at most, and what else depends on a kept volume.
 */
typedef struct {
    guint64 manifest_bytes;
    guint64 pending_bytes;
    gboolean is_kept;
    guint replaced_count;
    guint64 volume_bytes;
    const RubKeptVolume *volume;
    guint64 joining_count;
} RubPlanRecordSizes;

/**
 * RubPlanNeed:
 * @plan: what it is the need of
 * @sizes: of the records
 * @demand: (nullable): what is there at the end; %NULL on NTFS
 * @copying_demand: (nullable): what is there when all that gives way was copied, and nothing of it
 *   was replaced yet; %NULL where nothing is copied
 *
 * How much room a plan's files and the program's own records take, on the filesystem of the plan's
 * volume. Counted once for each size of clusters.
 */
typedef struct {
    const RubPlan *plan;
    RubPlanRecordSizes sizes;
    RubFatDemand *demand;
    RubFatDemand *copying_demand;
    guint cluster_bytes;
    guint64 clusters;
} RubPlanNeed;

/**
 * RubPlanKeptRecords:
 * @replaced: (element-type RubEntry): the files that give way
 * @old_records_bytes: the size of the records that are there, which are carried on
 * @volume_bytes: how large the volume is
 * @volume: (nullable): what is known of it; must outlive the need
 * @index: (nullable): what is on it, see rub_path_index_new()
 *
 * What decides about the records of a build that keeps files.
 */
typedef struct {
    const GPtrArray *replaced;
    guint64 old_records_bytes;
    guint64 volume_bytes;
    const RubKeptVolume *volume;
    GHashTable *index;
} RubPlanKeptRecords;

/**
 * rub_plan_need_new:
 * @plan: a plan with its folders and files, and the filesystem of its volume; must outlive the need
 * @kept: (nullable): where files are kept; %NULL for a build that erases
 * @error: return location
 *
 * Counts what is needed. Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE for what no FAT volume can hold.
 *
 * Returns: (transfer full) (nullable): the need
 */
RubPlanNeed *rub_plan_need_new(const RubPlan *plan, const RubPlanKeptRecords *kept, GError **error);

/** rub_plan_need_free: frees it */
void rub_plan_need_free(RubPlanNeed *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubPlanNeed, rub_plan_need_free)

/** rub_plan_need_get_clusters: Returns: how many clusters of @cluster_bytes are needed */
guint64 rub_plan_need_get_clusters(RubPlanNeed *self, guint cluster_bytes);

/**
 * rub_plan_predict_volume:
 * @geometry: (out caller-allocates): the filesystem
 * @access: how the target is written: with %RUB_ACCESS_RAW we choose, and it is FAT32; with
 *   %RUB_ACCESS_MOUNTED the system chooses
 * @volume_bytes: the size of the partition
 * @sector_size: bytes in a sector
 *
 * Returns: whether a filesystem can be made there
 */
gboolean rub_plan_predict_volume(RubFatGeometry *geometry, RubAccess access, guint64 volume_bytes,
                                 guint sector_size);

/** rub_plan_need_fits_new: Returns: whether all of it fits a new volume of @volume_bytes */
gboolean rub_plan_need_fits_new(RubPlanNeed *self, guint64 volume_bytes, guint sector_size);

/**
 * rub_plan_need_find_volume_bytes:
 * @self: a need
 * @floor_bytes: what is not enough
 * @sector_size: bytes in a sector
 *
 * Returns: the smallest size in whole MiB above @floor_bytes, up to 2 TiB, of a new volume that
 *   holds all of it; 0 if there is none
 */
guint64 rub_plan_need_find_volume_bytes(RubPlanNeed *self, guint64 floor_bytes, guint sector_size);

G_END_DECLS
