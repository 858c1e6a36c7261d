/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-progress.h"
#include "job/rub-manifest.h"
#include "plan/rub-plan.h"
#include "source/rub-source.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * rub_copy_declare:
 * @plan: what to copy
 * @volume: where it goes
 * @existing: (nullable) (element-type utf8 RubEntry): what is there, by rub_path_index_new(): its
 *   files give way to those of the plan. A file that has another name, of which only the short
 *   one is a path of the plan, does not: nobody was told of that
 * @file_ids: (array): gets the ids of the plan's files
 * @error: return location
 *
 * Declares the plan's folders and files in the next round of the volume. Errors: those of the
 * functions of #RubVolume, %RUB_CODE_NAME_NOT_REPRESENTABLE where another file is in the way.
 *
 * Returns: whether all of them could be declared
 */
gboolean rub_copy_declare(const RubPlan *plan, RubVolume *volume, GHashTable *existing,
                          guint *file_ids, GError **error);

/**
 * rub_copy_write:
 * @plan: what to copy
 * @source: the image it comes from
 * @volume: where it goes; prepared
 * @file_ids: (array): the ids of the plan's files
 * @manifest: gets every file, with the digest of the bytes as they came from the image, and the
 *   image's own digest
 * @progress: its current step counts the bytes of the plan's files
 * @cancellable: (nullable): stops it between two pieces of a file
 * @error: return location
 *
 * Writes the plan's files; they exist when the round is committed. Errors: %RUB_CODE_CANCELLED;
 * those of rub_source_read() and of rub_volume_write(), naming the file; in the end that of
 * rub_image_file_check_unchanged().
 *
 * Returns: whether all of them are written
 */
gboolean rub_copy_write(const RubPlan *plan, const RubSource *source, RubVolume *volume,
                        const guint *file_ids, RubManifest *manifest, RubProgress *progress,
                        GCancellable *cancellable, GError **error);

G_END_DECLS
