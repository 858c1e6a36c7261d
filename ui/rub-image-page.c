/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-image-page.h"

#include "rub-digest-row.h"
#include "rub-facts.h"
#include "rub-intl.h"
#include "rub-list.h"
#include "rub-note.h"
#include "rub-recent.h"
#include "rub-template.h"
#include "rub-words.h"

struct _RubImagePage {
    AdwBin parent_instance;
    AdwEntryRow *path_row;
    GtkButton *choose_button;
    GtkWidget *busy_group;
    GtkWidget *empty_group;
    GtkWidget *findings_group;
    GtkListBox *findings_list;
    GtkWidget *facts_group;
    GtkListBox *facts_list;
    AdwPreferencesGroup *digest_group;
    RubDigestRow *digest_row; /* made with the first image */
    GtkWidget *recent_group;
    GtkListBox *recent_list;
    guint recent_idle;
    RubWizard *wizard;
};

G_DEFINE_FINAL_TYPE(RubImagePage, rub_image_page, ADW_TYPE_BIN)

static void
on_path_applied_cb(RubImagePage *self)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(self->path_row));
    if (*text)
        gtk_widget_activate_action(GTK_WIDGET(self), "win.use-image", "s", text);
}

static void
show_path(RubImagePage *self)
{
    const char *path = rub_wizard_get_image_path(self->wizard);
    g_autofree char *shown = path ? g_filename_display_name(path) : g_strdup("");
    g_object_set(self->path_row, "show-apply-button", FALSE, NULL);
    gtk_editable_set_text(GTK_EDITABLE(self->path_row), shown);
    gtk_editable_set_position(GTK_EDITABLE(self->path_row), -1);
    g_object_set(self->path_row, "show-apply-button", TRUE, NULL);
}

static void
show_facts(RubImagePage *self, const RubImageInfo *info)
{
    g_autofree char *kind = rub_image_info_describe(info, rub_intl_translate);
    g_autofree char *size = g_format_size(info->size_bytes);
    g_autofree char *files = rub_facts_count_files(info->file_count);
    /* Translators: how large an image is, how many files are in it. */
    g_autofree char *amount = g_strdup_printf(_("%s, %s"), size, files);
    g_autofree char *starts_on = rub_facts_name_image_firmware(info);
    rub_list_add_fact(self->facts_list, _("Kind"), kind);
    if (*info->volume_name)
        rub_list_add_fact(self->facts_list, _("Name"), info->volume_name);
    rub_list_add_fact(self->facts_list, _("Size"), amount);
    rub_list_add_fact(self->facts_list, _("Starts on"), starts_on);
}

static void
show_digest(RubImagePage *self, const char *path)
{
    gtk_widget_set_visible(GTK_WIDGET(self->digest_group), path != NULL);
    if (!path && !self->digest_row)
        return;
    if (!self->digest_row) {
        self->digest_row = g_object_new(RUB_TYPE_DIGEST_ROW, NULL);
        adw_preferences_group_add(self->digest_group, GTK_WIDGET(self->digest_row));
    }
    rub_digest_row_set_path(self->digest_row, path);
}

static void
show_inspection(RubImagePage *self)
{
    const RubInspection *inspection = rub_wizard_get_inspection(self->wizard);
    gboolean is_busy = rub_wizard_is_inspecting(self->wizard);
    const RubImageInfo *info = inspection ? inspection->info : NULL;
    rub_list_clear(self->facts_list);
    rub_list_clear(self->findings_list);
    if (info)
        show_facts(self, info);
    if (inspection)
        rub_list_add_findings(self->findings_list, inspection->findings);
    show_digest(self, info ? inspection->path : NULL);
    gtk_widget_set_visible(self->busy_group, is_busy);
    gtk_widget_set_visible(self->empty_group, !is_busy && !inspection);
    gtk_widget_set_visible(self->facts_group, info != NULL);
    gtk_widget_set_visible(self->findings_group, inspection && inspection->findings->len > 0);
}

static void
on_recent_changed_cb(RubImagePage *self)
{
    rub_recent_fill(self->recent_list);
    gtk_widget_set_visible(self->recent_group,
                           gtk_widget_get_first_child(GTK_WIDGET(self->recent_list)) != NULL);
}

static gboolean
on_idle_cb(gpointer user_data)
{
    RubImagePage *self = user_data;
    self->recent_idle = 0;
    g_signal_connect_object(gtk_recent_manager_get_default(), "changed",
                            G_CALLBACK(on_recent_changed_cb), self, G_CONNECT_SWAPPED);
    on_recent_changed_cb(self);
    return G_SOURCE_REMOVE;
}

GtkWidget *
rub_image_page_new(RubWizard *wizard)
{
    RubImagePage *self = g_object_new(RUB_TYPE_IMAGE_PAGE, NULL);
    self->wizard = g_object_ref(wizard);
    g_signal_connect_object(wizard, "notify::image-path", G_CALLBACK(show_path), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(wizard, "notify::is-inspecting", G_CALLBACK(show_inspection), self,
                            G_CONNECT_SWAPPED);
    show_inspection(self);
    return GTK_WIDGET(self);
}

static void
rub_image_page_dispose(GObject *object)
{
    RubImagePage *self = RUB_IMAGE_PAGE(object);
    g_clear_handle_id(&self->recent_idle, g_source_remove);
    g_clear_object(&self->wizard);
    G_OBJECT_CLASS(rub_image_page_parent_class)->dispose(object);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubImagePage, name)

static const RubTemplateChild children[] = {
    CHILD(path_row),       CHILD(choose_button), CHILD(busy_group),  CHILD(empty_group),
    CHILD(findings_group), CHILD(findings_list), CHILD(facts_group), CHILD(facts_list),
    CHILD(digest_group),   CHILD(recent_group),  CHILD(recent_list),
};

static void
rub_image_page_class_init(RubImagePageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_image_page_dispose;
    g_type_ensure(RUB_TYPE_NOTE);
    rub_template_set(widget_class, "rub-image-page.ui", children, G_N_ELEMENTS(children));
    gtk_widget_class_bind_template_callback(widget_class, on_path_applied_cb);
}

/* Files used lately are read when the first frame is on the screen. */
static void
rub_image_page_init(RubImagePage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    rub_list_fix_button_name(GTK_WIDGET(self->choose_button));
    self->recent_idle = g_idle_add_full(G_PRIORITY_LOW, on_idle_cb, self, NULL);
}
