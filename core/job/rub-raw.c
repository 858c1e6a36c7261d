/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-raw.h"

#include <string.h>

#include "base/rub-error.h"
#include "target/rub-wipe.h"

#define PIECE_BYTES ((gsize) 4 * 1024 * 1024)
#define BUFFER_ALIGNMENT 4096

typedef struct {
    RubImageFile *image;
    RubDisk *disk;
    RubProgress *progress;
    GCancellable *cancellable;
    guint64 size_bytes;
    guint8 *buffer;
} Raw;

typedef gboolean (*PieceFunc)(Raw *self, guint64 offset_bytes, gsize size_bytes, GError **error);

static gboolean
check_cancelled(const Raw *self, GError **error)
{
    if (!g_cancellable_is_cancelled(self->cancellable))
        return TRUE;
    rub_error_set_cancelled(error);
    return FALSE;
}

/* An image need not end with a sector; what it lacks is zeros. */
static gsize
round_up(const Raw *self, gsize size_bytes)
{
    guint sector_size = rub_disk_get_sector_size(self->disk);
    return (size_bytes + sector_size - 1) / sector_size * sector_size;
}

static gboolean
read_piece(Raw *self, guint64 offset_bytes, gsize size_bytes, GError **error)
{
    memset(self->buffer + size_bytes, 0, round_up(self, size_bytes) - size_bytes);
    return check_cancelled(self, error) &&
           rub_image_file_read(self->image, offset_bytes, self->buffer, size_bytes, error);
}

/* The first piece comes last: by then everything was read. */
static gboolean
write_piece(Raw *self, guint64 offset_bytes, gsize size_bytes, GError **error)
{
    return read_piece(self, offset_bytes, size_bytes, error) &&
           (offset_bytes > 0 || rub_image_file_check_unchanged(self->image, error)) &&
           rub_disk_write(self->disk, offset_bytes, self->buffer, round_up(self, size_bytes),
                          error);
}

static gboolean
compare_piece(Raw *self, guint64 offset_bytes, gsize size_bytes, GError **error)
{
    guint8 *other = self->buffer + PIECE_BYTES;
    gsize disk_bytes = round_up(self, size_bytes);
    if (!read_piece(self, offset_bytes, size_bytes, error) ||
        !rub_disk_read(self->disk, offset_bytes, other, disk_bytes, error))
        return FALSE;
    gsize same_bytes = 0;
    if (memcmp(self->buffer, other, disk_bytes) == 0)
        return TRUE;
    while (self->buffer[same_bytes] == other[same_bytes])
        same_bytes++;
    g_autofree char *offset = g_strdup_printf("%" G_GUINT64_FORMAT, offset_bytes + same_bytes);
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                       N_("{name} differs from the image at byte {offset}"), "name",
                       rub_disk_get_name(self->disk), "offset", offset, NULL);
    return FALSE;
}

static gboolean
run_pieces(Raw *self, guint64 from_bytes, guint64 to_bytes, PieceFunc function, GError **error)
{
    for (guint64 offset = from_bytes; offset < to_bytes; offset += PIECE_BYTES) {
        gsize piece_bytes = (gsize) MIN(PIECE_BYTES, to_bytes - offset);
        if (!function(self, offset, piece_bytes, error))
            return FALSE;
        rub_progress_add_bytes(self->progress, piece_bytes);
    }
    return TRUE;
}

static gboolean
check_room(const Raw *self, int code, GError **error)
{
    guint64 disk_bytes = rub_disk_get_size_bytes(self->disk);
    if (self->size_bytes <= disk_bytes)
        return TRUE;
    g_autofree char *missing =
        g_format_size_full(self->size_bytes - disk_bytes, G_FORMAT_SIZE_LONG_FORMAT);
    rub_error_set_text(error, code, N_("{name} is {missing} smaller than the image"), "name",
                       rub_disk_get_name(self->disk), "missing", missing, NULL);
    return FALSE;
}

static gboolean
write_all(Raw *self, GError **error)
{
    guint64 first_bytes = MIN(PIECE_BYTES, self->size_bytes);
    return check_room(self, RUB_CODE_DISK_TOO_SMALL, error) && check_cancelled(self, error) &&
           rub_wipe_ends(self->disk, 0, rub_disk_get_size_bytes(self->disk), error) &&
           rub_disk_sync(self->disk, error) &&
           run_pieces(self, first_bytes, self->size_bytes, write_piece, error) &&
           rub_disk_sync(self->disk, error) &&
           run_pieces(self, 0, first_bytes, write_piece, error) && rub_disk_sync(self->disk, error);
}

/* Of an image that was changed meanwhile no difference says anything. */
static gboolean
compare_all(Raw *self, GError **error)
{
    g_autoptr(GError) difference = NULL;
    gboolean is_same = check_room(self, RUB_CODE_VERIFY_FAILED, &difference) &&
                       run_pieces(self, 0, self->size_bytes, compare_piece, &difference);
    gboolean is_told = is_same || g_error_matches(difference, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    if (is_told && !rub_image_file_check_unchanged(self->image, error))
        return FALSE;
    if (!is_same)
        g_propagate_error(error, g_steal_pointer(&difference));
    return is_same;
}

static gboolean
run(RubImageFile *image, RubDisk *disk, RubProgress *progress, GCancellable *cancellable,
    gboolean (*function)(Raw *self, GError **error), GError **error)
{
    Raw self = {image,
                disk,
                progress,
                cancellable,
                rub_image_file_get_size_bytes(image),
                g_aligned_alloc(2, PIECE_BYTES, BUFFER_ALIGNMENT)};
    gboolean is_done = function(&self, error);
    g_aligned_free(self.buffer);
    return is_done;
}

gboolean
rub_raw_write(RubImageFile *image, RubDisk *disk, RubProgress *progress, GCancellable *cancellable,
              GError **error)
{
    return run(image, disk, progress, cancellable, write_all, error);
}

gboolean
rub_raw_compare(RubImageFile *image, RubDisk *disk, RubProgress *progress,
                GCancellable *cancellable, GError **error)
{
    return run(image, disk, progress, cancellable, compare_all, error);
}
