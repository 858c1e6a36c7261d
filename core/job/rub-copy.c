/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-copy.h"

#include <string.h>

#include "base/rub-digest.h"
#include "base/rub-error.h"
#include "volume/rub-path-index.h"

/* Large enough for sticks, which are slow with less than about 1 MiB at a time. */
#define COPY_BUFFER_BYTES ((gsize) 4 * 1024 * 1024)

/* The volume writes pieces at addresses of this alignment without copying them first. */
#define COPY_BUFFER_ALIGNMENT 4096

typedef struct {
    const RubSource *source;
    RubVolume *volume;
    RubManifest *manifest;
    RubProgress *progress;
    GCancellable *cancellable;
    RubDigest *digest;
    RubDigest *image_digest;
    guint8 *buffer;
} Copying;

gboolean
rub_copy_declare(const RubPlan *plan, RubVolume *volume, GHashTable *existing, guint *file_ids,
                 GError **error)
{
    for (guint i = 0; i < plan->folders->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->folders, i);
        if (!rub_volume_add_folder(volume, item->path, item->entry->mtime_unix, RUB_VOLUME_NONE,
                                   error))
            return FALSE;
    }
    for (guint i = 0; i < plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->files, i);
        gboolean replaces = existing && rub_path_index_find_file(existing, item->path);
        RubVolumeFlags flags = replaces ? RUB_VOLUME_REPLACE : RUB_VOLUME_NONE;
        if (!rub_volume_add_file(volume, item->path, item->content->size_bytes,
                                 item->entry->mtime_unix, flags, &file_ids[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
copy_piece(Copying *self, const RubPlanItem *item, guint file_id, guint64 offset_bytes,
           gsize size_bytes, GError **error)
{
    if (g_cancellable_is_cancelled(self->cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    if (!rub_source_read(self->source, item->content, offset_bytes, self->buffer, size_bytes,
                         error))
        return FALSE;
    rub_digest_add(self->digest, self->buffer, size_bytes);
    if (!rub_volume_write(self->volume, file_id, self->buffer, size_bytes, error))
        return FALSE;
    rub_progress_add_bytes(self->progress, size_bytes);
    return TRUE;
}

static gboolean
copy_file(Copying *self, const RubPlanItem *item, guint file_id, GError **error)
{
    guint64 size_bytes = item->content->size_bytes;
    rub_progress_set_item(self->progress, item->path);
    rub_digest_reset(self->digest);
    for (guint64 offset = 0; offset < size_bytes; offset += COPY_BUFFER_BYTES) {
        gsize piece_bytes = (gsize) MIN(COPY_BUFFER_BYTES, size_bytes - offset);
        if (!copy_piece(self, item, file_id, offset, piece_bytes, error)) {
            rub_error_prefix_name(error, item->path);
            return FALSE;
        }
    }
    char text[RUB_DIGEST_TEXT_BYTES];
    rub_digest_get_text(self->digest, text);
    rub_manifest_add_file(self->manifest, item->path, size_bytes, text);
    rub_digest_add(self->image_digest, text, strlen(text));
    return TRUE;
}

static gboolean
copy_all(Copying *self, const RubPlan *plan, const guint *file_ids, GError **error)
{
    for (guint i = 0; i < plan->files->len; i++) {
        if (!copy_file(self, g_ptr_array_index(plan->files, i), file_ids[i], error))
            return FALSE;
    }
    rub_digest_get_text(self->image_digest, self->manifest->image_digest);
    return rub_image_file_check_unchanged(rub_source_get_image_file(self->source), error);
}

gboolean
rub_copy_write(const RubPlan *plan, const RubSource *source, RubVolume *volume,
               const guint *file_ids, RubManifest *manifest, RubProgress *progress,
               GCancellable *cancellable, GError **error)
{
    g_autoptr(RubDigest) digest = rub_digest_new();
    g_autoptr(RubDigest) image_digest = rub_digest_new();
    guint8 *buffer = g_aligned_alloc(1, COPY_BUFFER_BYTES, COPY_BUFFER_ALIGNMENT);
    Copying copying = {source,      volume, manifest,     progress,
                       cancellable, digest, image_digest, buffer};
    gboolean is_copied = copy_all(&copying, plan, file_ids, error);
    g_aligned_free(buffer);
    return is_copied;
}
