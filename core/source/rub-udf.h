/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "source/rub-entry.h"
#include "source/rub-image-file.h"

G_BEGIN_DECLS

/**
 * rub_udf_is_present:
 * @file: an image
 *
 * Looks for a volume recognition sequence with NSR02 or NSR03, or for an anchor. It reads less than
 * 1 MiB and says nothing about whether the volume is whole.
 *
 * Returns: whether there is a UDF volume in the image
 */
gboolean rub_udf_is_present(RubImageFile *file);

/**
 * rub_udf_list:
 * @file: an image
 * @cancellable: (nullable): stops the reading
 * @error: return location
 *
 * Reads all folders and file entries of a UDF volume of revision 1.02 to 2.60. Every file comes
 * with the extents of the image that hold its bytes, so nothing but @file is needed to read it.
 * One damaged entry fails the whole listing. Memory is bounded, whatever the image says.
 *
 * Names are valid UTF-8: half surrogate pairs become U+FFFD, "/" and NUL become "_". No folder
 * holds the same name twice.
 *
 * Errors: %RUB_CODE_IMAGE_INCOMPLETE where the image is shorter than its volume or than a place
 * that is referred to, %RUB_CODE_IMAGE_UNREADABLE where there is no volume, it is damaged or of an
 * unsupported kind, %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): what the volume holds
 */
RubListing *rub_udf_list(RubImageFile *file, GCancellable *cancellable, GError **error);

G_END_DECLS
