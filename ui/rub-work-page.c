/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-work-page.h"

#include <string.h>

#include "rub-intl.h"
#include "rub-list.h"
#include "rub-log-file.h"
#include "rub-question.h"
#include "rub-stack.h"
#include "rub-template.h"
#include "rub-words.h"

struct _RubWorkPage {
    AdwBin parent_instance;
    GtkStack *stack;
    GtkLabel *stage_label;
    GtkProgressBar *bar;
    GtkLabel *figures_label;
    GtkLabel *item_label;
    GtkListBox *stages_list;
    GtkWidget *log_group;
    GtkExpander *log_expander;
    GtkTextView *log_view;
    RubQuestion *question;
    GPtrArray *icons; /* of GtkImage, one for each stage; borrowed */
    RubWizard *wizard;
    RubRun *run;
};

G_DEFINE_FINAL_TYPE(RubWorkPage, rub_work_page, ADW_TYPE_BIN)

static void
show_stage_state(GtkImage *icon, guint stage, guint step)
{
    gboolean is_done = stage < step;
    gboolean is_current = stage == step;
    gtk_image_set_from_icon_name(icon, is_done      ? "emblem-ok-symbolic"
                                       : is_current ? "media-playback-start-symbolic"
                                                    : "content-loading-symbolic");
    gtk_widget_set_opacity(GTK_WIDGET(icon), is_done || is_current ? 1 : 0.4);
    gtk_accessible_update_property(GTK_ACCESSIBLE(icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   is_done      ? _("Done")
                                   : is_current ? _("Under way")
                                                : _("Still to come"),
                                   -1);
}

/* GTK 4.8 has no way to announce anything, but what gets the focus is read out. It stays where the
 * user has moved it to. */
static void
follow_stage(RubWorkPage *self, guint step)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    GtkWidget *focused = root ? gtk_root_get_focus(root) : NULL;
    GtkListBoxRow *row = gtk_list_box_get_row_at_index(self->stages_list, (int) step);
    if (row && focused && gtk_widget_is_ancestor(focused, GTK_WIDGET(self->stages_list)))
        gtk_widget_grab_focus(GTK_WIDGET(row));
}

static void
show_step(RubWorkPage *self)
{
    guint step = rub_run_get_progress(self->run)->step;
    const GPtrArray *stages = rub_run_get_stages(self->run);
    for (guint i = 0; i < self->icons->len; i++)
        show_stage_state(g_ptr_array_index(self->icons, i), i, step);
    follow_stage(self, step);
    if (step >= stages->len)
        return;
    g_autofree char *stage = rub_words_format(g_ptr_array_index((GPtrArray *) stages, step));
    gtk_label_set_text(self->stage_label, rub_run_is_stopping(self->run) ? _("Stopping…") : stage);
}

static void
append_part(GString *out, const char *part)
{
    if (out->len > 0)
        g_string_append(out, " · ");
    g_string_append(out, part);
}

static char *
describe_figures(RubRun *run)
{
    const RubProgressSnapshot *snapshot = rub_run_get_progress(run);
    const RubEstimate *estimate = rub_run_get_estimate(run);
    g_autoptr(GString) out = g_string_new(NULL);
    if (snapshot->total_bytes > 0) {
        g_autofree char *done = g_format_size(snapshot->done_bytes);
        g_autofree char *total = g_format_size(snapshot->total_bytes);
        g_autofree char *part = g_strdup_printf(_("%s of %s"), done, total);
        append_part(out, part);
    }
    if (estimate->bytes_per_second > 0) {
        g_autofree char *speed = g_format_size((guint64) estimate->bytes_per_second);
        g_autofree char *part = g_strdup_printf(_("%s/s"), speed);
        append_part(out, part);
    }
    if (estimate->seconds_left >= 0) {
        g_autofree char *part = rub_words_describe_time_left(estimate->seconds_left);
        append_part(out, part);
    }
    return g_strdup(out->str);
}

/* The end of the log is what is happening now. */
static void
show_log(RubWorkPage *self)
{
    if (!gtk_expander_get_expanded(self->log_expander))
        return;
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(self->log_view);
    g_autofree char *text = rub_log_file_read(rub_run_get_log_path(self->run));
    if ((int) g_utf8_strlen(text, -1) == gtk_text_buffer_get_char_count(buffer))
        return;
    GtkTextIter end;
    gtk_text_buffer_set_text(buffer, text, -1);
    gtk_text_buffer_get_end_iter(buffer, &end);
    gtk_text_buffer_place_cursor(buffer, &end);
    gtk_text_view_scroll_mark_onscreen(self->log_view, gtk_text_buffer_get_insert(buffer));
    /* Otherwise GTK 4.8 measures the new lines while it draws, and warns that the scroll bar, which
     * moves then, has no place. */
    gtk_widget_queue_resize(GTK_WIDGET(self->log_view));
}

static void
show_progress(RubWorkPage *self)
{
    const RubProgressSnapshot *snapshot = rub_run_get_progress(self->run);
    g_autofree char *figures = describe_figures(self->run);
    g_autofree char *item = snapshot->item ? g_utf8_make_valid(snapshot->item, -1) : g_strdup("");
    gtk_progress_bar_set_fraction(self->bar, snapshot->fraction);
    gtk_label_set_text(self->figures_label, figures);
    gtk_label_set_text(self->item_label, item);
    show_log(self);
}

static void
add_stage(RubWorkPage *self, const RubText *text)
{
    g_autofree char *stage = rub_words_format(text);
    GtkWidget *icon = gtk_image_new();
    AdwActionRow *row = rub_list_make_row(stage, "");
    adw_action_row_add_prefix(row, icon);
    gtk_list_box_append(self->stages_list, GTK_WIDGET(row));
    g_ptr_array_add(self->icons, icon);
}

static void
show_run(RubWorkPage *self)
{
    if (self->run)
        g_signal_handlers_disconnect_by_data(self->run, self);
    g_set_object(&self->run, rub_wizard_get_run(self->wizard));
    if (!self->run)
        return;
    const GPtrArray *stages = rub_run_get_stages(self->run);
    g_ptr_array_set_size(self->icons, 0);
    rub_list_clear(self->stages_list);
    for (guint i = 0; i < stages->len; i++)
        add_stage(self, g_ptr_array_index((GPtrArray *) stages, i));
    gtk_widget_set_visible(self->log_group, rub_run_get_log_path(self->run) != NULL);
    g_signal_connect_swapped(self->run, "notify::progress", G_CALLBACK(show_progress), self);
    g_signal_connect_swapped(self->run, "notify::step", G_CALLBACK(show_step), self);
    g_signal_connect_swapped(self->run, "notify::is-stopping", G_CALLBACK(show_step), self);
    show_step(self);
    show_progress(self);
}

static void
ask(RubWorkPage *self)
{
    const RubDraft *draft = rub_run_get_draft(self->run);
    switch (rub_run_get_task(self->run)) {
    case RUB_TASK_CHECK:
        rub_question_set(self->question, _("Stop Checking?"), _("Nothing on the stick changes."),
                         _("_Keep Checking"), _("_Stop"));
        break;
    case RUB_TASK_UNDO:
        rub_question_set(self->question, _("Stop Removing?"),
                         _("What was stopped can be finished by removing the rescue system again."),
                         _("_Keep Removing"), _("_Stop"));
        break;
    default:
        rub_question_set(self->question, _("Stop Building?"), rub_words_describe_stop(draft->plan),
                         _("_Keep Building"), _("_Stop"));
    }
}

static void
show_asking(RubWorkPage *self)
{
    gboolean is_asking = rub_wizard_is_asking(self->wizard) && self->run &&
                         rub_wizard_get_page(self->wizard) == RUB_PAGE_WORK;
    if (is_asking)
        ask(self);
    rub_stack_show(self->stack, is_asking ? "question" : "progress");
    if (is_asking)
        rub_question_focus(self->question);
}

GtkWidget *
rub_work_page_new(RubWizard *wizard)
{
    RubWorkPage *self = g_object_new(RUB_TYPE_WORK_PAGE, NULL);
    self->wizard = g_object_ref(wizard);
    rub_stack_show(self->stack, "progress");
    g_signal_connect_object(wizard, "notify::run", G_CALLBACK(show_run), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::is-asking", G_CALLBACK(show_asking), self,
                            G_CONNECT_SWAPPED);
    show_run(self);
    return GTK_WIDGET(self);
}

static void
rub_work_page_dispose(GObject *object)
{
    RubWorkPage *self = RUB_WORK_PAGE(object);
    if (self->run)
        g_signal_handlers_disconnect_by_data(self->run, self);
    g_clear_object(&self->run);
    g_clear_object(&self->wizard);
    g_clear_pointer(&self->icons, g_ptr_array_unref);
    G_OBJECT_CLASS(rub_work_page_parent_class)->dispose(object);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubWorkPage, name)

static const RubTemplateChild children[] = {
    CHILD(stack),      CHILD(stage_label), CHILD(bar),       CHILD(figures_label),
    CHILD(item_label), CHILD(stages_list), CHILD(log_group), CHILD(log_expander),
    CHILD(log_view),   CHILD(question),
};

static void
rub_work_page_class_init(RubWorkPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_work_page_dispose;
    g_type_ensure(RUB_TYPE_QUESTION);
    rub_template_set(widget_class, "rub-work-page.ui", children, G_N_ELEMENTS(children));
}

static void
rub_work_page_init(RubWorkPage *self)
{
    self->icons = g_ptr_array_new();
    gtk_widget_init_template(GTK_WIDGET(self));
}
