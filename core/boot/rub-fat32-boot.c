/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record for FAT32. Its second stage lies in the volume's reserved sectors 12 and 13. */
#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "boot/fat32-vbr-code.h"
#include "boot/rub-boot-private.h"

#define STAGE2_SECTOR 12
#define STAGE2_BYTES (2 * RUB_BOOT_SECTOR_BYTES)

/* Fields of the FAT32 boot sector and BIOS parameter block, by their names in the Microsoft FAT32
 * File System Specification 1.03, "Boot Sector and BPB". */
#define BPB_BYTS_PER_SEC 11
#define BPB_SEC_PER_CLUS 13
#define BPB_RSVD_SEC_CNT 14
#define BPB_NUM_FATS 16
#define BPB_ROOT_ENT_CNT 17
#define BPB_FAT_SZ_16 22
#define BPB_FAT_SZ_32 36
#define BPB_FS_INFO 48
#define BPB_BK_BOOT_SEC 50
#define BS_DRV_NUM 64
#define BS_BOOT_CODE 90

/* What Microsoft's specification recommends. */
#define OEM_NAME "MSWIN4.1"

G_STATIC_ASSERT(sizeof fat32_vbr_code == RUB_BOOT_SECTOR_BYTES + STAGE2_BYTES);
G_STATIC_ASSERT(STAGE2_BYTES <= RUB_BOOT_MAX_STAGE2_BYTES);

static gboolean
is_fat32(RubBytes *sector)
{
    return rub_bytes_u16le(sector, RUB_BOOT_SIGNATURE_OFFSET) == RUB_BOOT_SIGNATURE &&
           rub_bytes_u16le(sector, BPB_BYTS_PER_SEC) == RUB_BOOT_SECTOR_BYTES &&
           rub_bytes_u8(sector, BPB_SEC_PER_CLUS) != 0 && rub_bytes_u8(sector, BPB_NUM_FATS) != 0 &&
           rub_bytes_u16le(sector, BPB_ROOT_ENT_CNT) == 0 &&
           rub_bytes_u16le(sector, BPB_FAT_SZ_16) == 0 &&
           rub_bytes_u32le(sector, BPB_FAT_SZ_32) != 0;
}

static gboolean
is_in_stage2(guint sector)
{
    return sector >= STAGE2_SECTOR && sector < STAGE2_SECTOR + STAGE2_BYTES / RUB_BOOT_SECTOR_BYTES;
}

static gboolean
locate_copy(RubDisk *disk, const guint8 *data, guint64 start_lba, guint64 *copy_lba, GError **error)
{
    RubBytes sector = rub_bytes(data, RUB_BOOT_SECTOR_BYTES);
    guint reserved = rub_bytes_u16le(&sector, BPB_RSVD_SEC_CNT);
    guint needed = STAGE2_SECTOR + STAGE2_BYTES / RUB_BOOT_SECTOR_BYTES;
    guint backup = rub_bytes_u16le(&sector, BPB_BK_BOOT_SEC);
    if (!is_fat32(&sector)) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                            "it is not a FAT32 filesystem with sectors of 512 bytes");
        return FALSE;
    }
    if (reserved < needed) {
        g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                    "it has %u reserved sectors, and the boot record needs %u", reserved, needed);
        return FALSE;
    }
    if (backup == 0 || backup >= reserved) {
        g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                    "it has no backup boot record (sector %u of %u reserved)", backup, reserved);
        return FALSE;
    }
    /* The sector behind each boot sector is an FSInfo sector; mkfs.fat writes the second, too. */
    if (is_in_stage2(backup) || is_in_stage2(backup + 1) ||
        is_in_stage2(rub_bytes_u16le(&sector, BPB_FS_INFO))) {
        g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                    "it uses reserved sectors %d and %u itself", STAGE2_SECTOR, needed - 1);
        return FALSE;
    }
    *copy_lba = start_lba + backup;
    return TRUE;
}

const RubBootKind *
rub_boot_kind_get_fat32(void)
{
    static const RubBootKind kind = {
        .description = "a FAT32 filesystem",
        .copy_description = "the backup boot record",
        .code = fat32_vbr_code,
        .stage2_bytes = STAGE2_BYTES,
        .stage2_sector = STAGE2_SECTOR,
        .oem_name = OEM_NAME,
        .drive_number_offset = BS_DRV_NUM,
        .code_offset = BS_BOOT_CODE,
        .locate_copy = locate_copy,
    };
    return &kind;
}
