/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"
#include "volume/rub-disk-cache.h"

G_BEGIN_DECLS

/** RUB_NTFS_JOURNAL_BLOCK_BYTES: what is changed at once */
#define RUB_NTFS_JOURNAL_BLOCK_BYTES 4096

/**
 * RubNtfsRun:
 * @first: a cluster
 * @count: how many from there
 *
 * Clusters of an NTFS volume that follow one another.
 */
typedef struct {
    guint64 first;
    guint64 count;
} RubNtfsRun;

/**
 * RubNtfsJournal:
 *
 * Changes to the tables of a volume that happen all or not at all. libntfs-3g does not keep the
 * journal of NTFS, and a block of a folder that is half written cannot be read by anyone. So all
 * changed blocks are written into clusters that are free before and after, then a sector that leads
 * there, and only then each block goes to its place. Whoever finds that sector after a cut writes
 * all blocks again.
 *
 * That sector is the last one of the 16 that NTFS reserves for boot code ($Boot). What was in it
 * comes back when everything is in its place.
 *
 * The journal remembers what each sector held before. One that somebody else has changed since a
 * cut makes all of the journal void.
 */
typedef struct _RubNtfsJournal RubNtfsJournal;

/**
 * rub_ntfs_journal_new:
 * @disk: a disk that can be written
 * @start_bytes: where the volume begins
 * @size_bytes: how large it is
 *
 * Returns: (transfer full): an empty journal, which keeps a reference to @disk
 */
RubNtfsJournal *rub_ntfs_journal_new(RubDisk *disk, guint64 start_bytes, guint64 size_bytes);

/** rub_ntfs_journal_free: frees it; what it says on the disk stays */
void rub_ntfs_journal_free(RubNtfsJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubNtfsJournal, rub_ntfs_journal_free)

/**
 * rub_ntfs_journal_add:
 * @self: a journal that is not written yet
 * @block: what a block of the volume becomes; copied
 * @error: return location
 *
 * Adds a change. Several changes of one block may follow one another; what does not differ from the
 * last one is left out. Errors: those of rub_disk_read(), of what the block holds now; those of
 * rub_ntfs_journal_check_count(); %RUB_CODE_VOLUME_DAMAGED for a block in which nothing can be
 * changed.
 *
 * Returns: whether it was added
 */
gboolean rub_ntfs_journal_add(RubNtfsJournal *self, const RubDiskCacheBlock *block, GError **error);

/** rub_ntfs_journal_add_barrier: what was added is on the medium before what is added next */
void rub_ntfs_journal_add_barrier(RubNtfsJournal *self);

/** rub_ntfs_journal_get_size_bytes: Returns: how much room it takes */
guint64 rub_ntfs_journal_get_size_bytes(const RubNtfsJournal *self);

/** rub_ntfs_journal_count_bytes: Returns: how much room a journal of @block_count blocks takes */
guint64 rub_ntfs_journal_count_bytes(guint64 block_count);

/**
 * rub_ntfs_journal_check_count:
 * @block_count: how many changes there will be
 * @error: return location
 *
 * Looks whether one journal can have so many; all of it is held in memory. Errors:
 * %RUB_CODE_DISK_TOO_SMALL.
 *
 * Returns: whether it can
 */
gboolean rub_ntfs_journal_check_count(guint64 block_count, GError **error);

/** rub_ntfs_journal_get_count: Returns: how many changes were added */
guint rub_ntfs_journal_get_count(const RubNtfsJournal *self);

/** RUB_NTFS_JOURNAL_MAX_RUNS: in how many pieces it may lie */
#define RUB_NTFS_JOURNAL_MAX_RUNS 20

/**
 * rub_ntfs_journal_commit:
 * @self: a journal
 * @runs: (element-type RubNtfsRun): free clusters, at most %RUB_NTFS_JOURNAL_MAX_RUNS runs that
 *   hold rub_ntfs_journal_get_size_bytes()
 * @cluster_bytes: the size of a cluster
 * @error: return location
 *
 * Waits until everything written so far is on the medium, and has all of the changes happen.
 * Errors: those of rub_disk_write(), rub_disk_read() and rub_disk_sync().
 *
 * Returns: whether they are on the medium
 */
gboolean rub_ntfs_journal_commit(RubNtfsJournal *self, const GArray *runs, guint cluster_bytes,
                                 GError **error);

/**
 * rub_ntfs_journal_load:
 * @disk: a disk
 * @start_bytes: where the volume begins
 * @size_bytes: how large it is
 * @journal: (out) (transfer full) (nullable): the journal of changes that were cut off; %NULL where
 *   there is none, or one that is void
 * @error: return location
 *
 * Looks for a journal, of which nothing is trusted. Errors: those of rub_disk_read().
 *
 * Returns: whether it could be looked for
 */
gboolean rub_ntfs_journal_load(RubDisk *disk, guint64 start_bytes, guint64 size_bytes,
                               RubNtfsJournal **journal, GError **error);

/**
 * rub_ntfs_journal_replay:
 * @self: a journal from rub_ntfs_journal_load()
 * @error: return location
 *
 * Has all of the changes happen. Errors: those of rub_disk_write() and rub_disk_sync().
 *
 * Returns: whether they are on the medium
 */
gboolean rub_ntfs_journal_replay(RubNtfsJournal *self, GError **error);

/**
 * rub_ntfs_journal_show:
 * @self: a journal from rub_ntfs_journal_load()
 * @cache: a cache of the volume that holds what is written to it
 * @error: return location
 *
 * Has @cache read as if the changes had happened. Errors: those of rub_disk_cache_write().
 *
 * Returns: whether it does
 */
gboolean rub_ntfs_journal_show(const RubNtfsJournal *self, RubDiskCache *cache, GError **error);

G_END_DECLS
