/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "rub-wizard.h"

G_BEGIN_DECLS

/**
 * RubStickPage:
 *
 * The page on which the stick is chosen, and how it is built.
 */
#define RUB_TYPE_STICK_PAGE (rub_stick_page_get_type())
G_DECLARE_FINAL_TYPE(RubStickPage, rub_stick_page, RUB, STICK_PAGE, AdwBin)

/** rub_stick_page_new: Returns: (transfer floating): a page that shows @wizard */
GtkWidget *rub_stick_page_new(RubWizard *wizard);

G_END_DECLS
