/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "source/rub-el-torito.h"
#include "source/rub-entry.h"
#include "source/rub-image-file.h"

G_BEGIN_DECLS

/**
 * RubSource:
 *
 * A rescue image and what is in it: every file with the place of its bytes. Reference counted and
 * immutable; it may be read from several threads.
 */
typedef struct _RubSource RubSource;

/**
 * rub_source_open:
 * @path: path of an ISO image, or of a drive with a disc in it
 * @cancellable: (nullable): stops the opening
 * @error: return location
 *
 * Opens an image and lists it: through UDF where it has one, as ISO 9660 otherwise (the ISO 9660
 * side of a Windows image holds only a note, or sizes modulo 4 GiB). Every byte of every file is
 * known to be inside the image afterwards. Errors: %RUB_CODE_IMAGE_UNREADABLE where it cannot be
 * opened or is neither (a message for known other formats names them),
 * %RUB_CODE_IMAGE_INCOMPLETE where it ends too early, with the missing bytes,
 * %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): the source
 */
RubSource *rub_source_open(const char *path, GCancellable *cancellable, GError **error);

/** rub_source_ref: Returns: (transfer full): @self with one reference more */
RubSource *rub_source_ref(RubSource *self);

/** rub_source_unref: drops a reference */
void rub_source_unref(RubSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubSource, rub_source_unref)

/** rub_source_get_image_file: Returns: (transfer none): the bytes of the image */
RubImageFile *rub_source_get_image_file(const RubSource *self);

/** rub_source_get_path: Returns: (transfer none): the path it was opened by */
const char *rub_source_get_path(const RubSource *self);

/** rub_source_get_display_name: Returns: (transfer none): the file's name without folders, in
 * UTF-8, for messages */
const char *rub_source_get_display_name(const RubSource *self);

/** rub_source_get_size_bytes: Returns: the size of the image file */
guint64 rub_source_get_size_bytes(const RubSource *self);

/** rub_source_get_format: Returns: (transfer none): how the files were read: "UDF", "ISO 9660",
 * "Joliet" or "Rock Ridge" */
const char *rub_source_get_format(const RubSource *self);

/** rub_source_get_volume_name: Returns: (transfer none): the volume's name in UTF-8; "" if none */
const char *rub_source_get_volume_name(const RubSource *self);

/** rub_source_get_listing: Returns: (transfer none): everything in the image */
const RubListing *rub_source_get_listing(const RubSource *self);

/**
 * rub_source_get_boot_images:
 * @self: a source
 *
 * Returns: (transfer none) (nullable) (element-type RubElToritoEntry): the boot images of the
 *   disc; %NULL where it has no boot catalogue
 */
const GArray *rub_source_get_boot_images(const RubSource *self);

/**
 * rub_source_find:
 * @self: a source
 * @path: path from the root, parts separated by "/", none at the start
 *
 * Finds an entry without regard to upper and lower case, as Windows and firmware do. Where two
 * names differ only by case it is the first in the listing.
 *
 * Returns: (transfer none) (nullable): the entry
 */
const RubEntry *rub_source_find(const RubSource *self, const char *path);

/**
 * rub_source_read:
 * @self: a source
 * @entry: a file of it, or one that was made up from it
 * @offset_bytes: where to begin within the file
 * @buffer: (out caller-allocates): room for @size_bytes bytes
 * @size_bytes: how much to read
 * @error: return location
 *
 * Reads a part of a file; holes read as zeros. Errors: %RUB_CODE_IMAGE_INCOMPLETE where the range
 * goes past the end of the file or of the image, %RUB_CODE_IMAGE_UNREADABLE where it cannot be
 * read.
 *
 * Returns: whether all of it was read
 */
gboolean rub_source_read(const RubSource *self, const RubEntry *entry, guint64 offset_bytes,
                         void *buffer, gsize size_bytes, GError **error);

G_END_DECLS
