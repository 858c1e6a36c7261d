/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * CrashDisk:
 *
 * A disk-image file of which every write is recorded, and brought back later cut off at any place.
 * First record: crash_disk_start(), crash_disk_watch() on every #RubDisk that writes the file,
 * crash_disk_stop(), which brings the file back to what it was. Then either go through
 * crash_disk_next_cut(), or through crash_disk_next_epoch() with crash_disk_apply_some(). The file
 * changes in place: whoever opens its path sees what a computer would see after the cut.
 *
 * Calls of fsync() in the whole program become marks in the record, and take no time.
 */
typedef struct _CrashDisk CrashDisk;

/**
 * crash_disk_new:
 * @path: a disk-image file; its size does not change while the disk is in use
 * @sector_size: what is written whole or not at all
 *
 * Returns: (transfer full): a disk
 */
CrashDisk *crash_disk_new(const char *path, guint sector_size);

/** crash_disk_free: frees it; the file stays as it is */
void crash_disk_free(CrashDisk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CrashDisk, crash_disk_free)

/** crash_disk_open: Returns: (transfer full): the file as a #RubDisk, which is watched */
RubDisk *crash_disk_open(CrashDisk *self);

/** crash_disk_get_data: Returns: (transfer none): what is on the disk now */
const guint8 *crash_disk_get_data(const CrashDisk *self);

/** crash_disk_watch: sets the write hook of @disk, which must write the same file */
void crash_disk_watch(CrashDisk *self, RubDisk *disk);

/** crash_disk_start: forgets an earlier record, and records from here on */
void crash_disk_start(CrashDisk *self);

/** crash_disk_stop: ends the record and undoes everything in it */
void crash_disk_stop(CrashDisk *self);

/** crash_disk_get_sync_count: Returns: how often fsync() was called while recording */
guint crash_disk_get_sync_count(const CrashDisk *self);

/**
 * crash_disk_next_cut:
 * @self: a stopped disk
 *
 * Applies one more sector of the record, in the order in which they were written.
 *
 * Returns: %FALSE when all of it was applied already
 */
gboolean crash_disk_next_cut(CrashDisk *self);

/**
 * crash_disk_next_epoch:
 * @self: a stopped disk
 *
 * Applies the rest of what was written before the next call of fsync().
 *
 * Returns: %FALSE when all of the record was applied already
 */
gboolean crash_disk_next_epoch(CrashDisk *self);

/**
 * crash_disk_apply_some:
 * @self: a stopped disk, in a trial
 * @random: says which
 *
 * Applies some of the sectors written before the next call of fsync(), and leaves out others, as a
 * drive does that writes its cache in its own order.
 */
void crash_disk_apply_some(CrashDisk *self, GRand *random);

/** crash_disk_begin_trial: remembers what is overwritten from here on */
void crash_disk_begin_trial(CrashDisk *self);

/** crash_disk_end_trial: undoes what was written since crash_disk_begin_trial() */
void crash_disk_end_trial(CrashDisk *self);

/** crash_disk_rewind: undoes all that crash_disk_next_cut() and crash_disk_next_epoch() applied */
void crash_disk_rewind(CrashDisk *self);

G_END_DECLS
