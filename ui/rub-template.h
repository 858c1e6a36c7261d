/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * RubTemplateChild:
 * @name: the id of a widget in a template
 * @offset: where in the instance it is kept
 *
 * A widget of a template that the code needs.
 */
typedef struct {
    const char *name;
    gssize offset;
} RubTemplateChild;

/** RUB_TEMPLATE_CHILD: the widget that @Type keeps under the name that it has in the template */
#define RUB_TEMPLATE_CHILD(Type, name)                                                             \
    {                                                                                              \
#name, G_STRUCT_OFFSET(Type, name)                                                         \
    }

/**
 * rub_template_set:
 * @widget_class: a class that is being initialised
 * @file: the name of its template among the resources
 * @children: the widgets that the code needs
 * @n_children: how many
 *
 * Gives a class of widgets its template.
 */
void rub_template_set(GtkWidgetClass *widget_class, const char *file,
                      const RubTemplateChild *children, gsize n_children);

G_END_DECLS
