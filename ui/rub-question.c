/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-question.h"

#include "rub-list.h"
#include "rub-template.h"

struct _RubQuestion {
    AdwBin parent_instance;
    AdwStatusPage *status_page;
    GtkButton *no_button;
    GtkButton *yes_button;
};

G_DEFINE_FINAL_TYPE(RubQuestion, rub_question, ADW_TYPE_BIN)

void
rub_question_set(RubQuestion *self, const char *title, const char *text, const char *no,
                 const char *yes)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    adw_status_page_set_title(self->status_page, title);
    adw_status_page_set_description(self->status_page, escaped);
    gtk_button_set_label(self->no_button, no);
    gtk_button_set_label(self->yes_button, yes);
    rub_list_fix_button_name(GTK_WIDGET(self->no_button));
    rub_list_fix_button_name(GTK_WIDGET(self->yes_button));
    rub_list_wrap_button(GTK_WIDGET(self->no_button));
    rub_list_wrap_button(GTK_WIDGET(self->yes_button));
}

void
rub_question_focus(RubQuestion *self)
{
    gtk_widget_grab_focus(GTK_WIDGET(self->no_button));
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubQuestion, name)

static const RubTemplateChild children[] = {
    CHILD(status_page),
    CHILD(no_button),
    CHILD(yes_button),
};

static void
rub_question_class_init(RubQuestionClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    rub_template_set(widget_class, "rub-question.ui", children, G_N_ELEMENTS(children));
}

static void
rub_question_init(RubQuestion *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
