/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-review-page.h"

#include "rub-facts.h"
#include "rub-intl.h"
#include "rub-list.h"
#include "rub-question.h"
#include "rub-stack.h"
#include "rub-template.h"
#include "rub-words.h"

struct _RubReviewPage {
    AdwBin parent_instance;
    GtkStack *stack;
    GtkSpinner *spinner;
    GtkWidget *plan_page;
    GtkWidget *findings_group;
    GtkListBox *findings_list;
    GtkWidget *acknowledge_group;
    GtkWidget *lost_group;
    GtkListBox *lost_list;
    GtkWidget *steps_group;
    GtkListBox *steps_list;
    GtkWidget *facts_group;
    GtkListBox *facts_list;
    GtkWidget *start_group;
    GtkListBox *start_list;
    RubQuestion *question;
    RubWizard *wizard;
};

G_DEFINE_FINAL_TYPE(RubReviewPage, rub_review_page, ADW_TYPE_BIN)

static void
show_texts(GtkListBox *list, const GPtrArray *texts, const char *icon_name)
{
    for (guint i = 0; i < texts->len; i++) {
        g_autofree char *text = rub_words_format(g_ptr_array_index((GPtrArray *) texts, i));
        rub_list_add_line(list, icon_name, 0, text);
    }
}

static void
show_steps(RubReviewPage *self, const RubPlan *plan)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(plan->steps, i);
        g_autofree char *purpose = step->purpose ? rub_words_format(step->purpose) : NULL;
        g_autofree char *text = rub_words_format(step->text);
        AdwActionRow *row =
            rub_list_add_line(self->steps_list, NULL, i + 1, purpose ? purpose : text);
        if (purpose)
            adw_action_row_set_subtitle(row, text);
    }
    show_texts(self->steps_list, plan->notes, "dialog-information-symbolic");
}

static void
show_lost(RubReviewPage *self, const RubPlan *plan)
{
    show_texts(self->lost_list, plan->lost, "user-trash-symbolic");
    if (plan->lost->len == 0)
        rub_list_add_line(self->lost_list, "emblem-ok-symbolic", 0, _("Nothing"));
}

static char *
describe_password(const RubPlan *plan)
{
    return plan->password_reason ? rub_words_format(plan->password_reason)
                                 : g_strdup(_("None is needed"));
}

static const char *
describe_password_of_undo(const RubSurvey *survey)
{
    gboolean is_needed =
        survey->layout->password == RUB_PASSWORD_NEEDED && survey->undo->access == RUB_ACCESS_RAW;
    return is_needed
               ? _("An administrator's password will be asked for: the drive itself is written to.")
               : _("None is needed");
}

static char *
describe_target(const RubLayout *layout)
{
    g_autofree char *contents = rub_words_describe_layout(layout);
    g_autofree char *name = rub_words_name_target(layout);
    return g_strdup_printf(rub_intl_mark("%s\n%s"), name, contents);
}

/* The kind of partition table is for those who help. */
static char *
describe_target_in_detail(const RubLayout *layout)
{
    if (layout->is_new || layout->table == RUB_TABLE_NONE)
        return describe_target(layout);
    g_autofree char *contents = rub_words_describe_layout(layout);
    g_autofree char *name = rub_words_name_target(layout);
    return g_strdup_printf(rub_intl_mark("%s\n%s · %s"), name, contents,
                           rub_facts_name_table(layout));
}

/* What nobody shall overlook comes first: which stick it is, and that a password will be asked
 * for. */
static void
show_facts(RubReviewPage *self, const RubDraft *draft)
{
    g_autofree char *kind = rub_image_info_describe(draft->inspection->info, rub_intl_translate);
    g_autofree char *image =
        g_strdup_printf(rub_intl_mark("%s\n%s"), draft->inspection->info->display_name, kind);
    g_autofree char *target = describe_target_in_detail(draft->survey->layout);
    rub_list_add_fact(self->facts_list, _("Stick"), target);
    if (rub_draft_is_possible(draft) && !draft->survey->layout->is_file) {
        g_autofree char *password = describe_password(draft->plan);
        rub_list_add_fact(self->facts_list, _("Password"), password);
    }
    rub_list_add_fact(self->facts_list, _("Rescue image"), image);
}

static void
show_start(RubReviewPage *self, const RubPlan *plan)
{
    g_autofree char *starts_on = rub_words_name_computers(plan);
    rub_list_add_fact(self->start_list, _("The stick will start on"), starts_on);
    if (plan->secure_boot) {
        g_autofree char *secure_boot = rub_words_format(plan->secure_boot);
        rub_list_add_fact(self->start_list, _("Secure Boot"), secure_boot);
    }
}

static void
clear(RubReviewPage *self)
{
    rub_list_clear(self->findings_list);
    rub_list_clear(self->lost_list);
    rub_list_clear(self->steps_list);
    rub_list_clear(self->facts_list);
    rub_list_clear(self->start_list);
}

static void
show_draft(RubReviewPage *self, const RubDraft *draft)
{
    g_autoptr(GPtrArray) findings = rub_draft_get_findings(draft);
    gboolean is_possible = rub_draft_is_possible(draft);
    rub_list_add_findings(self->findings_list, findings);
    if (draft->plan)
        show_facts(self, draft);
    if (is_possible) {
        show_steps(self, draft->plan);
        show_lost(self, draft->plan);
        show_start(self, draft->plan);
    }
    gtk_widget_set_visible(self->findings_group, findings->len > 0);
    gtk_widget_set_visible(self->acknowledge_group, is_possible && rub_draft_has_warnings(draft));
    gtk_widget_set_visible(self->steps_group, is_possible);
    gtk_widget_set_visible(self->start_group, is_possible);
    gtk_widget_set_visible(self->lost_group, is_possible);
    gtk_widget_set_visible(self->facts_group, draft->plan != NULL);
}

static void
show_undo_steps(RubReviewPage *self, const RubUndoPreview *undo)
{
    guint number = 1;
    guint restored_count = undo->restored->len;
    g_autofree char *removed =
        g_strdup_printf(ngettext("%u file that the build added is removed, unless you changed it",
                                 "%u files that the build added are removed, but for those that "
                                 "you changed",
                                 undo->file_count),
                        undo->file_count);
    rub_list_add_line(self->steps_list, NULL, number++, removed);
    if (restored_count > 0) {
        g_autofree char *restored =
            g_strdup_printf(ngettext("%u file that it replaced is put back",
                                     "%u files that it replaced are put back", restored_count),
                            restored_count);
        g_autofree char *paths =
            rub_words_list_lines((char **) undo->restored->pdata, restored_count);
        AdwActionRow *row = rub_list_add_line(self->steps_list, NULL, number++, restored);
        adw_action_row_set_subtitle(row, paths);
    }
    rub_list_add_line(self->steps_list, NULL, number,
                      _("What started computers from the stick before does so again (boot code)"));
}

static void
show_undo_facts(RubReviewPage *self, const RubSurvey *survey)
{
    g_autofree char *target = describe_target_in_detail(survey->layout);
    rub_list_add_fact(self->facts_list, _("Stick"), target);
    if (survey->undo && !survey->layout->is_file)
        rub_list_add_fact(self->facts_list, _("Password"), describe_password_of_undo(survey));
}

static void
show_undo(RubReviewPage *self, const RubSurvey *survey)
{
    g_autoptr(GPtrArray) findings =
        g_ptr_array_new_with_free_func((GDestroyNotify) rub_finding_free);
    if (survey->error)
        g_ptr_array_add(findings, rub_finding_new_from_error(survey->error));
    rub_list_add_findings(self->findings_list, findings);
    if (survey->undo)
        show_undo_steps(self, survey->undo);
    if (survey->layout)
        show_undo_facts(self, survey);
    gtk_widget_set_visible(self->findings_group, findings->len > 0);
    gtk_widget_set_visible(self->acknowledge_group, FALSE);
    gtk_widget_set_visible(self->steps_group, survey->undo != NULL);
    gtk_widget_set_visible(self->lost_group, FALSE);
    gtk_widget_set_visible(self->facts_group, survey->layout != NULL);
    gtk_widget_set_visible(self->start_group, FALSE);
}

static void
show_question(RubReviewPage *self)
{
    const RubLayout *layout = rub_wizard_get_survey(self->wizard)->layout;
    g_autofree char *target = describe_target(layout);
    if (rub_wizard_get_task(self->wizard) == RUB_TASK_UNDO) {
        rub_question_set(self->question, _("Remove the Rescue System?"), target, _("_Cancel"),
                         _("_Remove"));
        return;
    }
    g_autofree char *text = g_strconcat(
        target, "\n\n", _("Everything on it will be lost. This cannot be taken back."), NULL);
    rub_question_set(self->question, _("Erase This Stick?"), text, _("_Cancel"),
                     _("_Erase and Build"));
}

static const char *
get_child(RubReviewPage *self)
{
    if (rub_wizard_is_asking(self->wizard))
        return "question";
    gboolean is_known = rub_wizard_get_task(self->wizard) == RUB_TASK_UNDO
                            ? rub_wizard_get_survey(self->wizard) != NULL
                            : rub_wizard_get_draft(self->wizard) != NULL;
    return is_known ? "plan" : "busy";
}

static void
show(RubReviewPage *self)
{
    if (rub_wizard_get_page(self->wizard) != RUB_PAGE_REVIEW)
        return;
    const char *child = get_child(self);
    gtk_spinner_set_spinning(self->spinner, g_str_equal(child, "busy"));
    if (g_str_equal(child, "question"))
        show_question(self);
    rub_stack_show(self->stack, child);
    if (g_str_equal(child, "question"))
        rub_question_focus(self->question);
}

static void
show_new_plan(RubReviewPage *self)
{
    clear(self);
    if (rub_wizard_get_task(self->wizard) == RUB_TASK_UNDO && rub_wizard_get_survey(self->wizard))
        show_undo(self, rub_wizard_get_survey(self->wizard));
    else if (rub_wizard_get_draft(self->wizard))
        show_draft(self, rub_wizard_get_draft(self->wizard));
    show(self);
}

static void
show_planning(RubReviewPage *self)
{
    gtk_widget_set_sensitive(self->plan_page, !rub_wizard_is_looking(self->wizard));
}

GtkWidget *
rub_review_page_new(RubWizard *wizard)
{
    RubReviewPage *self = g_object_new(RUB_TYPE_REVIEW_PAGE, NULL);
    self->wizard = g_object_ref(wizard);
    rub_stack_show(self->stack, "busy");
    g_signal_connect_object(wizard, "notify::draft", G_CALLBACK(show_new_plan), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::survey", G_CALLBACK(show_new_plan), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::is-asking", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::page", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::is-looking", G_CALLBACK(show_planning), self,
                            G_CONNECT_SWAPPED);
    show_new_plan(self);
    return GTK_WIDGET(self);
}

static void
rub_review_page_dispose(GObject *object)
{
    RubReviewPage *self = RUB_REVIEW_PAGE(object);
    g_clear_object(&self->wizard);
    G_OBJECT_CLASS(rub_review_page_parent_class)->dispose(object);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubReviewPage, name)

static const RubTemplateChild children[] = {
    CHILD(stack),         CHILD(spinner),           CHILD(plan_page),   CHILD(findings_group),
    CHILD(findings_list), CHILD(acknowledge_group), CHILD(lost_group),  CHILD(lost_list),
    CHILD(steps_group),   CHILD(steps_list),        CHILD(facts_group), CHILD(facts_list),
    CHILD(start_group),   CHILD(start_list),        CHILD(question),
};

static void
rub_review_page_class_init(RubReviewPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_review_page_dispose;
    g_type_ensure(RUB_TYPE_QUESTION);
    rub_template_set(widget_class, "rub-review-page.ui", children, G_N_ELEMENTS(children));
}

static void
rub_review_page_init(RubReviewPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
