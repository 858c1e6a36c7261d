/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-disk.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_mbr_make:
 * @disk: a disk that is open for writing
 * @volume: what the table shall describe
 * @error: return location
 *
 * Wipes what would still make the disk look like an older table or filesystem, writes an MBR table
 * with one partition and no boot code, and reads it back. What the partition holds stays, but for
 * the last MiB of the disk. Errors: %RUB_CODE_INIT_FAILED,
 * %RUB_CODE_NO_PARTITION_TABLE where something else is found afterwards, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether the table is there
 */
gboolean rub_mbr_make(RubDisk *disk, const RubNewVolume *volume, GError **error);

G_END_DECLS
