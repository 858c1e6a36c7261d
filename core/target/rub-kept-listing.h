/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-entry.h"
#include "volume/rub-fat.h"
#include "volume/rub-pending.h"

G_BEGIN_DECLS

/**
 * rub_kept_listing_take_back:
 * @listing: everything on a volume on which a build of ours was cut off
 * @note: what that build wrote down about itself; whole
 * @fat: (nullable): the volume; %NULL in a folder and on NTFS
 * @cluster_bytes: the size of its clusters
 *
 * Changes @listing to what was there before that build: without its files, and without its folders
 * unless something else is in them by now; the files that gave way are where they were.
 *
 * Returns: how many clusters the files and folders that are left out have
 */
guint32 rub_kept_listing_take_back(RubListing *listing, const RubPending *note, RubFat *fat,
                                   guint cluster_bytes);

G_END_DECLS
