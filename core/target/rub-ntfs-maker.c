/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-ntfs-maker.h"

#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "target/rub-mold.h"
#include "volume/rub-ntfs-geometry.h"

/* The program writes its journal in full, at most 64 MiB, and a bit for each cluster. What fits
 * every stick of today is kept in memory. */
#define JOURNAL_BYTES ((guint64) 64 * 1024 * 1024)
#define MAX_MEMORY_BYTES ((guint64) 128 * 1024 * 1024)
#define MIN_CLUSTER_BYTES 512

/* What a BIOS of today says of any large disk; NTFS itself never looks. */
#define HEADS "255"
#define SECTORS_PER_TRACK "63"

#define SERIAL_OFFSET 72

/* -F because the file is no device; -p and the geometry because a file has none. */
static GStrv
make_arguments(const RubNewVolume *volume, guint sector_size, const char *program)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *sector = g_strdup_printf("%u", sector_size);
    g_autofree char *cluster = g_strdup_printf("%u", volume->sectors_per_cluster * sector_size);
    g_autofree char *start = g_strdup_printf("%" G_GUINT64_FORMAT, volume->start_lba);
    g_strv_builder_add_many(builder, program, "-F", "-Q", "-q", "-p", start, "-H", HEADS, "-S",
                            SECTORS_PER_TRACK, "-s", sector, NULL);
    if (volume->sectors_per_cluster != 0)
        g_strv_builder_add_many(builder, "-c", cluster, NULL);
    if (volume->label[0] != '\0')
        g_strv_builder_add_many(builder, "-L", volume->label, NULL);
    g_strv_builder_add_many(builder, RUB_MOLD_PATH, NULL);
    return g_strv_builder_end(builder);
}

/* There is no option for the serial number. The boot sector has a copy in the last sector of the
 * partition. */
static gboolean
set_serial(RubMold *mold, RubDisk *disk, const RubNewVolume *volume, const guint8 *sector,
           GError **error)
{
    guint8 serial[sizeof(guint64)];
    guint sector_size = rub_disk_get_sector_size(disk);
    guint64 copy_offset = (volume->sector_count - 1) * sector_size;
    memcpy(serial, sector + SERIAL_OFFSET, sizeof serial);
    rub_put_u32le(serial, volume->volume_id);
    return rub_mold_write(mold, SERIAL_OFFSET, serial, sizeof serial, error) &&
           rub_mold_write(mold, copy_offset + SERIAL_OFFSET, serial, sizeof serial, error);
}

/* BIOS boot code finds the volume by its hidden sectors, and the copy of the boot sector by the
 * number of sectors. */
static gboolean
check_mold(RubMold *mold, RubDisk *disk, const RubNewVolume *volume, guint8 *sector, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    RubNtfsGeometry geometry;
    g_autoptr(GError) found = NULL;
    if (!rub_mold_read(mold, 0, sector, RUB_NTFS_BOOT_SECTOR_BYTES, error))
        return FALSE;
    if (!rub_ntfs_geometry_parse(&geometry, sector, volume->sector_count * sector_size, &found)) {
        rub_mold_set_failed(error, disk, found->message);
        return FALSE;
    }
    guint cluster_bytes = volume->sectors_per_cluster * sector_size;
    if (geometry.hidden_sectors == volume->start_lba && geometry.sector_size == sector_size &&
        geometry.sector_count == volume->sector_count - 1 &&
        (cluster_bytes == 0 || geometry.cluster_bytes == cluster_bytes))
        return TRUE;
    rub_mold_set_failed(error, disk, "the boot sector that was made is not as asked for");
    return FALSE;
}

gboolean
rub_ntfs_make(RubDisk *disk, const RubNewVolume *volume, const char *program,
              GCancellable *cancellable, GError **error)
{
    guint8 sector[RUB_NTFS_BOOT_SECTOR_BYTES];
    guint sector_size = rub_disk_get_sector_size(disk);
    guint64 cluster_bytes =
        MAX((guint64) volume->sectors_per_cluster * sector_size, MIN_CLUSTER_BYTES);
    guint64 bitmap_bytes = volume->sector_count * sector_size / cluster_bytes / 8;
    g_auto(GStrv) arguments = make_arguments(volume, sector_size, program);
    g_autoptr(RubMold) mold =
        rub_mold_new(disk, volume->start_lba, volume->sector_count,
                     JOURNAL_BYTES + bitmap_bytes <= MAX_MEMORY_BYTES,
                     (const char *const *) arguments, "ntfs-3g", cancellable, error);
    return mold && check_mold(mold, disk, volume, sector, error) &&
           set_serial(mold, disk, volume, sector, error) && rub_mold_place(mold, 0, error);
}
