/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-disk.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RubVolumePlace:
 * @disk: (nullable): the disk that the volume is on, open; %NULL where the kernel's driver shows it
 * @folder: (nullable): where that shows it; %NULL with @disk
 * @number: the partition's number in the table; 0 if the volume has the disk to itself
 * @start_lba: where it begins
 * @sector_count: how many sectors the partition has
 * @filesystem: what it is, on a disk
 *
 * Where a volume is that is read or written: on a disk that is held open, or in a folder.
 */
typedef struct {
    RubDisk *disk;
    char *folder;
    guint number;
    guint64 start_lba;
    guint64 sector_count;
    RubFilesystem filesystem;
} RubVolumePlace;

/** rub_volume_place_is_fat: Returns: whether our own engine reads and writes it */
static inline gboolean
rub_volume_place_is_fat(const RubVolumePlace *self)
{
    return self->disk && self->filesystem == RUB_FILESYSTEM_FAT32;
}

/** rub_volume_place_copy: Returns: a place that holds on to its disk and its folder's name, for
 * rub_volume_place_clear() */
static inline RubVolumePlace
rub_volume_place_copy(const RubVolumePlace *self)
{
    RubVolumePlace copy = *self;
    copy.disk = self->disk ? rub_disk_ref(self->disk) : NULL;
    copy.folder = g_strdup(self->folder);
    return copy;
}

/** rub_volume_place_clear: lets go of what a copied place holds */
static inline void
rub_volume_place_clear(RubVolumePlace *self)
{
    g_clear_pointer(&self->disk, rub_disk_unref);
    g_clear_pointer(&self->folder, g_free);
}

G_END_DECLS
