/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-stream.h"

#include <string.h>

#define BUFFER_BYTES (4 * 1024 * 1024)
#define DIRECT_BYTES (1024 * 1024)
/* What unbuffered I/O asks of addresses in memory; no drive needs more. */
#define MEMORY_ALIGNMENT 4096

struct _RubFatStream {
    RubDisk *disk;
    guint8 *buffer;
    guint64 start_bytes;
    gsize held_bytes;
};

RubFatStream *
rub_fat_stream_new(RubDisk *disk)
{
    RubFatStream *self = g_new0(RubFatStream, 1);
    self->disk = rub_disk_ref(disk);
    return self;
}

void
rub_fat_stream_free(RubFatStream *self)
{
    rub_disk_unref(self->disk);
    g_aligned_free(self->buffer);
    g_free(self);
}

gboolean
rub_fat_stream_flush(RubFatStream *self, GError **error)
{
    gsize size_bytes = self->held_bytes;
    if (size_bytes == 0)
        return TRUE;
    self->held_bytes = 0;
    return rub_disk_write(self->disk, self->start_bytes, self->buffer, size_bytes, error);
}

/* How much of the bytes can go out without a copy. */
static gsize
direct_size(const RubFatStream *self, guint64 offset_bytes, const guint8 *data, gsize size_bytes)
{
    guint sector_size = rub_disk_get_sector_size(self->disk);
    if (!data || size_bytes < DIRECT_BYTES || (gsize) data % MEMORY_ALIGNMENT != 0 ||
        offset_bytes % sector_size != 0)
        return 0;
    return size_bytes - size_bytes % sector_size;
}

static gboolean
hold(RubFatStream *self, const guint8 *data, gsize size_bytes, GError **error)
{
    if (!self->buffer)
        self->buffer = g_aligned_alloc(1, BUFFER_BYTES, MEMORY_ALIGNMENT);
    while (size_bytes > 0) {
        gsize part = MIN(size_bytes, BUFFER_BYTES - self->held_bytes);
        if (data)
            memcpy(self->buffer + self->held_bytes, data, part);
        else
            memset(self->buffer + self->held_bytes, 0, part);
        data = data ? data + part : NULL;
        size_bytes -= part;
        self->held_bytes += part;
        if (self->held_bytes < BUFFER_BYTES)
            continue;
        if (!rub_fat_stream_flush(self, error))
            return FALSE;
        self->start_bytes += BUFFER_BYTES;
    }
    return TRUE;
}

gboolean
rub_fat_stream_write(RubFatStream *self, guint64 offset_bytes, const void *data, gsize size_bytes,
                     GError **error)
{
    const guint8 *from = data;
    gsize direct = direct_size(self, offset_bytes, from, size_bytes);
    gboolean continues = offset_bytes == self->start_bytes + self->held_bytes;
    if (direct > 0 || !continues) {
        if (!rub_fat_stream_flush(self, error))
            return FALSE;
        if (direct > 0 && !rub_disk_write(self->disk, offset_bytes, from, direct, error))
            return FALSE;
        self->start_bytes = offset_bytes + direct;
        from = from ? from + direct : NULL;
    }
    return hold(self, from, size_bytes - direct, error);
}
