/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-slot.h"
#include "volume/rub-fat.h"

G_BEGIN_DECLS

/**
 * RubFatFolder:
 * @slots: its slots, at an address fit for unbuffered I/O
 * @slot_count: how many there is room for
 * @runs: (element-type RubFatRun): its clusters; empty for the root folder of FAT12 and FAT16
 *
 * The contents of a folder as they lie on the disk.
 */
typedef struct {
    guint8 *slots;
    guint slot_count;
    GArray *runs;
} RubFatFolder;

/** RUB_FAT_ROOT: stands for the root folder, as in the ".." entries that lead to it */
#define RUB_FAT_ROOT 0

/**
 * rub_fat_folder_read:
 * @fat: a volume
 * @first_cluster: where the folder begins, or %RUB_FAT_ROOT
 * @seen: (nullable): the clusters met so far; those of the folder are added
 * @error: return location
 *
 * Errors: those of rub_fat_table_read_chain(), also for a folder of more than 2 MiB.
 *
 * Returns: (transfer full): the folder
 */
RubFatFolder *rub_fat_folder_read(RubFat *fat, guint32 first_cluster, RubFatBitmap *seen,
                                  GError **error);

/**
 * rub_fat_folder_read_runs:
 * @fat: a volume
 * @runs: (element-type RubFatRun): the clusters of a folder
 * @error: return location
 *
 * Reads a folder whose clusters are known. Errors: those of rub_disk_read().
 *
 * Returns: (transfer full): the folder
 */
RubFatFolder *rub_fat_folder_read_runs(RubFat *fat, const GArray *runs, GError **error);

/**
 * rub_fat_folder_find_free:
 * @self: a folder
 * @next_slot: the one behind its last entry
 * @sector_slots: how many slots a sector has
 * @is_full: (out): whether it has no slot that was never used
 *
 * Finds where new entries go: behind the last one, in the sector in which the folder ends. What is
 * deleted in the sectors before stays so, for entries that begin there would not appear all at
 * once.
 *
 * Returns: the first slot for them
 */
guint rub_fat_folder_find_free(const RubFatFolder *self, guint next_slot, guint sector_slots,
                               gboolean *is_full);

/**
 * rub_fat_folder_get_offset:
 * @self: a folder with clusters
 * @fat: the volume that it is on
 * @start_bytes: a place in the folder
 *
 * Returns: where that is, in bytes from the start of the disk
 */
guint64 rub_fat_folder_get_offset(const RubFatFolder *self, RubFat *fat, gsize start_bytes);

/**
 * rub_fat_folder_write:
 * @self: a folder with clusters
 * @fat: the volume that it is on
 * @start_bytes: where in the folder to begin, at a sector's start
 * @end_bytes: where to end, at a sector's end
 * @error: return location
 *
 * Writes a part of the slots back. Errors: those of rub_disk_write().
 *
 * Returns: whether it is written
 */
gboolean rub_fat_folder_write(const RubFatFolder *self, RubFat *fat, gsize start_bytes,
                              gsize end_bytes, GError **error);

/** rub_fat_folder_free: frees a folder */
void rub_fat_folder_free(RubFatFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatFolder, rub_fat_folder_free)

G_END_DECLS
