/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-expander.h"

static void
show_state(AdwExpanderRow *row, GParamSpec *pspec, gpointer revealer)
{
    gtk_accessible_update_state(GTK_ACCESSIBLE(revealer), GTK_ACCESSIBLE_STATE_HIDDEN,
                                !adw_expander_row_get_expanded(row), -1);
}

void
rub_expander_hide_collapsed(AdwExpanderRow *row, GtkWidget *content)
{
    GtkWidget *revealer = gtk_widget_get_ancestor(content, GTK_TYPE_REVEALER);
    g_signal_connect_object(row, "notify::expanded", G_CALLBACK(show_state), revealer, 0);
    show_state(row, NULL, revealer);
}
