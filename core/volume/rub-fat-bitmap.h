/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubFatBitmap:
 *
 * One bit for each cluster of a volume: 8 MiB for 64 million. Numbers are those of clusters; 0
 * and 1, which are none, are set from the start.
 */
typedef struct _RubFatBitmap RubFatBitmap;

/**
 * rub_fat_bitmap_new:
 * @cluster_count: how many clusters the volume has
 *
 * Returns: (transfer full): a bitmap with no cluster set
 */
RubFatBitmap *rub_fat_bitmap_new(guint32 cluster_count);

/** rub_fat_bitmap_free: frees a bitmap */
void rub_fat_bitmap_free(RubFatBitmap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatBitmap, rub_fat_bitmap_free)

/** rub_fat_bitmap_add: sets the bit of @cluster. Returns: whether it was clear */
gboolean rub_fat_bitmap_add(RubFatBitmap *self, guint32 cluster);

/** rub_fat_bitmap_remove: clears the bit of @cluster, which must be set */
void rub_fat_bitmap_remove(RubFatBitmap *self, guint32 cluster);

/** rub_fat_bitmap_contains: Returns: whether the bit of @cluster is set */
gboolean rub_fat_bitmap_contains(const RubFatBitmap *self, guint32 cluster);

/** rub_fat_bitmap_get_end: Returns: the number after the last cluster's */
guint32 rub_fat_bitmap_get_end(const RubFatBitmap *self);

/** rub_fat_bitmap_count_clear: Returns: how many clusters are not set */
guint32 rub_fat_bitmap_count_clear(const RubFatBitmap *self);

/**
 * rub_fat_bitmap_find:
 * @self: a bitmap
 * @from: where to begin
 * @to: where to stop; at most rub_fat_bitmap_get_end()
 * @value: what to look for
 *
 * Returns: the first number in [@from, @to) whose bit is @value; @to if there is none
 */
guint32 rub_fat_bitmap_find(const RubFatBitmap *self, guint32 from, guint32 to, gboolean value);

G_END_DECLS
