/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive-list.h"

G_BEGIN_DECLS

/** rub_cli_drives_get_number: Returns: the number by which @drive is chosen from @list, from 1; 0
 * if it cannot be chosen */
guint rub_cli_drives_get_number(RubDriveList *list, RubDrive *drive);

/**
 * rub_cli_drives_remember:
 * @list: the drives that were just listed
 * @error: return location
 *
 * Keeps which drive has which number, until the user's session ends. Errors: those of writing a
 * file.
 *
 * Returns: whether it is kept
 */
gboolean rub_cli_drives_remember(RubDriveList *list, GError **error);

/**
 * rub_cli_drives_pick:
 * @list: the drives that are there
 * @number: a number from the list that the user saw last, in digits
 * @error: return location
 *
 * Finds the drive that had this number. Errors: %RUB_CODE_DEVICE_CHANGED where the drives are not
 * those that were listed last; %RUB_CODE_USAGE where none were listed yet, or fewer.
 *
 * Returns: (transfer full) (nullable): the drive
 */
RubDrive *rub_cli_drives_pick(RubDriveList *list, const char *number, GError **error);

G_END_DECLS
