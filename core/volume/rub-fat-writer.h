/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"
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
 * It does not sync the disk.
 *
 * Data handed over in pieces of 1 MiB or more at an address that is a multiple of 4096 is written
 * without being copied.
 *
 * Errors: %RUB_CODE_SMALL_FAT for FAT12 and FAT16, %RUB_CODE_VOLUME_DAMAGED, those of
 * rub_disk_read(). Of the functions of #RubVolume also: %RUB_CODE_VOLUME_DAMAGED when a folder
 * that is written into is found to be damaged; %RUB_CODE_NAME_NOT_REPRESENTABLE for a file that
 * exists already and for a folder that would get more than 65,536 slots;
 * %RUB_CODE_WRITE_FAILED when a file was not written whole. After an error of
 * rub_volume_write() or rub_volume_commit() the volume can only be freed, and opened again.
 *
 * Returns: (transfer full): a volume
 */
RubVolume *rub_fat_writer_new(RubDisk *disk, guint64 start_lba, guint64 sector_count,
                              GError **error);

G_END_DECLS
