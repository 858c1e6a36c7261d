/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-finding-row.h"

#include <string.h>

#include "rub-intl.h"
#include "rub-label.h"
#include "rub-template.h"
#include "rub-words.h"

struct _RubFindingRow {
    GtkListBoxRow parent_instance;
    GtkImage *icon;
    GtkLabel *title;
    GtkLabel *meaning;
    GtkLabel *remedy;
    GtkExpander *files_expander;
    GtkLabel *files;
    GtkButton *action_button;
};

G_DEFINE_FINAL_TYPE(RubFindingRow, rub_finding_row, GTK_TYPE_LIST_BOX_ROW)

/* A single file often stands in the sentence already. */
static void
show_files(RubFindingRow *self, const RubFinding *finding, const char *meaning)
{
    guint count = finding->files ? g_strv_length(finding->files) : 0;
    g_auto(GStrv) lines = g_new0(char *, count + 1);
    for (guint i = 0; i < count; i++)
        lines[i] = rub_finding_get_line(finding, i, rub_intl_translate);
    g_autofree char *files = rub_words_list_lines(lines, count);
    g_autofree char *label =
        g_strdup_printf(ngettext("%u file concerned", "%u files concerned", count), count);
    gtk_expander_set_label(self->files_expander, label);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->files_expander),
                                   GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    gtk_label_set_text(self->files, files);
    gboolean is_told = count == 1 && strstr(meaning, lines[0]);
    gtk_widget_set_visible(GTK_WIDGET(self->files_expander), count > 0 && !is_told);
}

static void
show_action(RubFindingRow *self, RubAction action)
{
    const char *label = rub_action_get_label(action);
    gtk_widget_set_visible(GTK_WIDGET(self->action_button), label != NULL);
    if (!label)
        return;
    gtk_button_set_label(self->action_button, _(label));
    gtk_label_set_wrap(GTK_LABEL(gtk_button_get_child(self->action_button)), TRUE);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->action_button), "i", (int) action);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(self->action_button), "win.apply");
}

static void
show_severity(RubFindingRow *self, const RubFinding *finding)
{
    gboolean is_error = finding->severity == RUB_SEVERITY_ERROR;
    gtk_image_set_from_icon_name(self->icon,
                                 is_error ? "dialog-error-symbolic" : "dialog-warning-symbolic");
    gtk_widget_add_css_class(GTK_WIDGET(self->icon), is_error ? "error" : "warning");
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   is_error ? _("Error") : _("Warning"), -1);
}

GtkWidget *
rub_finding_row_new(const RubFinding *finding)
{
    RubFindingRow *self = g_object_new(RUB_TYPE_FINDING_ROW, NULL);
    g_autofree char *title = rub_words_make_title(finding);
    g_autofree char *meaning = rub_words_make_meaning(finding);
    g_autofree char *remedy = rub_words_format(finding->remedy);
    g_autofree char *description = g_strdup_printf("%s %s", meaning, remedy);
    gtk_label_set_text(self->title, title);
    gtk_label_set_text(self->meaning, meaning);
    gtk_label_set_text(self->remedy, remedy);
    show_severity(self, finding);
    show_files(self, finding, meaning);
    show_action(self, finding->action);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
    return GTK_WIDGET(self);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubFindingRow, name)

static const RubTemplateChild children[] = {
    CHILD(icon),           CHILD(title), CHILD(meaning),       CHILD(remedy),
    CHILD(files_expander), CHILD(files), CHILD(action_button),
};

static void
rub_finding_row_class_init(RubFindingRowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    rub_template_set(widget_class, "rub-finding-row.ui", children, G_N_ELEMENTS(children));
}

static void
rub_finding_row_init(RubFindingRow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    rub_label_copy_plainly(self->meaning);
    rub_label_copy_plainly(self->files);
}
