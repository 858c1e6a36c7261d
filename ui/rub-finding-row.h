/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "plan/rub-finding.h"

G_BEGIN_DECLS

/**
 * RubFindingRow:
 *
 * A row of a list that shows a finding: what it is, what it means here, what to do about it, and a
 * button where the program can do it.
 */
#define RUB_TYPE_FINDING_ROW (rub_finding_row_get_type())
G_DECLARE_FINAL_TYPE(RubFindingRow, rub_finding_row, RUB, FINDING_ROW, GtkListBoxRow)

/** rub_finding_row_new: Returns: (transfer floating): a row for @finding, which is copied */
GtkWidget *rub_finding_row_new(const RubFinding *finding);

G_END_DECLS
