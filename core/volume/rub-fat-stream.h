/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * RubFatStream:
 *
 * Turns many small writes into few large ones: bytes that continue those before are held back and
 * go out 4 MiB at a time. Large pieces that are already fit for unbuffered I/O go out as they are.
 */
typedef struct _RubFatStream RubFatStream;

/** rub_fat_stream_new: Returns: (transfer full): a stream to @disk */
RubFatStream *rub_fat_stream_new(RubDisk *disk);

/** rub_fat_stream_free: frees a stream; what was held back is lost */
void rub_fat_stream_free(RubFatStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatStream, rub_fat_stream_free)

/**
 * rub_fat_stream_write:
 * @self: a stream
 * @offset_bytes: where the bytes go; where that is not right behind the bytes before, those must
 *   have ended at a sector's end, and this must be a sector's start
 * @data: (nullable): the bytes; %NULL for zeros
 * @size_bytes: how many
 * @error: return location
 *
 * Errors: those of rub_disk_write().
 *
 * Returns: whether they were taken
 */
gboolean rub_fat_stream_write(RubFatStream *self, guint64 offset_bytes, const void *data,
                              gsize size_bytes, GError **error);

/**
 * rub_fat_stream_flush:
 * @self: a stream whose bytes end at a sector's end
 * @error: return location
 *
 * Writes what was held back. Errors: those of rub_disk_write().
 *
 * Returns: whether all is written
 */
gboolean rub_fat_stream_flush(RubFatStream *self, GError **error);

G_END_DECLS
