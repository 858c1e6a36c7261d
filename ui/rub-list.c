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

AdwActionRow *
rub_list_make_row(const char *title, const char *subtitle)
{
    GtkWidget *row = g_object_new(ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title-lines", 0,
                                  "subtitle-lines", 0, NULL);
    /* Not before: what says that it is no markup takes effect when the row is made. */
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
    return ADW_ACTION_ROW(row);
}

AdwActionRow *
rub_list_make_fact(const char *name, const char *fact)
{
    AdwActionRow *row = rub_list_make_row(name, fact);
    gtk_widget_add_css_class(GTK_WIDGET(row), "fact");
    return row;
}

void
rub_list_add_fact(GtkListBox *list, const char *name, const char *fact)
{
    gtk_list_box_append(list, GTK_WIDGET(rub_list_make_fact(name, fact)));
}

AdwActionRow *
rub_list_add_line(GtkListBox *list, const char *icon_name, guint number, const char *text)
{
    AdwActionRow *row = rub_list_make_row(text, "");
    if (icon_name)
        adw_action_row_add_prefix(row, gtk_image_new_from_icon_name(icon_name));
    if (number > 0) {
        g_autofree char *digits = g_strdup_printf("%u", number);
        GtkWidget *label = gtk_label_new(digits);
        gtk_widget_add_css_class(label, "step-number");
        gtk_widget_add_css_class(label, "dim-label");
        gtk_widget_add_css_class(label, "numeric");
        adw_action_row_add_prefix(row, label);
    }
    gtk_list_box_append(list, GTK_WIDGET(row));
    return row;
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
rub_list_fix_button_name(GtkWidget *button)
{
    gtk_accessible_reset_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

void
rub_list_set_choosable(GtkWidget *row, GtkWidget *button, gboolean is_choosable)
{
    gtk_widget_set_sensitive(row, is_choosable);
    gtk_widget_set_sensitive(button, is_choosable);
}

void
rub_list_wrap_button(GtkWidget *button)
{
    GtkLabel *label = GTK_LABEL(gtk_button_get_child(GTK_BUTTON(button)));
    gtk_label_set_wrap(label, TRUE);
    gtk_label_set_justify(label, GTK_JUSTIFY_CENTER);
}
