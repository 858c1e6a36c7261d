/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive-facts.h"
#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * rub_outline_new:
 * @facts: what UDisks2 and the kernel tell of a drive
 *
 * Makes a layout of what is known of a drive without opening it: table, partitions, gaps and which
 * filesystems they hold, and whether it is refused; nothing of what is in the filesystems. What
 * could not be recognised is #RUB_TABLE_OTHER without a name: it may be blank, or encrypted.
 *
 * Returns: (transfer full): the layout, an outline
 */
RubLayout *rub_outline_new(const RubDriveFacts *facts);

/**
 * rub_outline_get_contents:
 * @layout: a layout of rub_outline_new()
 * @number: a partition's number, from 1; 0 for the disk itself
 *
 * Returns: (transfer none) (nullable): its contents
 */
RubContents *rub_outline_get_contents(RubLayout *layout, guint number);

G_END_DECLS
