/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-result-page.h"

#include "rub-boot-keys.h"
#include "rub-facts.h"
#include "rub-intl.h"
#include "rub-label.h"
#include "rub-list.h"
#include "rub-log-file.h"
#include "rub-template.h"
#include "rub-verdict.h"
#include "rub-words.h"

#define LOG_LINES 8

struct _RubResultPage {
    AdwBin parent_instance;
    GtkImage *icon;
    GtkLabel *title;
    GtkLabel *description;
    GtkBox *buttons;
    GtkLabel *trial_label;
    GtkWidget *findings_group;
    GtkListBox *findings_list;
    GtkWidget *facts_group;
    GtkListBox *facts_list;
    GtkWidget *keys_group;
    AdwExpanderRow *keys_row;
    GtkWidget *log_group;
    GtkLabel *log_label;
    RubWizard *wizard;
};

G_DEFINE_FINAL_TYPE(RubResultPage, rub_result_page, ADW_TYPE_BIN)

typedef enum {
    BUTTON_PLAIN,
    BUTTON_SUGGESTED,
} ButtonStyle;

static void
add_button(RubResultPage *self, const char *label, const char *action, ButtonStyle style)
{
    GtkWidget *button = gtk_button_new_with_mnemonic(label);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    gtk_widget_add_css_class(button, "pill");
    if (style == BUTTON_SUGGESTED)
        gtk_widget_add_css_class(button, "suggested-action");
    rub_list_fix_button_name(button);
    rub_list_wrap_button(button);
    gtk_box_append(self->buttons, button);
}

static void
clear_buttons(RubResultPage *self)
{
    GtkWidget *button;
    while ((button = gtk_widget_get_first_child(GTK_WIDGET(self->buttons))))
        gtk_box_remove(self->buttons, button);
}

/* A stick that was written byte by byte has no manifest. */
static gboolean
may_be_raw(const RubOutcome *outcome)
{
    return outcome->check && outcome->failure && outcome->failure->code == RUB_CODE_NOT_OUR_STICK;
}

static void
show_buttons(RubResultPage *self, RubRun *run)
{
    const RubOutcome *outcome = rub_run_get_outcome(run);
    gboolean is_file = rub_run_get_survey(run)->layout && rub_run_get_survey(run)->layout->is_file;
    gboolean is_ready = !outcome->failure && !outcome->undo;
    clear_buttons(self);
    if (outcome->failure)
        add_button(self, _("_Try Again"), "win.try-again", BUTTON_SUGGESTED);
    else if (!is_file)
        add_button(self, _("_Eject"), "win.eject", BUTTON_SUGGESTED);
    if (may_be_raw(outcome))
        add_button(self, _("Compare With an _Image…"), "win.compare", BUTTON_PLAIN);
    if (is_ready)
        add_button(self, _("Try It in a _Window"), "win.try-out", BUTTON_PLAIN);
    if (is_ready)
        add_button(self, _("_Check It Again"), "win.check-again", BUTTON_PLAIN);
    add_button(self, outcome->build ? _("Build _Another Stick") : _("Build a _Stick"),
               "win.build-another", BUTTON_PLAIN);
}

void
rub_result_page_focus(RubResultPage *self)
{
    gtk_widget_grab_focus(gtk_widget_get_first_child(GTK_WIDGET(self->buttons)));
}

static void
show_head(RubResultPage *self, RubRun *run)
{
    static const char *const icon_names[] = {
        [RUB_VERDICT_GOOD] = "emblem-ok-symbolic",
        [RUB_VERDICT_STOPPED] = "media-playback-stop-symbolic",
        [RUB_VERDICT_BAD] = "dialog-error-symbolic",
    };
    static const char *const styles[] = {
        [RUB_VERDICT_GOOD] = "success",
        [RUB_VERDICT_STOPPED] = "dim-label",
        [RUB_VERDICT_BAD] = "error",
    };
    RubVerdictMood mood = rub_verdict_get_mood(run);
    const char *classes[] = {styles[mood], NULL};
    g_autofree char *description = rub_verdict_make_description(run);
    gtk_image_set_from_icon_name(self->icon, icon_names[mood]);
    gtk_widget_set_css_classes(GTK_WIDGET(self->icon), classes);
    gtk_label_set_text(self->title, rub_verdict_get_title(run));
    gtk_label_set_text(self->description, description);
    gtk_widget_set_visible(GTK_WIDGET(self->description), *description != '\0');
}

static void
show_findings(RubResultPage *self, const RubFinding *failure)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new();
    if (failure && failure->code != RUB_CODE_CANCELLED)
        g_ptr_array_add(findings, (gpointer) failure);
    rub_list_clear(self->findings_list);
    rub_list_add_findings(self->findings_list, findings);
    gtk_widget_set_visible(self->findings_group, findings->len > 0);
}

static void
add_check_facts(RubResultPage *self, const RubCheckReport *report)
{
    if (report->image_name)
        rub_list_add_fact(self->facts_list, _("Made from"), report->image_name);
    if (report->created) {
        g_autofree char *time = rub_words_format_time(report->created);
        rub_list_add_fact(self->facts_list, _("Made on"), time);
    }
}

static void
show_facts(RubResultPage *self, RubRun *run)
{
    const RubOutcome *outcome = rub_run_get_outcome(run);
    const RubDraft *draft = rub_run_get_draft(run);
    rub_list_clear(self->facts_list);
    if (draft && !outcome->failure) {
        g_autofree char *starts_on = rub_words_name_computers(draft->plan);
        rub_list_add_fact(self->facts_list, _("Starts on"), starts_on);
    }
    if (outcome->check)
        add_check_facts(self, outcome->check);
    gtk_widget_set_visible(self->facts_group,
                           gtk_widget_get_first_child(GTK_WIDGET(self->facts_list)) != NULL);
}

/* Where all is well nobody needs to read it. */
static void
show_log(RubResultPage *self, RubRun *run)
{
    g_autofree char *tail = rub_log_file_read_tail(rub_run_get_log_path(run), LOG_LINES);
    gtk_label_set_text(self->log_label, tail);
    gtk_widget_set_visible(GTK_WIDGET(self->log_label), rub_run_get_outcome(run)->failure != NULL);
    gtk_widget_set_visible(self->log_group, *tail != '\0');
}

static void
show_trial(RubResultPage *self)
{
    const GError *error = rub_wizard_get_trial_error(self->wizard);
    g_autofree char *text =
        rub_wizard_is_trying(self->wizard)
            ? g_strdup(_("The stick is started in a window, on UEFI and then on BIOS, as far as it "
                         "starts on them. Nothing is written to it. Close the window when you have "
                         "seen enough."))
        : error ? rub_words_describe_error(error)
                : g_strdup("");
    gtk_label_set_text(self->trial_label, text);
    gtk_widget_set_visible(GTK_WIDGET(self->trial_label), *text != '\0');
}

static void
show(RubResultPage *self)
{
    RubRun *run = rub_wizard_get_run(self->wizard);
    if (rub_wizard_get_page(self->wizard) != RUB_PAGE_RESULT)
        return;
    const RubOutcome *outcome = rub_run_get_outcome(run);
    show_head(self, run);
    show_buttons(self, run);
    show_findings(self, outcome->failure);
    show_facts(self, run);
    show_log(self, run);
    show_trial(self);
    gtk_widget_set_visible(self->keys_group, outcome->build && !outcome->failure);
}

GtkWidget *
rub_result_page_new(RubWizard *wizard)
{
    RubResultPage *self = g_object_new(RUB_TYPE_RESULT_PAGE, NULL);
    self->wizard = g_object_ref(wizard);
    g_signal_connect_object(wizard, "notify::page", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::is-trying", G_CALLBACK(show_trial), self,
                            G_CONNECT_SWAPPED);
    show(self);
    return GTK_WIDGET(self);
}

static void
rub_result_page_dispose(GObject *object)
{
    RubResultPage *self = RUB_RESULT_PAGE(object);
    g_clear_object(&self->wizard);
    G_OBJECT_CLASS(rub_result_page_parent_class)->dispose(object);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubResultPage, name)

static const RubTemplateChild children[] = {
    CHILD(icon),        CHILD(title),          CHILD(description),   CHILD(buttons),
    CHILD(trial_label), CHILD(findings_group), CHILD(findings_list), CHILD(facts_group),
    CHILD(facts_list),  CHILD(keys_group),     CHILD(keys_row),      CHILD(log_group),
    CHILD(log_label),
};

static void
rub_result_page_class_init(RubResultPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_result_page_dispose;
    rub_template_set(widget_class, "rub-result-page.ui", children, G_N_ELEMENTS(children));
}

static void
rub_result_page_init(RubResultPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    rub_label_copy_plainly(self->trial_label);
    rub_boot_keys_fill(self->keys_row);
}
