/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-boot-probe.h"

#include <string.h>

#include "boot/fat32-vbr-code.h"
#include "boot/rub-boot-code.h"

#define MAX_SECTOR_BYTES 4096
#define MEMORY_ALIGNMENT 4096

/* Where the code of a FAT32 boot sector lies, between the parameter block and the signature
 * (Microsoft FAT specification, "Boot Sector and BPB"). */
#define CODE_OFFSET 90
#define CODE_BYTES (510 - CODE_OFFSET)

/* What mkfs.fat's code says. */
static const char not_bootable[] = "This is not a bootable disk";

gboolean
rub_boot_is_our_mbr_code(const guint8 *code)
{
    g_autoptr(GBytes) ours = rub_boot_get_mbr_code();
    g_autoptr(GBytes) found = g_bytes_new_static(code, RUB_BOOT_MBR_CODE_BYTES);
    return g_bytes_equal(ours, found);
}

gboolean
rub_boot_fits_fat32_record(RubDisk *disk, guint64 start_lba)
{
    g_autoptr(GBytes) records = rub_boot_read_records(disk, start_lba, NULL);
    return records != NULL;
}

static gboolean
is_zero(const guint8 *data, gsize size_bytes)
{
    for (gsize i = 0; i < size_bytes; i++)
        if (data[i] != 0)
            return FALSE;
    return TRUE;
}

gboolean
rub_boot_has_other_record(RubDisk *disk, guint64 start_lba)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    guint8 *sector = g_aligned_alloc(1, MAX_SECTOR_BYTES, MEMORY_ALIGNMENT);
    const guint8 *code = sector + CODE_OFFSET;
    gboolean is_other = rub_disk_read(disk, start_lba * sector_size, sector, sector_size, NULL) &&
                        !is_zero(code, CODE_BYTES) &&
                        memcmp(code, fat32_vbr_code + CODE_OFFSET, CODE_BYTES) != 0 &&
                        !memmem(code, CODE_BYTES, not_bootable, strlen(not_bootable));
    g_aligned_free(sector);
    return is_other;
}
