/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-text.h"
#include "volume/rub-fat-allocator.h"
#include "volume/rub-fat.h"

G_BEGIN_DECLS

/**
 * RubFatCheck:
 * @is_dirty: whether the volume was not closed properly
 * @copies_differ: whether the copies of the table differ where they should not
 * @fault: (nullable): the first fault that makes the volume unfit to be written: a chain that
 *   loops, is shared or leads out of the volume, a broken folder; completes a sentence
 * @lost: (element-type RubFatRun): the clusters that are in use but belong to no file, in order
 *
 * Whether an existing volume holds together. A wrong or absent FSInfo is no fault.
 */
typedef struct {
    gboolean is_dirty;
    gboolean copies_differ;
    RubText *fault;
    GArray *lost;
} RubFatCheck;

/**
 * rub_fat_check:
 * @fat: a volume
 * @listing: (out) (optional) (transfer full): everything on it; %NULL where there is a fault
 * @error: return location
 *
 * Reads the tables and all folders, writes nothing. Errors: those of rub_disk_read().
 *
 * Returns: (transfer full) (nullable): what was found
 */
RubFatCheck *rub_fat_check(RubFat *fat, RubListing **listing, GError **error);

/** rub_fat_check_free: frees it */
void rub_fat_check_free(RubFatCheck *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatCheck, rub_fat_check_free)

/** rub_fat_check_count_lost: Returns: how many clusters are in use, but belong to no file */
guint64 rub_fat_check_count_lost(const RubFatCheck *self);

/** rub_fat_check_describe: Returns: (transfer full): the gravest of what is wrong, to complete a
 * sentence */
RubText *rub_fat_check_describe(const RubFatCheck *self);

G_END_DECLS
