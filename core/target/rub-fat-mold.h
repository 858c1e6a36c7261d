/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_fat_mold_new:
 * @volume: what to format
 * @sector_size: bytes in a logical sector of the disk it is for
 * @program: the program mkfs.fat
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Has @program make an empty FAT32 filesystem in a file as large as the partition, of which only
 * what was written takes room: in memory, or where the tables are large in a file without a name in
 * the folder for temporary files. Errors: %RUB_CODE_CREATE_FAT32_FAILED with words that complete "…
 * failed: ", the program's own where it has some, %RUB_CODE_CANCELLED.
 *
 * Returns: a descriptor of the file, or -1
 */
int rub_fat_mold_new(const RubNewVolume *volume, guint sector_size, const char *program,
                     GCancellable *cancellable, GError **error);

G_END_DECLS
