/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record for NTFS. Its second stage lies behind the first sector, in the 16 sectors that NTFS
 * keeps for boot code ($Boot). */
#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "boot/ntfs-vbr-code.h"
#include "boot/rub-boot-private.h"

#define STAGE2_SECTOR 1
#define STAGE2_BYTES (sizeof ntfs_vbr_code - RUB_BOOT_SECTOR_BYTES)

/* Fields of the boot sector, see NTFS_BOOT_SECTOR in ntfs-3g/layout.h. */
#define OEM_ID 3
#define BYTES_PER_SECTOR 11
#define SECTORS_PER_CLUSTER 13
#define PHYSICAL_DRIVE 36
#define NUMBER_OF_SECTORS 40
#define BOOTSTRAP 84

#define NTFS_OEM_ID "NTFS    "
/* The size of $Boot. */
#define BOOT_FILE_BYTES 8192

G_STATIC_ASSERT(sizeof ntfs_vbr_code <= BOOT_FILE_BYTES);
G_STATIC_ASSERT(STAGE2_BYTES <= RUB_BOOT_MAX_STAGE2_BYTES);

/* NTFS counts one sector less than its partition has, and the copy is in that sector. */
static gboolean
locate_copy(RubDisk *disk, const guint8 *data, guint64 start_lba, guint64 *copy_lba, GError **error)
{
    RubBytes sector = rub_bytes(data, RUB_BOOT_SECTOR_BYTES);
    guint64 sector_count = rub_bytes_u64le(&sector, NUMBER_OF_SECTORS);
    if (rub_bytes_u16le(&sector, RUB_BOOT_SIGNATURE_OFFSET) != RUB_BOOT_SIGNATURE ||
        memcmp(data + OEM_ID, NTFS_OEM_ID, strlen(NTFS_OEM_ID)) != 0 ||
        rub_bytes_u16le(&sector, BYTES_PER_SECTOR) != RUB_BOOT_SECTOR_BYTES ||
        rub_bytes_u8(&sector, SECTORS_PER_CLUSTER) == 0) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                            "it is not an NTFS filesystem with sectors of 512 bytes");
        return FALSE;
    }
    if (sector_count < BOOT_FILE_BYTES / RUB_BOOT_SECTOR_BYTES ||
        !g_uint64_checked_add(copy_lba, start_lba, sector_count) ||
        *copy_lba >= rub_disk_get_size_bytes(disk) / RUB_BOOT_SECTOR_BYTES) {
        g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                    "it says that it has %" G_GUINT64_FORMAT " sectors, which cannot be",
                    sector_count);
        return FALSE;
    }
    if (*copy_lba > G_MAXUINT32) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                            "it reaches beyond 2 TiB, where a BIOS cannot read it");
        return FALSE;
    }
    return TRUE;
}

const RubBootKind *
rub_boot_kind_get_ntfs(void)
{
    static const RubBootKind kind = {
        .description = "an NTFS filesystem",
        .copy_description = "the copy of the boot record",
        .code = ntfs_vbr_code,
        .stage2_bytes = STAGE2_BYTES,
        .stage2_sector = STAGE2_SECTOR,
        .drive_number_offset = PHYSICAL_DRIVE,
        .code_offset = BOOTSTRAP,
        .locate_copy = locate_copy,
    };
    return &kind;
}
