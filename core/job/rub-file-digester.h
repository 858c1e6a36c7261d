/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-digest.h"
#include "base/rub-progress.h"
#include "job/rub-file-reader.h"
#include "source/rub-entry.h"

G_BEGIN_DECLS

/**
 * RubFileDigester:
 *
 * Reads files of a volume and makes digests of their bytes.
 */
typedef struct _RubFileDigester RubFileDigester;

/**
 * rub_file_digester_new:
 * @reader: the volume
 * @progress: (nullable): counts the bytes in its current step, and names the file
 * @cancellable: (nullable): stops it between two pieces of a file
 *
 * It borrows all three.
 *
 * Returns: (transfer full): a digester
 */
RubFileDigester *rub_file_digester_new(RubFileReader *reader, RubProgress *progress,
                                       GCancellable *cancellable);

/** rub_file_digester_free: frees it */
void rub_file_digester_free(RubFileDigester *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFileDigester, rub_file_digester_free)

/**
 * rub_file_digester_run:
 * @self: a digester
 * @file: a file of a listing of the volume
 * @text: (out caller-allocates): the digest of its bytes
 * @error: return location
 *
 * Errors: those of rub_file_reader_read(), naming the file; %RUB_CODE_CANCELLED.
 *
 * Returns: whether all of the file could be read
 */
gboolean rub_file_digester_run(RubFileDigester *self, const RubEntry *file,
                               char text[RUB_DIGEST_TEXT_BYTES], GError **error);

/**
 * rub_file_digester_compare:
 * @self: a digester
 * @file: a file of a listing of the volume
 * @size_bytes: the size that it shall have
 * @digest: the digest that it shall have
 * @is_same: (out): whether it has them
 * @error: return location
 *
 * Reads the file only if it has the right size. Errors: those of rub_file_digester_run().
 *
 * Returns: whether that could be found out
 */
gboolean rub_file_digester_compare(RubFileDigester *self, const RubEntry *file, guint64 size_bytes,
                                   const char *digest, gboolean *is_same, GError **error);

G_END_DECLS
