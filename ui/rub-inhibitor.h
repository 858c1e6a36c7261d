/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * RubInhibitor:
 *
 * Keeps the computer awake and the user logged in until it is released: through the session
 * manager, and through logind, which also works where there is no session manager.
 */
#define RUB_TYPE_INHIBITOR (rub_inhibitor_get_type())
G_DECLARE_FINAL_TYPE(RubInhibitor, rub_inhibitor, RUB, INHIBITOR, GObject)

/**
 * rub_inhibitor_new:
 * @application: the program
 * @window: the window that shows what is done
 * @reason: what is done, for people
 *
 * Returns: (transfer full): an inhibitor
 */
RubInhibitor *rub_inhibitor_new(GtkApplication *application, GtkWindow *window, const char *reason);

/** rub_inhibitor_release: ends it and drops the reference to @self (transfer full) */
void rub_inhibitor_release(RubInhibitor *self);

G_END_DECLS
