/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-target.h"

G_BEGIN_DECLS

/* What boot code replaced, for undo. */

/**
 * rub_boot_save_sectors:
 * @disk: a disk
 * @filesystem: what the volume is
 * @start_lba: where it begins; 0 to save the first sector of the disk only
 * @error: return location
 *
 * Reads whole the sectors that rub_boot_install_mbr_for() and rub_boot_record_install() change: the
 * first one of the disk, then that of the volume, its copy, and those of the second stage. Errors:
 * those of rub_boot_record_install().
 *
 * Returns: (transfer full) (nullable): the sectors, for rub_boot_restore_sectors()
 */
GBytes *rub_boot_save_sectors(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                              GError **error);

/**
 * rub_boot_can_restore_sectors:
 * @filesystem: what the volume is
 * @start_lba: where it begins; 0 where only the first sector of the disk was saved
 * @saved: what is in the place of the saved sectors
 *
 * Returns: whether there are as many bytes as were saved
 */
gboolean rub_boot_can_restore_sectors(RubFilesystem filesystem, guint64 start_lba, GBytes *saved);

/**
 * rub_boot_restore_sectors:
 * @disk: the disk they were read from
 * @filesystem: as given to rub_boot_save_sectors()
 * @start_lba: as given to rub_boot_save_sectors()
 * @saved: the sectors
 * @is_surely_ours: whether the boot code on the disk is known to be what this program installed; if
 *   not it is compared with the code of this version
 * @is_restored: (out): whether everything is as it was; %FALSE where somebody installed another
 *   code since, which stays
 * @error: return location
 *
 * Puts back the code in the first sector and the active flags, in one write, unless the partitions
 * are others now or another one was made active since; and the boot record. Of a volume's parameter
 * block only what the record had changed goes back. May be repeated after a cut. Does not sync.
 * Errors: those of rub_disk_read() and rub_disk_write(), %RUB_CODE_VERIFY_FAILED where @saved
 * cannot be what was saved there.
 *
 * Returns: whether nothing failed
 */
gboolean rub_boot_restore_sectors(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                                  GBytes *saved, gboolean is_surely_ours, gboolean *is_restored,
                                  GError **error);

G_END_DECLS
