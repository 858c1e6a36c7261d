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

/**
 * rub_contents_settle:
 * @self: what is known of a volume so far
 * @kept: (transfer full): what was found out for keeping its files
 * @failure: (transfer full) (nullable): what stopped that
 * @error: return location
 *
 * What cannot be read is not known, and counts as if nobody had looked; what can, but makes no
 * sense, is damaged. Errors: %RUB_CODE_DEVICE_GONE alone.
 *
 * Returns: whether the device is still there
 */
gboolean rub_contents_settle(RubContents *self, RubKeptVolume *kept, GError *failure,
                             GError **error);

G_END_DECLS
