/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/* The boot programs of this folder, put on a disk: what an old BIOS needs to start \BOOTMGR from a
 * FAT32 volume. The MBR starts the boot record of the active partition, whose second stage lies in
 * the volume's reserved sectors 12 and 13. All of them need sectors of 512 bytes. */

/**
 * rub_boot_install_fat32_record:
 * @disk: the disk the volume is on
 * @start_lba: the sector where the volume starts; 0 if it has the disk to itself
 * @error: return location
 *
 * Writes the boot record to the volume's first sector and to its backup, and its second stage. Of
 * the BIOS parameter block everything stays but the OEM name (MSWIN4.1, as Microsoft's FAT
 * specification recommends), the hidden sectors (@start_lba) and the drive number (80h). Does not
 * sync. Errors: %RUB_CODE_FIRMWARE_LIMITED if the disk's sectors are not 512 bytes,
 * %RUB_CODE_CREATE_FAT32_FAILED if the volume is not FAT32 or has no room for the record, those of
 * rub_disk_read() and rub_disk_write().
 *
 * Returns: whether it is installed
 */
gboolean rub_boot_install_fat32_record(RubDisk *disk, guint64 start_lba, GError **error);

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
 * rub_boot_save_sectors:
 * @disk: a disk
 * @start_lba: where a FAT32 volume begins; 0 to save the first sector of the disk only
 * @error: return location
 *
 * Reads whole the sectors that the functions above change: the first one of the disk, then that of
 * the volume, its backup, and the two of the second stage. Errors: those of
 * rub_boot_install_fat32_record().
 *
 * Returns: (transfer full) (nullable): the sectors, for rub_boot_restore_sectors()
 */
GBytes *rub_boot_save_sectors(RubDisk *disk, guint64 start_lba, GError **error);

/**
 * rub_boot_restore_sectors:
 * @disk: the disk they were read from
 * @start_lba: as given to rub_boot_save_sectors()
 * @saved: the sectors
 * @is_surely_ours: whether the boot code on the disk is known to be what this program installed; if
 *   not it is compared with the code of this version
 * @is_restored: (out): whether everything is as it was; %FALSE where somebody installed another
 *   code since, which stays
 * @error: return location
 *
 * Puts back the code in the first sector and the active flags, in one write, unless the partitions
 * are others now; and the boot record. Of a volume's parameter block only what the record had
 * changed goes back. May be repeated after a cut. Does not sync. Errors: those of rub_disk_read()
 * and rub_disk_write(), %RUB_CODE_VERIFY_FAILED where @saved cannot be what was saved there.
 *
 * Returns: whether nothing failed
 */
gboolean rub_boot_restore_sectors(RubDisk *disk, guint64 start_lba, GBytes *saved,
                                  gboolean is_surely_ours, gboolean *is_restored, GError **error);

/**
 * rub_boot_verify:
 * @disk: a disk on which both were installed
 * @start_lba: as given to rub_boot_install_fat32_record()
 * @error: return location
 *
 * Reads everything that the other two functions wrote, and compares it. Errors:
 * %RUB_CODE_VERIFY_FAILED with the record and the byte, those of rub_disk_read(),
 * %RUB_CODE_FIRMWARE_LIMITED and %RUB_CODE_CREATE_FAT32_FAILED for places where nothing can have
 * been installed.
 *
 * Returns: whether all of it is as installed
 */
gboolean rub_boot_verify(RubDisk *disk, guint64 start_lba, GError **error);

/**
 * rub_boot_read_records:
 * @disk: the disk the volume is on
 * @start_lba: the sector where the volume starts
 * @error: return location
 *
 * Reads what rub_boot_verify() looks at: 440 bytes of master boot record, then the boot record
 * (512), its backup (512) and its second stage (1024). Meant for digests of a finished disk.
 * Errors: those of rub_boot_install_fat32_record().
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL on error
 */
GBytes *rub_boot_read_records(RubDisk *disk, guint64 start_lba, GError **error);

/**
 * rub_boot_get_mbr_code:
 *
 * What rub_boot_install_mbr() writes, for those who must know its digest before it is written.
 *
 * Returns: (transfer full): the 440 bytes
 */
GBytes *rub_boot_get_mbr_code(void);

G_END_DECLS
