/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-template.h"

#include "rub-resource.h"

void
rub_template_set(GtkWidgetClass *widget_class, const char *file, const RubTemplateChild *children,
                 gsize n_children)
{
    g_autofree char *path = g_strconcat(RUB_RESOURCE_PATH, file, NULL);
    gtk_widget_class_set_template_from_resource(widget_class, path);
    for (gsize i = 0; i < n_children; i++)
        gtk_widget_class_bind_template_child_full(widget_class, children[i].name, FALSE,
                                                  children[i].offset);
}
