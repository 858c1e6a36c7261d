/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "rub-wizard.h"

G_BEGIN_DECLS

/**
 * RubResultPage:
 *
 * The page that says how it went and what can be done now.
 */
#define RUB_TYPE_RESULT_PAGE (rub_result_page_get_type())
G_DECLARE_FINAL_TYPE(RubResultPage, rub_result_page, RUB, RESULT_PAGE, AdwBin)

/** rub_result_page_new: Returns: (transfer floating): a page that shows @wizard */
GtkWidget *rub_result_page_new(RubWizard *wizard);

/** rub_result_page_focus: moves the focus to what is most likely wanted next */
void rub_result_page_focus(RubResultPage *self);

G_END_DECLS
