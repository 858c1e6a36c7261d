/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-ntfs-journal.h"
#include "volume/rub-ntfs-library.h"
#include "volume/rub-ntfs-order.h"

G_BEGIN_DECLS

/**
 * rub_ntfs_room_find:
 * @volume: a volume
 * @order: how it was when the round began
 * @size_bytes: how much room is wanted
 * @error: return location
 *
 * Finds clusters that were free and still are, in at most %RUB_NTFS_JOURNAL_MAX_RUNS runs. Errors:
 * %RUB_CODE_DISK_TOO_SMALL where there are none, %RUB_CODE_VOLUME_DAMAGED.
 *
 * Returns: (transfer full) (nullable) (element-type RubNtfsRun): the clusters
 */
GArray *rub_ntfs_room_find(ntfs_volume *volume, const RubNtfsOrder *order, guint64 size_bytes,
                           GError **error);

G_END_DECLS
