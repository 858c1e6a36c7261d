/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive-facts.h"
#include "target/rub-drive.h"

G_BEGIN_DECLS

/** rub_drive_new: Returns: (transfer full): a drive; takes over @facts */
RubDrive *rub_drive_new(RubDriveFacts *facts);

/** rub_drive_get_facts: Returns: (transfer none): what it was made from */
const RubDriveFacts *rub_drive_get_facts(RubDrive *self);

/**
 * rub_drive_update:
 * @self: a drive
 * @facts: (transfer full): what is known of it by now
 *
 * Replaces its facts and emits #RubDrive::changed if anything is different.
 *
 * Returns: whether anything is
 */
gboolean rub_drive_update(RubDrive *self, RubDriveFacts *facts);

/** rub_drive_is_listed: Returns: whether it belongs into a list: it is a USB drive or a card */
gboolean rub_drive_is_listed(RubDrive *self);

/** rub_drive_compare: Returns: which of two drives comes first in a list, as strcmp() */
int rub_drive_compare(RubDrive *self, RubDrive *other);

/**
 * rub_drive_set_counts:
 * @self: a drive
 * @mount_point: where one of its volumes is mounted
 * @used_bytes: how much of that is in use
 * @free_bytes: how much is free
 *
 * Notes how full a volume is.
 *
 * Returns: whether that is news
 */
gboolean rub_drive_set_counts(RubDrive *self, const char *mount_point, guint64 used_bytes,
                              guint64 free_bytes);

/** rub_drive_emit_changed: emits #RubDrive::changed */
void rub_drive_emit_changed(RubDrive *self);

G_END_DECLS
