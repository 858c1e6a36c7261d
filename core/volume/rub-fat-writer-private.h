/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "volume/rub-fat-allocator.h"
#include "volume/rub-fat-stream.h"
#include "volume/rub-fat-tree.h"
#include "volume/rub-fat.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * RubFatWriter:
 * @volume: what callers see
 * @fat: the volume, as it is read
 * @geometry: its geometry; borrowed
 * @used: the clusters that are not free
 * @allocator: hands out the others
 * @tree: the names
 * @stream: gathers what is written into free clusters
 * @files: (element-type RubFatNode): the files of this round, by their ids
 * @is_prepared: whether the round has its clusters
 * @was_dirty: whether the volume was dirty when it was opened, and is not ours to call clean
 * @is_unmarked: whether rounds leave the mark of a volume in use alone
 * @is_marked_dirty: whether this round marked it
 * @is_ordered: whether there was something on the volume that a cut must not hurt
 * @synced_writes: how many writes to the disk were surely on the medium at the last barrier
 * @current: (nullable): the file that is being written
 * @run_index: into which run of its clusters the next byte goes
 * @run_done_bytes: how much of that run is written
 *
 * A volume that is written, between rub-fat-writer.c, which takes declarations and data, and
 * rub-fat-round.c, which makes them appear.
 */
typedef struct {
    RubVolume volume;
    RubFat *fat;
    const RubFatGeometry *geometry;
    RubFatBitmap *used;
    RubFatAllocator *allocator;
    RubFatTree *tree;
    RubFatStream *stream;
    GPtrArray *files;
    gboolean is_prepared;
    gboolean was_dirty;
    gboolean is_unmarked;
    gboolean is_marked_dirty;
    gboolean is_ordered;
    guint64 synced_writes;
    RubFatNode *current;
    guint run_index;
    guint64 run_done_bytes;
} RubFatWriter;

/**
 * rub_fat_round_write:
 * @self: a prepared volume, all files of which are written whole
 * @error: return location
 *
 * Makes the round happen. Between steps that must not change places it waits until the medium has
 * what was written, for drives have caches: new data and new folders, where nothing leads yet; the
 * tables; what existing folders gain, where their end still hides it; the sectors that make it
 * appear, and the entries that lead to other clusters from then on; the entries that take over what
 * those led to; the entries that go; the clusters that are free then. Errors: those of
 * rub_disk_write() and rub_disk_read().
 *
 * Returns: whether it did
 */
gboolean rub_fat_round_write(RubFatWriter *self, GError **error);

/**
 * rub_fat_round_write_fsinfo:
 * @self: a volume
 * @error: return location
 *
 * Brings FSInfo up to date with the clusters in use. Errors: those of rub_fat_fsinfo_write().
 *
 * Returns: whether it is
 */
gboolean rub_fat_round_write_fsinfo(RubFatWriter *self, GError **error);

G_END_DECLS
