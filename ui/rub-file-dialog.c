/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-file-dialog.h"

#include "rub-intl.h"

typedef struct {
    const char *title;
    const char *accept;
    const char *filter_name; /* NULL for any file */
    const char *suffixes[4];
    const char *new_name; /* NULL for a file that exists */
} Kind;

/* A dialog may outlive the window that it belongs to. */
typedef struct {
    RubFileChosen chosen;
    GWeakRef parent;
} Question;

static const Kind kinds[] = {
    [RUB_FILE_DIALOG_OPEN_IMAGE] = {N_("Choose a Rescue Image"),
                                    N_("_Choose"),
                                    N_("Rescue images (ISO)"),
                                    {"iso", "udf", "img", NULL},
                                    NULL},
    [RUB_FILE_DIALOG_OPEN_DISK] = {N_("Choose a Disk-Image File"),
                                   N_("_Choose"),
                                   N_("Disk images"),
                                   {"img", "raw", "dd", NULL},
                                   NULL},
    [RUB_FILE_DIALOG_NEW_DISK] = {N_("Make a Disk-Image File"),
                                  N_("_Choose"),
                                  N_("Disk images"),
                                  {"img", "raw", "dd", NULL},
                                  "rescue.img"},
    [RUB_FILE_DIALOG_SAVE_LOG] =
        {N_("Save the Log"), N_("_Save"), NULL, {NULL}, "rescue-usb-builder.log"},
};

static GtkFileFilter *
make_filter(const Kind *kind)
{
    GtkFileFilter *filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, _(kind->filter_name));
    for (guint i = 0; kind->suffixes[i]; i++)
        gtk_file_filter_add_suffix(filter, kind->suffixes[i]);
    return filter;
}

static GtkFileFilter *
make_filter_for_all(void)
{
    GtkFileFilter *filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, _("All files"));
    gtk_file_filter_add_pattern(filter, "*");
    return filter;
}

static void
answer(Question *question, GFile *file)
{
    g_autoptr(GtkWindow) parent = g_weak_ref_get(&question->parent);
    g_autofree char *path = file ? g_file_get_path(file) : NULL;
    if (parent && path)
        question->chosen(parent, path);
    g_weak_ref_clear(&question->parent);
    g_free(question);
}

#ifdef HAVE_GTK_FILE_DIALOG

/* Newer than the floor that the headers are held to. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static void
on_opened_cb(GObject *dialog, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GFile) file = gtk_file_dialog_open_finish(GTK_FILE_DIALOG(dialog), result, NULL);
    answer(user_data, file);
}

static void
on_saved_cb(GObject *dialog, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GFile) file = gtk_file_dialog_save_finish(GTK_FILE_DIALOG(dialog), result, NULL);
    answer(user_data, file);
}

static void
show(GtkWindow *parent, const Kind *kind, Question *question)
{
    g_autoptr(GtkFileDialog) dialog = gtk_file_dialog_new();
    gtk_file_dialog_set_title(dialog, _(kind->title));
    if (kind->filter_name) {
        g_autoptr(GListStore) filters = g_list_store_new(GTK_TYPE_FILE_FILTER);
        g_autoptr(GtkFileFilter) filter = make_filter(kind);
        g_autoptr(GtkFileFilter) all = make_filter_for_all();
        g_list_store_append(filters, filter);
        g_list_store_append(filters, all);
        gtk_file_dialog_set_filters(dialog, G_LIST_MODEL(filters));
    }
    if (!kind->new_name) {
        gtk_file_dialog_open(dialog, parent, NULL, on_opened_cb, question);
        return;
    }
    gtk_file_dialog_set_initial_name(dialog, kind->new_name);
    gtk_file_dialog_save(dialog, parent, NULL, on_saved_cb, question);
}

G_GNUC_END_IGNORE_DEPRECATIONS

#else

static void
on_response_cb(GtkNativeDialog *dialog, int response, gpointer user_data)
{
    g_autoptr(GFile) file = response == GTK_RESPONSE_ACCEPT
                                ? gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog))
                                : NULL;
    answer(user_data, file);
    g_object_unref(dialog);
}

static void
add_filter(GtkFileChooser *chooser, GtkFileFilter *filter)
{
    gtk_file_chooser_add_filter(chooser, filter);
    g_object_unref(filter);
}

static void
show(GtkWindow *parent, const Kind *kind, Question *question)
{
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
        _(kind->title), parent,
        kind->new_name ? GTK_FILE_CHOOSER_ACTION_SAVE : GTK_FILE_CHOOSER_ACTION_OPEN,
        _(kind->accept), _("_Cancel"));
    gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
    if (kind->filter_name) {
        add_filter(GTK_FILE_CHOOSER(dialog), make_filter(kind));
        add_filter(GTK_FILE_CHOOSER(dialog), make_filter_for_all());
    }
    if (kind->new_name)
        gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), kind->new_name);
    g_signal_connect(dialog, "response", G_CALLBACK(on_response_cb), question);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

#endif

void
rub_file_dialog_show(GtkWindow *parent, RubFileDialogKind kind, RubFileChosen chosen)
{
    Question *question = g_new0(Question, 1);
    question->chosen = chosen;
    g_weak_ref_init(&question->parent, parent);
    show(parent, &kinds[kind], question);
}
