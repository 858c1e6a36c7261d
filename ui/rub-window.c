/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-window-private.h"

#include "rub-image-page.h"
#include "rub-intl.h"
#include "rub-label.h"
#include "rub-list.h"
#include "rub-recent.h"
#include "rub-result-page.h"
#include "rub-review-page.h"
#include "rub-stack.h"
#include "rub-stick-page.h"
#include "rub-template.h"
#include "rub-verdict.h"
#include "rub-work-page.h"

#define NOTIFICATION_ID "end"
#define N_STEPS 4

G_DEFINE_FINAL_TYPE(RubWindow, rub_window, ADW_TYPE_APPLICATION_WINDOW)

RubWindow *
rub_window_new(GtkApplication *application)
{
    return g_object_new(RUB_TYPE_WINDOW, "application", application, NULL);
}

/* A toast of libadwaita stays for 5 seconds, which is for noticing it; slow readers take in about a
 * hundred words a minute, ten characters a second. */
static guint
count_reading_seconds(const char *text)
{
    return 5 + (guint) g_utf8_strlen(text, -1) / 10;
}

void
rub_window_show_toast(RubWindow *self, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    AdwToast *toast = adw_toast_new(escaped);
    adw_toast_set_timeout(toast, count_reading_seconds(text));
    /* What is new is not to wait until what was said before has been read. */
    if (self->toast)
        adw_toast_dismiss(self->toast);
    g_set_object(&self->toast, toast);
    adw_toast_overlay_add_toast(self->toasts, toast);
}

void
rub_window_use_image(RubWindow *self, const char *name)
{
    if (rub_wizard_is_running(self->wizard))
        rub_window_show_toast(self, _("Wait until this is finished, or stop it"));
    else
        rub_wizard_choose_image(self->wizard, name);
}

static GtkWidget *
make_page(RubWizard *wizard, RubPage page)
{
    switch (page) {
    case RUB_PAGE_STICK:
        return rub_stick_page_new(wizard);
    case RUB_PAGE_REVIEW:
        return rub_review_page_new(wizard);
    case RUB_PAGE_WORK:
        return rub_work_page_new(wizard);
    case RUB_PAGE_RESULT:
        return rub_result_page_new(wizard);
    default:
        return rub_image_page_new(wizard);
    }
}

static const char *
get_next_label(RubWindow *self)
{
    const RubDraft *draft = rub_wizard_get_draft(self->wizard);
    RubTask task = rub_wizard_get_task(self->wizard);
    RubPage page = rub_wizard_get_page(self->wizard);
    if (task == RUB_TASK_CHECK)
        return _("_Check");
    if (page != RUB_PAGE_REVIEW)
        return _("_Next");
    if (task == RUB_TASK_UNDO)
        return _("_Remove…");
    return draft && rub_draft_erases(draft) ? _("_Erase and Build…") : _("_Build");
}

static void
set_css_class(GtkWidget *widget, const char *name, gboolean is_set)
{
    if (is_set)
        gtk_widget_add_css_class(widget, name);
    else
        gtk_widget_remove_css_class(widget, name);
}

static void
show_buttons(RubWindow *self)
{
    RubPage page = rub_wizard_get_page(self->wizard);
    const RubDraft *draft = rub_wizard_get_draft(self->wizard);
    gboolean is_destructive = page == RUB_PAGE_REVIEW && draft && rub_draft_erases(draft);
    const char *label = get_next_label(self);
    gtk_button_set_label(self->next_button, label);
    rub_list_fix_button_name(GTK_WIDGET(self->next_button));
    rub_list_wrap_button(GTK_WIDGET(self->next_button));
    set_css_class(GTK_WIDGET(self->next_button), "suggested-action", !is_destructive);
    set_css_class(GTK_WIDGET(self->next_button), "destructive-action", is_destructive);
    gtk_widget_set_visible(GTK_WIDGET(self->next_button), page <= RUB_PAGE_REVIEW);
    gtk_widget_set_visible(GTK_WIDGET(self->cancel_button), page == RUB_PAGE_WORK);
    gtk_widget_set_visible(self->bottom_bar,
                           page != RUB_PAGE_RESULT && !rub_wizard_is_asking(self->wizard));
}

static void
show_subtitle(RubWindow *self)
{
    RubPage page = rub_wizard_get_page(self->wizard);
    g_autofree char *step = g_strdup_printf(_("Step %d of %d"), (int) page + 1, N_STEPS);
    const char *subtitle = step;
    if (rub_wizard_get_task(self->wizard) == RUB_TASK_CHECK)
        subtitle = _("Check a Finished Stick");
    else if (rub_wizard_get_task(self->wizard) == RUB_TASK_UNDO)
        subtitle = _("Remove the Rescue System");
    else if (page == RUB_PAGE_RESULT)
        subtitle = "";
    adw_window_title_set_subtitle(self->window_title, subtitle);
}

static void
focus_page(RubWindow *self, RubPage page)
{
    if (page == RUB_PAGE_RESULT)
        rub_result_page_focus(RUB_RESULT_PAGE(self->pages[page]));
    else
        gtk_widget_child_focus(self->pages[page], GTK_DIR_TAB_FORWARD);
}

/* A page is made when it is needed first: the window is there sooner. */
static void
show_page(RubWindow *self)
{
    static const char *const names[] = {"image", "stick", "review", "work", "result"};
    RubPage page = rub_wizard_get_page(self->wizard);
    if (!self->pages[page]) {
        self->pages[page] = make_page(self->wizard, page);
        rub_label_wrap_titles(self->pages[page]);
        gtk_stack_add_named(self->stack, self->pages[page], names[page]);
    }
    rub_stack_show(self->stack, names[page]);
    show_subtitle(self);
    show_buttons(self);
    focus_page(self, page);
}

/* What had the focus may have gone with the plan that it was part of. */
static void
keep_focus(RubWindow *self)
{
    if (!rub_wizard_is_looking(self->wizard) && !gtk_window_get_focus(GTK_WINDOW(self)))
        focus_page(self, rub_wizard_get_page(self->wizard));
}

/* From a question that was answered it goes back to the button that led there. */
static void
return_focus(RubWindow *self)
{
    RubPage page = rub_wizard_get_page(self->wizard);
    if (rub_wizard_is_asking(self->wizard))
        return;
    if (page == RUB_PAGE_REVIEW)
        gtk_widget_grab_focus(GTK_WIDGET(self->next_button));
    else if (page == RUB_PAGE_WORK)
        gtk_widget_grab_focus(GTK_WIDGET(self->cancel_button));
}

static const char *
get_reason(RubTask task)
{
    switch (task) {
    case RUB_TASK_CHECK:
        return _("A stick is being checked");
    case RUB_TASK_UNDO:
        return _("The rescue system is being removed from a stick");
    default:
        return _("A stick is being built");
    }
}

static void
notify_end(RubWindow *self, RubRun *run)
{
    if (gtk_window_is_active(GTK_WINDOW(self)))
        return;
    g_autoptr(GNotification) notification = g_notification_new(rub_verdict_get_title(run));
    g_autofree char *description = rub_verdict_make_description(run);
    g_notification_set_body(notification, description);
    g_application_send_notification(g_application_get_default(), NOTIFICATION_ID, notification);
}

static void
on_outcome_cb(RubRun *run, GParamSpec *pspec, gpointer user_data)
{
    RubWindow *self = user_data;
    g_clear_pointer(&self->inhibitor, rub_inhibitor_release);
    notify_end(self, run);
}

static void
on_run_cb(RubWindow *self)
{
    RubRun *run = rub_wizard_get_run(self->wizard);
    if (!run)
        return;
    GtkApplication *application = gtk_window_get_application(GTK_WINDOW(self));
    g_clear_pointer(&self->inhibitor, rub_inhibitor_release);
    self->inhibitor =
        rub_inhibitor_new(application, GTK_WINDOW(self), get_reason(rub_run_get_task(run)));
    g_signal_connect_object(run, "notify::outcome", G_CALLBACK(on_outcome_cb), self, 0);
}

static void
on_inspection_cb(RubWindow *self)
{
    const RubInspection *inspection = rub_wizard_get_inspection(self->wizard);
    if (inspection && inspection->info)
        rub_recent_add(inspection->path);
}

/* What runs finds out by itself, and after an ejection there is nothing to say. */
static void
on_lost_cb(RubWindow *self)
{
    RubPage page = rub_wizard_get_page(self->wizard);
    if (page == RUB_PAGE_STICK || page == RUB_PAGE_REVIEW)
        rub_window_show_toast(self, _("The chosen stick was unplugged"));
}

/* What is not on the screen yet cannot have the focus; without it, it would be on the menu. */
static void
rub_window_map(GtkWidget *widget)
{
    RubWindow *self = RUB_WINDOW(widget);
    GTK_WIDGET_CLASS(rub_window_parent_class)->map(widget);
    focus_page(self, rub_wizard_get_page(self->wizard));
}

/* Closing the window would stop what runs: that is asked first, in the page. */
static gboolean
rub_window_close_request(GtkWindow *window)
{
    RubWindow *self = RUB_WINDOW(window);
    if (!rub_wizard_is_running(self->wizard))
        return GTK_WINDOW_CLASS(rub_window_parent_class)->close_request(window);
    rub_wizard_ask_to_stop(self->wizard);
    gtk_window_present(window);
    return TRUE;
}

/* The focus moves after the pages have shown what is new. */
static void
connect_wizard(RubWindow *self)
{
    g_signal_connect_object(self->wizard, "notify::draft", G_CALLBACK(show_buttons), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->wizard, "notify::is-asking", G_CALLBACK(show_buttons), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->wizard, "notify::is-asking", G_CALLBACK(return_focus), self,
                            G_CONNECT_SWAPPED | G_CONNECT_AFTER);
    g_signal_connect_object(rub_wizard_get_stick(self->wizard), "lost", G_CALLBACK(on_lost_cb),
                            self, G_CONNECT_SWAPPED);
    g_signal_connect_object(self->wizard, "notify::page", G_CALLBACK(show_page), self,
                            G_CONNECT_SWAPPED | G_CONNECT_AFTER);
    g_signal_connect_object(self->wizard, "notify::task", G_CALLBACK(show_page), self,
                            G_CONNECT_SWAPPED | G_CONNECT_AFTER);
    g_signal_connect_object(self->wizard, "notify::is-looking", G_CALLBACK(keep_focus), self,
                            G_CONNECT_SWAPPED | G_CONNECT_AFTER);
    g_signal_connect_object(self->wizard, "notify::run", G_CALLBACK(on_run_cb), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->wizard, "notify::inspection", G_CALLBACK(on_inspection_cb), self,
                            G_CONNECT_SWAPPED);
}

static void
rub_window_dispose(GObject *object)
{
    RubWindow *self = RUB_WINDOW(object);
    g_clear_handle_id(&self->list_idle, g_source_remove);
    g_clear_pointer(&self->inhibitor, rub_inhibitor_release);
    if (self->wizard) {
        rub_window_remove_actions(self);
        rub_wizard_close(self->wizard);
    }
    g_clear_object(&self->toast);
    g_clear_object(&self->wizard);
    G_OBJECT_CLASS(rub_window_parent_class)->dispose(object);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubWindow, name)

static const RubTemplateChild children[] = {
    CHILD(toasts),     CHILD(window_title), CHILD(stack),
    CHILD(bottom_bar), CHILD(next_button),  CHILD(cancel_button),
};

static void
rub_window_class_init(RubWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_window_dispose;
    widget_class->map = rub_window_map;
    GTK_WINDOW_CLASS(klass)->close_request = rub_window_close_request;
    rub_template_set(widget_class, "rub-window.ui", children, G_N_ELEMENTS(children));
}

/* Drives are listed when the first frame is on the screen. */
static gboolean
on_idle_cb(gpointer user_data)
{
    RubWindow *self = user_data;
    self->list_idle = 0;
    rub_stick_choice_list_drives(rub_wizard_get_stick(self->wizard));
    return G_SOURCE_REMOVE;
}

static void
rub_window_init(RubWindow *self)
{
    self->wizard = rub_wizard_new();
    gtk_widget_init_template(GTK_WIDGET(self));
    rub_list_fix_button_name(GTK_WIDGET(self->cancel_button));
    rub_window_add_actions(self);
    rub_window_accept_drops(self);
    connect_wizard(self);
    rub_window_update_actions(self);
    self->list_idle = g_idle_add_full(G_PRIORITY_LOW, on_idle_cb, self, NULL);
    show_page(self);
}
