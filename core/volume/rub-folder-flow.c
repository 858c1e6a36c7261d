/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-flow.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* One batch is filled while the other one is on its way to the medium. */
#define BATCH_BYTES ((guint64) 8 * 1024 * 1024)
#define BATCH_PIECES 128

/* UDisks2 mounts FAT with the option "flush", with which the kernel's driver waits for a tenth of a
 * second whenever a file that was written is closed (fs/fat/file.c, fat_file_release()). So the
 * files of a batch are closed at the same time. */
#define CLOSING_THREADS 64

/* A range of a file that was written; closed at the end of it, maybe. */
typedef struct {
    int fd;
    const char *path;
    guint64 offset_bytes;
    guint64 size_bytes;
    gboolean closes;
} Piece;

struct _RubFolderFlow {
    const RubFolder *folder;
    GArray *filling;
    GArray *leaving;
    guint64 filling_bytes;
};

RubFolderFlow *
rub_folder_flow_new(const RubFolder *folder)
{
    RubFolderFlow *self = g_new0(RubFolderFlow, 1);
    self->folder = folder;
    self->filling = g_array_new(FALSE, FALSE, sizeof(Piece));
    self->leaving = g_array_new(FALSE, FALSE, sizeof(Piece));
    return self;
}

/* A thread pool takes no 0, which could be a descriptor. */
static void
close_one(gpointer data, gpointer user_data)
{
    close(GPOINTER_TO_INT(data) - 1);
}

static void
close_files(GArray *pieces)
{
    GThreadPool *pool = NULL;
    for (guint i = 0; i < pieces->len; i++) {
        const Piece *piece = &g_array_index(pieces, Piece, i);
        if (!piece->closes)
            continue;
        if (!pool)
            pool = g_thread_pool_new(close_one, NULL, CLOSING_THREADS, FALSE, NULL);
        g_thread_pool_push(pool, GINT_TO_POINTER(piece->fd + 1), NULL);
    }
    if (pool)
        g_thread_pool_free(pool, FALSE, TRUE);
    g_array_set_size(pieces, 0);
}

void
rub_folder_flow_free(RubFolderFlow *self)
{
    close_files(self->leaving);
    close_files(self->filling);
    g_array_unref(self->leaving);
    g_array_unref(self->filling);
    g_free(self);
}

/* Filesystems that cannot do this lose nothing but an honest progress. */
static gboolean
sync_piece(const RubFolderFlow *self, const Piece *piece, guint flags, GError **error)
{
    /* A length of 0 would mean up to the end of the file. */
    if (piece->size_bytes == 0 ||
        sync_file_range(piece->fd, (off_t) piece->offset_bytes, (off_t) piece->size_bytes, flags) ==
            0 ||
        errno == ENOSYS || errno == EINVAL || errno == ESPIPE)
        return TRUE;
    return rub_folder_set_error(self->folder, error, RUB_CODE_WRITE_FAILED, errno, piece->path);
}

static gboolean
sync_batch(const RubFolderFlow *self, const GArray *pieces, guint flags, GError **error)
{
    for (guint i = 0; i < pieces->len; i++) {
        if (!sync_piece(self, &g_array_index(pieces, Piece, i), flags, error))
            return FALSE;
    }
    return TRUE;
}

/* The next batch is on its way before the last one is waited for: the medium is never idle. */
static gboolean
turn(RubFolderFlow *self, GError **error)
{
    const guint wait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (!sync_batch(self, self->filling, SYNC_FILE_RANGE_WRITE, error) ||
        !sync_batch(self, self->leaving, wait, error))
        return FALSE;
    close_files(self->leaving);
    GArray *empty = self->leaving;
    self->leaving = self->filling;
    self->filling = empty;
    self->filling_bytes = 0;
    return TRUE;
}

static gboolean
add_piece(RubFolderFlow *self, const Piece *piece, GError **error)
{
    g_array_append_vals(self->filling, piece, 1);
    self->filling_bytes += piece->size_bytes;
    return (self->filling_bytes < BATCH_BYTES && self->filling->len < BATCH_PIECES) ||
           turn(self, error);
}

gboolean
rub_folder_flow_write(RubFolderFlow *self, int fd, const char *path, guint64 offset_bytes,
                      const void *data, gsize size_bytes, GError **error)
{
    const guint8 *from = data;
    Piece piece = {fd, path, offset_bytes, size_bytes, FALSE};
    while (size_bytes > 0) {
        ssize_t n = pwrite(fd, from, size_bytes, (off_t) offset_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return rub_folder_set_error(self->folder, error, RUB_CODE_WRITE_FAILED,
                                        n < 0 ? errno : EIO, path);
        from += n;
        offset_bytes += (guint64) n;
        size_bytes -= (gsize) n;
    }
    return add_piece(self, &piece, error);
}

gboolean
rub_folder_flow_close(RubFolderFlow *self, int fd, const char *path, GError **error)
{
    Piece piece = {fd, path, 0, 0, TRUE};
    Piece *last = self->filling->len > 0
                      ? &g_array_index(self->filling, Piece, self->filling->len - 1)
                      : NULL;
    if (last && last->fd == fd) {
        last->closes = TRUE;
        return TRUE;
    }
    return add_piece(self, &piece, error);
}

gboolean
rub_folder_flow_settle(RubFolderFlow *self, GError **error)
{
    return turn(self, error) && turn(self, error);
}
