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
 * @disk: a disk-image file that is open for writing
 * @volume: what to format
 * @program: %RUB_FAT_MAKER_PROGRAM, or what a test puts in its place
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Wipes what would still look like an older filesystem in these sectors, and has @program make an
 * empty FAT32 filesystem in them; the partition table is not looked at. The program writes through
 * the descriptor of @disk, so that no other file can be hit, whatever has happened to its path.
 * This is the one place where bytes reach a target past rub_disk_write(); all of them go into
 * sectors that hold nothing that is to stay. Errors: %RUB_CODE_CREATE_FAT32_FAILED with the
 * program's own words, %RUB_CODE_SMALL_FAT, %RUB_CODE_CANCELLED.
 *
 * Returns: whether the filesystem is there
 */
gboolean rub_fat_make(RubDisk *disk, const RubNewVolume *volume, const char *program,
                      GCancellable *cancellable, GError **error);

G_END_DECLS
