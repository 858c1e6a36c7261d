/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "job/rub-volume-place.h"
#include "volume/rub-fat-check.h"
#include "volume/rub-pending.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * RubRounds:
 *
 * A volume that is changed in several rounds, each of which is announced in the note of what is
 * under way before it is written. On a disk, a cut at any moment leaves a volume that
 * rub_pending_judge() accepts; where the kernel's driver writes, whose clusters it takes is not
 * known before, and the note says what happens to which files.
 */
typedef struct _RubRounds RubRounds;

/**
 * rub_rounds_new:
 * @place: where the volume is; can be written
 * @error: return location
 *
 * Opens a volume that is sound, or has no faults but those that rub_rounds_reclaim() mends. Errors:
 * those of rub_fat_writer_new() or rub_folder_volume_new().
 *
 * Returns: (transfer full) (nullable): the volume; nothing is written yet
 */
RubRounds *rub_rounds_new(const RubVolumePlace *place, GError **error);

/** rub_rounds_free: frees it; what was not committed is not on the disk */
void rub_rounds_free(RubRounds *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubRounds, rub_rounds_free)

/**
 * rub_rounds_reclaim:
 * @self: a volume on which nothing was done yet
 * @check: (nullable): what is wrong with it, all of which comes from a build of ours that was cut
 *   off; %NULL where the kernel's driver shows it
 * @error: return location
 *
 * Frees what that build left. Errors: those of rub_fat_writer_reclaim().
 *
 * Returns: whether the volume is sound
 */
gboolean rub_rounds_reclaim(RubRounds *self, const RubFatCheck *check, GError **error);

/**
 * rub_rounds_begin:
 * @self: a volume
 * @note: (transfer full): what will be done; without claims
 * @error: return location
 *
 * Writes the note; one that is there already gives way. Errors: those of the functions of
 * #RubVolume.
 *
 * Returns: whether it is on the medium
 */
gboolean rub_rounds_begin(RubRounds *self, RubPending *note, GError **error);

/** rub_rounds_get_volume: Returns: (transfer none): where the folders and files of the next round
 * are declared, and those of a prepared one written */
RubVolume *rub_rounds_get_volume(RubRounds *self);

/**
 * rub_rounds_prepare:
 * @self: a volume on which the note is, and in which the next round is declared
 * @error: return location
 *
 * Finds room for the round and claims all that it takes, moves and gives back. Errors: those of
 * rub_volume_prepare() and rub_disk_write().
 *
 * Returns: whether the claims are on the medium
 */
gboolean rub_rounds_prepare(RubRounds *self, GError **error);

/**
 * rub_rounds_commit:
 * @self: a volume with a prepared round that was written
 * @error: return location
 *
 * Errors: those of rub_volume_commit() and rub_disk_sync().
 *
 * Returns: whether the round is on the medium
 */
gboolean rub_rounds_commit(RubRounds *self, GError **error);

/**
 * rub_rounds_end:
 * @self: a volume all of whose rounds are committed
 * @removes_folder: whether our folder, which is empty then, goes too
 * @error: return location
 *
 * Takes the note away. Errors: those of the functions of #RubVolume.
 *
 * Returns: whether it is gone
 */
gboolean rub_rounds_end(RubRounds *self, gboolean removes_folder, GError **error);

G_END_DECLS
