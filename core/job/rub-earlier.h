/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-file-digester.h"
#include "job/rub-manifest.h"
#include "job/rub-stick-volume.h"
#include "plan/rub-plan.h"

G_BEGIN_DECLS

/**
 * RubEarlier:
 *
 * What earlier builds, finished or cut off, left on a volume: which files and folders are theirs
 * and not the user's, and what the user's stick held before the first of them.
 */
typedef struct _RubEarlier RubEarlier;

/**
 * rub_earlier_new:
 * @stick: the volume; must outlive the result
 * @digester: reads the files that earlier builds listed: what was changed since is the user's
 * @error: return location
 *
 * Errors: those of rub_file_digester_run().
 *
 * Returns: (transfer full) (nullable): what was left
 */
RubEarlier *rub_earlier_new(const RubStickVolume *stick, RubFileDigester *digester, GError **error);

/** rub_earlier_free: frees it */
void rub_earlier_free(RubEarlier *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubEarlier, rub_earlier_free)

/** rub_earlier_owns_file: Returns: whether the file at @path is one of a build that kept files, and
 * unchanged: it can be replaced without being saved */
gboolean rub_earlier_owns_file(const RubEarlier *self, const char *path);

/** rub_earlier_owns_folder: Returns: whether such a build made the folder at @path */
gboolean rub_earlier_owns_folder(const RubEarlier *self, const char *path);

/** rub_earlier_get_left: Returns: (transfer none): what earlier builds left that is still there and
 * unchanged, in the shape of a manifest: files, folders, what was saved, whether they made the
 * table and the partition */
const RubManifest *rub_earlier_get_left(const RubEarlier *self);

/** rub_earlier_get_changed: Returns: (transfer none) (element-type utf8): the files that earlier
 * builds wrote and somebody changed since */
const GPtrArray *rub_earlier_get_changed(const RubEarlier *self);

/** rub_earlier_make_saved_path: Returns: (transfer full): a free path in the folder for what is
 * replaced */
char *rub_earlier_make_saved_path(RubEarlier *self);

/**
 * rub_earlier_add_to_note:
 * @self: what was left
 * @note: what is about to be done; gets all that a cut would make hard to tell from the user's
 *
 * A note that replaces another one has to know what that one knew.
 */
void rub_earlier_add_to_note(const RubEarlier *self, RubPending *note);

/**
 * rub_earlier_add_to_manifest:
 * @self: what was left
 * @manifest: the manifest of the new build; gets the folders and files that are not in it, and what
 *   was saved
 *
 * One manifest tells all that is on the stick, and what has to go when it is undone.
 */
void rub_earlier_add_to_manifest(const RubEarlier *self, RubManifest *manifest);

G_END_DECLS
