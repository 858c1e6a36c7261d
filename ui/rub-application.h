/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RubApplication:
 *
 * The wizard as a program of the desktop: one window, images handed over by the desktop.
 */
#define RUB_TYPE_APPLICATION (rub_application_get_type())
G_DECLARE_FINAL_TYPE(RubApplication, rub_application, RUB, APPLICATION, AdwApplication)

/** rub_application_new: Returns: (transfer full): the program */
RubApplication *rub_application_new(void);

G_END_DECLS
