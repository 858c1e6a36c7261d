/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-progress.h"
#include "job/rub-manifest.h"
#include "plan/rub-plan.h"
#include "source/rub-source.h"
#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * rub_verify_files:
 * @disk: a disk whose cached contents were dropped
 * @manifest: what must be on it
 * @plan: the plan whose files the manifest lists, in the same order
 * @source: the image they came from, to say where a file differs
 * @progress: its current step counts the bytes of the manifest's files
 * @cancellable: (nullable): stops it between two pieces of a file
 * @error: return location
 *
 * Opens the volume anew, as a computer would that starts from it, and walks it. Exactly what the
 * manifest lists must be there, and the manifest; both copies of the allocation table must agree;
 * then every file is read in the order of the disk. Errors: %RUB_CODE_VERIFY_FAILED naming the
 * first file that is missing, one too many or unreadable or that differs, and where,
 * %RUB_CODE_CANCELLED, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether everything is there and right
 */
gboolean rub_verify_files(RubDisk *disk, const RubManifest *manifest, const RubPlan *plan,
                          const RubSource *source, RubProgress *progress, GCancellable *cancellable,
                          GError **error);

/**
 * rub_verify_table:
 * @disk: a disk
 * @manifest: what must be on it
 * @error: return location
 *
 * Reads the partition table, in which ours must be the only partition. Errors:
 * %RUB_CODE_VERIFY_FAILED, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether the table is the one that was written
 */
gboolean rub_verify_table(RubDisk *disk, const RubManifest *manifest, GError **error);

G_END_DECLS
