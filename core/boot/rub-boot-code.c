/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-boot-code.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "boot/fat32-vbr-code.h"
#include "boot/mbr-code.h"
#include "boot/rub-boot-private.h"

#define SECTOR_BYTES 512
#define SIGNATURE_OFFSET 510
#define SIGNATURE 0xaa55

#define STAGE2_SECTOR 12
#define STAGE2_BYTES (2 * SECTOR_BYTES)

/* Fields of the FAT32 boot sector and BIOS parameter block, by their names in the Microsoft FAT32
 * File System Specification 1.03, "Boot Sector and BPB". */
#define BS_JMP_BOOT_BYTES 3
#define BS_OEM_NAME 3
#define BPB_BYTS_PER_SEC 11
#define BPB_SEC_PER_CLUS 13
#define BPB_RSVD_SEC_CNT 14
#define BPB_NUM_FATS 16
#define BPB_ROOT_ENT_CNT 17
#define BPB_FAT_SZ_16 22
#define BPB_HIDD_SEC 28
#define BPB_FAT_SZ_32 36
#define BPB_FS_INFO 48
#define BPB_BK_BOOT_SEC 50
#define BS_DRV_NUM 64
#define BS_BOOT_CODE 90

/* The partition table in the first sector of a disk. */
#define TABLE_OFFSET 446
#define TABLE_ENTRY_COUNT 4
#define TABLE_ENTRY_BYTES 16
#define ACTIVE 0x80

/* The sectors that are saved, in this order. */
#define SAVED_MBR 0
#define SAVED_RECORD SECTOR_BYTES
#define SAVED_BACKUP (2 * SECTOR_BYTES)
#define SAVED_STAGE2 (3 * SECTOR_BYTES)
#define SAVED_BYTES (SAVED_STAGE2 + STAGE2_BYTES)

#define OEM_NAME "MSWIN4.1"
#define FIRST_HARD_DISK 0x80

G_STATIC_ASSERT(sizeof mbr_code == 440);
G_STATIC_ASSERT(sizeof fat32_vbr_code == SECTOR_BYTES + STAGE2_BYTES);

static const guint8 *const stage2_code = fat32_vbr_code + SECTOR_BYTES;

gboolean
rub_boot_check_place(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint size_bytes = rub_disk_get_sector_size(disk);
    if (size_bytes != SECTOR_BYTES) {
        g_set_error(error, RUB_ERROR, RUB_CODE_FIRMWARE_LIMITED,
                    "%s has sectors of %u bytes, and BIOS boot code needs %d",
                    rub_disk_get_name(disk), size_bytes, SECTOR_BYTES);
        return FALSE;
    }
    if (start_lba > G_MAXUINT32) {
        g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                    "a volume beyond 2 TiB of %s cannot be started by a BIOS",
                    rub_disk_get_name(disk));
        return FALSE;
    }
    return TRUE;
}

static gboolean
read_sectors(RubDisk *disk, guint64 lba, void *buffer, gsize size_bytes, GError **error)
{
    return rub_disk_read(disk, lba * SECTOR_BYTES, buffer, size_bytes, error);
}

static gboolean
write_sectors(RubDisk *disk, guint64 lba, const void *data, gsize size_bytes, GError **error)
{
    return rub_disk_write(disk, lba * SECTOR_BYTES, data, size_bytes, error);
}

static gboolean
is_fat32(RubBytes *sector)
{
    return rub_bytes_u16le(sector, SIGNATURE_OFFSET) == SIGNATURE &&
           rub_bytes_u16le(sector, BPB_BYTS_PER_SEC) == SECTOR_BYTES &&
           rub_bytes_u8(sector, BPB_SEC_PER_CLUS) != 0 && rub_bytes_u8(sector, BPB_NUM_FATS) != 0 &&
           rub_bytes_u16le(sector, BPB_ROOT_ENT_CNT) == 0 &&
           rub_bytes_u16le(sector, BPB_FAT_SZ_16) == 0 &&
           rub_bytes_u32le(sector, BPB_FAT_SZ_32) != 0;
}

static gboolean
is_in_stage2(guint sector)
{
    return sector >= STAGE2_SECTOR && sector < STAGE2_SECTOR + STAGE2_BYTES / SECTOR_BYTES;
}

/* Insists that sector 0 of a volume leaves room for the record; yields where its backup is. */
static gboolean
check_volume(const guint8 *data, guint *backup_sector, GError **error)
{
    RubBytes sector = rub_bytes(data, SECTOR_BYTES);
    guint reserved = rub_bytes_u16le(&sector, BPB_RSVD_SEC_CNT);
    guint needed = STAGE2_SECTOR + STAGE2_BYTES / SECTOR_BYTES;
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
    *backup_sector = backup;
    return TRUE;
}

/* Reads sector 0 of a volume that can carry the record. */
static gboolean
read_volume(RubDisk *disk, guint64 start_lba, guint8 *sector, guint *backup_sector, GError **error)
{
    if (!rub_boot_check_place(disk, start_lba, error))
        return FALSE;
    if (!read_sectors(disk, start_lba, sector, SECTOR_BYTES, error))
        return FALSE;
    if (check_volume(sector, backup_sector, error))
        return TRUE;
    g_prefix_error(error,
                   "the volume at sector %" G_GUINT64_FORMAT " of %s cannot be made bootable: ",
                   start_lba, rub_disk_get_name(disk));
    return FALSE;
}

/* Turns sector 0 of a volume into our record. */
static void
apply_record(guint8 *sector, guint64 start_lba)
{
    memcpy(sector, fat32_vbr_code, BS_JMP_BOOT_BYTES);
    memcpy(sector + BS_OEM_NAME, OEM_NAME, strlen(OEM_NAME));
    rub_put_u32le(sector + BPB_HIDD_SEC, (guint32) start_lba);
    sector[BS_DRV_NUM] = FIRST_HARD_DISK;
    memcpy(sector + BS_BOOT_CODE, fat32_vbr_code + BS_BOOT_CODE, SECTOR_BYTES - BS_BOOT_CODE);
}

gboolean
rub_boot_install_fat32_record(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint8 sector[SECTOR_BYTES];
    guint backup_sector;
    if (!read_volume(disk, start_lba, sector, &backup_sector, error))
        return FALSE;
    apply_record(sector, start_lba);
    /* The first sector comes last: until then the volume is what it was. */
    return write_sectors(disk, start_lba + STAGE2_SECTOR, stage2_code, STAGE2_BYTES, error) &&
           write_sectors(disk, start_lba + backup_sector, sector, SECTOR_BYTES, error) &&
           write_sectors(disk, start_lba, sector, SECTOR_BYTES, error);
}

static gboolean
read_mbr(RubDisk *disk, guint8 *sector, GError **error)
{
    if (!rub_boot_check_place(disk, 0, error) ||
        !read_sectors(disk, 0, sector, SECTOR_BYTES, error))
        return FALSE;
    RubBytes bytes = rub_bytes(sector, SECTOR_BYTES);
    if (rub_bytes_u16le(&bytes, SIGNATURE_OFFSET) == SIGNATURE)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_NO_PARTITION_TABLE, "%s has no partition table",
                rub_disk_get_name(disk));
    return FALSE;
}

gboolean
rub_boot_install_mbr(RubDisk *disk, GError **error)
{
    guint8 sector[SECTOR_BYTES];
    if (!read_mbr(disk, sector, error))
        return FALSE;
    memcpy(sector, mbr_code, sizeof mbr_code);
    return write_sectors(disk, 0, sector, SECTOR_BYTES, error);
}

gboolean
rub_boot_install_mbr_for(RubDisk *disk, guint number, GError **error)
{
    guint8 sector[SECTOR_BYTES];
    g_return_val_if_fail(number >= 1 && number <= TABLE_ENTRY_COUNT, FALSE);
    if (!read_mbr(disk, sector, error))
        return FALSE;
    memcpy(sector, mbr_code, sizeof mbr_code);
    for (guint i = 0; i < TABLE_ENTRY_COUNT; i++)
        sector[TABLE_OFFSET + i * TABLE_ENTRY_BYTES] = i + 1 == number ? ACTIVE : 0;
    return write_sectors(disk, 0, sector, SECTOR_BYTES, error);
}

GBytes *
rub_boot_save_sectors(RubDisk *disk, guint64 start_lba, GError **error)
{
    g_autofree guint8 *saved = g_malloc0(SAVED_BYTES);
    guint backup_sector;
    if (!rub_boot_check_place(disk, 0, error) ||
        !read_sectors(disk, 0, saved + SAVED_MBR, SECTOR_BYTES, error))
        return NULL;
    if (start_lba == 0)
        return g_bytes_new(saved, SECTOR_BYTES);
    if (!read_volume(disk, start_lba, saved + SAVED_RECORD, &backup_sector, error) ||
        !read_sectors(disk, start_lba + backup_sector, saved + SAVED_BACKUP, SECTOR_BYTES, error) ||
        !read_sectors(disk, start_lba + STAGE2_SECTOR, saved + SAVED_STAGE2, STAGE2_BYTES, error))
        return NULL;
    return g_bytes_new_take(g_steal_pointer(&saved), SAVED_BYTES);
}

/* Puts the active flags back. An entry that was made since loses its own; one that was changed
 * keeps it. */
static gboolean
restore_flags(guint8 *table, const guint8 *saved)
{
    static const guint8 none[TABLE_ENTRY_BYTES] = {0};
    gboolean is_restored = TRUE;
    for (guint i = 0; i < TABLE_ENTRY_COUNT; i++) {
        guint8 *entry = table + i * TABLE_ENTRY_BYTES;
        const guint8 *saved_entry = saved + i * TABLE_ENTRY_BYTES;
        if (memcmp(entry + 1, saved_entry + 1, TABLE_ENTRY_BYTES - 1) == 0 ||
            memcmp(saved_entry, none, sizeof none) == 0)
            entry[0] = saved_entry[0];
        else
            is_restored = FALSE;
    }
    return is_restored;
}

static gboolean
restore_mbr(RubDisk *disk, const guint8 *saved, gboolean is_surely_ours, gboolean *is_restored,
            GError **error)
{
    guint8 sector[SECTOR_BYTES];
    if (!read_sectors(disk, 0, sector, SECTOR_BYTES, error))
        return FALSE;
    gboolean is_back = memcmp(sector, saved, sizeof mbr_code) == 0;
    if (!is_back && !is_surely_ours && memcmp(sector, mbr_code, sizeof mbr_code) != 0) {
        *is_restored = FALSE;
        return TRUE;
    }
    memcpy(sector, saved, sizeof mbr_code);
    *is_restored &= restore_flags(sector + TABLE_OFFSET, saved + TABLE_OFFSET);
    return write_sectors(disk, 0, sector, SECTOR_BYTES, error);
}

/* Takes our record out of a volume's first sector; what else is in the parameter block stays. */
static void
unapply_record(guint8 *sector, const guint8 *saved)
{
    memcpy(sector, saved, BS_JMP_BOOT_BYTES);
    memcpy(sector + BS_OEM_NAME, saved + BS_OEM_NAME, strlen(OEM_NAME));
    memcpy(sector + BPB_HIDD_SEC, saved + BPB_HIDD_SEC, sizeof(guint32));
    sector[BS_DRV_NUM] = saved[BS_DRV_NUM];
    memcpy(sector + BS_BOOT_CODE, saved + BS_BOOT_CODE, SECTOR_BYTES - BS_BOOT_CODE);
}

static gboolean
is_our_record(const guint8 *sector, guint64 start_lba)
{
    guint8 ours[SECTOR_BYTES];
    memcpy(ours, sector, SECTOR_BYTES);
    apply_record(ours, start_lba);
    return memcmp(ours, sector, SECTOR_BYTES) == 0;
}

/* Puts one of the volume's two boot sectors back: the backup as it was, which may have been older
 * than the first one. */
static gboolean
restore_boot_sector(RubDisk *disk, guint64 start_lba, guint sector_number, const guint8 *saved,
                    gboolean is_surely_ours, gboolean *is_restored, GError **error)
{
    guint8 sector[SECTOR_BYTES], restored[SECTOR_BYTES];
    if (!read_sectors(disk, start_lba + sector_number, sector, SECTOR_BYTES, error))
        return FALSE;
    memcpy(restored, sector_number == 0 ? sector : saved, SECTOR_BYTES);
    unapply_record(restored, saved);
    if (memcmp(restored, sector, SECTOR_BYTES) == 0)
        return TRUE;
    if (is_surely_ours || is_our_record(sector, start_lba))
        return write_sectors(disk, start_lba + sector_number, restored, SECTOR_BYTES, error);
    *is_restored = FALSE;
    return TRUE;
}

static gboolean
restore_stage2(RubDisk *disk, guint64 start_lba, const guint8 *saved, gboolean is_surely_ours,
               gboolean *is_restored, GError **error)
{
    guint8 stage2[STAGE2_BYTES];
    if (!read_sectors(disk, start_lba + STAGE2_SECTOR, stage2, STAGE2_BYTES, error))
        return FALSE;
    if (memcmp(stage2, saved, STAGE2_BYTES) == 0)
        return TRUE;
    /* Of the two sectors one may be back already. */
    gboolean is_ours = is_surely_ours;
    for (gsize at = 0, ours = 0; !is_ours && at < STAGE2_BYTES; at += SECTOR_BYTES) {
        ours += memcmp(stage2 + at, stage2_code + at, SECTOR_BYTES) == 0 ||
                memcmp(stage2 + at, saved + at, SECTOR_BYTES) == 0;
        is_ours = ours == STAGE2_BYTES / SECTOR_BYTES;
    }
    if (is_ours)
        return write_sectors(disk, start_lba + STAGE2_SECTOR, saved, STAGE2_BYTES, error);
    *is_restored = FALSE;
    return TRUE;
}

gboolean
rub_boot_restore_sectors(RubDisk *disk, guint64 start_lba, GBytes *saved, gboolean is_surely_ours,
                         gboolean *is_restored, GError **error)
{
    guint8 sector[SECTOR_BYTES];
    guint backup_sector;
    gsize size_bytes;
    const guint8 *data = g_bytes_get_data(saved, &size_bytes);
    *is_restored = TRUE;
    if (size_bytes != (start_lba == 0 ? SECTOR_BYTES : SAVED_BYTES)) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                            "the saved boot sectors are damaged");
        return FALSE;
    }
    /* The first sector of the disk comes first: from then on nothing starts ours any more. */
    if (!restore_mbr(disk, data + SAVED_MBR, is_surely_ours, is_restored, error))
        return FALSE;
    if (start_lba == 0)
        return TRUE;
    return read_volume(disk, start_lba, sector, &backup_sector, error) &&
           restore_stage2(disk, start_lba, data + SAVED_STAGE2, is_surely_ours, is_restored,
                          error) &&
           restore_boot_sector(disk, start_lba, backup_sector, data + SAVED_BACKUP, is_surely_ours,
                               is_restored, error) &&
           restore_boot_sector(disk, start_lba, 0, data + SAVED_RECORD, is_surely_ours, is_restored,
                               error);
}

gboolean
rub_boot_compare(const char *record, const guint8 *found, const guint8 *expected, gsize size_bytes,
                 GError **error)
{
    gsize i = 0;
    while (i < size_bytes && found[i] == expected[i])
        i++;
    if (i == size_bytes)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                "%s differs from what was written at byte %" G_GSIZE_FORMAT, record, i);
    return FALSE;
}

gboolean
rub_boot_verify_mbr(RubDisk *disk, GError **error)
{
    guint8 sector[SECTOR_BYTES];
    return read_sectors(disk, 0, sector, SECTOR_BYTES, error) &&
           rub_boot_compare("the master boot record", sector, mbr_code, sizeof mbr_code, error);
}

/* What the record must look like is made from what is on the disk: its parameter block is the
 * volume's own. That the block is whole shows in the backup, which must be equal to the last byte.
 */
static gboolean
verify_record(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint8 found[SECTOR_BYTES], expected[SECTOR_BYTES], backup[SECTOR_BYTES], stage2[STAGE2_BYTES];
    guint backup_sector;
    if (!read_sectors(disk, start_lba, found, SECTOR_BYTES, error))
        return FALSE;
    memcpy(expected, found, SECTOR_BYTES);
    apply_record(expected, start_lba);
    if (!rub_boot_compare("the boot record", found, expected, SECTOR_BYTES, error))
        return FALSE;
    if (!check_volume(found, &backup_sector, NULL)) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                            "the boot record no longer describes a FAT32 filesystem");
        return FALSE;
    }
    return read_sectors(disk, start_lba + backup_sector, backup, SECTOR_BYTES, error) &&
           rub_boot_compare("the backup boot record", backup, expected, SECTOR_BYTES, error) &&
           read_sectors(disk, start_lba + STAGE2_SECTOR, stage2, STAGE2_BYTES, error) &&
           rub_boot_compare("the second stage of the boot record", stage2, stage2_code,
                            STAGE2_BYTES, error);
}

gboolean
rub_boot_verify(RubDisk *disk, guint64 start_lba, GError **error)
{
    return rub_boot_check_place(disk, start_lba, error) && rub_boot_verify_mbr(disk, error) &&
           verify_record(disk, start_lba, error);
}

GBytes *
rub_boot_read_records(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint8 mbr[SECTOR_BYTES], record[SECTOR_BYTES], backup[SECTOR_BYTES], stage2[STAGE2_BYTES];
    guint backup_sector;
    if (!read_volume(disk, start_lba, record, &backup_sector, error) ||
        !read_sectors(disk, 0, mbr, SECTOR_BYTES, error) ||
        !read_sectors(disk, start_lba + backup_sector, backup, SECTOR_BYTES, error) ||
        !read_sectors(disk, start_lba + STAGE2_SECTOR, stage2, STAGE2_BYTES, error))
        return NULL;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, mbr, sizeof mbr_code);
    g_byte_array_append(bytes, record, SECTOR_BYTES);
    g_byte_array_append(bytes, backup, SECTOR_BYTES);
    g_byte_array_append(bytes, stage2, STAGE2_BYTES);
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

GBytes *
rub_boot_get_mbr_code(void)
{
    return g_bytes_new_static(mbr_code, sizeof mbr_code);
}
