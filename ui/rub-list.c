/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-list.h"

#include "rub-finding-row.h"

void
rub_list_clear(GtkListBox *list)
{
    for (GtkWidget *row = gtk_widget_get_first_child(GTK_WIDGET(list)); row;
         row = gtk_widget_get_first_child(GTK_WIDGET(list)))
        gtk_list_box_remove(list, row);
}

void
rub_list_add_fact(GtkListBox *list, const char *name, const char *fact)
{
    GtkWidget *row = g_object_new(ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", name,
                                  "subtitle", fact, "subtitle-lines", 0, "title-lines", 0, NULL);
    gtk_widget_add_css_class(row, "fact");
    gtk_list_box_append(list, row);
}

void
rub_list_add_line(GtkListBox *list, const char *icon_name, guint number, const char *text)
{
    GtkWidget *row = g_object_new(ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", text,
                                  "title-lines", 0, NULL);
    if (icon_name)
        adw_action_row_add_prefix(ADW_ACTION_ROW(row), gtk_image_new_from_icon_name(icon_name));
    if (number > 0) {
        g_autofree char *digits = g_strdup_printf("%u", number);
        GtkWidget *label = gtk_label_new(digits);
        gtk_widget_add_css_class(label, "step-number");
        gtk_widget_add_css_class(label, "dim-label");
        gtk_widget_add_css_class(label, "numeric");
        adw_action_row_add_prefix(ADW_ACTION_ROW(row), label);
    }
    gtk_list_box_append(list, row);
}

void
rub_list_add_findings(GtkListBox *list, const GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        const RubFinding *finding = g_ptr_array_index((GPtrArray *) findings, i);
        gtk_list_box_append(list, rub_finding_row_new(finding));
    }
}

void
rub_list_fix_button_name(GtkWidget *button, const char *label)
{
    g_autoptr(GString) name = g_string_new(label);
    g_string_replace(name, "_", "", 0);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name->str,
                                   -1);
}
