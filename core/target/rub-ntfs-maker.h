/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-disk.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/** RUB_NTFS_MAKER_PROGRAM: the program of the package ntfs-3g that makes NTFS filesystems */
#define RUB_NTFS_MAKER_PROGRAM "mkntfs"

/**
 * rub_ntfs_make:
 * @disk: a disk that is open for writing
 * @volume: what to format; @volume->sectors_per_cluster may be 0 for what suits the size. Its
 *   volume_id is what Windows shows as the serial number
 * @program: %RUB_NTFS_MAKER_PROGRAM, or what a test puts in its place
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Has @program make an empty NTFS filesystem in a file beside the disk (#RubMold), and writes what
 * it made through rub_disk_write(); the partition table is not looked at. BIOS needs
 * rub_boot_record_install() on top. Errors: %RUB_CODE_CREATE_FAT32_FAILED (creating or
 * formatting the partition failed) with the program's own words, %RUB_CODE_DEVICE_GONE,
 * %RUB_CODE_CANCELLED.
 *
 * Returns: whether the filesystem is there
 */
gboolean rub_ntfs_make(RubDisk *disk, const RubNewVolume *volume, const char *program,
                       GCancellable *cancellable, GError **error);

G_END_DECLS
