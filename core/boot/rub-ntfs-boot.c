/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-ntfs-boot.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "boot/ntfs-vbr-code.h"
#include "boot/rub-boot-private.h"
#include "boot/rub-boot-probe.h"

#define SECTOR_BYTES 512
#define SIGNATURE_OFFSET 510
#define SIGNATURE 0xaa55

#define STAGE2_SECTOR 1
#define STAGE2_BYTES (sizeof ntfs_vbr_code - SECTOR_BYTES)

/* Fields of the boot sector, see NTFS_BOOT_SECTOR in ntfs-3g/layout.h. */
#define JUMP_BYTES 3
#define OEM_ID 3
#define BYTES_PER_SECTOR 11
#define SECTORS_PER_CLUSTER 13
#define HIDDEN_SECTORS 28
#define PHYSICAL_DRIVE 36
#define NUMBER_OF_SECTORS 40
#define BOOTSTRAP 84

#define NTFS_OEM_ID "NTFS    "
#define FIRST_HARD_DISK 0x80
/* The sectors that NTFS keeps for boot code, the file $Boot. */
#define BOOT_FILE_BYTES 8192

G_STATIC_ASSERT(sizeof ntfs_vbr_code <= BOOT_FILE_BYTES);

static const guint8 *const stage2_code = ntfs_vbr_code + SECTOR_BYTES;

/* The places of a volume's boot sectors on the disk. */
typedef struct {
    guint64 start_lba;
    guint64 copy_lba;
} Places;

/* Insists that sector 0 is that of a volume that can carry the record; yields where the copy is:
 * NTFS counts one sector less than its partition has, and the copy is in that sector. */
static gboolean
check_volume(RubDisk *disk, const guint8 *data, guint64 start_lba, Places *places, GError **error)
{
    RubBytes sector = rub_bytes(data, SECTOR_BYTES);
    guint64 sector_count = rub_bytes_u64le(&sector, NUMBER_OF_SECTORS);
    guint64 end_lba;
    if (rub_bytes_u16le(&sector, SIGNATURE_OFFSET) != SIGNATURE ||
        memcmp(data + OEM_ID, NTFS_OEM_ID, strlen(NTFS_OEM_ID)) != 0 ||
        rub_bytes_u16le(&sector, BYTES_PER_SECTOR) != SECTOR_BYTES ||
        rub_bytes_u8(&sector, SECTORS_PER_CLUSTER) == 0) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                            "it is not an NTFS filesystem with sectors of 512 bytes");
        return FALSE;
    }
    if (sector_count < BOOT_FILE_BYTES / SECTOR_BYTES ||
        !g_uint64_checked_add(&end_lba, start_lba, sector_count) ||
        end_lba >= rub_disk_get_size_bytes(disk) / SECTOR_BYTES) {
        g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                    "it says that it has %" G_GUINT64_FORMAT " sectors, which cannot be",
                    sector_count);
        return FALSE;
    }
    if (end_lba > G_MAXUINT32) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                            "it reaches beyond 2 TiB, where a BIOS cannot read it");
        return FALSE;
    }
    *places = (Places){.start_lba = start_lba, .copy_lba = end_lba};
    return TRUE;
}

/* Reads sector 0 of a volume that can carry the record. */
static gboolean
read_volume(RubDisk *disk, guint64 start_lba, guint8 *sector, Places *places, GError **error)
{
    if (!rub_boot_check_place(disk, start_lba, error) ||
        !rub_disk_read(disk, start_lba * SECTOR_BYTES, sector, SECTOR_BYTES, error))
        return FALSE;
    if (check_volume(disk, sector, start_lba, places, error))
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
    memcpy(sector, ntfs_vbr_code, JUMP_BYTES);
    rub_put_u32le(sector + HIDDEN_SECTORS, (guint32) start_lba);
    sector[PHYSICAL_DRIVE] = FIRST_HARD_DISK;
    memcpy(sector + BOOTSTRAP, ntfs_vbr_code + BOOTSTRAP, SECTOR_BYTES - BOOTSTRAP);
}

gboolean
rub_boot_install_ntfs_record(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint8 sector[SECTOR_BYTES];
    Places places;
    if (!read_volume(disk, start_lba, sector, &places, error))
        return FALSE;
    apply_record(sector, start_lba);
    /* The first sector comes last: until then the volume is what it was. */
    return rub_disk_write(disk, (start_lba + STAGE2_SECTOR) * SECTOR_BYTES, stage2_code,
                          STAGE2_BYTES, error) &&
           rub_disk_write(disk, places.copy_lba * SECTOR_BYTES, sector, SECTOR_BYTES, error) &&
           rub_disk_write(disk, start_lba * SECTOR_BYTES, sector, SECTOR_BYTES, error);
}

static gboolean
read_behind_volume(RubDisk *disk, const Places *places, guint8 *copy, guint8 *stage2,
                   GError **error)
{
    return rub_disk_read(disk, places->copy_lba * SECTOR_BYTES, copy, SECTOR_BYTES, error) &&
           rub_disk_read(disk, (places->start_lba + STAGE2_SECTOR) * SECTOR_BYTES, stage2,
                         STAGE2_BYTES, error);
}

/* What the record must look like is made from what is on the disk: its parameter block is the
 * volume's own. That the block is whole shows in the copy, which must be equal to the last byte. */
gboolean
rub_boot_verify_ntfs(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint8 found[SECTOR_BYTES], expected[SECTOR_BYTES], copy[SECTOR_BYTES], stage2[STAGE2_BYTES];
    Places places;
    if (!rub_boot_check_place(disk, start_lba, error) || !rub_boot_verify_mbr(disk, error) ||
        !rub_disk_read(disk, start_lba * SECTOR_BYTES, found, SECTOR_BYTES, error))
        return FALSE;
    memcpy(expected, found, SECTOR_BYTES);
    apply_record(expected, start_lba);
    if (!rub_boot_compare("the boot record", found, expected, SECTOR_BYTES, error))
        return FALSE;
    if (!check_volume(disk, found, start_lba, &places, NULL)) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                            "the boot record no longer describes an NTFS filesystem");
        return FALSE;
    }
    return read_behind_volume(disk, &places, copy, stage2, error) &&
           rub_boot_compare("the copy of the boot record", copy, expected, SECTOR_BYTES, error) &&
           rub_boot_compare("the second stage of the boot record", stage2, stage2_code,
                            STAGE2_BYTES, error);
}

GBytes *
rub_boot_read_ntfs_records(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint8 mbr[SECTOR_BYTES], record[SECTOR_BYTES], copy[SECTOR_BYTES], stage2[STAGE2_BYTES];
    Places places;
    if (!read_volume(disk, start_lba, record, &places, error) ||
        !rub_disk_read(disk, 0, mbr, SECTOR_BYTES, error) ||
        !read_behind_volume(disk, &places, copy, stage2, error))
        return NULL;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, mbr, RUB_BOOT_MBR_CODE_BYTES);
    g_byte_array_append(bytes, record, SECTOR_BYTES);
    g_byte_array_append(bytes, copy, SECTOR_BYTES);
    g_byte_array_append(bytes, stage2, STAGE2_BYTES);
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}
