/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "rub-wizard.h"

G_BEGIN_DECLS

/**
 * RubWindow:
 *
 * The window of the wizard.
 */
#define RUB_TYPE_WINDOW (rub_window_get_type())
G_DECLARE_FINAL_TYPE(RubWindow, rub_window, RUB, WINDOW, AdwApplicationWindow)

/** rub_window_new: Returns: (transfer none): a window of @application with a wizard of its own */
RubWindow *rub_window_new(GtkApplication *application);

/** rub_window_use_image: chooses the image @name, unless something runs */
void rub_window_use_image(RubWindow *self, const char *name);

G_END_DECLS
