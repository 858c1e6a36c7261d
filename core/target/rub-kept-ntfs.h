/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-disk.h"
#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * rub_contents_look_into_ntfs:
 * @self: what is known of an NTFS volume so far
 * @disk: the disk that it is on
 * @start_lba: where it begins
 * @sector_count: how many sectors it has
 * @error: return location
 *
 * As rub_contents_look_into_fat(): reads all folders, and fills in the counts and
 * #RubContents.kept. Writes nothing.
 *
 * Returns: whether the device is still there; else %RUB_CODE_DEVICE_GONE
 */
gboolean rub_contents_look_into_ntfs(RubContents *self, RubDisk *disk, guint64 start_lba,
                                     guint64 sector_count, GError **error);

G_END_DECLS
