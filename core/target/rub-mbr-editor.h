/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-disk.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_mbr_add_partition:
 * @disk: a disk that is open for writing
 * @volume: the partition to add; its label, signature and active flag do not count
 * @error: return location
 *
 * Adds one entry to the MBR table of @disk, as rub_target_add_partition(): one write of one
 * sector, of which 16 bytes change. The table is read back. Errors: %RUB_CODE_INIT_FAILED,
 * %RUB_CODE_MAX_PARTITIONS, %RUB_CODE_NO_FREE_SPACE, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether the partition is there
 */
gboolean rub_mbr_add_partition(RubDisk *disk, const RubNewVolume *volume, GError **error);

/**
 * rub_mbr_remove_partition:
 * @disk: a disk that is open for writing
 * @number: the entry to clear, 1 to %RUB_MBR_ENTRY_COUNT
 * @error: return location
 *
 * Clears one entry of the MBR table of @disk, as rub_target_remove_partition(): one write of one
 * sector, of which 16 bytes change. The table is read back. Errors: %RUB_CODE_INIT_FAILED,
 * %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether it is gone
 */
gboolean rub_mbr_remove_partition(RubDisk *disk, guint number, GError **error);

G_END_DECLS
