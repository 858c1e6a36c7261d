/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-text.h"
#include "volume/rub-ntfs-journal.h"
#include "volume/rub-ntfs.h"

G_BEGIN_DECLS

/**
 * RubNtfsCheck:
 * @was_cut_off: whether a round of ours was cut off on it; the rest is about the volume as it is
 *   once the round is completed, which opening it for writing does
 * @is_dirty: whether it is marked as not closed properly
 * @fault: (nullable): the first fault that makes the volume unfit to be written: Windows hibernates
 *   on it or left its journal in use, its tables of files differ, a file leads out of the volume,
 *   into another file or into clusters that count as free
 * @lost: (element-type RubNtfsRun): the clusters that are in use but belong to no file, in order
 *
 * Whether an existing volume holds together.
 */
typedef struct {
    gboolean was_cut_off;
    gboolean is_dirty;
    RubText *fault;
    GArray *lost;
} RubNtfsCheck;

/**
 * rub_ntfs_check:
 * @disk: a disk
 * @start_lba: where the volume begins, in sectors of @disk
 * @sector_count: how many sectors of @disk the partition has
 * @listing: (out) (optional) (transfer full): everything on it, as from rub_ntfs_list(); %NULL
 * where there is a fault
 * @state: (out) (optional): how full and how well it is; all 0 where there is a fault
 * @error: return location
 *
 * Reads the table of files and all folders, writes nothing. Errors: those of rub_disk_read().
 *
 * Returns: (transfer full) (nullable): what was found
 */
RubNtfsCheck *rub_ntfs_check(RubDisk *disk, guint64 start_lba, guint64 sector_count,
                             RubListing **listing, RubNtfsState *state, GError **error);

/** rub_ntfs_check_free: frees it */
void rub_ntfs_check_free(RubNtfsCheck *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubNtfsCheck, rub_ntfs_check_free)

/**
 * rub_ntfs_check_describe:
 * @self: what was found
 *
 * Returns: (transfer full) (nullable): the gravest of what is wrong; %NULL where the volume is fit
 * to be written
 */
RubText *rub_ntfs_check_describe(const RubNtfsCheck *self);

G_END_DECLS
