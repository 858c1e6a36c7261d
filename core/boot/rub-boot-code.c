/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-boot-code.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "boot/mbr-code.h"
#include "boot/rub-boot-private.h"

G_STATIC_ASSERT(sizeof mbr_code == RUB_MBR_CODE_BYTES);

gboolean
rub_boot_check_place(RubDisk *disk, guint64 start_lba, GError **error)
{
    guint size_bytes = rub_disk_get_sector_size(disk);
    if (size_bytes != RUB_BOOT_SECTOR_BYTES) {
        g_set_error(error, RUB_ERROR, RUB_CODE_FIRMWARE_LIMITED,
                    "%s has sectors of %u bytes, and BIOS boot code needs %d",
                    rub_disk_get_name(disk), size_bytes, RUB_BOOT_SECTOR_BYTES);
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

gboolean
rub_boot_read_sectors(RubDisk *disk, guint64 lba, void *buffer, gsize size_bytes, GError **error)
{
    return rub_disk_read(disk, lba * RUB_BOOT_SECTOR_BYTES, buffer, size_bytes, error);
}

gboolean
rub_boot_write_sectors(RubDisk *disk, guint64 lba, const void *data, gsize size_bytes,
                       GError **error)
{
    return rub_disk_write(disk, lba * RUB_BOOT_SECTOR_BYTES, data, size_bytes, error);
}

static gboolean
read_mbr(RubDisk *disk, guint8 *sector, GError **error)
{
    if (!rub_boot_check_place(disk, 0, error) ||
        !rub_boot_read_sectors(disk, 0, sector, RUB_BOOT_SECTOR_BYTES, error))
        return FALSE;
    RubBytes bytes = rub_bytes(sector, RUB_BOOT_SECTOR_BYTES);
    if (rub_bytes_u16le(&bytes, RUB_MBR_MAGIC_OFFSET) == RUB_MBR_MAGIC)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_NO_PARTITION_TABLE, "%s has no partition table",
                rub_disk_get_name(disk));
    return FALSE;
}

gboolean
rub_boot_install_mbr(RubDisk *disk, GError **error)
{
    guint8 sector[RUB_BOOT_SECTOR_BYTES];
    if (!read_mbr(disk, sector, error))
        return FALSE;
    memcpy(sector, mbr_code, sizeof mbr_code);
    return rub_boot_write_sectors(disk, 0, sector, sizeof sector, error);
}

gboolean
rub_boot_install_mbr_for(RubDisk *disk, guint number, GError **error)
{
    guint8 sector[RUB_BOOT_SECTOR_BYTES];
    g_return_val_if_fail(number >= 1 && number <= RUB_MBR_ENTRY_COUNT, FALSE);
    if (!read_mbr(disk, sector, error))
        return FALSE;
    memcpy(sector, mbr_code, sizeof mbr_code);
    for (guint i = 0; i < RUB_MBR_ENTRY_COUNT; i++)
        sector[RUB_MBR_TABLE + i * RUB_MBR_ENTRY_BYTES] = i + 1 == number ? RUB_MBR_ACTIVE : 0;
    return rub_boot_write_sectors(disk, 0, sector, sizeof sector, error);
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
    guint8 sector[RUB_BOOT_SECTOR_BYTES];
    return rub_boot_read_sectors(disk, 0, sector, sizeof sector, error) &&
           rub_boot_compare("the master boot record", sector, mbr_code, sizeof mbr_code, error);
}

GBytes *
rub_boot_get_mbr_code(void)
{
    return g_bytes_new_static(mbr_code, sizeof mbr_code);
}
