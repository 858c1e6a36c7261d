/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-drive-row.h"

#include "rub-list.h"
#include "rub-words.h"

struct _RubDriveRow {
    AdwActionRow parent_instance;
    GtkWidget *check;
    RubDrive *drive;
    RubStickChoice *stick;
};

G_DEFINE_FINAL_TYPE(RubDriveRow, rub_drive_row, ADW_TYPE_ACTION_ROW)

static void
show_suitability(RubDriveRow *self)
{
    rub_list_set_choosable(GTK_WIDGET(self), self->check,
                           rub_stick_choice_suits(self->stick, self->drive));
}

static void
show(RubDriveRow *self)
{
    g_autofree char *name = rub_drive_get_display_name(self->drive);
    g_autofree char *facts = rub_words_describe_drive(self->drive);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), name);
    adw_action_row_set_subtitle(ADW_ACTION_ROW(self), facts);
    gtk_accessible_update_property(GTK_ACCESSIBLE(self->check), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   facts, -1);
    show_suitability(self);
}

GtkWidget *
rub_drive_row_new(RubDrive *drive, RubStickChoice *stick)
{
    RubDriveRow *self = g_object_new(RUB_TYPE_DRIVE_ROW, NULL);
    self->drive = g_object_ref(drive);
    self->stick = g_object_ref(stick);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(self->check), "s", rub_drive_get_id(drive));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(self->check), "win.stick");
    g_signal_connect_object(drive, "changed", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(stick, "notify::is-for-reading", G_CALLBACK(show), self,
                            G_CONNECT_SWAPPED);
    show(self);
    return GTK_WIDGET(self);
}

static void
rub_drive_row_map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(rub_drive_row_parent_class)->map(widget);
    show_suitability(RUB_DRIVE_ROW(widget));
}

static void
rub_drive_row_dispose(GObject *object)
{
    RubDriveRow *self = RUB_DRIVE_ROW(object);
    g_clear_object(&self->drive);
    g_clear_object(&self->stick);
    G_OBJECT_CLASS(rub_drive_row_parent_class)->dispose(object);
}

static void
rub_drive_row_class_init(RubDriveRowClass *klass)
{
    G_OBJECT_CLASS(klass)->dispose = rub_drive_row_dispose;
    GTK_WIDGET_CLASS(klass)->map = rub_drive_row_map;
}

/* Names that other devices tell are no markup. */
static void
rub_drive_row_init(RubDriveRow *self)
{
    self->check = gtk_check_button_new();
    gtk_widget_set_valign(self->check, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(GTK_WIDGET(self), "drive");
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(self), FALSE);
    adw_action_row_set_title_lines(ADW_ACTION_ROW(self), 0);
    adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(self), 0);
    adw_action_row_add_prefix(ADW_ACTION_ROW(self), self->check);
    adw_action_row_set_activatable_widget(ADW_ACTION_ROW(self), self->check);
}
