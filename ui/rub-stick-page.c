/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-stick-page.h"

#include "rub-drive-row.h"
#include "rub-expander.h"
#include "rub-intl.h"
#include "rub-list.h"
#include "rub-note.h"
#include "rub-template.h"
#include "rub-words.h"

#define BYTES_PER_GB 1e9

struct _RubStickPage {
    AdwBin parent_instance;
    AdwPreferencesGroup *drives_group;
    GtkListBox *drives_list;
    GtkWidget *empty_note;
    RubNote *problem_note;
    GtkWidget *refresh_button;
    GtkWidget *large_group;
    GtkListBox *large_list;
    AdwActionRow *file_row;
    GtkWidget *new_file_button;
    GtkWidget *size_row;
    GtkSpinButton *size_spin;
    GtkWidget *treatment_group;
    GtkWidget *options_group;
    AdwExpanderRow *more_row;
    GtkWidget *label_row;
    GtkWidget *filesystem_row;
    GtkWidget *plain_row;
    GtkWidget *plain_check;
    GtkWidget *ntfs_row;
    GtkWidget *ntfs_check;
    GtkWidget *method_row;
    GtkWidget *auto_row;
    GtkWidget *auto_check;
    GtkWidget *files_row;
    GtkWidget *files_check;
    GtkWidget *raw_row;
    GtkWidget *raw_check;
    RubWizard *wizard;
    GListModel *ordinary_drives;
    GListModel *large_drives;
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
    gboolean may_be_new = rub_wizard_get_task(self->wizard) == RUB_TASK_BUILD;
    g_autofree char *shown = path ? g_filename_display_name(path)
                             : may_be_new
                                 ? g_strdup(_("For a virtual machine, or to be copied later"))
                                 : g_strdup("");
    adw_action_row_set_subtitle(self->file_row, shown);
    gtk_widget_set_visible(self->size_row, rub_stick_choice_get_new_size_bytes(stick) > 0);
}

static gboolean
is_large(gpointer drive, gpointer user_data)
{
    return rub_drive_is_large(drive);
}

static gboolean
is_ordinary(gpointer drive, gpointer user_data)
{
    return !rub_drive_is_large(drive);
}

static GListModel *
filter_drives(GListModel *drives, GtkCustomFilterFunc func)
{
    GtkFilter *filter = GTK_FILTER(gtk_custom_filter_new(func, NULL, NULL));
    return G_LIST_MODEL(gtk_filter_list_model_new(g_object_ref(drives), filter));
}

static GtkWidget *
make_row(gpointer drive, gpointer user_data)
{
    return rub_drive_row_new(drive, user_data);
}

static gboolean
has_drives(GListModel *drives)
{
    return drives && g_list_model_get_n_items(drives) > 0;
}

static void
show_which_drives(RubStickPage *self)
{
    const GError *error = rub_stick_choice_get_drives_error(rub_wizard_get_stick(self->wizard));
    gboolean has_ordinary = has_drives(self->ordinary_drives);
    gboolean has_large = has_drives(self->large_drives);
    g_autofree char *problem = error ? rub_words_describe_error(error) : g_strdup("");
    rub_note_set_description(self->problem_note, problem);
    gtk_widget_set_visible(GTK_WIDGET(self->drives_list), has_ordinary);
    gtk_widget_set_visible(GTK_WIDGET(self->problem_note), error != NULL);
    gtk_widget_set_visible(self->empty_note, !error && !has_ordinary && !has_large);
    gtk_widget_set_visible(self->large_group, has_large);
}

/* Each list is bound to its part of the drives, so that a drive that comes or goes touches no other
 * row. */
static void
show_drives(RubStickPage *self)
{
    RubStickChoice *stick = rub_wizard_get_stick(self->wizard);
    GListModel *drives = rub_stick_choice_get_drives(stick);
    g_clear_object(&self->ordinary_drives);
    g_clear_object(&self->large_drives);
    if (drives) {
        self->ordinary_drives = filter_drives(drives, is_ordinary);
        self->large_drives = filter_drives(drives, is_large);
        g_signal_connect_object(self->ordinary_drives, "items-changed",
                                G_CALLBACK(show_which_drives), self, G_CONNECT_SWAPPED);
        g_signal_connect_object(self->large_drives, "items-changed", G_CALLBACK(show_which_drives),
                                self, G_CONNECT_SWAPPED);
    }
    gtk_list_box_bind_model(self->drives_list, self->ordinary_drives, make_row, stick, NULL);
    gtk_list_box_bind_model(self->large_list, self->large_drives, make_row, stick, NULL);
    show_which_drives(self);
}

static const char *
get_title(RubTask task)
{
    switch (task) {
    case RUB_TASK_CHECK:
        return _("Choose the Stick to Be Checked");
    case RUB_TASK_UNDO:
        return _("Choose the Stick to Remove the Rescue System From");
    default:
        return _("Choose the USB Stick");
    }
}

static void
show_task(RubStickPage *self)
{
    RubTask task = rub_wizard_get_task(self->wizard);
    adw_preferences_group_set_title(self->drives_group, get_title(task));
    gtk_widget_set_visible(self->new_file_button, task == RUB_TASK_BUILD);
    gtk_widget_set_visible(self->treatment_group, task == RUB_TASK_BUILD);
    gtk_widget_set_visible(self->options_group, task == RUB_TASK_BUILD);
    show_file(self);
}

/* An image that is written byte by byte brings its name and its filesystem along. */
static void
show_options(RubStickPage *self)
{
    RubTreatment treatment;
    RubMethod method;
    g_object_get(self->wizard, "treatment", &treatment, "method", &method, NULL);
    gboolean is_erased = treatment == RUB_TREATMENT_ERASE;
    gboolean is_raw = is_erased && method == RUB_METHOD_RAW;
    gtk_widget_set_sensitive(self->label_row, is_erased && !is_raw);
    gtk_widget_set_sensitive(self->filesystem_row, !is_raw);
    rub_list_set_choosable(self->plain_row, self->plain_check, !is_raw);
    rub_list_set_choosable(self->ntfs_row, self->ntfs_check, !is_raw);
    gtk_widget_set_sensitive(self->method_row, is_erased);
    rub_list_set_choosable(self->auto_row, self->auto_check, is_erased);
    rub_list_set_choosable(self->files_row, self->files_check, is_erased);
    rub_list_set_choosable(self->raw_row, self->raw_check, is_erased);
}

static void
show_methods(RubStickPage *self)
{
    GtkWidget *rows[] = {self->method_row, self->auto_row, self->files_row, self->raw_row};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        gtk_widget_set_visible(rows[i], rub_wizard_has_methods(self->wizard));
}

GtkWidget *
rub_stick_page_new(RubWizard *wizard)
{
    RubStickPage *self = g_object_new(RUB_TYPE_STICK_PAGE, NULL);
    self->wizard = g_object_ref(wizard);
    RubStickChoice *stick = rub_wizard_get_stick(wizard);
    g_signal_connect_object(stick, "notify::path", G_CALLBACK(show_file), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(stick, "notify::drives", G_CALLBACK(show_drives), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::task", G_CALLBACK(show_task), self, G_CONNECT_SWAPPED);
    g_object_bind_property(wizard, "label", self->label_row, "text",
                           G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    g_object_bind_property_full(self->size_spin, "value", stick, "new-size-bytes",
                                G_BINDING_SYNC_CREATE, to_bytes, NULL, NULL, NULL);
    g_signal_connect_object(wizard, "notify::treatment", G_CALLBACK(show_options), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::method", G_CALLBACK(show_options), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::inspection", G_CALLBACK(show_methods), self,
                            G_CONNECT_SWAPPED);
    show_task(self);
    show_methods(self);
    show_drives(self);
    return GTK_WIDGET(self);
}

/* What the button of a finding chose is not to be out of sight. */
static void
reveal_options(RubStickPage *self)
{
    RubFilesystemChoice filesystem;
    RubMethod method;
    g_object_get(self->wizard, "filesystem", &filesystem, "method", &method, NULL);
    if (filesystem != RUB_CHOICE_AUTO || method != RUB_METHOD_AUTO)
        adw_expander_row_set_expanded(self->more_row, TRUE);
}

static void
rub_stick_page_map(GtkWidget *widget)
{
    RubStickPage *self = RUB_STICK_PAGE(widget);
    reveal_options(self);
    GTK_WIDGET_CLASS(rub_stick_page_parent_class)->map(widget);
    show_options(self);
}

static void
rub_stick_page_dispose(GObject *object)
{
    RubStickPage *self = RUB_STICK_PAGE(object);
    if (self->drives_list) {
        gtk_list_box_bind_model(self->drives_list, NULL, NULL, NULL, NULL);
        gtk_list_box_bind_model(self->large_list, NULL, NULL, NULL, NULL);
    }
    g_clear_object(&self->ordinary_drives);
    g_clear_object(&self->large_drives);
    g_clear_object(&self->wizard);
    G_OBJECT_CLASS(rub_stick_page_parent_class)->dispose(object);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubStickPage, name)

static const RubTemplateChild children[] = {
    CHILD(drives_group),    CHILD(drives_list), CHILD(empty_note), CHILD(problem_note),
    CHILD(refresh_button),  CHILD(large_group), CHILD(large_list), CHILD(file_row),
    CHILD(new_file_button), CHILD(size_row),    CHILD(size_spin),  CHILD(treatment_group),
    CHILD(options_group),   CHILD(more_row),    CHILD(label_row),  CHILD(filesystem_row),
    CHILD(plain_row),       CHILD(plain_check), CHILD(ntfs_row),   CHILD(ntfs_check),
    CHILD(method_row),      CHILD(auto_row),    CHILD(auto_check), CHILD(files_row),
    CHILD(files_check),     CHILD(raw_row),     CHILD(raw_check),
};

static void
rub_stick_page_class_init(RubStickPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_stick_page_dispose;
    widget_class->map = rub_stick_page_map;
    g_type_ensure(RUB_TYPE_NOTE);
    rub_template_set(widget_class, "rub-stick-page.ui", children, G_N_ELEMENTS(children));
}

static void
rub_stick_page_init(RubStickPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    rub_list_fix_button_name(self->refresh_button);
    rub_expander_set_up(self->more_row, self->label_row);
}
