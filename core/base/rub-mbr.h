/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where things lie in a master boot record, the first sector of a disk (UEFI specification 2.10,
 * section 5.2.1). Numbers are little-endian. */

/** RUB_MBR_BYTES: what is defined of the first sector, whatever its size */
#define RUB_MBR_BYTES 512

/** RUB_MBR_CODE_BYTES: how much of it, from the start, is boot code */
#define RUB_MBR_CODE_BYTES 440

/** RUB_MBR_DISK_SIGNATURE: offset of the disk's signature, 4 bytes */
#define RUB_MBR_DISK_SIGNATURE 440

/** RUB_MBR_TABLE: offset of the partition table */
#define RUB_MBR_TABLE 446

/** RUB_MBR_ENTRY_COUNT: how many primary partitions it has room for */
#define RUB_MBR_ENTRY_COUNT 4

/** RUB_MBR_ENTRY_BYTES: the size of an entry */
#define RUB_MBR_ENTRY_BYTES 16

/** RUB_MBR_MAGIC_OFFSET: where %RUB_MBR_MAGIC stands */
#define RUB_MBR_MAGIC_OFFSET 510

/** RUB_MBR_MAGIC: without it, there is no table */
#define RUB_MBR_MAGIC 0xaa55

/* Within an entry (UEFI specification 2.10, section 5.2.1). */

/** RUB_MBR_ENTRY_STATUS: %RUB_MBR_ACTIVE if a BIOS starts from there, else 0 */
#define RUB_MBR_ENTRY_STATUS 0

/** RUB_MBR_ENTRY_FIRST_CHS: the first sector by cylinder, head and sector, 3 bytes */
#define RUB_MBR_ENTRY_FIRST_CHS 1

/** RUB_MBR_ENTRY_TYPE: the type of the partition; 0 if the entry is free */
#define RUB_MBR_ENTRY_TYPE 4

/** RUB_MBR_ENTRY_LAST_CHS: the last sector by cylinder, head and sector, 3 bytes */
#define RUB_MBR_ENTRY_LAST_CHS 5

/** RUB_MBR_ENTRY_START_LBA: the first sector, 4 bytes */
#define RUB_MBR_ENTRY_START_LBA 8

/** RUB_MBR_ENTRY_SECTOR_COUNT: how many sectors, 4 bytes */
#define RUB_MBR_ENTRY_SECTOR_COUNT 12

/** RUB_MBR_ACTIVE: the status of an active partition */
#define RUB_MBR_ACTIVE 0x80
