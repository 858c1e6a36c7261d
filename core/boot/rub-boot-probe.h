/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_boot_is_our_mbr_code:
 * @code: the first %RUB_MBR_CODE_BYTES bytes of a disk
 *
 * Returns: whether that is what rub_boot_install_mbr() writes
 */
gboolean rub_boot_is_our_mbr_code(const guint8 *code);

/**
 * rub_boot_has_other_record:
 * @disk: the disk the volume is on
 * @filesystem: what the volume is
 * @start_lba: the sector where it starts
 *
 * Code counts that may start something: ours does not, nor what mkfs.fat and mkntfs put there,
 * which only says that the disk does not start.
 *
 * Returns: whether the volume's boot record holds code of somebody else
 */
gboolean rub_boot_has_other_record(RubDisk *disk, RubFilesystem filesystem, guint64 start_lba);

G_END_DECLS
