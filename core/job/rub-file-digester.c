/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-file-digester.h"

#include <string.h>

#include "base/rub-error.h"

#define BUFFER_BYTES ((gsize) 4 * 1024 * 1024)
#define BUFFER_ALIGNMENT 4096

struct _RubFileDigester {
    RubFileReader *reader;
    RubProgress *progress;
    GCancellable *cancellable;
    RubDigest *digest;
    guint8 *buffer;
};

RubFileDigester *
rub_file_digester_new(RubFileReader *reader, RubProgress *progress, GCancellable *cancellable)
{
    RubFileDigester *self = g_new0(RubFileDigester, 1);
    self->reader = reader;
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
digest_file(RubFileDigester *self, const RubEntry *file, GError **error)
{
    gsize size_bytes;
    for (guint64 offset = 0; offset < file->size_bytes; offset += size_bytes) {
        if (g_cancellable_is_cancelled(self->cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
        if (!rub_file_reader_read(self->reader, file, offset, self->buffer, BUFFER_BYTES,
                                  &size_bytes, error))
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
    if (!digest_file(self, file, error)) {
        rub_error_prefix_name(error, file->path);
        return FALSE;
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
