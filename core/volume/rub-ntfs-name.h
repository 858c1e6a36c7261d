/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-ntfs-library.h"

G_BEGIN_DECLS

/**
 * RubNtfsName:
 * @letters: UTF-16, little-endian
 * @length: how many
 *
 * A name of a file as NTFS has it.
 */
typedef struct {
    ntfschar letters[255];
    guint8 length;
} RubNtfsName;

/**
 * rub_ntfs_name_parse:
 * @self: (out): the name
 * @text: a name in UTF-8
 * @path: what to name in the error
 * @error: return location
 *
 * Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE for what Windows does not allow, as
 * rub_fat_name_check() does.
 *
 * Returns: whether the name can be used
 */
gboolean rub_ntfs_name_parse(RubNtfsName *self, const char *text, const char *path, GError **error);

/**
 * rub_ntfs_name_to_utf8:
 * @letters: UTF-16, little-endian
 * @length: how many
 *
 * Returns: (transfer full): the name in UTF-8; what is no character becomes U+FFFD
 */
char *rub_ntfs_name_to_utf8(const ntfschar *letters, guint length);

/**
 * rub_ntfs_name_fold:
 * @volume: a volume, whose own table of upper-case letters counts
 * @self: a name
 *
 * Returns: (transfer full): what is equal for names that differ only by case
 */
char *rub_ntfs_name_fold(const ntfs_volume *volume, const RubNtfsName *self);

G_END_DECLS
