/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/rub-boot-probe.h"

#include <string.h>

#include "base/rub-mbr.h"
#include "boot/rub-boot-code.h"
#include "boot/rub-boot-private.h"

#define MAX_SECTOR_BYTES 4096
#define MEMORY_ALIGNMENT 4096

/* What the code of mkfs.fat and mkntfs says. */
static const char not_bootable[] = "This is not a bootable disk";

gboolean
rub_boot_is_our_mbr_code(const guint8 *code)
{
    g_autoptr(GBytes) ours = rub_boot_get_mbr_code();
    g_autoptr(GBytes) found = g_bytes_new_static(code, RUB_MBR_CODE_BYTES);
    return g_bytes_equal(ours, found);
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
rub_boot_has_other_record(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba)
{
    const RubBootKind *kind = rub_boot_kind_get(filesystem);
    guint sector_size = rub_disk_get_sector_size(disk);
    guint8 *sector = g_aligned_alloc(1, MAX_SECTOR_BYTES, MEMORY_ALIGNMENT);
    const guint8 *code = sector + kind->code_offset;
    gsize code_bytes = RUB_BOOT_SIGNATURE_OFFSET - kind->code_offset;
    gboolean is_other = rub_disk_read(disk, start_lba * sector_size, sector, sector_size, NULL) &&
                        !is_zero(code, code_bytes) &&
                        memcmp(code, kind->code + kind->code_offset, code_bytes) != 0 &&
                        !memmem(code, code_bytes, not_bootable, strlen(not_bootable));
    g_aligned_free(sector);
    return is_other;
}
