/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive-facts.h"

G_BEGIN_DECLS

/**
 * rub_drive_use_find_all:
 * @uses: (element-type RubDriveUse): what is found is added to it
 * @disk: the kernel's name of a disk, such as "sdb"
 * @root: where to look for sys and proc: "/", or the folder of a test
 *
 * Finds out from the kernel what the disk, its partitions and all that is stacked on them
 * (encryption, LVM, RAID) are used for. Being mounted where users mount their sticks is no use.
 */
void rub_drive_use_find_all(GPtrArray *uses, const char *disk, const char *root);

/** rub_drive_use_add: adds a use to @uses, unless it is in there already */
void rub_drive_use_add(GPtrArray *uses, RubDriveUseKind kind, const char *name);

/**
 * rub_drive_use_read_attribute:
 * @root: as above
 * @device: the kernel's name of a block device
 * @attribute: the path of one of its files in sysfs, such as "queue/logical_block_size"
 *
 * Returns: (transfer full) (nullable): its first line
 */
char *rub_drive_use_read_attribute(const char *root, const char *device, const char *attribute);

G_END_DECLS
