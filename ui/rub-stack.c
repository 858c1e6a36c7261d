/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-stack.h"

void
rub_stack_show(GtkStack *stack, const char *name)
{
    GtkWidget *shown = gtk_stack_get_child_by_name(stack, name);
    for (GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(stack)); child;
         child = gtk_widget_get_next_sibling(child))
        gtk_accessible_update_state(GTK_ACCESSIBLE(child), GTK_ACCESSIBLE_STATE_HIDDEN,
                                    child != shown, -1);
    gtk_stack_set_visible_child(stack, shown);
}
