/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-image-info.h"

G_BEGIN_DECLS

/**
 * rub_image_info_add_windows:
 * @self: an image info that is being made
 * @source: the image
 * @cancellable: (nullable): stops it
 * @error: return location
 *
 * Finds out from its WIMs whether the image is Windows, and which. Errors: those of
 * rub_source_read(), %RUB_CODE_CANCELLED.
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_windows(RubImageInfo *self, const RubSource *source,
                                    GCancellable *cancellable, GError **error);

/**
 * rub_image_info_add_boot:
 * @self: an image info that is being made, whose kind is known
 * @source: the image
 * @error: return location
 *
 * Finds out what firmware starts. Errors: those of rub_source_read().
 *
 * Returns: whether the image could be read
 */
gboolean rub_image_info_add_boot(RubImageInfo *self, const RubSource *source, GError **error);

/** rub_image_info_add_unique: appends a copy of @text to @texts unless it is there already */
void rub_image_info_add_unique(GPtrArray *texts, const char *text);

G_END_DECLS
