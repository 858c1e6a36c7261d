/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-stick-page.h"

#include "rub-intl.h"
#include "rub-list.h"
#include "rub-resource.h"

#define BYTES_PER_GB 1e9

struct _RubStickPage {
    AdwBin parent_instance;
    AdwPreferencesGroup *drives_group;
    AdwActionRow *file_row;
    GtkWidget *size_row;
    GtkSpinButton *size_spin;
    GtkWidget *treatment_group;
    GtkWidget *options_group;
    GtkWidget *label_row;
    RubWizard *wizard;
};

G_DEFINE_FINAL_TYPE(RubStickPage, rub_stick_page, ADW_TYPE_BIN)

static gboolean
to_bytes(GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
    g_value_set_uint64(to, (guint64) (g_value_get_double(from) * BYTES_PER_GB));
    return TRUE;
}

static void
show_file(RubStickPage *self)
{
    RubStickChoice *stick = rub_wizard_get_stick(self->wizard);
    const char *path = rub_stick_choice_get_path(stick);
    g_autofree char *shown = path ? g_filename_display_name(path)
                                  : g_strdup(_("For a virtual machine, or to be copied later"));
    adw_action_row_set_subtitle(self->file_row, shown);
    gtk_widget_set_visible(self->size_row, rub_stick_choice_get_new_size_bytes(stick) > 0);
}

static const char *
get_title(RubTask task)
{
    switch (task) {
    case RUB_TASK_CHECK:
        return _("Choose the Stick to Be Checked");
    case RUB_TASK_UNDO:
        return _("Choose the Stick to Take a Build Off");
    default:
        return _("Choose the USB Stick");
    }
}

static void
show_task(RubStickPage *self)
{
    RubTask task = rub_wizard_get_task(self->wizard);
    adw_preferences_group_set_title(self->drives_group, get_title(task));
    gtk_widget_set_visible(self->treatment_group, task == RUB_TASK_BUILD);
    gtk_widget_set_visible(self->options_group, task == RUB_TASK_BUILD);
}

void
rub_stick_page_set_wizard(RubStickPage *self, RubWizard *wizard)
{
    RubStickChoice *stick = rub_wizard_get_stick(wizard);
    self->wizard = g_object_ref(wizard);
    g_signal_connect_object(stick, "notify::path", G_CALLBACK(show_file), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::task", G_CALLBACK(show_task), self, G_CONNECT_SWAPPED);
    g_object_bind_property(wizard, "label", self->label_row, "text",
                           G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    g_object_bind_property_full(self->size_spin, "value", stick, "new-size-bytes",
                                G_BINDING_SYNC_CREATE, to_bytes, NULL, NULL, NULL);
    show_file(self);
    show_task(self);
}

static void
rub_stick_page_dispose(GObject *object)
{
    RubStickPage *self = RUB_STICK_PAGE(object);
    g_clear_object(&self->wizard);
    gtk_widget_dispose_template(GTK_WIDGET(self), RUB_TYPE_STICK_PAGE);
    G_OBJECT_CLASS(rub_stick_page_parent_class)->dispose(object);
}

static void
rub_stick_page_class_init(RubStickPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_stick_page_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                RUB_RESOURCE_PATH "rub-stick-page.ui");
    gtk_widget_class_bind_template_child(widget_class, RubStickPage, drives_group);
    gtk_widget_class_bind_template_child(widget_class, RubStickPage, file_row);
    gtk_widget_class_bind_template_child(widget_class, RubStickPage, size_row);
    gtk_widget_class_bind_template_child(widget_class, RubStickPage, size_spin);
    gtk_widget_class_bind_template_child(widget_class, RubStickPage, treatment_group);
    gtk_widget_class_bind_template_child(widget_class, RubStickPage, options_group);
    gtk_widget_class_bind_template_child(widget_class, RubStickPage, label_row);
}

static void
rub_stick_page_init(RubStickPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}
