/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-target.h"

G_BEGIN_DECLS

/* The boot record of a volume: what an old BIOS needs to start \bootmgr from it. The code of the
 * MBR starts the record of the active partition. It is the volume's first sector, of which there is
 * a copy, and a second stage: on FAT32 in the reserved sectors 12 and 13, on NTFS behind the first
 * sector in $Boot. All of them need sectors of 512 bytes. */

/**
 * rub_boot_record_install:
 * @disk: the disk the volume is on
 * @filesystem: what the volume is
 * @start_lba: the sector where the volume starts; 0 if it has the disk to itself
 * @error: return location
 *
 * Writes the boot record, its copy and its second stage. Of the BIOS parameter block everything
 * stays but the hidden sectors (@start_lba), the drive number (80h) and on FAT32 the OEM name
 * (MSWIN4.1, as Microsoft's FAT specification recommends). Does not sync. Errors:
 * %RUB_CODE_FIRMWARE_LIMITED if the disk's sectors are not 512 bytes,
 * %RUB_CODE_CREATE_FAT32_FAILED (creating or formatting the partition failed) if the volume is not
 * of that kind, has no room for the record, or reaches beyond 2 TiB, those of rub_disk_read() and
 * rub_disk_write().
 *
 * Returns: whether it is installed
 */
gboolean rub_boot_record_install(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                                 GError **error);

/**
 * rub_boot_record_verify:
 * @disk: a disk on which the record and rub_boot_install_mbr() were installed
 * @filesystem: what the volume is
 * @start_lba: as given to rub_boot_record_install()
 * @error: return location
 *
 * Reads everything that the two functions wrote, and compares it. Errors:
 * %RUB_CODE_VERIFY_FAILED with the record and the byte, those of rub_disk_read(),
 * %RUB_CODE_FIRMWARE_LIMITED and %RUB_CODE_CREATE_FAT32_FAILED for places where nothing can have
 * been installed.
 *
 * Returns: whether all of it is as installed
 */
gboolean rub_boot_record_verify(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                                GError **error);

/**
 * rub_boot_record_read:
 * @disk: the disk the volume is on
 * @filesystem: what the volume is
 * @start_lba: the sector where the volume starts
 * @error: return location
 *
 * Reads what rub_boot_record_verify() looks at: 440 bytes of master boot record, then the boot
 * record (512), its copy (512) and its second stage. Meant for digests of a finished disk. Errors:
 * those of rub_boot_record_install().
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL on error
 */
GBytes *rub_boot_record_read(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                             GError **error);

/**
 * rub_boot_record_fits:
 * @disk: the disk the volume is on
 * @filesystem: what the volume is
 * @start_lba: the sector where the volume starts
 * @sector_count: how many sectors its partition has
 *
 * Returns: whether there is room for the record and its copy in the partition, outside of all files
 */
gboolean rub_boot_record_fits(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                              guint64 sector_count);

G_END_DECLS
