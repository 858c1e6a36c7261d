/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-ntfs-library.h"

G_BEGIN_DECLS

/** RUB_NTFS_ORDER_RANKS: how many ranks rub_ntfs_order_get_rank() tells apart */
#define RUB_NTFS_ORDER_RANKS 6

/**
 * RubNtfsOrder:
 *
 * In which order the tables of a volume are to be written, so that a cut does as little harm as
 * possible to what was there before, in the eyes of others than us: what was free room; the
 * bitmaps; the table of files; its first records, which are those of NTFS itself and of the root;
 * their copy; folders. The names that a split moved out of a block of a folder are then found in
 * the new block before they leave the old one.
 */
typedef struct _RubNtfsOrder RubNtfsOrder;

/**
 * rub_ntfs_order_new:
 * @volume: a volume as it is on the disk; must outlive the order
 *
 * Returns: (transfer full) (nullable): its order; %NULL with errno set
 */
RubNtfsOrder *rub_ntfs_order_new(ntfs_volume *volume);

/** rub_ntfs_order_free: frees it */
void rub_ntfs_order_free(RubNtfsOrder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubNtfsOrder, rub_ntfs_order_free)

/** rub_ntfs_order_was_free: Returns: whether a cluster was free */
gboolean rub_ntfs_order_was_free(const RubNtfsOrder *self, guint64 cluster);

/**
 * rub_ntfs_order_get_rank:
 * @offset_bytes: a place on the volume, a multiple of 4096
 * @user_data: a #RubNtfsOrder
 *
 * Returns: which of the ranks the 4096 bytes there have; 0 where all of them were free
 */
guint rub_ntfs_order_get_rank(guint64 offset_bytes, gpointer user_data);

G_END_DECLS
