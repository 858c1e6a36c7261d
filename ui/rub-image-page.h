/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "rub-wizard.h"

G_BEGIN_DECLS

/**
 * RubImagePage:
 *
 * The page on which the image is chosen.
 */
#define RUB_TYPE_IMAGE_PAGE (rub_image_page_get_type())
G_DECLARE_FINAL_TYPE(RubImagePage, rub_image_page, RUB, IMAGE_PAGE, AdwBin)

/** rub_image_page_new: Returns: (transfer floating): a page that shows @wizard */
GtkWidget *rub_image_page_new(RubWizard *wizard);

G_END_DECLS
