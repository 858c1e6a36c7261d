/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-file-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "volume/rub-folder.h"

struct _RubFileReader {
    RubVolumePlace place;
    RubFolder *folder;
    /* Which file is being read: in a folder its descriptor, on a disk the extent that was read last
     * and where in the file that begins. */
    const RubEntry *file;
    int fd;
    guint extent_index;
    guint64 extent_start_bytes;
};

RubFileReader *
rub_file_reader_new(const RubVolumePlace *place)
{
    RubFileReader *self = g_new0(RubFileReader, 1);
    self->place = rub_volume_place_copy(place);
    self->fd = -1;
    return self;
}

static void
leave_file(RubFileReader *self)
{
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    self->file = NULL;
    self->extent_index = 0;
    self->extent_start_bytes = 0;
}

void
rub_file_reader_let_go(RubFileReader *self)
{
    leave_file(self);
    g_clear_pointer(&self->folder, rub_folder_free);
}

void
rub_file_reader_free(RubFileReader *self)
{
    rub_file_reader_let_go(self);
    rub_volume_place_clear(&self->place);
    g_free(self);
}

static gboolean
read_extent(RubFileReader *self, const RubEntry *file, guint64 offset_bytes, void *buffer,
            gsize max_bytes, gsize *size_bytes, GError **error)
{
    const RubExtent *extents = (const RubExtent *) file->extents->data;
    while (offset_bytes - self->extent_start_bytes >= extents[self->extent_index].size_bytes)
        self->extent_start_bytes += extents[self->extent_index++].size_bytes;
    const RubExtent *extent = &extents[self->extent_index];
    guint64 inner_bytes = offset_bytes - self->extent_start_bytes;
    *size_bytes = (gsize) MIN(max_bytes, extent->size_bytes - inner_bytes);
    if (extent->offset_bytes == RUB_EXTENT_HOLE) {
        memset(buffer, 0, *size_bytes);
        return TRUE;
    }
    if (extent->offset_bytes >= RUB_EXTENT_IN_MEMORY) {
        guint64 at = extent->offset_bytes - RUB_EXTENT_IN_MEMORY + inner_bytes;
        memcpy(buffer, file->memory->data + at, *size_bytes);
        return TRUE;
    }
    return rub_disk_read(self->place.disk, extent->offset_bytes + inner_bytes, buffer, *size_bytes,
                         error);
}

static gboolean
set_failed(const RubFileReader *self, const RubEntry *file, int errnum, GError **error)
{
    return rub_folder_set_error(self->folder, error, RUB_CODE_VERIFY_FAILED, errnum, file->path);
}

/* What the kernel has in its cache says nothing about the medium. What is no file, but hangs on
 * opening, is none of a listing either. */
static gboolean
open_file(RubFileReader *self, const RubEntry *file, GError **error)
{
    if (self->fd >= 0)
        return TRUE;
    if (!self->folder)
        self->folder = rub_folder_new(self->place.folder, error);
    if (!self->folder)
        return FALSE;
    self->fd = rub_folder_open(self->folder, file->path, O_RDONLY | O_NONBLOCK);
    if (self->fd < 0)
        return set_failed(self, file, errno, error);
    posix_fadvise(self->fd, 0, 0, POSIX_FADV_DONTNEED);
    posix_fadvise(self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return TRUE;
}

static gboolean
read_path(RubFileReader *self, const RubEntry *file, guint64 offset_bytes, void *buffer,
          gsize max_bytes, gsize *size_bytes, GError **error)
{
    ssize_t n;
    if (!open_file(self, file, error))
        return FALSE;
    do
        n = pread(self->fd, buffer, max_bytes, (off_t) offset_bytes);
    while (n < 0 && errno == EINTR);
    *size_bytes = (gsize) MAX(n, 0);
    return n > 0 || set_failed(self, file, n < 0 ? errno : EIO, error);
}

gboolean
rub_file_reader_read(RubFileReader *self, const RubEntry *file, guint64 offset_bytes, void *buffer,
                     gsize max_bytes, gsize *size_bytes, GError **error)
{
    g_return_val_if_fail(offset_bytes < file->size_bytes, FALSE);
    if (self->file != file || offset_bytes == 0 || offset_bytes < self->extent_start_bytes)
        leave_file(self);
    self->file = file;
    gsize wanted_bytes = (gsize) MIN(max_bytes, file->size_bytes - offset_bytes);
    return self->place.disk
               ? read_extent(self, file, offset_bytes, buffer, wanted_bytes, size_bytes, error)
               : read_path(self, file, offset_bytes, buffer, wanted_bytes, size_bytes, error);
}
