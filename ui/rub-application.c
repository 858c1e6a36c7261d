/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-application.h"

#include "rub-intl.h"
#include "rub-label.h"
#include "rub-resource.h"
#include "rub-window.h"

struct _RubApplication {
    AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE(RubApplication, rub_application, ADW_TYPE_APPLICATION)

RubApplication *
rub_application_new(void)
{
    return g_object_new(RUB_TYPE_APPLICATION, "application-id", RUB_APP_ID, "flags",
                        G_APPLICATION_HANDLES_OPEN, NULL);
}

/* Help and file dialogs are windows, too. */
static GtkWindow *
find_window(GApplication *application)
{
    GList *windows = gtk_application_get_windows(GTK_APPLICATION(application));
    for (; windows; windows = windows->next) {
        if (RUB_IS_WINDOW(windows->data))
            return windows->data;
    }
    return NULL;
}

static RubWindow *
get_window(GApplication *application)
{
    GtkWindow *window = find_window(application);
    return window ? RUB_WINDOW(window) : rub_window_new(GTK_APPLICATION(application));
}

static void
rub_application_activate(GApplication *application)
{
    gtk_window_present(GTK_WINDOW(get_window(application)));
}

static void
rub_application_open(GApplication *application, GFile **files, int count, const char *hint)
{
    RubWindow *window = get_window(application);
    g_autofree char *path = g_file_get_path(files[0]);
    g_autofree char *uri = g_file_get_uri(files[0]);
    rub_window_use_image(window, path ? path : uri);
    gtk_window_present(GTK_WINDOW(window));
}

static void
show_about(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    GtkWindow *window = find_window(user_data);
    adw_show_about_window(
        window, "application-name", _("Rescue USB Builder"), "application-icon", RUB_APP_ID,
        "version", RUB_VERSION, "developer-name", _("The Rescue USB Builder authors"),
        "license-type", GTK_LICENSE_GPL_3_0, "comments",
        _("Turns a rescue image into a USB stick that starts a broken computer."), NULL);
}

static void
show_window_of(GApplication *application, const char *resource, const char *id)
{
    g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource(resource);
    GtkWindow *window = GTK_WINDOW(gtk_builder_get_object(builder, id));
    rub_label_wrap_titles(GTK_WIDGET(window));
    gtk_window_set_transient_for(window, find_window(application));
    gtk_window_present(window);
}

static void
show_help(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    show_window_of(user_data, RUB_RESOURCE_PATH "help.ui", "help");
}

/* GTK would make this window by itself, but before the first frame of the wizard. */
static void
show_shortcuts(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    show_window_of(user_data, RUB_RESOURCE_PATH "help-overlay.ui", "help_overlay");
}

static void
close_window(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    GtkWindow *window = find_window(user_data);
    if (window)
        gtk_window_close(window);
}

static const GActionEntry entries[] = {
    {"about", show_about},
    {"help", show_help},
    {"shortcuts", show_shortcuts},
    {"quit", close_window},
};

static const struct {
    const char *action;
    const char *accelerators[3];
} shortcuts[] = {
    {"app.quit", {"<Control>q"}},
    {"window.close", {"<Control>w"}},
    {"win.open-image", {"<Control>o"}},
    {"win.back", {"<Alt>Left"}},
    {"win.next", {"<Alt>Right"}},
    {"app.help", {"F1"}},
    {"app.shortcuts", {"<Control>question", "<Control>F1"}},
};

static void
rub_application_startup(GApplication *application)
{
    G_APPLICATION_CLASS(rub_application_parent_class)->startup(application);
    g_action_map_add_action_entries(G_ACTION_MAP(application), entries, G_N_ELEMENTS(entries),
                                    application);
    for (gsize i = 0; i < G_N_ELEMENTS(shortcuts); i++)
        gtk_application_set_accels_for_action(GTK_APPLICATION(application), shortcuts[i].action,
                                              (const char *const *) shortcuts[i].accelerators);
}

static void
rub_application_class_init(RubApplicationClass *klass)
{
    GApplicationClass *application_class = G_APPLICATION_CLASS(klass);
    application_class->startup = rub_application_startup;
    application_class->activate = rub_application_activate;
    application_class->open = rub_application_open;
}

static void
rub_application_init(RubApplication *self)
{
}
