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
 * rub_copy_files:
 * @plan: what to copy
 * @source: the image it comes from
 * @volume: where it goes
 * @manifest: gets every folder and file, with the digest of the bytes as they came from the image
 * @progress: its current step counts the bytes of the plan's files
 * @cancellable: (nullable): stops it between two pieces of a file; nothing exists then
 * @error: return location
 *
 * Copies the plan's folders and files in one round of the volume. Errors: %RUB_CODE_CANCELLED;
 * those of rub_source_read() and of the functions of #RubVolume, naming the file.
 *
 * Returns: whether all of them exist on the volume
 */
gboolean rub_copy_files(const RubPlan *plan, const RubSource *source, RubVolume *volume,
                        RubManifest *manifest, RubProgress *progress, GCancellable *cancellable,
                        GError **error);

G_END_DECLS
