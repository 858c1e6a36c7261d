/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "rub-wizard.h"

G_BEGIN_DECLS

/**
 * RubWorkPage:
 *
 * The page that shows how far a build, a check or an undo is.
 */
#define RUB_TYPE_WORK_PAGE (rub_work_page_get_type())
G_DECLARE_FINAL_TYPE(RubWorkPage, rub_work_page, RUB, WORK_PAGE, AdwBin)

/** rub_work_page_new: Returns: (transfer floating): a page that shows @wizard */
GtkWidget *rub_work_page_new(RubWizard *wizard);

G_END_DECLS
