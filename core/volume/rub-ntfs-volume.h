/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * rub_ntfs_volume_new:
 * @disk: a disk that can be written
 * @start_lba: where the volume begins, in sectors of @disk
 * @sector_count: how many sectors of @disk the partition has
 * @error: return location
 *
 * Opens an NTFS volume, fresh from mkntfs or with files on it, to add files, through libntfs-3g.
 * Links to folders (reparse points) are not followed.
 * rub_volume_prepare() does all of a round in memory but for the bytes of files: it makes folders
 * and files with all of their room, bootmgr in the root first of all, so that it lies in one piece
 * where there is one; it moves, replaces and removes. So it is known then, exactly, whether the
 * round fits.
 *
 * Nothing is written before that, and nothing but free room before rub_volume_commit(), which has
 * the whole round happen at once (see #RubNtfsJournal): at a cut before, the volume is as it was,
 * but for what lies in free clusters; at a cut later, whatever opens it here, for reading or for
 * writing, sees the whole round, and this function completes it on the disk. No clusters are ever
 * lost. In the eyes of others a round that was cut off while the tables were written is a volume
 * that is marked as dirty, and may have to be checked. The tables that a round changes are held in
 * memory.
 *
 * A file that moves keeps its bytes, and all else that belongs to it, where they are; so do files
 * that are compressed, encrypted or sparse, and other names (hard links) of it stay. Its short name
 * (8.3) is lost.
 *
 * Errors: those of rub_ntfs_open(). Of the functions of #RubVolume also:
 * %RUB_CODE_NAME_NOT_REPRESENTABLE for a file that exists already and is not to be replaced, and
 * for a folder where a file is to go and the other way round; %RUB_CODE_VOLUME_DAMAGED where the
 * library finds the volume to be damaged; %RUB_CODE_DISK_TOO_SMALL where there is no room, or a
 * round changes more than is held in memory; %RUB_CODE_WRITE_FAILED when a file was not written
 * whole. After an error of rub_volume_prepare(), rub_volume_write() or rub_volume_commit() the
 * volume can only be freed, and opened again.
 *
 * Returns: (transfer full) (nullable): a volume
 */
RubVolume *rub_ntfs_volume_new(RubDisk *disk, guint64 start_lba, guint64 sector_count,
                               GError **error);

G_END_DECLS
