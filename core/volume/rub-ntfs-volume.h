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
 * The first rub_volume_write() of a round makes all of its folders and files, with all of their
 * room, bootmgr in the root first of all: it lies in one piece where there is one. A file that
 * replaces another has a name of its own until the commit.
 *
 * Nothing is written before that. From then on the volume is marked as dirty until the commit has
 * everything on the medium: at a cut NTFS itself cannot be relied upon, because the library does
 * not keep its journal; Windows checks such a volume, and this function refuses it. A volume that
 * is freed without a commit stays marked as dirty if anything but data was written.
 *
 * Errors: those of rub_ntfs_open(). Of the functions of #RubVolume also:
 * %RUB_CODE_NAME_NOT_REPRESENTABLE for a file that exists already and is not to be replaced, and
 * for a folder where a file is to go and the other way round; %RUB_CODE_VOLUME_DAMAGED where the
 * library finds the volume to be damaged; %RUB_CODE_DISK_TOO_SMALL where room ran out all the same;
 * %RUB_CODE_WRITE_FAILED when a file was not written whole. After an error of rub_volume_write() or
 * rub_volume_commit() the volume can only be freed, and opened again.
 *
 * Returns: (transfer full) (nullable): a volume
 */
RubVolume *rub_ntfs_volume_new(RubDisk *disk, guint64 start_lba, guint64 sector_count,
                               GError **error);

G_END_DECLS
