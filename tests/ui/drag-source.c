/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file manager offers other programs: drag-source FILE shows a small window in the corner of
 * the screen, from which the file can be dragged, and has its address on the clipboard. It says
 * "ready" when that is so, "accepted" when it is dragged to where it may be dropped, and ends when
 * something was dragged. */
#include <gtk/gtk.h>

static void
on_action_cb(GdkDrag *drag, GParamSpec *pspec, gpointer user_data)
{
    if (gdk_drag_get_selected_action(drag) != 0)
        g_print("accepted\n");
}

static void
on_drag_begin_cb(GtkDragSource *source, GdkDrag *drag, gpointer user_data)
{
    g_signal_connect(drag, "notify::selected-action", G_CALLBACK(on_action_cb), NULL);
}

static void
on_drag_end_cb(GtkDragSource *source, GdkDrag *drag, gboolean deletes, gpointer user_data)
{
    g_main_loop_quit(user_data);
}

static GdkContentProvider *
make_content(const char *path)
{
    GFile *file = g_file_new_for_path(path);
    GdkFileList *list = gdk_file_list_new_from_array(&file, 1);
    GdkContentProvider *content = gdk_content_provider_new_typed(GDK_TYPE_FILE_LIST, list);
    g_boxed_free(GDK_TYPE_FILE_LIST, list);
    g_object_unref(file);
    return content;
}

static void
copy_address(const char *path)
{
    GFile *file = g_file_new_for_path(path);
    char *uri = g_file_get_uri(file);
    gdk_clipboard_set_text(gdk_display_get_clipboard(gdk_display_get_default()), uri);
    g_free(uri);
    g_object_unref(file);
}

/* Once it is drawn, it can be clicked on. */
static gboolean
on_tick_cb(GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
    g_print("ready\n");
    return G_SOURCE_REMOVE;
}

int
main(int argc, char **argv)
{
    gtk_init();
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    GtkWidget *window = gtk_window_new();
    GtkWidget *label = gtk_label_new("Drag me");
    GtkDragSource *source = gtk_drag_source_new();
    GdkContentProvider *content = make_content(argv[1]);
    gtk_drag_source_set_content(source, content);
    g_object_unref(content);
    g_signal_connect(source, "drag-begin", G_CALLBACK(on_drag_begin_cb), NULL);
    g_signal_connect(source, "drag-end", G_CALLBACK(on_drag_end_cb), loop);
    gtk_widget_add_controller(label, GTK_EVENT_CONTROLLER(source));
    gtk_window_set_child(GTK_WINDOW(window), label);
    gtk_window_set_decorated(GTK_WINDOW(window), FALSE);
    gtk_window_set_default_size(GTK_WINDOW(window), 100, 60);
    copy_address(argv[1]);
    gtk_widget_add_tick_callback(label, on_tick_cb, NULL, NULL);
    gtk_window_present(GTK_WINDOW(window));
    g_main_loop_run(loop);
    gtk_window_destroy(GTK_WINDOW(window));
    g_main_loop_unref(loop);
    return 0;
}
