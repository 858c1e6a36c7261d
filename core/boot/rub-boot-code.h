/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/* The code of the master boot record, which starts the boot record of the active partition
 * (rub-boot-record.h). */

/**
 * rub_boot_install_mbr:
 * @disk: a disk with an MBR partition table
 * @error: return location
 *
 * Writes the code of the master boot record: bytes 0 to 439 of the first sector. The disk
 * signature and the partition table stay. From then on a BIOS starts the disk, so this is the last
 * write of a build. Does not sync. Errors: %RUB_CODE_FIRMWARE_LIMITED if the disk's sectors are not
 * 512 bytes, %RUB_CODE_NO_PARTITION_TABLE if the first sector has no boot signature, those of
 * rub_disk_read() and rub_disk_write().
 *
 * Returns: whether it is installed
 */
gboolean rub_boot_install_mbr(RubDisk *disk, GError **error);

/**
 * rub_boot_install_mbr_for:
 * @disk: a disk with an MBR partition table
 * @number: the partition to start, 1 to 4
 * @error: return location
 *
 * Like rub_boot_install_mbr(), and makes the partition the only active one in the same write: at no
 * moment does the code start another partition, or another code start this one. Errors: those of
 * rub_boot_install_mbr().
 *
 * Returns: whether it is installed
 */
gboolean rub_boot_install_mbr_for(RubDisk *disk, guint number, GError **error);

/**
 * rub_boot_get_mbr_code:
 *
 * What rub_boot_install_mbr() writes, for those who must know its digest before it is written.
 *
 * Returns: (transfer full): the 440 bytes
 */
GBytes *rub_boot_get_mbr_code(void);

G_END_DECLS
