/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * rub_expander_hide_collapsed:
 * @row: a row that opens
 * @content: one of the rows in it
 *
 * Hides what is in @row from screen readers, too, as long as it is closed, which libadwaita 1.2
 * does not do by itself.
 */
void rub_expander_hide_collapsed(AdwExpanderRow *row, GtkWidget *content);

G_END_DECLS
