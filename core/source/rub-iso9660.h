/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "source/rub-entry.h"
#include "source/rub-image-file.h"

G_BEGIN_DECLS

/**
 * RubIso9660Names:
 * @RUB_ISO9660_PLAIN: the short names of ISO 9660 itself
 * @RUB_ISO9660_JOLIET: Windows' long names
 * @RUB_ISO9660_ROCK_RIDGE: Unix names, links and times
 *
 * Where the names in a listing come from; the last that an image has is used.
 */
typedef enum {
    RUB_ISO9660_PLAIN,
    RUB_ISO9660_JOLIET,
    RUB_ISO9660_ROCK_RIDGE,
} RubIso9660Names;

/**
 * RubIso9660Volume:
 * @size_bytes: how large the volume says it is
 * @has_joliet: whether there are Joliet names
 * @name: the volume's name
 * @joliet_name: (nullable): the same out of the Joliet descriptor
 * @uuid: (nullable): what GRUB and udev take for the volume's UUID: the time of its last change,
 *   or else of its creation, such as "2024-01-31-12-00-00-00"
 *
 * What the volume descriptors of an ISO 9660 image say.
 */
typedef struct {
    guint64 size_bytes;
    gboolean has_joliet;
    char *name;
    char *joliet_name;
    char *uuid;
} RubIso9660Volume;

/** rub_iso9660_volume_free: frees a volume's facts */
void rub_iso9660_volume_free(RubIso9660Volume *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubIso9660Volume, rub_iso9660_volume_free)

/**
 * rub_iso9660_read_volume:
 * @file: an image
 *
 * Returns: (transfer full) (nullable): what its volume descriptors say; %NULL where it has no
 *   primary one, that is, where it is not ISO 9660
 */
RubIso9660Volume *rub_iso9660_read_volume(RubImageFile *file);

/**
 * rub_iso9660_list:
 * @file: an ISO 9660 image
 * @names: (out) (optional): which names were used
 * @cancellable: (nullable): stops the listing
 * @error: return location
 *
 * Lists an image with Rock Ridge names where it has them, Joliet names otherwise, else plain ones.
 * Files that are hard links have the extents of the file they name. Device nodes, FIFOs and
 * sockets are told apart from the rest.
 * Errors: %RUB_CODE_IMAGE_UNREADABLE where it is damaged or a file's bytes are not in the image as
 * they are (zisofs) or its size is not known, %RUB_CODE_IMAGE_INCOMPLETE where it ends too early,
 * with the missing bytes, %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): what the image holds
 */
RubListing *rub_iso9660_list(RubImageFile *file, RubIso9660Names *names, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
