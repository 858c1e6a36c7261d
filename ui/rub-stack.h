/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** rub_stack_show: shows the page @name of @stack, and hides the others from screen readers, too,
 * which GTK 4.8 does not do by itself */
void rub_stack_show(GtkStack *stack, const char *name);

G_END_DECLS
