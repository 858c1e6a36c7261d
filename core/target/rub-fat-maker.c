/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-fat-maker.h"

#include "base/rub-error.h"
#include "target/rub-mold.h"
#include "volume/rub-fat-geometry.h"

#define MKFS_BLOCK_BYTES 1024

/* The program writes the tables in full, zeros too. What fits every stick of today is kept in
 * memory: both tables of 256 GiB with clusters of 32 KiB. */
#define MAX_MEMORY_BYTES ((guint64) 64 * 1024 * 1024)
#define TABLES_BYTES_PER_CLUSTER 8

/* -h counts sectors; the size counts blocks of 1 KiB. Without -h the hidden sectors would be 0 on a
 * file. Never -a: it leaves the clusters off their natural boundary. */
static GStrv
make_arguments(const RubNewVolume *volume, guint sector_size, const char *program)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *cluster = g_strdup_printf("%u", volume->sectors_per_cluster);
    g_autofree char *sector = g_strdup_printf("%u", sector_size);
    g_autofree char *start = g_strdup_printf("%" G_GUINT64_FORMAT, volume->start_lba);
    g_autofree char *id = g_strdup_printf("%08x", volume->volume_id);
    g_autofree char *blocks = g_strdup_printf(
        "%" G_GUINT64_FORMAT, volume->sector_count * sector_size / MKFS_BLOCK_BYTES);
    g_strv_builder_add_many(builder, program, "-F", "32", "-f", "2", "--mbr=n", "-S", sector, "-s",
                            cluster, "-i", id, "-h", start, NULL);
    if (volume->label[0] != '\0')
        g_strv_builder_add_many(builder, "-n", volume->label, NULL);
    g_strv_builder_add_many(builder, RUB_MOLD_PATH, blocks, NULL);
    return g_strv_builder_end(builder);
}

/* BIOS boot code finds the volume by its hidden sectors, and UEFI and Windows tell FAT16 from FAT32
 * by the number of clusters. */
static gboolean
check_mold(RubMold *mold, RubDisk *disk, const RubNewVolume *volume, RubFatGeometry *geometry,
           GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    guint8 sector[RUB_FAT_BOOT_SECTOR_BYTES];
    g_autoptr(GError) found = NULL;
    if (!rub_mold_read(mold, 0, sector, sizeof sector, error))
        return FALSE;
    if (!rub_fat_geometry_parse(geometry, sector, sizeof sector, volume->sector_count * sector_size,
                                &found)) {
        rub_mold_set_failed(error, disk, found->message);
        return FALSE;
    }
    if (geometry->type != RUB_FAT_32 || geometry->cluster_count < RUB_FAT_MIN_FAT32_CLUSTERS) {
        g_set_error(error, RUB_ERROR, RUB_CODE_SMALL_FAT,
                    "the filesystem for %s would have %u clusters, too few for FAT32",
                    rub_disk_get_name(disk), geometry->cluster_count);
        return FALSE;
    }
    if (geometry->hidden_sectors == volume->start_lba && geometry->volume_id == volume->volume_id &&
        geometry->sector_size == sector_size)
        return TRUE;
    rub_mold_set_failed(error, disk, "the boot sector that was made is not as asked for");
    return FALSE;
}

gboolean
rub_fat_make(RubDisk *disk, const RubNewVolume *volume, const char *program,
             GCancellable *cancellable, GError **error)
{
    guint64 tables_bytes =
        volume->sector_count / MAX(volume->sectors_per_cluster, 1) * TABLES_BYTES_PER_CLUSTER;
    g_auto(GStrv) arguments = make_arguments(volume, rub_disk_get_sector_size(disk), program);
    g_autoptr(RubMold) mold = rub_mold_new(
        disk, volume->start_lba, volume->sector_count, tables_bytes <= MAX_MEMORY_BYTES,
        (const char *const *) arguments, "dosfstools", cancellable, error);
    RubFatGeometry geometry;
    if (!mold || !check_mold(mold, disk, volume, &geometry, error))
        return FALSE;
    /* All of the volume that is not free space: what mkfs.fat left out is zeros there. */
    guint64 end = rub_fat_geometry_get_cluster_offset(&geometry, geometry.root_cluster) +
                  geometry.cluster_bytes;
    return rub_mold_place(mold, end, error);
}
