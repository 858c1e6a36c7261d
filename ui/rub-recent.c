/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-recent.h"

#include "rub-list.h"

#define MAX_ROWS 5
#define IMAGE_MIME_TYPE "application/x-cd-image"

void
rub_recent_add(const char *path)
{
    g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);
    GtkRecentData data = {
        .mime_type = (char *) IMAGE_MIME_TYPE,
        .app_name = (char *) "Rescue USB Builder",
        .app_exec = (char *) "rescue-usb-builder-gtk %f",
    };
    if (uri)
        gtk_recent_manager_add_full(gtk_recent_manager_get_default(), uri, &data);
}

/* Debian 13 calls the type otherwise; images without a suffix have none of these types. */
static gboolean
is_image(GtkRecentInfo *info)
{
    static const char *const types[] = {IMAGE_MIME_TYPE, "application/x-iso9660-image",
                                        "application/vnd.efi.iso", NULL};
    return g_strv_contains(types, gtk_recent_info_get_mime_type(info)) &&
           g_str_has_prefix(gtk_recent_info_get_uri(info), "file:") && gtk_recent_info_exists(info);
}

static int
compare_age(gconstpointer a, gconstpointer b)
{
    return g_date_time_compare(gtk_recent_info_get_modified((GtkRecentInfo *) b),
                               gtk_recent_info_get_modified((GtkRecentInfo *) a));
}

static void
add_row(GtkListBox *list, GtkRecentInfo *info)
{
    g_autofree char *path = g_filename_from_uri(gtk_recent_info_get_uri(info), NULL, NULL);
    if (!path)
        return;
    g_autofree char *name = g_filename_display_basename(path);
    g_autofree char *folder_path = g_path_get_dirname(path);
    g_autofree char *folder = g_filename_display_name(folder_path);
    AdwActionRow *row = rub_list_make_row(name, folder);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(row), "s", gtk_recent_info_get_uri(info));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(row), "win.use-image");
    gtk_list_box_append(list, GTK_WIDGET(row));
}

static void
unref_info(gpointer data)
{
    gtk_recent_info_unref(data);
}

void
rub_recent_fill(GtkListBox *list)
{
    GList *infos = gtk_recent_manager_get_items(gtk_recent_manager_get_default());
    guint count = 0;
    infos = g_list_sort(infos, compare_age);
    rub_list_clear(list);
    for (GList *link = infos; link && count < MAX_ROWS; link = link->next) {
        if (!is_image(link->data))
            continue;
        add_row(list, link->data);
        count++;
    }
    g_list_free_full(infos, unref_info);
}
