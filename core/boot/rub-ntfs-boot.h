/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/* The NTFS boot record, put on a disk: what an old BIOS needs to start \bootmgr from an NTFS volume
 * on a partition. It is started by the MBR of rub-boot-code.h; its second stage lies behind the
 * first sector, in the 16 sectors that NTFS keeps for boot code ($Boot). */

/**
 * rub_boot_install_ntfs_record:
 * @disk: the disk the volume is on
 * @start_lba: the sector where the volume starts
 * @error: return location
 *
 * Writes the boot record to the volume's first sector, its copy to the last sector of the
 * partition, and its second stage. Of the BIOS parameter block everything stays but the hidden
 * sectors (@start_lba) and the drive number (80h). Does not sync. Errors:
 * %RUB_CODE_FIRMWARE_LIMITED if the disk's sectors are not 512 bytes,
 * %RUB_CODE_CREATE_FAT32_FAILED (creating or formatting the partition failed) if the volume is not
 * NTFS or reaches beyond 2 TiB, those of rub_disk_read() and rub_disk_write().
 *
 * Returns: whether it is installed
 */
gboolean rub_boot_install_ntfs_record(RubDisk *disk, guint64 start_lba, GError **error);

/**
 * rub_boot_verify_ntfs:
 * @disk: a disk on which rub_boot_install_ntfs_record() and rub_boot_install_mbr() were called
 * @start_lba: as given to rub_boot_install_ntfs_record()
 * @error: return location
 *
 * As rub_boot_verify() for a volume of FAT32: reads everything that was written, and compares it.
 * Errors: %RUB_CODE_VERIFY_FAILED with the record and the byte, those of rub_disk_read(),
 * %RUB_CODE_FIRMWARE_LIMITED and %RUB_CODE_CREATE_FAT32_FAILED for places where nothing can have
 * been installed.
 *
 * Returns: whether all of it is as installed
 */
gboolean rub_boot_verify_ntfs(RubDisk *disk, guint64 start_lba, GError **error);

/**
 * rub_boot_read_ntfs_records:
 * @disk: the disk the volume is on
 * @start_lba: the sector where the volume starts
 * @error: return location
 *
 * Reads what rub_boot_verify_ntfs() looks at: 440 bytes of master boot record, then the boot record
 * (512), its copy (512) and its second stage (2048). Meant for digests of a finished disk. Errors:
 * those of rub_boot_install_ntfs_record().
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL on error
 */
GBytes *rub_boot_read_ntfs_records(RubDisk *disk, guint64 start_lba, GError **error);

G_END_DECLS
