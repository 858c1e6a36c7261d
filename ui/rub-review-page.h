/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "rub-wizard.h"

G_BEGIN_DECLS

/**
 * RubReviewPage:
 *
 * The page that says what will happen before anything does, and asks for a yes.
 */
#define RUB_TYPE_REVIEW_PAGE (rub_review_page_get_type())
G_DECLARE_FINAL_TYPE(RubReviewPage, rub_review_page, RUB, REVIEW_PAGE, AdwBin)

/** rub_review_page_new: Returns: (transfer floating): a page that shows @wizard */
GtkWidget *rub_review_page_new(RubWizard *wizard);

G_END_DECLS
