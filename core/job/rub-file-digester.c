/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-file-digester.h"

#include <string.h>

#include "base/rub-error.h"

#define BUFFER_BYTES ((gsize) 4 * 1024 * 1024)
#define BUFFER_ALIGNMENT 4096

struct _RubFileDigester {
    RubDisk *disk;
    RubProgress *progress;
    GCancellable *cancellable;
    RubDigest *digest;
    guint8 *buffer;
};

RubFileDigester *
rub_file_digester_new(RubDisk *disk, RubProgress *progress, GCancellable *cancellable)
{
    RubFileDigester *self = g_new0(RubFileDigester, 1);
    self->disk = disk;
    self->progress = progress;
    self->cancellable = cancellable;
    self->digest = rub_digest_new();
    self->buffer = g_aligned_alloc(1, BUFFER_BYTES, BUFFER_ALIGNMENT);
    return self;
}

void
rub_file_digester_free(RubFileDigester *self)
{
    rub_digest_free(self->digest);
    g_aligned_free(self->buffer);
    g_free(self);
}

static gboolean
digest_extent(RubFileDigester *self, const RubExtent *extent, GError **error)
{
    gsize size_bytes;
    for (guint64 offset = 0; offset < extent->size_bytes; offset += size_bytes) {
        size_bytes = (gsize) MIN(BUFFER_BYTES, extent->size_bytes - offset);
        if (g_cancellable_is_cancelled(self->cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
        if (!rub_disk_read(self->disk, extent->offset_bytes + offset, self->buffer, size_bytes,
                           error))
            return FALSE;
        rub_digest_add(self->digest, self->buffer, size_bytes);
        if (self->progress)
            rub_progress_add_bytes(self->progress, size_bytes);
    }
    return TRUE;
}

gboolean
rub_file_digester_run(RubFileDigester *self, const RubEntry *file, char text[RUB_DIGEST_TEXT_BYTES],
                      GError **error)
{
    if (self->progress)
        rub_progress_set_item(self->progress, file->path);
    rub_digest_reset(self->digest);
    for (guint i = 0; i < file->extents->len; i++) {
        if (!digest_extent(self, &g_array_index(file->extents, RubExtent, i), error)) {
            g_prefix_error(error, "%s: ", file->path);
            return FALSE;
        }
    }
    rub_digest_get_text(self->digest, text);
    return TRUE;
}

gboolean
rub_file_digester_compare(RubFileDigester *self, const RubEntry *file, guint64 size_bytes,
                          const char *digest, gboolean *is_same, GError **error)
{
    char text[RUB_DIGEST_TEXT_BYTES];
    *is_same = FALSE;
    if (file->size_bytes != size_bytes)
        return TRUE;
    if (!rub_file_digester_run(self, file, text, error))
        return FALSE;
    *is_same = strcmp(text, digest) == 0;
    return TRUE;
}
