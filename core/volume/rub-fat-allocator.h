/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-bitmap.h"

G_BEGIN_DECLS

/**
 * RubFatRun:
 * @first: the first cluster
 * @count: how many
 *
 * Consecutive clusters.
 */
typedef struct {
    guint32 first;
    guint32 count;
} RubFatRun;

/**
 * RubFatAllocator:
 *
 * Hands out free clusters, each request in one run where there is one, the requests one after
 * the other. Pure: it knows the bitmap of used clusters only.
 */
typedef struct _RubFatAllocator RubFatAllocator;

/**
 * rub_fat_allocator_new:
 * @used: (transfer none): the clusters in use; must outlive the allocator, which sets the bits of
 *   what it hands out
 *
 * Returns: (transfer full): an allocator
 */
RubFatAllocator *rub_fat_allocator_new(RubFatBitmap *used);

/** rub_fat_allocator_free: frees an allocator */
void rub_fat_allocator_free(RubFatAllocator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatAllocator, rub_fat_allocator_free)

/**
 * rub_fat_allocator_take:
 * @self: an allocator
 * @count: how many clusters; no more than are free
 * @runs: (element-type RubFatRun): where to append them
 *
 * Takes clusters. Ten thousand requests cost a few passes over the bitmap, not one pass each.
 */
void rub_fat_allocator_take(RubFatAllocator *self, guint32 count, GArray *runs);

/**
 * rub_fat_allocator_release:
 * @self: an allocator
 * @runs: (element-type RubFatRun): clusters in use
 *
 * Makes clusters free again.
 */
void rub_fat_allocator_release(RubFatAllocator *self, const GArray *runs);

G_END_DECLS
