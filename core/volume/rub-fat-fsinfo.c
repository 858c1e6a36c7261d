/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-fsinfo.h"

#include "base/rub-bytes.h"

#define MEMORY_ALIGNMENT 4096

/* Microsoft FAT specification, "FAT32 FSInfo Sector Structure". */
#define FSI_LEAD_SIGNATURE 0
#define FSI_STRUCTURE_SIGNATURE 484
#define FSI_FREE_COUNT 488
#define FSI_NEXT_FREE 492
#define FSI_TRAIL_SIGNATURE 508

static gboolean
is_fsinfo(const guint8 *sector, guint sector_size)
{
    RubBytes bytes = rub_bytes(sector, sector_size);
    return rub_bytes_u32le(&bytes, FSI_LEAD_SIGNATURE) == 0x41615252 &&
           rub_bytes_u32le(&bytes, FSI_STRUCTURE_SIGNATURE) == 0x61417272 &&
           rub_bytes_u32le(&bytes, FSI_TRAIL_SIGNATURE) == 0xaa550000;
}

gboolean
rub_fat_fsinfo_write(RubFat *fat, guint32 free_clusters, guint32 next_free, GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    guint sector_size = geometry->sector_size;
    if (geometry->fsinfo_sector == 0)
        return TRUE;
    guint64 offset = rub_fat_get_start_bytes(fat) + (guint64) geometry->fsinfo_sector * sector_size;
    guint8 *sector = g_aligned_alloc(1, sector_size, MEMORY_ALIGNMENT);
    gboolean is_done = rub_disk_read(rub_fat_get_disk(fat), offset, sector, sector_size, error);
    if (is_done && is_fsinfo(sector, sector_size)) {
        rub_put_u32le(sector + FSI_FREE_COUNT, free_clusters);
        rub_put_u32le(sector + FSI_NEXT_FREE, next_free);
        is_done = rub_disk_write(rub_fat_get_disk(fat), offset, sector, sector_size, error);
    }
    g_aligned_free(sector);
    return is_done;
}
