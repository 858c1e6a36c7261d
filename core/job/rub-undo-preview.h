/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-stick-volume.h"
#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * RubUndoPreview:
 * @file_count: how many files of the build are on the stick
 * @restored: (element-type utf8): the paths of the files that gave way and are put back
 * @number: the number of the partition that was built on
 * @start_lba: where it begins
 * @sector_count: how many sectors it has
 * @access: how it is written: FAT12 and FAT16 through the mounted volume, as when they were built
 * on
 *
 * What an undo would do, as far as that can be told without reading the files: those that were
 * changed since will stay.
 */
typedef struct {
    guint file_count;
    GPtrArray *restored;
    guint number;
    guint64 start_lba;
    guint64 sector_count;
    RubAccess access;
} RubUndoPreview;

/**
 * rub_undo_preview_new:
 * @target: a stick that is not open
 * @layout: what is known of it
 * @cancellable: (nullable): stops it
 * @error: return location
 *
 * Looks at what can be undone without writing, and without asking for a password. Errors: those of
 * rub_stick_volume_find() and rub_stick_volume_find_mounted(), and those of
 * rub_undo_preview_check(); %RUB_CODE_NOT_OUR_STICK for a volume that has to be mounted and cannot
 * be.
 *
 * Returns: (transfer full) (nullable): what an undo would do
 */
RubUndoPreview *rub_undo_preview_new(RubTarget *target, const RubLayout *layout,
                                     GCancellable *cancellable, GError **error);

/** rub_undo_preview_free: frees it */
void rub_undo_preview_free(RubUndoPreview *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUndoPreview, rub_undo_preview_free)

/**
 * rub_undo_preview_check:
 * @stick: the volume that was built on
 * @error: return location
 *
 * Errors: %RUB_CODE_VOLUME_DAMAGED; %RUB_CODE_NOT_OUR_STICK where the build erased the stick; what
 * is wrong with the manifest.
 *
 * Returns: whether there is a build on it that can be undone
 */
gboolean rub_undo_preview_check(const RubStickVolume *stick, GError **error);

G_END_DECLS
