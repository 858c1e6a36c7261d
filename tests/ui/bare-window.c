/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least that a program with libadwaita shows: what the start of the wizard is measured against.
 */
#include <adwaita.h>

static void
on_activate_cb(GtkApplication *application, gpointer user_data)
{
    GtkWidget *window = adw_application_window_new(application);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_box_append(GTK_BOX(box), adw_header_bar_new());
    gtk_box_append(GTK_BOX(box), gtk_label_new("Nothing"));
    adw_application_window_set_content(ADW_APPLICATION_WINDOW(window), box);
    gtk_window_set_default_size(GTK_WINDOW(window), 640, 720);
    gtk_window_present(GTK_WINDOW(window));
}

int
main(int argc, char **argv)
{
    AdwApplication *application =
        adw_application_new("io.github.rescue_usb_builder.BareWindow", G_APPLICATION_DEFAULT_FLAGS);
    g_signal_connect(application, "activate", G_CALLBACK(on_activate_cb), NULL);
    int status = g_application_run(G_APPLICATION(application), argc, argv);
    g_object_unref(application);
    return status;
}
