/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * rub_kept_volume_find_file:
 * @self: a volume with a listing
 * @path: a path; upper and lower case are the same
 *
 * Returns: (transfer none) (nullable): the file
 */
const RubEntry *rub_kept_volume_find_file(const RubKeptVolume *self, const char *path);

/**
 * rub_contents_count:
 * @self: what is known of a volume so far
 * @kept: its listing, if there is one, its clusters and how many of them are free
 * @cluster_count: how many there are
 *
 * Fills in how many files it has and how full it is.
 */
void rub_contents_count(RubContents *self, const RubKeptVolume *kept, guint64 cluster_count);

G_END_DECLS
