/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-image-file.h"

G_BEGIN_DECLS

/**
 * rub_source_set_foreign_error:
 * @file: a file that is neither ISO 9660 nor UDF
 * @error: return location
 *
 * Sets %RUB_CODE_IMAGE_UNREADABLE, and says what the file is instead where its magic number tells.
 */
void rub_source_set_foreign_error(RubImageFile *file, GError **error);

G_END_DECLS
