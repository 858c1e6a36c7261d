/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-note.h"

#include "rub-template.h"

struct _RubNote {
    GtkBox parent_instance;
    GtkImage *icon;
    GtkLabel *title;
    GtkLabel *description;
};

enum {
    PROP_ICON_NAME = 1,
    PROP_TITLE,
    PROP_DESCRIPTION,
    N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE(RubNote, rub_note, GTK_TYPE_BOX)

void
rub_note_set_description(RubNote *self, const char *description)
{
    gtk_label_set_text(self->description, description);
}

static void
rub_note_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    RubNote *self = RUB_NOTE(object);
    switch (id) {
    case PROP_ICON_NAME:
        gtk_image_set_from_icon_name(self->icon, g_value_get_string(value));
        break;
    case PROP_TITLE:
        gtk_label_set_text(self->title, g_value_get_string(value));
        break;
    case PROP_DESCRIPTION:
        rub_note_set_description(self, g_value_get_string(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubNote, name)

static const RubTemplateChild children[] = {
    CHILD(icon),
    CHILD(title),
    CHILD(description),
};

static void
rub_note_class_init(RubNoteClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;
    object_class->set_property = rub_note_set_property;
    properties[PROP_ICON_NAME] = g_param_spec_string("icon-name", NULL, NULL, NULL, flags);
    properties[PROP_TITLE] = g_param_spec_string("title", NULL, NULL, NULL, flags);
    properties[PROP_DESCRIPTION] = g_param_spec_string("description", NULL, NULL, NULL, flags);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    rub_template_set(widget_class, "rub-note.ui", children, G_N_ELEMENTS(children));
}

static void
rub_note_init(RubNote *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
