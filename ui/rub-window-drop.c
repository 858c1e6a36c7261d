/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-window-private.h"

/* There is no "leave" after a "drop". */
static void
show_hover(RubWindow *self, gboolean is_hovering)
{
    if (is_hovering)
        gtk_widget_add_css_class(GTK_WIDGET(self->toasts), "drop-hover");
    else
        gtk_widget_remove_css_class(GTK_WIDGET(self->toasts), "drop-hover");
}

static GdkDragAction
on_enter_cb(GtkDropTarget *target, double x, double y, gpointer user_data)
{
    show_hover(user_data, TRUE);
    return GDK_ACTION_COPY;
}

static void
on_leave_cb(GtkDropTarget *target, gpointer user_data)
{
    show_hover(user_data, FALSE);
}

static GFile *
get_first_file(const GValue *value)
{
    if (G_VALUE_HOLDS(value, G_TYPE_FILE))
        return g_value_dup_object(value);
    GSList *files = gdk_file_list_get_files(g_value_get_boxed(value));
    GFile *first = files ? g_object_ref(files->data) : NULL;
    g_slist_free(files);
    return first;
}

static gboolean
on_drop_cb(GtkDropTarget *target, const GValue *value, double x, double y, gpointer user_data)
{
    g_autoptr(GFile) file = get_first_file(value);
    g_autofree char *path = file ? g_file_get_path(file) : NULL;
    show_hover(user_data, FALSE);
    if (path)
        rub_window_use_image(user_data, path);
    return path != NULL;
}

void
rub_window_accept_drops(RubWindow *self)
{
    GType types[] = {GDK_TYPE_FILE_LIST, G_TYPE_FILE};
    GtkDropTarget *target = gtk_drop_target_new(G_TYPE_INVALID, GDK_ACTION_COPY);
    gtk_drop_target_set_gtypes(target, types, G_N_ELEMENTS(types));
    /* Before the entries take what is dropped on them for text. */
    gtk_event_controller_set_propagation_phase(GTK_EVENT_CONTROLLER(target), GTK_PHASE_CAPTURE);
    g_signal_connect(target, "enter", G_CALLBACK(on_enter_cb), self);
    g_signal_connect(target, "leave", G_CALLBACK(on_leave_cb), self);
    g_signal_connect(target, "drop", G_CALLBACK(on_drop_cb), self);
    gtk_widget_add_controller(GTK_WIDGET(self), GTK_EVENT_CONTROLLER(target));
}
