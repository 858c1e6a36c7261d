/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"
#include "volume/rub-fat-allocator.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * rub_fat_writer_new:
 * @disk: a disk that can be written
 * @start_lba: where the volume begins, in sectors of @disk
 * @sector_count: how many sectors of @disk the partition has
 * @error: return location
 *
 * Opens a FAT32 volume, fresh from mkfs.fat or with files on it, to add files. Files lie one after
 * the other in the order in which they are declared, where free space allows. Nothing is written
 * before rub_volume_write() and nothing that was there is touched before rub_volume_commit(), which
 * writes new folders, then the allocation tables, then the folders that gain entries, then FSInfo.
 * Where the root folder was not empty when the volume was opened, it syncs the disk between steps
 * that must not change places; it never does so after the last one.
 *
 * At a cut, wherever it falls and in whatever order the drive wrote what it had in its cache, no
 * two entries lead to one cluster, what was not replaced or removed is as it was, and what was
 * replaced is whole, old or new. There may be lost clusters (rub_fat_writer_get_runs(),
 * rub_fat_writer_get_old_runs()), copies of the table that differ, a wrong FSInfo, and the volume
 * is marked as dirty. All of that holds for a volume in which rub_fat_check() found no fault.
 *
 * A file that moves keeps its bytes where they are. Where another one replaces it in the same
 * round, the entry at the old place leads to the new bytes first, then the entry at the new place
 * appears and leads to the old ones. At a cut between the two the old bytes are in lost clusters
 * (rub_fat_writer_get_old_runs(), rub_fat_writer_adopt()). Of what is removed the entry goes first,
 * then the clusters.
 *
 * Data handed over in pieces of 1 MiB or more at an address that is a multiple of 4096 is written
 * without being copied.
 *
 * Errors: %RUB_CODE_SMALL_FAT for FAT12 and FAT16, %RUB_CODE_VOLUME_DAMAGED, those of
 * rub_disk_read(). Of the functions of #RubVolume also: %RUB_CODE_VOLUME_DAMAGED when a folder
 * that is written into is found to be damaged; %RUB_CODE_NAME_NOT_REPRESENTABLE for a file that
 * exists already and is not to be replaced, for a folder where a file is to go and the other way
 * round, and for a folder that would get more than 65,536 slots;
 * %RUB_CODE_WRITE_FAILED when a file was not written whole. After an error of
 * rub_volume_write() or rub_volume_commit() the volume can only be freed, and opened again.
 *
 * Returns: (transfer full): a volume
 */
RubVolume *rub_fat_writer_new(RubDisk *disk, guint64 start_lba, guint64 sector_count,
                              GError **error);

/**
 * rub_fat_writer_adopt:
 * @volume: a volume of rub_fat_writer_new(), not prepared
 * @offset_bytes: where the first byte of a file lies, in bytes from the start of the disk as in a
 *   #RubListing; its clusters are lost
 * @size_bytes: its size; not 0
 * @mtime_unix: its time, seconds since 1970 UTC
 * @to: where it goes, as in rub_volume_move()
 * @flags: how the entry is made
 * @error: return location
 *
 * Declares that a file whose move was cut off between its old and its new entry becomes a file
 * again. The caller knows that its clusters are lost. Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE,
 * %RUB_CODE_VOLUME_DAMAGED, the latter also of rub_volume_prepare() if the clusters do not hold
 * @size_bytes.
 *
 * Returns: whether it could be declared
 */
gboolean rub_fat_writer_adopt(RubVolume *volume, guint64 offset_bytes, guint32 size_bytes,
                              gint64 mtime_unix, const char *to, RubVolumeFlags flags,
                              GError **error);

/**
 * rub_fat_writer_get_runs:
 * @volume: a prepared volume of rub_fat_writer_new()
 *
 * Returns: (transfer full) (element-type RubFatRun): the clusters that this round takes, sorted and
 *   joined; free until now
 */
GArray *rub_fat_writer_get_runs(RubVolume *volume);

/**
 * rub_fat_writer_get_old_runs:
 * @volume: a prepared volume of rub_fat_writer_new()
 *
 * Returns: (transfer full) (element-type RubFatRun): the clusters of what this round replaces,
 *   moves or removes, sorted and joined; at a cut they may be lost, too
 */
GArray *rub_fat_writer_get_old_runs(RubVolume *volume);

/**
 * rub_fat_writer_set_marking:
 * @volume: a volume of rub_fat_writer_new(), not prepared
 * @is_on: whether the rounds from here on mark the volume as in use while they are written; they do
 *   unless told otherwise
 *
 * For a round that makes, or takes away, the only sign by which the next one knows whose mark it
 * is.
 */
void rub_fat_writer_set_marking(RubVolume *volume, gboolean is_on);

/**
 * rub_fat_writer_reclaim:
 * @volume: a volume of rub_fat_writer_new() in which nothing was declared yet
 * @runs: (element-type RubFatRun): clusters in use that belong to no file
 * @error: return location
 *
 * Frees lost clusters in all copies of the table, makes the copies equal and marks the volume
 * clean. The caller knows that the clusters are lost and whose they were. Errors: those of
 * rub_disk_read() and rub_disk_write().
 *
 * Returns: whether they are free
 */
gboolean rub_fat_writer_reclaim(RubVolume *volume, const GArray *runs, GError **error);

G_END_DECLS
