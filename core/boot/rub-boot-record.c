/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-boot-record.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "base/rub-mbr.h"
#include "boot/rub-boot-private.h"
#include "boot/rub-boot-probe.h"

/* What the boot sectors of FAT32 and NTFS have in the same places. */
#define JUMP_BYTES 3
#define OEM_NAME_OFFSET 3
#define OEM_NAME_BYTES 8
#define HIDDEN_SECTORS_OFFSET 28

#define FIRST_HARD_DISK 0x80

const RubBootKind *
rub_boot_kind_get(RubFilesystem filesystem)
{
    return filesystem == RUB_FILESYSTEM_NTFS ? rub_boot_kind_get_ntfs() : rub_boot_kind_get_fat32();
}

void
rub_boot_kind_apply(const RubBootKind *kind, guint8 *sector, guint64 start_lba)
{
    memcpy(sector, kind->code, JUMP_BYTES);
    if (kind->oem_name)
        memcpy(sector + OEM_NAME_OFFSET, kind->oem_name, OEM_NAME_BYTES);
    rub_put_u32le(sector + HIDDEN_SECTORS_OFFSET, (guint32) start_lba);
    sector[kind->drive_number_offset] = FIRST_HARD_DISK;
    memcpy(sector + kind->code_offset, kind->code + kind->code_offset,
           RUB_BOOT_SECTOR_BYTES - kind->code_offset);
}

void
rub_boot_kind_unapply(const RubBootKind *kind, guint8 *sector, const guint8 *saved)
{
    memcpy(sector, saved, JUMP_BYTES);
    if (kind->oem_name)
        memcpy(sector + OEM_NAME_OFFSET, saved + OEM_NAME_OFFSET, OEM_NAME_BYTES);
    memcpy(sector + HIDDEN_SECTORS_OFFSET, saved + HIDDEN_SECTORS_OFFSET, sizeof(guint32));
    sector[kind->drive_number_offset] = saved[kind->drive_number_offset];
    memcpy(sector + kind->code_offset, saved + kind->code_offset,
           RUB_BOOT_SECTOR_BYTES - kind->code_offset);
}

/* Reads the first sector of a volume that can carry the record. */
static gboolean
read_first(RubBootSectors *self, const RubBootKind *kind, RubDisk *disk, guint64 start_lba,
           GError **error)
{
    self->start_lba = start_lba;
    self->stage2_lba = start_lba + kind->stage2_sector;
    if (!rub_boot_check_place(disk, start_lba, error) ||
        !rub_boot_read_sectors(disk, start_lba, self->first, RUB_BOOT_SECTOR_BYTES, error))
        return FALSE;
    if (kind->locate_copy(disk, self->first, start_lba, &self->copy_lba, error))
        return TRUE;
    g_prefix_error(error,
                   "the volume at sector %" G_GUINT64_FORMAT " of %s cannot be made bootable: ",
                   start_lba, rub_disk_get_name(disk));
    return FALSE;
}

static gboolean
read_others(RubBootSectors *self, const RubBootKind *kind, RubDisk *disk, GError **error)
{
    return rub_boot_read_sectors(disk, self->copy_lba, self->copy, RUB_BOOT_SECTOR_BYTES, error) &&
           rub_boot_read_sectors(disk, self->stage2_lba, self->stage2, kind->stage2_bytes, error);
}

gboolean
rub_boot_sectors_read(RubBootSectors *self, const RubBootKind *kind, RubDisk *disk,
                      guint64 start_lba, GError **error)
{
    return read_first(self, kind, disk, start_lba, error) && read_others(self, kind, disk, error);
}

gboolean
rub_boot_record_install(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GError **error)
{
    const RubBootKind *kind = rub_boot_kind_get(filesystem);
    RubBootSectors sectors;
    if (!read_first(&sectors, kind, disk, start_lba, error))
        return FALSE;
    rub_boot_kind_apply(kind, sectors.first, start_lba);
    /* The first sector comes last: until then the volume is what it was. */
    return rub_boot_write_sectors(disk, sectors.stage2_lba, kind->code + RUB_BOOT_SECTOR_BYTES,
                                  kind->stage2_bytes, error) &&
           rub_boot_write_sectors(disk, sectors.copy_lba, sectors.first, RUB_BOOT_SECTOR_BYTES,
                                  error) &&
           rub_boot_write_sectors(disk, start_lba, sectors.first, RUB_BOOT_SECTOR_BYTES, error);
}

/* What the record must look like is made from what is on the disk: its parameter block is the
 * volume's own. That the block is whole shows in the copy, which must be equal to the last byte. */
gboolean
rub_boot_record_verify(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GError **error)
{
    const RubBootKind *kind = rub_boot_kind_get(filesystem);
    RubBootSectors found;
    guint8 expected[RUB_BOOT_SECTOR_BYTES];
    if (!rub_boot_check_place(disk, start_lba, error) || !rub_boot_verify_mbr(disk, error) ||
        !rub_boot_read_sectors(disk, start_lba, found.first, sizeof found.first, error))
        return FALSE;
    memcpy(expected, found.first, sizeof expected);
    rub_boot_kind_apply(kind, expected, start_lba);
    if (!rub_boot_compare("the boot record", found.first, expected, sizeof expected, error))
        return FALSE;
    if (!read_first(&found, kind, disk, start_lba, NULL)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                    "the boot record no longer describes %s", kind->description);
        return FALSE;
    }
    return read_others(&found, kind, disk, error) &&
           rub_boot_compare(kind->copy_description, found.copy, expected, sizeof expected, error) &&
           rub_boot_compare("the second stage of the boot record", found.stage2,
                            kind->code + RUB_BOOT_SECTOR_BYTES, kind->stage2_bytes, error);
}

GBytes *
rub_boot_record_read(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba, GError **error)
{
    const RubBootKind *kind = rub_boot_kind_get(filesystem);
    RubBootSectors sectors;
    guint8 mbr[RUB_BOOT_SECTOR_BYTES];
    if (!rub_boot_sectors_read(&sectors, kind, disk, start_lba, error) ||
        !rub_boot_read_sectors(disk, 0, mbr, sizeof mbr, error))
        return NULL;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, mbr, RUB_MBR_CODE_BYTES);
    g_byte_array_append(bytes, sectors.first, sizeof sectors.first);
    g_byte_array_append(bytes, sectors.copy, sizeof sectors.copy);
    g_byte_array_append(bytes, sectors.stage2, (guint) kind->stage2_bytes);
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

gboolean
rub_boot_record_fits(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                     guint64 sector_count)
{
    RubBootSectors sectors;
    return rub_boot_sectors_read(&sectors, rub_boot_kind_get(filesystem), disk, start_lba, NULL) &&
           sectors.copy_lba - start_lba < sector_count;
}
