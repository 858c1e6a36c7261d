/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_udisks_target_new:
 * @drive: a drive; also one that is refused: the layout tells why
 *
 * Nothing is asked and nothing is opened here. All functions of the target block; they are called
 * on one thread, which need not be the one that @drive belongs to.
 *
 * Returns: (transfer full): a target
 */
RubTarget *rub_udisks_target_new(RubDrive *drive);

/**
 * rub_udisks_target_new_for_node:
 * @node: a device node such as "/dev/sdb", or a link to one
 * @error: return location
 *
 * Like rub_udisks_target_new(), for any disk, also for one that no #RubDriveList shows: the layout
 * of a system disk tells why it is refused. Errors: %RUB_CODE_USAGE for a partition, naming its
 * disk, and for what is no disk.
 *
 * Returns: (transfer full) (nullable): a target
 */
RubTarget *rub_udisks_target_new_for_node(const char *node, GError **error);

G_END_DECLS
