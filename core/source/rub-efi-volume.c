/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-efi-volume.h"

#include <errno.h>
#include <fcntl.h>

#include "base/rub-error.h"
#include "volume/rub-fat-geometry.h"
#include "volume/rub-fat.h"

/* Boot catalogues count in these, whatever the blocks of the disc. */
#define SECTOR_BYTES 512

/* Where a system partition is appended to a disc, it begins a cylinder behind it at the latest: of
 * 255 heads with 63 sectors, the largest there is. */
#define MAX_GAP_BYTES ((guint64) 255 * 63 * SECTOR_BYTES)

static RubDisk *
open_disk(const RubImageFile *file, GError **error)
{
    int fd = fcntl(rub_image_file_get_fd(file), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        rub_error_set_errno(error, RUB_CODE_IMAGE_UNREADABLE, errno, N_("cannot read {name}"),
                            "name", rub_image_file_get_path(file), NULL);
        return NULL;
    }
    guint64 size_bytes = rub_image_file_get_size_bytes(file) / SECTOR_BYTES * SECTOR_BYTES;
    return rub_disk_new_shared(fd, size_bytes, SECTOR_BYTES, rub_image_file_get_path(file));
}

static gboolean
is_damage(const GError *error)
{
    return g_error_matches(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
}

/* How much of a partition its filesystem takes; 0 where there is none that holds together. */
static gboolean
read_volume_bytes(RubImageFile *file, guint64 offset_bytes, guint64 partition_bytes,
                  guint64 *volume_bytes, GError **error)
{
    guint8 sector[RUB_FAT_BOOT_SECTOR_BYTES];
    RubFatGeometry fat;
    *volume_bytes = 0;
    if (!rub_image_file_read(file, offset_bytes, sector, sizeof sector, error))
        return FALSE;
    if (rub_fat_geometry_parse(&fat, sector, sizeof sector, partition_bytes, NULL))
        *volume_bytes = (guint64) fat.total_sectors * fat.sector_size;
    return TRUE;
}

gboolean
rub_efi_volume_check_whole(RubImageFile *file, guint64 offset_bytes, guint64 partition_bytes,
                           GError **error)
{
    guint64 size_bytes = rub_image_file_get_size_bytes(file);
    guint64 needed_bytes = partition_bytes, end_bytes;
    if (offset_bytes > size_bytes && offset_bytes - size_bytes > MAX_GAP_BYTES)
        return TRUE;
    if (offset_bytes + RUB_FAT_BOOT_SECTOR_BYTES <= size_bytes &&
        !read_volume_bytes(file, offset_bytes, partition_bytes, &needed_bytes, error))
        return FALSE;
    return !g_uint64_checked_add(&end_bytes, offset_bytes, needed_bytes) ||
           rub_image_file_check_size(file, end_bytes, error);
}

gboolean
rub_efi_volume_list(const RubImageFile *file, guint64 offset_bytes, RubListing **listing,
                    GError **error)
{
    *listing = NULL;
    guint64 size_bytes = rub_image_file_get_size_bytes(file);
    if (offset_bytes % SECTOR_BYTES != 0 || offset_bytes >= size_bytes)
        return TRUE;
    g_autoptr(RubDisk) disk = open_disk(file, error);
    if (!disk)
        return FALSE;
    g_autoptr(GError) fat_error = NULL;
    g_autoptr(RubFat) fat = rub_fat_open(disk, offset_bytes / SECTOR_BYTES,
                                         (size_bytes - offset_bytes) / SECTOR_BYTES, &fat_error);
    if (fat)
        *listing = rub_fat_list(fat, &fat_error);
    if (*listing || is_damage(fat_error))
        return TRUE;
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE, fat_error->message);
    return FALSE;
}
