/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-stick-choice.h"

#include "target/rub-image-target.h"
#include "target/rub-udisks-target.h"

#define DEFAULT_NEW_SIZE_BYTES (G_GUINT64_CONSTANT(8) * 1000 * 1000 * 1000)

struct _RubStickChoice {
    GObject parent_instance;
    char *chosen;
    char *path;
    guint64 new_size_bytes;
    gboolean is_for_reading;

    GListModel *drives;
    GError *drives_error;
    GCancellable *listing;
    RubDrive *drive;
    char *lost_serial; /* of a drive that was chosen and is unplugged */
};

enum {
    PROP_CHOSEN = 1,
    PROP_PATH,
    PROP_NEW_SIZE_BYTES,
    PROP_IS_FOR_READING,
    PROP_IS_COMPLETE,
    PROP_DRIVES,
    N_PROPS,
};

static GParamSpec *properties[N_PROPS];
static guint lost_signal;

G_DEFINE_FINAL_TYPE(RubStickChoice, rub_stick_choice, G_TYPE_OBJECT)

RubStickChoice *
rub_stick_choice_new(void)
{
    return g_object_new(RUB_TYPE_STICK_CHOICE, NULL);
}

static void
notify(RubStickChoice *self, guint property)
{
    g_object_notify_by_pspec(G_OBJECT(self), properties[property]);
}

static void
on_drive_changed_cb(RubStickChoice *self)
{
    notify(self, PROP_IS_COMPLETE);
}

static void
set_drive(RubStickChoice *self, RubDrive *drive)
{
    if (self->drive)
        g_signal_handlers_disconnect_by_data(self->drive, self);
    g_set_object(&self->drive, drive);
    if (drive)
        g_signal_connect_swapped(drive, "changed", G_CALLBACK(on_drive_changed_cb), self);
}

static RubDrive *
find_drive(RubStickChoice *self, const char *(*get)(RubDrive *), const char *wanted)
{
    guint count = self->drives ? g_list_model_get_n_items(self->drives) : 0;
    for (guint i = 0; i < count; i++) {
        g_autoptr(RubDrive) drive = g_list_model_get_item(self->drives, i);
        if (g_str_equal(get(drive), wanted))
            return drive;
    }
    return NULL;
}

gboolean
rub_stick_choice_suits(RubStickChoice *self, RubDrive *drive)
{
    return rub_drive_is_suitable(drive) ||
           (self->is_for_reading &&
            rub_drive_get_reason_code(drive) == RUB_CODE_TRACK_0_NOT_WRITABLE);
}

void
rub_stick_choice_set_for_reading(RubStickChoice *self, gboolean is_for_reading)
{
    if (self->is_for_reading == is_for_reading)
        return;
    self->is_for_reading = is_for_reading;
    notify(self, PROP_IS_FOR_READING);
    notify(self, PROP_IS_COMPLETE);
}

static void
choose(RubStickChoice *self, const char *chosen)
{
    g_free(self->chosen);
    self->chosen = g_strdup(chosen);
    g_clear_pointer(&self->lost_serial, g_free);
    set_drive(self, find_drive(self, rub_drive_get_id, chosen));
    notify(self, PROP_CHOSEN);
    notify(self, PROP_IS_COMPLETE);
}

static void
lose_drive(RubStickChoice *self)
{
    g_autofree char *serial = g_strdup(rub_drive_get_serial(self->drive));
    choose(self, "");
    if (*serial)
        self->lost_serial = g_steal_pointer(&serial);
    g_signal_emit(self, lost_signal, 0);
}

static void
find_lost_drive(RubStickChoice *self)
{
    RubDrive *drive = find_drive(self, rub_drive_get_serial, self->lost_serial);
    if (drive && rub_stick_choice_suits(self, drive))
        choose(self, rub_drive_get_id(drive));
}

/* A drive that only changes its place is taken out of the list and put in again at once: it is the
 * same object then. */
static void
on_items_changed_cb(RubStickChoice *self)
{
    if (self->drive && !find_drive(self, rub_drive_get_id, self->chosen))
        lose_drive(self);
    else if (self->lost_serial)
        find_lost_drive(self);
}

void
rub_stick_choice_take_drives(RubStickChoice *self, GListModel *drives)
{
    if (self->drives)
        g_signal_handlers_disconnect_by_data(self->drives, self);
    g_set_object(&self->drives, drives);
    g_clear_error(&self->drives_error);
    if (drives)
        g_signal_connect_swapped(drives, "items-changed", G_CALLBACK(on_items_changed_cb), self);
    notify(self, PROP_DRIVES);
}

static void
on_listed_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(RubStickChoice) self = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(RubDriveList) list = rub_drive_list_new_finish(result, &error);
    gboolean is_unwanted = g_cancellable_is_cancelled(self->listing);
    g_clear_object(&self->listing);
    if (is_unwanted)
        return;
    rub_stick_choice_take_drives(self, list ? G_LIST_MODEL(list) : NULL);
    self->drives_error = g_steal_pointer(&error);
    notify(self, PROP_DRIVES);
}

void
rub_stick_choice_list_drives(RubStickChoice *self)
{
    if (self->drives || self->listing)
        return;
    self->listing = g_cancellable_new();
    rub_drive_list_new_async(self->listing, on_listed_cb, g_object_ref(self));
}

GListModel *
rub_stick_choice_get_drives(RubStickChoice *self)
{
    return self->drives;
}

const GError *
rub_stick_choice_get_drives_error(RubStickChoice *self)
{
    return self->drives_error;
}

const char *
rub_stick_choice_get_chosen(RubStickChoice *self)
{
    return self->chosen;
}

RubDrive *
rub_stick_choice_get_drive(RubStickChoice *self)
{
    return self->drive;
}

void
rub_stick_choice_choose_file(RubStickChoice *self, const char *path)
{
    g_free(self->path);
    self->path = g_strdup(path);
    notify(self, PROP_PATH);
    choose(self, RUB_STICK_CHOICE_FILE);
}

void
rub_stick_choice_clear(RubStickChoice *self)
{
    choose(self, "");
}

const char *
rub_stick_choice_get_path(RubStickChoice *self)
{
    return self->path;
}

guint64
rub_stick_choice_get_new_size_bytes(RubStickChoice *self)
{
    gboolean is_new = self->path && !g_file_test(self->path, G_FILE_TEST_EXISTS);
    return is_new ? self->new_size_bytes : 0;
}

static gboolean
is_file(RubStickChoice *self)
{
    return g_str_equal(self->chosen, RUB_STICK_CHOICE_FILE);
}

gboolean
rub_stick_choice_is_complete(RubStickChoice *self)
{
    if (is_file(self))
        return self->path != NULL;
    return self->drive && rub_stick_choice_suits(self, self->drive);
}

RubTarget *
rub_stick_choice_make_target(RubStickChoice *self)
{
    if (is_file(self))
        return rub_image_target_new(self->path, rub_stick_choice_get_new_size_bytes(self));
    return rub_udisks_target_new(self->drive);
}

static void
rub_stick_choice_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    RubStickChoice *self = RUB_STICK_CHOICE(object);
    switch (id) {
    case PROP_CHOSEN:
        g_value_set_string(value, self->chosen);
        break;
    case PROP_PATH:
        g_value_set_string(value, self->path);
        break;
    case PROP_NEW_SIZE_BYTES:
        g_value_set_uint64(value, self->new_size_bytes);
        break;
    case PROP_IS_FOR_READING:
        g_value_set_boolean(value, self->is_for_reading);
        break;
    case PROP_IS_COMPLETE:
        g_value_set_boolean(value, rub_stick_choice_is_complete(self));
        break;
    case PROP_DRIVES:
        g_value_set_object(value, self->drives);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
rub_stick_choice_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    RubStickChoice *self = RUB_STICK_CHOICE(object);
    switch (id) {
    case PROP_CHOSEN:
        choose(self, g_value_get_string(value));
        break;
    case PROP_NEW_SIZE_BYTES:
        self->new_size_bytes = g_value_get_uint64(value);
        notify(self, PROP_NEW_SIZE_BYTES);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
rub_stick_choice_dispose(GObject *object)
{
    RubStickChoice *self = RUB_STICK_CHOICE(object);
    set_drive(self, NULL);
    if (self->drives)
        g_signal_handlers_disconnect_by_data(self->drives, self);
    g_clear_object(&self->drives);
    G_OBJECT_CLASS(rub_stick_choice_parent_class)->dispose(object);
}

static void
rub_stick_choice_finalize(GObject *object)
{
    RubStickChoice *self = RUB_STICK_CHOICE(object);
    g_clear_error(&self->drives_error);
    g_clear_object(&self->listing);
    g_free(self->lost_serial);
    g_free(self->chosen);
    g_free(self->path);
    G_OBJECT_CLASS(rub_stick_choice_parent_class)->finalize(object);
}

static void
rub_stick_choice_class_init(RubStickChoiceClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags fact = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    object_class->get_property = rub_stick_choice_get_property;
    object_class->set_property = rub_stick_choice_set_property;
    object_class->dispose = rub_stick_choice_dispose;
    object_class->finalize = rub_stick_choice_finalize;
    properties[PROP_CHOSEN] =
        g_param_spec_string("chosen", NULL, NULL, "", fact | G_PARAM_WRITABLE);
    properties[PROP_PATH] = g_param_spec_string("path", NULL, NULL, NULL, fact);
    properties[PROP_NEW_SIZE_BYTES] =
        g_param_spec_uint64("new-size-bytes", NULL, NULL, 0, G_MAXUINT64, DEFAULT_NEW_SIZE_BYTES,
                            fact | G_PARAM_WRITABLE);
    properties[PROP_IS_FOR_READING] =
        g_param_spec_boolean("is-for-reading", NULL, NULL, FALSE, fact);
    properties[PROP_IS_COMPLETE] = g_param_spec_boolean("is-complete", NULL, NULL, FALSE, fact);
    properties[PROP_DRIVES] = g_param_spec_object("drives", NULL, NULL, G_TYPE_LIST_MODEL, fact);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    lost_signal = g_signal_new("lost", RUB_TYPE_STICK_CHOICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
rub_stick_choice_init(RubStickChoice *self)
{
    self->chosen = g_strdup("");
    self->new_size_bytes = DEFAULT_NEW_SIZE_BYTES;
}
