/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_image_target_new:
 * @path: path of a disk-image file
 * @new_size_bytes: size of the image to make, rounded down to whole sectors; 0 where the file must
 *   exist already
 *
 * A disk-image file as a target. Nothing is looked at or made yet: the file is made, sparse, by
 * rub_target_open_for_writing(). rub_target_read_layout() fails with %RUB_CODE_USAGE where the file
 * does not exist and no size was given, where it exists and one was, and where @path is no file.
 *
 * Returns: (transfer full): a target
 */
RubTarget *rub_image_target_new(const char *path, guint64 new_size_bytes);

G_END_DECLS
