/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-file-dialog.h"
#include "rub-intl.h"
#include "rub-log-file.h"
#include "rub-verdict.h"
#include "rub-window-private.h"
#include "rub-words.h"

static void
on_image_chosen(GtkWindow *window, const char *path)
{
    rub_window_use_image(RUB_WINDOW(window), path);
}

static void
on_disk_chosen(GtkWindow *window, const char *path)
{
    RubWindow *self = RUB_WINDOW(window);
    rub_stick_choice_choose_file(rub_wizard_get_stick(self->wizard), path);
}

static void
on_log_chosen(GtkWindow *window, const char *path)
{
    RubWindow *self = RUB_WINDOW(window);
    g_autoptr(GError) error = NULL;
    g_autofree char *details = rub_verdict_make_details(rub_wizard_get_run(self->wizard));
    gboolean is_saved = g_file_set_contents(path, details, -1, &error);
    rub_window_show_toast(self, is_saved ? _("Log saved") : error->message);
}

static void
open_image(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_file_dialog_show(user_data, RUB_FILE_DIALOG_OPEN_IMAGE, on_image_chosen);
}

static void
use_image(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_window_use_image(user_data, g_variant_get_string(parameter, NULL));
}

static void
open_disk_image(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_file_dialog_show(user_data, RUB_FILE_DIALOG_OPEN_DISK, on_disk_chosen);
}

static void
new_disk_image(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_file_dialog_show(user_data, RUB_FILE_DIALOG_NEW_DISK, on_disk_chosen);
}

static void
refresh(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_stick_choice_list_drives(rub_wizard_get_stick(RUB_WINDOW(user_data)->wizard));
}

static void
apply(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_wizard_apply(RUB_WINDOW(user_data)->wizard, (RubAction) g_variant_get_int32(parameter));
}

static void
answer(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_wizard_answer(RUB_WINDOW(user_data)->wizard, g_variant_get_boolean(parameter));
}

static void
on_compared_chosen(GtkWindow *window, const char *path)
{
    RubWindow *self = RUB_WINDOW(window);
    if (rub_wizard_get_page(self->wizard) == RUB_PAGE_RESULT)
        rub_wizard_compare(self->wizard, path);
}

static void
compare(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_file_dialog_show(user_data, RUB_FILE_DIALOG_OPEN_IMAGE, on_compared_chosen);
}

static void
check_stick(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_wizard_set_task(RUB_WINDOW(user_data)->wizard, RUB_TASK_CHECK);
}

static void
undo_build(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_wizard_set_task(RUB_WINDOW(user_data)->wizard, RUB_TASK_UNDO);
}

/* A stick that is being switched off; the window may be closed meanwhile, the program stays until
 * it is off. */
typedef struct {
    GWeakRef window;
    GApplication *application;
} Ejection;

static void
on_powered_off_cb(GObject *drive, GAsyncResult *result, gpointer user_data)
{
    Ejection *ejection = user_data;
    g_autoptr(GError) error = NULL;
    gboolean is_off = rub_drive_power_off_finish(RUB_DRIVE(drive), result, &error);
    g_autoptr(RubWindow) window = g_weak_ref_get(&ejection->window);
    if (window) {
        g_autofree char *problem = is_off ? NULL : rub_words_describe_error(error);
        rub_window_show_toast(window, is_off ? _("The stick can be pulled out now") : problem);
        rub_window_update_actions(window);
    }
    g_weak_ref_clear(&ejection->window);
    g_application_release(ejection->application);
    g_object_unref(ejection->application);
    g_free(ejection);
}

static void
eject(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    RubWindow *self = user_data;
    RubDrive *drive = rub_stick_choice_get_drive(rub_wizard_get_stick(self->wizard));
    Ejection *ejection = g_new0(Ejection, 1);
    g_weak_ref_init(&ejection->window, self);
    ejection->application = g_object_ref(g_application_get_default());
    g_application_hold(ejection->application);
    g_simple_action_set_enabled(action, FALSE);
    rub_drive_power_off_async(drive, NULL, on_powered_off_cb, ejection);
}

static void
open_log(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    RubWindow *self = user_data;
    const char *path = rub_run_get_log_path(rub_wizard_get_run(self->wizard));
    g_autofree char *uri = path ? g_filename_to_uri(path, NULL, NULL) : NULL;
    if (uri)
        gtk_show_uri(GTK_WINDOW(self), uri, GDK_CURRENT_TIME);
}

static void
save_log(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    rub_file_dialog_show(user_data, RUB_FILE_DIALOG_SAVE_LOG, on_log_chosen);
}

static void
copy_details(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    RubWindow *self = user_data;
    g_autofree char *details = rub_verdict_make_details(rub_wizard_get_run(self->wizard));
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), details);
    rub_window_show_toast(self, _("Details copied"));
}

static const GActionEntry entries[] = {
    {"open-image", open_image},
    {"use-image", use_image, "s"},
    {"open-disk-image", open_disk_image},
    {"new-disk-image", new_disk_image},
    {"refresh", refresh},
    {"apply", apply, "i"},
    {"answer", answer, "b"},
    {"compare", compare},
    {"check-stick", check_stick},
    {"undo-build", undo_build},
    {"eject", eject},
    {"open-log", open_log},
    {"save-log", save_log},
    {"copy-details", copy_details},
};

/* Those that only tell the wizard. */
static const struct {
    const char *name;
    void (*tell)(RubWizard *wizard);
} moves[] = {
    {"next", rub_wizard_go_next},
    {"back", rub_wizard_go_back},
    {"cancel", rub_wizard_ask_to_stop},
    {"check-again", rub_wizard_check_again},
    {"try-out", rub_wizard_try_out},
    {"try-again", rub_wizard_try_again},
    {"build-another", rub_wizard_build_another},
};

/* Those that are properties of the wizard. */
static const char *const choices[] = {"treatment", "multiboot", "filesystem",
                                      "method",    "verifies",  "acknowledged"};

static void
add_move(RubWindow *self, const char *name, void (*tell)(RubWizard *wizard))
{
    g_autoptr(GSimpleAction) action = g_simple_action_new(name, NULL);
    g_signal_connect_object(action, "activate", G_CALLBACK(tell), self->wizard, G_CONNECT_SWAPPED);
    g_action_map_add_action(G_ACTION_MAP(self), G_ACTION(action));
}

static void
add_property_action(RubWindow *self, const char *name, gpointer object, const char *property)
{
    g_autoptr(GPropertyAction) action = g_property_action_new(name, object, property);
    g_action_map_add_action(G_ACTION_MAP(self), G_ACTION(action));
}

/* What these follow outlives the window: a stick that is pulled out after it was closed would have
 * GTK 4.8 tell a window that is gone (gtk_application_window_init()). */
void
rub_window_remove_actions(RubWindow *self)
{
    g_action_map_remove_action(G_ACTION_MAP(self), "stick");
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++)
        g_action_map_remove_action(G_ACTION_MAP(self), choices[i]);
}

static void
enable(RubWindow *self, const char *name, gboolean is_enabled)
{
    GAction *action = g_action_map_lookup_action(G_ACTION_MAP(self), name);
    g_simple_action_set_enabled(G_SIMPLE_ACTION(action), is_enabled);
}

void
rub_window_update_actions(RubWindow *self)
{
    static const char *const when_idle[] = {"open-image", "use-image", "check-stick", "undo-build",
                                            "apply"};
    static const char *const at_end[] = {"try-again", "build-another", "open-log", "save-log",
                                         "copy-details"};
    static const char *const with_stick[] = {"check-again", "compare", "try-out"};
    RubPage page = rub_wizard_get_page(self->wizard);
    RubStickChoice *stick = rub_wizard_get_stick(self->wizard);
    RubDrive *drive = rub_stick_choice_get_drive(stick);
    gboolean is_over = page == RUB_PAGE_RESULT && !rub_wizard_is_trying(self->wizard);
    enable(self, "eject", is_over && drive && rub_drive_can_power_off(drive));
    enable(self, "next", rub_wizard_can_go_next(self->wizard));
    enable(self, "back", rub_wizard_can_go_back(self->wizard));
    enable(self, "cancel", page == RUB_PAGE_WORK);
    enable(self, "answer", rub_wizard_is_asking(self->wizard));
    for (gsize i = 0; i < G_N_ELEMENTS(when_idle); i++)
        enable(self, when_idle[i], page != RUB_PAGE_WORK);
    for (gsize i = 0; i < G_N_ELEMENTS(at_end); i++)
        enable(self, at_end[i], page == RUB_PAGE_RESULT);
    for (gsize i = 0; i < G_N_ELEMENTS(with_stick); i++)
        enable(self, with_stick[i], is_over && rub_stick_choice_is_complete(stick));
}

/* To be called before anything else listens to the wizard: what has the focus moved to it must be
 * sensitive by then. */
void
rub_window_add_actions(RubWindow *self)
{
    static const char *const signals[] = {"notify::page", "notify::is-asking",
                                          "notify::can-go-next", "notify::can-go-back",
                                          "notify::is-trying"};
    g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
    add_property_action(self, "stick", rub_wizard_get_stick(self->wizard), "chosen");
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++)
        add_property_action(self, choices[i], self->wizard, choices[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(moves); i++)
        add_move(self, moves[i].name, moves[i].tell);
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        g_signal_connect_object(self->wizard, signals[i], G_CALLBACK(rub_window_update_actions),
                                self, G_CONNECT_SWAPPED);
    g_signal_connect_object(rub_wizard_get_stick(self->wizard), "notify::is-complete",
                            G_CALLBACK(rub_window_update_actions), self, G_CONNECT_SWAPPED);
}
