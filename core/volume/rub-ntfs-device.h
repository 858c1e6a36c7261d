/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"
#include "volume/rub-disk-cache.h"
#include "volume/rub-ntfs-library.h"

G_BEGIN_DECLS

/**
 * RubNtfsDevice:
 *
 * A part of a #RubDisk as libntfs-3g sees it, with a cache in between. The library only knows
 * errno: what a disk failed with is kept here. From the first failure on nothing is written any
 * more.
 */
typedef struct _RubNtfsDevice RubNtfsDevice;

/**
 * rub_ntfs_device_new:
 * @disk: a disk
 * @start_bytes: where the part begins
 * @size_bytes: how large it is; it lies within the disk
 *
 * Returns: (transfer full): a device, which keeps a reference to @disk
 */
RubNtfsDevice *rub_ntfs_device_new(RubDisk *disk, guint64 start_bytes, guint64 size_bytes);

/** rub_ntfs_device_free: frees it, not before the library has let go of it; what was not flushed is
 * not on the disk */
void rub_ntfs_device_free(RubNtfsDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubNtfsDevice, rub_ntfs_device_free)

/**
 * rub_ntfs_device_mount:
 * @self: a device that is not mounted
 * @flags: those of ntfs_device_mount()
 *
 * Returns: (nullable): the volume, to be given to ntfs_umount(); %NULL with errno set
 */
ntfs_volume *rub_ntfs_device_mount(RubNtfsDevice *self, ntfs_mount_flags flags);

/** rub_ntfs_device_get_cache: Returns: (transfer none): what holds back what the library writes */
RubDiskCache *rub_ntfs_device_get_cache(RubNtfsDevice *self);

/**
 * rub_ntfs_device_discard:
 * @self: a device
 *
 * What is held back, and what the library still wants to write, never reaches the disk.
 */
void rub_ntfs_device_discard(RubNtfsDevice *self);

/**
 * rub_ntfs_device_get_error:
 * @self: a device
 *
 * Returns: (transfer none) (nullable): what the disk failed with first
 */
const GError *rub_ntfs_device_get_error(const RubNtfsDevice *self);

G_END_DECLS
