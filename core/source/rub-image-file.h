/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubImageFile:
 *
 * The bytes of a rescue image, read only: a file, or a drive with a disc in it. Reference counted.
 * rub_image_file_read() may be called from several threads.
 */
typedef struct _RubImageFile RubImageFile;

/**
 * rub_image_file_open:
 * @path: path of the image
 * @error: return location
 *
 * Opens an image without looking into it. Errors: %RUB_CODE_IMAGE_UNREADABLE where it does not
 * exist, is a folder, may not be read or is empty.
 *
 * Returns: (transfer full) (nullable): the opened image
 */
RubImageFile *rub_image_file_open(const char *path, GError **error);

/** rub_image_file_ref: Returns: (transfer full): @self with one reference more */
RubImageFile *rub_image_file_ref(RubImageFile *self);

/** rub_image_file_unref: drops a reference; the last one closes the file */
void rub_image_file_unref(RubImageFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubImageFile, rub_image_file_unref)

/** rub_image_file_get_path: Returns: (transfer none): the path it was opened by */
const char *rub_image_file_get_path(const RubImageFile *self);

/** rub_image_file_find_path: Returns: (transfer full) (nullable): where the open file lies now,
 * without links; %NULL where the kernel does not tell */
char *rub_image_file_find_path(const RubImageFile *self);

/** rub_image_file_get_size_bytes: Returns: its size when it was opened */
guint64 rub_image_file_get_size_bytes(const RubImageFile *self);

/** rub_image_file_get_fd: Returns: the descriptor it is read by, still owned by the image */
int rub_image_file_get_fd(const RubImageFile *self);

/** rub_image_file_is_same: Returns: whether @fd is open on the same file or drive as @self */
gboolean rub_image_file_is_same(const RubImageFile *self, int fd);

/**
 * rub_image_file_read:
 * @self: an image
 * @offset_bytes: where to begin
 * @buffer: (out caller-allocates): room for @size_bytes bytes
 * @size_bytes: how much to read
 * @error: return location
 *
 * Reads exactly @size_bytes bytes. Errors: %RUB_CODE_IMAGE_INCOMPLETE where the image ends before
 * that, %RUB_CODE_IMAGE_UNREADABLE where it cannot be read.
 *
 * Returns: whether all of it was read
 */
gboolean rub_image_file_read(RubImageFile *self, guint64 offset_bytes, void *buffer,
                             gsize size_bytes, GError **error);

/**
 * rub_image_file_check_size:
 * @self: an image
 * @wanted_bytes: how large it has to be at least
 * @error: return location
 *
 * Errors: %RUB_CODE_IMAGE_INCOMPLETE, with how much is missing.
 *
 * Returns: whether it is as large as that
 */
gboolean rub_image_file_check_size(const RubImageFile *self, guint64 wanted_bytes, GError **error);

/**
 * rub_image_file_check_unchanged:
 * @self: an image
 * @error: return location
 *
 * Looks whether what was read so far is of one image: nobody wrote to the file since it was opened.
 * A new name or permissions are no change. Errors: %RUB_CODE_IMAGE_UNREADABLE.
 *
 * Returns: whether it is as it was; always so for a drive
 */
gboolean rub_image_file_check_unchanged(const RubImageFile *self, GError **error);

G_END_DECLS
