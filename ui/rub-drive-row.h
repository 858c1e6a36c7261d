/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "rub-stick-choice.h"

G_BEGIN_DECLS

/**
 * RubDriveRow:
 *
 * A row of a list from which a drive is chosen, with the action win.stick. One that does not suit
 * is insensitive and says why.
 */
#define RUB_TYPE_DRIVE_ROW (rub_drive_row_get_type())
G_DECLARE_FINAL_TYPE(RubDriveRow, rub_drive_row, RUB, DRIVE_ROW, AdwActionRow)

/** rub_drive_row_new: Returns: (transfer floating): a row that follows what is known of @drive, one
 * of those that @stick is chosen from */
GtkWidget *rub_drive_row_new(RubDrive *drive, RubStickChoice *stick);

G_END_DECLS
