/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** rub_label_copy_plainly: has what is copied out of the selectable label @label be without the
 * marks of rub_bidi_mark(): paths are copied to be used */
void rub_label_copy_plainly(GtkLabel *label);

/** rub_label_wrap_titles: has the titles of all groups below @widget wrap, which libadwaita cuts
 * off
 */
void rub_label_wrap_titles(GtkWidget *widget);

G_END_DECLS
