/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-digest-row.h"

#include "rub-expander.h"
#include "rub-image-digest.h"
#include "rub-intl.h"
#include "rub-list.h"
#include "rub-template.h"
#include "rub-words.h"

struct _RubDigestRow {
    AdwExpanderRow parent_instance;
    AdwActionRow *digest_row;
    GtkButton *start_button;
    GtkButton *copy_button;
    AdwEntryRow *expected_row;
    GtkImage *match_icon;
    AdwActionRow *match_row;
    RubImageDigest *digest;
};

G_DEFINE_FINAL_TYPE(RubDigestRow, rub_digest_row, ADW_TYPE_EXPANDER_ROW)

typedef struct {
    const char *icon_name;
    const char *style;
    const char *text;
} Verdict;

static Verdict
get_verdict(RubDigestMatch match)
{
    switch (match) {
    case RUB_DIGEST_MATCH_YES:
        return (Verdict){"emblem-ok-symbolic", "success",
                         _("The image is exactly what it should be.")};
    case RUB_DIGEST_MATCH_NO:
        return (Verdict){"dialog-error-symbolic", "error",
                         _("The image differs from what was published. Download it again.")};
    case RUB_DIGEST_MATCH_INVALID:
        return (Verdict){"dialog-warning-symbolic", "warning",
                         _("A SHA-256 has 64 digits from 0 to 9 and a to f.")};
    default:
        return (Verdict){NULL, "", ""};
    }
}

static void
show_match(RubDigestRow *self)
{
    Verdict verdict = get_verdict(rub_image_digest_get_match(self->digest));
    const char *classes[] = {verdict.style, NULL};
    gtk_image_set_from_icon_name(self->match_icon, verdict.icon_name);
    gtk_widget_set_css_classes(GTK_WIDGET(self->match_icon), classes);
    gtk_widget_set_visible(GTK_WIDGET(self->match_icon), verdict.icon_name != NULL);
    gtk_widget_set_visible(GTK_WIDGET(self->match_row), verdict.icon_name != NULL);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self->match_row), verdict.text);
}

static char *
describe(RubDigestRow *self)
{
    const GError *error = rub_image_digest_get_error(self->digest);
    if (error)
        return rub_words_describe_error(error);
    if (rub_image_digest_is_busy(self->digest))
        return g_strdup_printf(_("Reading… %d %%"),
                               (int) (100 * rub_image_digest_get_fraction(self->digest)));
    const char *text = rub_image_digest_get_text(self->digest);
    return g_strdup(text ? text : _("Not calculated yet"));
}

static void
on_changed_cb(RubDigestRow *self)
{
    g_autofree char *description = describe(self);
    gboolean is_known = rub_image_digest_get_text(self->digest) != NULL;
    adw_action_row_set_subtitle(self->digest_row, description);
    gtk_widget_set_visible(GTK_WIDGET(self->start_button), !is_known);
    gtk_widget_action_set_enabled(GTK_WIDGET(self), "digest.start",
                                  !rub_image_digest_is_busy(self->digest));
    gtk_widget_set_visible(GTK_WIDGET(self->copy_button), is_known);
    show_match(self);
}

static void
start(GtkWidget *widget, const char *action, GVariant *parameter)
{
    rub_image_digest_start(RUB_DIGEST_ROW(widget)->digest);
}

static void
copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
    RubDigestRow *self = RUB_DIGEST_ROW(widget);
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)),
                           rub_image_digest_get_text(self->digest));
}

static void
on_expected_changed_cb(RubDigestRow *self)
{
    rub_image_digest_set_expected(self->digest,
                                  gtk_editable_get_text(GTK_EDITABLE(self->expected_row)));
}

void
rub_digest_row_set_path(RubDigestRow *self, const char *path)
{
    rub_image_digest_set_path(self->digest, path);
    if (!path)
        gtk_editable_set_text(GTK_EDITABLE(self->expected_row), "");
}

static void
rub_digest_row_dispose(GObject *object)
{
    RubDigestRow *self = RUB_DIGEST_ROW(object);
    if (self->digest)
        g_signal_handlers_disconnect_by_data(self->digest, self);
    if (self->digest)
        rub_image_digest_set_path(self->digest, NULL);
    g_clear_object(&self->digest);
    G_OBJECT_CLASS(rub_digest_row_parent_class)->dispose(object);
}

#define CHILD(name) RUB_TEMPLATE_CHILD(RubDigestRow, name)

static const RubTemplateChild children[] = {
    CHILD(digest_row),   CHILD(start_button), CHILD(copy_button),
    CHILD(expected_row), CHILD(match_icon),   CHILD(match_row),
};

static void
rub_digest_row_class_init(RubDigestRowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = rub_digest_row_dispose;
    rub_template_set(widget_class, "rub-digest-row.ui", children, G_N_ELEMENTS(children));
    gtk_widget_class_install_action(widget_class, "digest.start", NULL, start);
    gtk_widget_class_install_action(widget_class, "digest.copy", NULL, copy);
    gtk_widget_class_bind_template_callback(widget_class, on_expected_changed_cb);
}

static void
rub_digest_row_init(RubDigestRow *self)
{
    self->digest = rub_image_digest_new();
    gtk_widget_init_template(GTK_WIDGET(self));
    rub_list_fix_button_name(GTK_WIDGET(self->start_button));
    rub_expander_set_up(ADW_EXPANDER_ROW(self), GTK_WIDGET(self->digest_row));
    g_signal_connect_swapped(self->digest, "changed", G_CALLBACK(on_changed_cb), self);
    on_changed_cb(self);
}
