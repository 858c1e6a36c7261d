/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-target.h"

G_BEGIN_DECLS

/* The boot record of a volume, whatever its filesystem: what BIOS starts after the MBR's code. */

/** rub_boot_record_install: rub_boot_install_fat32_record() or rub_boot_install_ntfs_record() */
gboolean rub_boot_record_install(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                                 GError **error);

/** rub_boot_record_verify: rub_boot_verify() or rub_boot_verify_ntfs() */
gboolean rub_boot_record_verify(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                                GError **error);

/** rub_boot_record_read: rub_boot_read_records() or rub_boot_read_ntfs_records(); Returns:
 * (transfer full) (nullable): the code of the MBR and the boot record */
GBytes *rub_boot_record_read(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba,
                             GError **error);

G_END_DECLS
