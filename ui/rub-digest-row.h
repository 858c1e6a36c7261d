/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RubDigestRow:
 *
 * A row that opens to work out the SHA-256 of an image and to compare it with the one on a download
 * page.
 */
#define RUB_TYPE_DIGEST_ROW (rub_digest_row_get_type())
G_DECLARE_FINAL_TYPE(RubDigestRow, rub_digest_row, RUB, DIGEST_ROW, AdwExpanderRow)

/** rub_digest_row_set_path: takes another image, @path (nullable) */
void rub_digest_row_set_path(RubDigestRow *self, const char *path);

G_END_DECLS
