/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-disk.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/** RUB_FAT_MAKER_PROGRAM: the program of the package dosfstools that makes FAT filesystems */
#define RUB_FAT_MAKER_PROGRAM "mkfs.fat"

/**
 * rub_fat_make:
 * @disk: a disk that is open for writing
 * @volume: what to format
 * @program: %RUB_FAT_MAKER_PROGRAM, or what a test puts in its place
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Has @program make an empty FAT32 filesystem beside the disk, checks it, then wipes what would
 * still look like an older filesystem in the sectors of @volume and writes the new one there with
 * rub_disk_write(), its boot sector last. The partition table is not looked at. Up to the wiping
 * nothing is changed; a cut or a stop after it leaves no filesystem there. What was written is not
 * synced. Errors: %RUB_CODE_CREATE_FAT32_FAILED with the program's own words, %RUB_CODE_SMALL_FAT,
 * %RUB_CODE_DEVICE_GONE, %RUB_CODE_CANCELLED.
 *
 * Returns: whether the filesystem is there
 */
gboolean rub_fat_make(RubDisk *disk, const RubNewVolume *volume, const char *program,
                      GCancellable *cancellable, GError **error);

G_END_DECLS
