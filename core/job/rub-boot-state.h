/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-manifest.h"
#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * RubBootState:
 * @is_mbr_code_right: whether the code in the first sector is what the manifest says
 * @is_mbr_code_missing: whether there is none at all
 * @is_record_right: whether the volume's boot record, its backup and its second stage are
 * @is_active_right: whether the active flags are: those of a build that installed boot code
 *
 * The boot code on a disk, compared with a manifest. What the manifest does not list is right.
 */
typedef struct {
    gboolean is_mbr_code_right;
    gboolean is_mbr_code_missing;
    gboolean is_record_right;
    gboolean is_active_right;
} RubBootState;

/**
 * rub_boot_state_read:
 * @self: (out caller-allocates): what was found
 * @disk: a disk
 * @manifest: what was built on it
 * @number: the partition that was built on
 * @start_lba: where that begins
 * @error: return location
 *
 * Errors: those of rub_disk_read().
 *
 * Returns: whether it could be read
 */
gboolean rub_boot_state_read(RubBootState *self, RubDisk *disk, const RubManifest *manifest,
                             guint number, guint64 start_lba, GError **error);

G_END_DECLS
