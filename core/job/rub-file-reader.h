/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-volume-place.h"
#include "source/rub-entry.h"

G_BEGIN_DECLS

/**
 * RubFileReader:
 *
 * Reads the files of a volume: on a disk from where their listing says that they lie, through the
 * kernel's driver by their paths. Meant for reading a file from its start to its end.
 */
typedef struct _RubFileReader RubFileReader;

/** rub_file_reader_new: Returns: (transfer full): a reader of the volume at @place; opens nothing
 * yet */
RubFileReader *rub_file_reader_new(const RubVolumePlace *place);

/** rub_file_reader_free: frees it */
void rub_file_reader_free(RubFileReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFileReader, rub_file_reader_free)

/** rub_file_reader_let_go: closes what is open, so that the volume can be unmounted; the next read
 * opens it again */
void rub_file_reader_let_go(RubFileReader *self);

/**
 * rub_file_reader_read:
 * @self: a reader
 * @file: a file of a listing of the volume
 * @offset_bytes: where in the file to begin; before its end
 * @buffer: (out caller-allocates): room for @max_bytes; reading into memory at a multiple of 4096
 *   is the fastest
 * @max_bytes: how much to read at most
 * @size_bytes: (out): how much was read: at least 1; less than asked for where the next bytes lie
 *   elsewhere, or the file ends
 * @error: return location
 *
 * Reads from the medium, as far as the kernel can be made to. Errors: %RUB_CODE_VERIFY_FAILED where
 * the medium cannot be read or the file is shorter than the listing says, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether something was read
 */
gboolean rub_file_reader_read(RubFileReader *self, const RubEntry *file, guint64 offset_bytes,
                              void *buffer, gsize max_bytes, gsize *size_bytes, GError **error);

G_END_DECLS
