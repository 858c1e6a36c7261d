/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-volume-maker.h"

#include "target/rub-fat-maker.h"
#include "target/rub-ntfs-maker.h"

gboolean
rub_volume_make(RubDisk *disk, const RubNewVolume *volume, GCancellable *cancellable,
                GError **error)
{
    return volume->filesystem == RUB_FILESYSTEM_NTFS
               ? rub_ntfs_make(disk, volume, RUB_NTFS_MAKER_PROGRAM, cancellable, error)
               : rub_fat_make(disk, volume, RUB_FAT_MAKER_PROGRAM, cancellable, error);
}
