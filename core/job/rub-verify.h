/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-mbr.h"
#include "base/rub-progress.h"
#include "job/rub-manifest.h"
#include "job/rub-volume-place.h"
#include "plan/rub-plan.h"
#include "source/rub-source.h"
#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * rub_verify_files:
 * @place: where the volume is: on a disk whose cached contents were dropped, or in a folder where
 *   it was mounted anew
 * @manifest: what must be on it
 * @plan: the plan whose files the manifest lists first, in the same order
 * @source: the image they came from, to say where a file differs
 * @progress: its current step counts the bytes of the manifest's files
 * @cancellable: (nullable): stops it between two pieces of a file
 * @error: return location
 *
 * Opens the volume anew, as a computer would that starts from it, and walks it. What the
 * manifest lists must be there, and the manifest, and nothing else unless the plan keeps the files
 * that were on the volume; on a disk both copies of the allocation table must agree; then every
 * file of the manifest is read in the order of the disk. Errors: %RUB_CODE_VERIFY_FAILED naming the
 * first file that is missing, one too many or unreadable or that differs, and where,
 * %RUB_CODE_CANCELLED, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether everything is there and right
 */
gboolean rub_verify_files(const RubVolumePlace *place, const RubManifest *manifest,
                          const RubPlan *plan, const RubSource *source, RubProgress *progress,
                          GCancellable *cancellable, GError **error);

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

/**
 * rub_verify_kept_table:
 * @disk: a disk
 * @before: its first sector, with the table as it was
 * @active_number: the partition that became the only active one; 0 if the flags stayed, too
 * @error: return location
 *
 * Reads a partition table that was kept. Errors: %RUB_CODE_VERIFY_FAILED, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether nothing else in it has changed
 */
gboolean rub_verify_kept_table(RubDisk *disk, const guint8 before[RUB_MBR_BYTES],
                               guint active_number, GError **error);

G_END_DECLS
