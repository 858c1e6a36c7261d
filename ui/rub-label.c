/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-label.h"

#include "rub-bidi.h"

static void
on_copy_cb(GtkLabel *label, gpointer user_data)
{
    int start, end;
    if (!gtk_label_get_selection_bounds(label, &start, &end))
        return;
    g_autofree char *selected = g_utf8_substring(gtk_label_get_text(label), start, end);
    g_autofree char *plain = rub_bidi_strip(selected);
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(label)), plain);
    g_signal_stop_emission_by_name(label, "copy-clipboard");
}

void
rub_label_copy_plainly(GtkLabel *label)
{
    g_signal_connect(label, "copy-clipboard", G_CALLBACK(on_copy_cb), NULL);
}

/* adw-preferences-group.ui of libadwaita 1.2 has them end in an ellipsis. */
void
rub_label_wrap_titles(GtkWidget *widget)
{
    if (GTK_IS_LABEL(widget) && gtk_widget_has_css_class(widget, "heading")) {
        gtk_label_set_ellipsize(GTK_LABEL(widget), PANGO_ELLIPSIZE_NONE);
        gtk_label_set_wrap(GTK_LABEL(widget), TRUE);
        gtk_label_set_wrap_mode(GTK_LABEL(widget), PANGO_WRAP_WORD_CHAR);
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        rub_label_wrap_titles(child);
}
