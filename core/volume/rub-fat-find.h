/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-allocator.h"
#include "volume/rub-fat.h"

G_BEGIN_DECLS

/**
 * rub_fat_find_runs:
 * @fat: a volume
 * @path: path from the root of a file or folder
 * @runs: (element-type RubFatRun): where to append all of its clusters; none where there is no such
 *   thing, or it has none
 * @error: return location
 *
 * Reads the folders on the way, not the whole volume. Errors: those of rub_fat_folder_read().
 *
 * Returns: whether it could be looked for
 */
gboolean rub_fat_find_runs(RubFat *fat, const char *path, GArray *runs, GError **error);

/** rub_fat_find_first_cluster: Returns: where a file of the volume's listing begins; 0 if it is
 * empty */
guint32 rub_fat_find_first_cluster(const RubFat *fat, const RubEntry *file);

G_END_DECLS
