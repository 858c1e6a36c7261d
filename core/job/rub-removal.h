/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-stick-volume.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * RubRemoval:
 *
 * Declares what goes from a volume and what moves on it, and knows which folders are empty then.
 */
typedef struct _RubRemoval RubRemoval;

/**
 * rub_removal_new:
 * @stick: what is on the volume; must outlive the removal
 * @volume: the same volume, of rub_fat_writer_new(), to be written
 *
 * Returns: (transfer full): a removal
 */
RubRemoval *rub_removal_new(const RubStickVolume *stick, RubVolume *volume);

/** rub_removal_free: frees it */
void rub_removal_free(RubRemoval *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubRemoval, rub_removal_free)

/**
 * rub_removal_remove_file:
 * @self: a removal
 * @path: a file; one that is not there is no error
 * @error: return location
 *
 * Errors: those of rub_volume_remove().
 *
 * Returns: whether it will be gone
 */
gboolean rub_removal_remove_file(RubRemoval *self, const char *path, GError **error);

/**
 * rub_removal_move_file:
 * @self: a removal
 * @from: a file
 * @to: where it goes; a file that is there gives way. Folders that are missing are made
 * @flags: how the entry is made
 * @error: return location
 *
 * Errors: those of rub_volume_move() and rub_volume_add_folder().
 *
 * Returns: whether it will be there
 */
gboolean rub_removal_move_file(RubRemoval *self, const char *from, const char *to,
                               RubVolumeFlags flags, GError **error);

/**
 * rub_removal_remove_folder:
 * @self: a removal
 * @path: a folder; stays if it is not empty then
 * @error: return location
 *
 * Errors: those of rub_volume_remove().
 *
 * Returns: whether nothing failed
 */
gboolean rub_removal_remove_folder(RubRemoval *self, const char *path, GError **error);

/** rub_removal_count_children: Returns: how many entries will be in the folder at @path */
guint rub_removal_count_children(const RubRemoval *self, const char *path);

G_END_DECLS
