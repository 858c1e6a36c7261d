/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-fat-maker.h"

#include <errno.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "target/rub-fat-mold.h"
#include "target/rub-wipe.h"
#include "volume/rub-fat-geometry.h"

#define PIECE_BYTES ((guint64) 4 * 1024 * 1024)
#define MEMORY_ALIGNMENT 4096

typedef struct {
    RubDisk *disk;
    const RubNewVolume *volume;
    guint sector_size;
    guint64 start_bytes;
    int mold;
    guint8 *buffer;
    GCancellable *cancellable;
} Making;

static void
set_failed(GError **error, const Making *self, const char *words)
{
    g_set_error(error, RUB_ERROR, RUB_CODE_CREATE_FAT32_FAILED,
                "creating or formatting the partition of %s failed: %s",
                rub_disk_get_name(self->disk), words);
}

static gboolean
read_mold(const Making *self, guint64 offset_bytes, gsize size_bytes, GError **error)
{
    gsize done = 0;
    while (done < size_bytes) {
        ssize_t n = pread(self->mold, self->buffer + done, size_bytes - done,
                          (off_t) (offset_bytes + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            set_failed(error, self, g_strerror(n < 0 ? errno : EIO));
            return FALSE;
        }
        done += (gsize) n;
    }
    return TRUE;
}

/* BIOS boot code finds the volume by its hidden sectors, and UEFI and Windows tell FAT16 from FAT32
 * by the number of clusters. */
static gboolean
check_mold(const Making *self, RubFatGeometry *geometry, GError **error)
{
    const RubNewVolume *volume = self->volume;
    g_autoptr(GError) found = NULL;
    if (!read_mold(self, 0, RUB_FAT_BOOT_SECTOR_BYTES, error))
        return FALSE;
    if (!rub_fat_geometry_parse(geometry, self->buffer, RUB_FAT_BOOT_SECTOR_BYTES,
                                volume->sector_count * self->sector_size, &found)) {
        set_failed(error, self, found->message);
        return FALSE;
    }
    if (geometry->type != RUB_FAT_32 || geometry->cluster_count < RUB_FAT_MIN_FAT32_CLUSTERS) {
        g_set_error(error, RUB_ERROR, RUB_CODE_SMALL_FAT,
                    "the filesystem for %s would have %u clusters, too few for FAT32",
                    rub_disk_get_name(self->disk), geometry->cluster_count);
        return FALSE;
    }
    if (geometry->hidden_sectors == volume->start_lba && geometry->volume_id == volume->volume_id &&
        geometry->sector_size == self->sector_size)
        return TRUE;
    set_failed(error, self, "the boot sector that was made is not as asked for");
    return FALSE;
}

static gboolean
report_io_error(GError **error, GError *io_error)
{
    rub_disk_propagate_error(error, io_error, RUB_CODE_CREATE_FAT32_FAILED);
    return FALSE;
}

static gboolean
copy_piece(const Making *self, guint64 offset_bytes, gsize size_bytes, GError **error)
{
    GError *io_error = NULL;
    if (g_cancellable_is_cancelled(self->cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    if (!read_mold(self, offset_bytes, size_bytes, error))
        return FALSE;
    return rub_disk_write(self->disk, self->start_bytes + offset_bytes, self->buffer, size_bytes,
                          &io_error) ||
           report_io_error(error, io_error);
}

static gboolean
sync_disk(const Making *self, GError **error)
{
    GError *io_error = NULL;
    return rub_disk_sync(self->disk, &io_error) || report_io_error(error, io_error);
}

/* All of the volume that is not free space: what mkfs.fat left out is zeros there. The boot sector
 * comes when the rest is on the medium, so that a cut leaves no filesystem rather than a half. */
static gboolean
copy_mold(const Making *self, const RubFatGeometry *geometry, GError **error)
{
    guint64 end = rub_fat_geometry_get_cluster_offset(geometry, geometry->root_cluster) +
                  geometry->cluster_bytes;
    guint64 offset = self->sector_size;
    while (offset < end) {
        guint64 piece_end = MIN(end, (offset / PIECE_BYTES + 1) * PIECE_BYTES);
        if (!copy_piece(self, offset, (gsize) (piece_end - offset), error))
            return FALSE;
        offset = piece_end;
    }
    return sync_disk(self, error) && copy_piece(self, 0, self->sector_size, error);
}

static gboolean
wipe(const Making *self, GError **error)
{
    GError *io_error = NULL;
    return rub_wipe_ends(self->disk, self->start_bytes,
                         self->volume->sector_count * self->sector_size, &io_error) ||
           report_io_error(error, io_error);
}

gboolean
rub_fat_make(RubDisk *disk, const RubNewVolume *volume, const char *program,
             GCancellable *cancellable, GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    Making making = {.disk = disk,
                     .volume = volume,
                     .sector_size = sector_size,
                     .start_bytes = volume->start_lba * sector_size,
                     .cancellable = cancellable};
    GError *mold_error = NULL;
    making.mold = rub_fat_mold_new(volume, sector_size, program, cancellable, &mold_error);
    if (making.mold < 0) {
        if (mold_error->code == RUB_CODE_CREATE_FAT32_FAILED)
            g_prefix_error(&mold_error, "creating or formatting the partition of %s failed: ",
                           rub_disk_get_name(disk));
        g_propagate_error(error, mold_error);
        return FALSE;
    }
    making.buffer = g_aligned_alloc(1, PIECE_BYTES, MEMORY_ALIGNMENT);
    RubFatGeometry geometry;
    gboolean is_made = check_mold(&making, &geometry, error) && wipe(&making, error) &&
                       copy_mold(&making, &geometry, error);
    g_aligned_free(making.buffer);
    close(making.mold);
    return is_made;
}
