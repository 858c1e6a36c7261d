/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-check.h"
#include "source/rub-image-file.h"

G_BEGIN_DECLS

/**
 * rub_check_image_run:
 * @target: the stick; opened for reading only
 * @image: the image that was written to it byte by byte
 * @progress: a progress without steps; gets one that counts bytes
 * @cancellable: (nullable): stops it
 *
 * Compares a stick without a manifest with its image. Writes nothing. What follows the image on
 * the stick does not count.
 *
 * Returns: (transfer full): %RUB_CHECK_GOOD or %RUB_CHECK_CHANGED, or why it could not be found out
 */
RubCheckReport *rub_check_image_run(RubTarget *target, RubImageFile *image, RubProgress *progress,
                                    GCancellable *cancellable);

G_END_DECLS
