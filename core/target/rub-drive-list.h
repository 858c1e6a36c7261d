/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-drive.h"

G_BEGIN_DECLS

/**
 * RubDriveList:
 *
 * A #GListModel of #RubDrive that follows what is plugged in and out: first the suitable ordinary
 * drives, then the large ones, then those that are refused, each group in the order of their
 * nodes. Disks of the running system and other disks that are not on USB or in a card reader are
 * not in it. It is fed by UDisks2's signals, on the thread-default main context of whoever made it,
 * and belongs to that thread. A drive whose facts change stays the same object and emits
 * #RubDrive::changed; it is removed and added again only where its place changes.
 */
#define RUB_TYPE_DRIVE_LIST (rub_drive_list_get_type())
G_DECLARE_FINAL_TYPE(RubDriveList, rub_drive_list, RUB, DRIVE_LIST, GObject)

/**
 * rub_drive_list_new:
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Asks UDisks2 for all drives, blocking. Errors: %RUB_CODE_USAGE saying what to install or start
 * where there is no system bus or no UDisks2, %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): a list, filled
 */
RubDriveList *rub_drive_list_new(GCancellable *cancellable, GError **error);

/**
 * rub_drive_list_new_async:
 * @cancellable: (nullable): to stop it
 * @callback: called when the list is filled
 * @user_data: for @callback
 *
 * Like rub_drive_list_new(), without blocking.
 */
void rub_drive_list_new_async(GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);

/**
 * rub_drive_list_new_finish:
 * @result: what the callback was given
 * @error: return location
 *
 * Errors: those of rub_drive_list_new().
 *
 * Returns: (transfer full) (nullable): a list, filled
 */
RubDriveList *rub_drive_list_new_finish(GAsyncResult *result, GError **error);

/**
 * rub_drive_list_find:
 * @self: a list
 * @name: a device node (or a link to one), a serial number, or the id of a drive
 * @error: return location
 *
 * Finds a drive of the list. Errors: %RUB_CODE_USAGE where there is none, or where several have
 * that serial number.
 *
 * Returns: (transfer full) (nullable): the drive
 */
RubDrive *rub_drive_list_find(RubDriveList *self, const char *name, GError **error);

G_END_DECLS
