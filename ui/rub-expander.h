/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * rub_expander_set_up:
 * @row: a row that opens
 * @content: one of the rows in it
 *
 * Has the page scroll to what opens, and hides what is in @row from screen readers, too, as long as
 * it is closed: libadwaita 1.2 does neither by itself.
 */
void rub_expander_set_up(AdwExpanderRow *row, GtkWidget *content);

G_END_DECLS
