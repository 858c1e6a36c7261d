/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-source.h"

G_BEGIN_DECLS

/** RUB_WIM_PART_BYTES: how large the parts of a split WIM become, the size that Microsoft's own
 * instructions for FAT32 sticks give: 3800 MiB */
#define RUB_WIM_PART_BYTES ((guint64) 3800 * 1024 * 1024)

/**
 * rub_wim_split:
 * @source: an image
 * @entry: a WIM in it, install.wim say
 * @part_bytes: how large a part may become; a single resource that is larger makes a larger part
 * @parts: (out) (transfer full) (nullable) (element-type RubEntry): the parts install.swm,
 *   install2.swm and so on, beside @entry; %NULL where it is no WIM that can be split
 * @error: return location
 *
 * Splits a WIM as it lies in the image: each part is made up of the image's own bytes, a header and
 * a lookup table, so that its size is known, and so that it can be read like any other file of the
 * image, from its first byte to its last. Errors: those of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_wim_split(const RubSource *source, const RubEntry *entry, guint64 part_bytes,
                       GPtrArray **parts, GError **error);

G_END_DECLS
