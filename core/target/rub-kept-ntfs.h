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
 *
 * As rub_contents_look_into_fat(): reads all folders, and fills in the counts and
 * #RubContents.kept. Writes nothing.
 */
void rub_contents_look_into_ntfs(RubContents *self, RubDisk *disk, guint64 start_lba,
                                 guint64 sector_count);

G_END_DECLS
