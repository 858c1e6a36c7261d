/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-progress.h"
#include "job/rub-manifest.h"
#include "job/rub-volume-place.h"
#include "plan/rub-plan.h"
#include "source/rub-source.h"
#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * RubBuild:
 *
 * Puts all of a build into its volume: the note of what is under way, the files, with what they
 * replace moved out of the way, the boot record, the manifest; then the note goes. What is not the
 * build's is whole at every moment; in a folder, a file that gives way is in at least one of its
 * two places.
 */
typedef struct _RubBuild RubBuild;

/**
 * rub_build_new:
 * @plan: what to do
 * @source: the image the files come from
 * @place: where the volume is, which was just made, or has files that stay; in a folder for a plan
 *   without boot code
 * @manifest: what is known of the build so far; gets the rest, and becomes the last file
 * @progress: its current step counts the bytes of the plan's files, while they are written
 * @cancellable: (nullable): stops it between two pieces of a file
 *
 * It borrows all of them but @place.
 *
 * Returns: (transfer full): a build
 */
RubBuild *rub_build_new(const RubPlan *plan, const RubSource *source, const RubVolumePlace *place,
                        RubManifest *manifest, RubProgress *progress, GCancellable *cancellable);

/** rub_build_free: frees it */
void rub_build_free(RubBuild *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubBuild, rub_build_free)

/** rub_build_has_written: Returns: whether anything on the volume may differ from what was there
 * before */
gboolean rub_build_has_written(const RubBuild *self);

/** rub_build_is_withdrawn: Returns: whether the build failed before its first file was there, and
 * the volume was put back into the state that it found */
gboolean rub_build_is_withdrawn(const RubBuild *self);

/**
 * rub_build_begin:
 * @self: a build
 * @error: return location
 *
 * Writes the note. Where an earlier build of ours was cut off, its lost clusters are freed before.
 * A partition that is made for the build comes into the table after this: the note says whose it
 * is. Errors: %RUB_CODE_VOLUME_DAMAGED, %RUB_CODE_DEVICE_CHANGED for a file that would be replaced
 * but is not in the plan, %RUB_CODE_CANCELLED; those of the functions of #RubVolume.
 *
 * Returns: whether the note is on the medium
 */
gboolean rub_build_begin(RubBuild *self, GError **error);

/**
 * rub_build_finish:
 * @self: a build that has begun
 * @error: return location
 *
 * Does everything else. Errors: %RUB_CODE_DISK_TOO_SMALL, or %RUB_CODE_NO_FREE_SPACE beside files
 * that stay; %RUB_CODE_CANCELLED; those of rub_source_read(), of the functions of #RubVolume and of
 * rub_boot_record_install().
 *
 * Returns: whether everything is on the medium
 */
gboolean rub_build_finish(RubBuild *self, GError **error);

G_END_DECLS
