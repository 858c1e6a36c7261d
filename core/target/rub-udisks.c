/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-udisks.h"

#include <gio/gunixfdlist.h>
#include <string.h>

#include "base/rub-text.h"

#define SERVICE "org.freedesktop.UDisks2"
/* How long an object may stay after the call that failed because its device was pulled. */
#define VANISH_MS 1000
#define PING_TIMEOUT_MS (25 * 1000)

struct _RubUdisks {
    GMainContext *context;
    UDisksClient *client;
};

gboolean
rub_udisks_check_presence(UDisksClient *client, const GError *failure, GError **error)
{
    if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    if (!client) {
        rub_error_take_text(
            error, RUB_CODE_USAGE,
            rub_text_new(N_("the system bus (D-Bus), over which drives are found, cannot be "
                            "reached: {reason}; install the package dbus and start it"),
                         "reason", failure ? failure->message : "", NULL));
        return FALSE;
    }
    GDBusObjectManagerClient *manager =
        G_DBUS_OBJECT_MANAGER_CLIENT(udisks_client_get_object_manager(client));
    /* A bus that goes away must not take the program with it in the midst of a write. */
    g_dbus_connection_set_exit_on_close(g_dbus_object_manager_client_get_connection(manager),
                                        FALSE);
    g_autofree char *owner = g_dbus_object_manager_client_get_name_owner(manager);
    if (owner)
        return TRUE;
    rub_error_take_text(
        error, RUB_CODE_USAGE,
        rub_text_new(N_("the service UDisks2, which finds drives, is not there; install the "
                        "package udisks2 and start it (systemctl start udisks2)"),
                     NULL));
    return FALSE;
}

RubUdisks *
rub_udisks_new(GCancellable *cancellable, GError **error)
{
    g_autoptr(RubUdisks) self = g_new0(RubUdisks, 1);
    g_autoptr(GError) failure = NULL;
    self->context = g_main_context_new();
    g_main_context_push_thread_default(self->context);
    self->client = udisks_client_new_sync(cancellable, &failure);
    g_main_context_pop_thread_default(self->context);
    if (!rub_udisks_check_presence(self->client, failure, error))
        return NULL;
    return g_steal_pointer(&self);
}

GDBusConnection *
rub_udisks_get_bus(RubUdisks *self)
{
    GDBusObjectManager *manager = udisks_client_get_object_manager(self->client);
    return g_dbus_object_manager_client_get_connection(G_DBUS_OBJECT_MANAGER_CLIENT(manager));
}

/* The answer comes after all signals that were sent before it. */
static void
await_signals(RubUdisks *self)
{
    g_autoptr(GVariant) answer = g_dbus_connection_call_sync(
        rub_udisks_get_bus(self), SERVICE, "/org/freedesktop/UDisks2", "org.freedesktop.DBus.Peer",
        "Ping", NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, PING_TIMEOUT_MS, NULL, NULL);
}

static void
dispatch(RubUdisks *self)
{
    g_main_context_push_thread_default(self->context);
    while (g_main_context_iteration(self->context, FALSE))
        continue;
    g_main_context_pop_thread_default(self->context);
}

void
rub_udisks_look(RubUdisks *self)
{
    await_signals(self);
    dispatch(self);
}

void
rub_udisks_free(RubUdisks *self)
{
    g_clear_object(&self->client);
    dispatch(self);
    g_main_context_unref(self->context);
    g_free(self);
}

UDisksClient *
rub_udisks_get_client(RubUdisks *self)
{
    return self->client;
}

static gboolean
on_deadline_cb(gpointer user_data)
{
    gboolean *is_over = user_data;
    *is_over = TRUE;
    return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled_cb(GCancellable *cancellable, gpointer user_data)
{
    return G_SOURCE_CONTINUE;
}

static GSource *
add_deadline(RubUdisks *self, guint timeout_ms, gboolean *is_over)
{
    GSource *deadline = g_timeout_source_new(timeout_ms);
    g_source_set_callback(deadline, on_deadline_cb, is_over, NULL);
    g_source_attach(deadline, self->context);
    return deadline;
}

static GSource *
add_wake(RubUdisks *self, GCancellable *cancellable)
{
    if (!cancellable)
        return NULL;
    GSource *wake = g_cancellable_source_new(cancellable);
    g_source_set_callback(wake, G_SOURCE_FUNC(on_cancelled_cb), NULL, NULL);
    g_source_attach(wake, self->context);
    return wake;
}

static void
remove_source(GSource *source)
{
    if (!source)
        return;
    g_source_destroy(source);
    g_source_unref(source);
}

static gboolean
is_gone(RubUdisks *self, gpointer id)
{
    return udisks_client_peek_object(self->client, id) == NULL;
}

gboolean
rub_udisks_wait(RubUdisks *self, const char *id, RubUdisksCondition condition, gpointer data,
                guint timeout_ms, GCancellable *cancellable)
{
    gboolean is_over = FALSE;
    dispatch(self);
    GSource *deadline = add_deadline(self, timeout_ms, &is_over);
    GSource *wake = add_wake(self, cancellable);
    g_main_context_push_thread_default(self->context);
    gboolean holds = condition(self, data);
    while (!holds && !is_over && !g_cancellable_is_cancelled(cancellable) &&
           !(id && is_gone(self, (gpointer) id))) {
        g_main_context_iteration(self->context, TRUE);
        holds = condition(self, data);
    }
    g_main_context_pop_thread_default(self->context);
    remove_source(deadline);
    remove_source(wake);
    return holds;
}

void
rub_udisks_set_gone(GError **error, const char *name)
{
    rub_error_take_text(error, RUB_CODE_DEVICE_GONE,
                        rub_text_new(N_("{drive} is no longer there"), "drive", name, NULL));
}

void
rub_udisks_set_busy(GError **error, const char *place, const char *holder)
{
    g_autoptr(GError) failure = g_steal_pointer(error);
    rub_error_take_text(error, RUB_CODE_DEVICE_BUSY,
                        rub_text_new(N_("{place} is in use by {program} ({words})"), "place", place,
                                     "program", holder, "words", failure->message, NULL));
}

/* The node of an object, for messages. */
static char *
get_name(RubUdisks *self, const char *id)
{
    UDisksObject *object = udisks_client_peek_object(self->client, id);
    UDisksBlock *block = object ? udisks_object_peek_block(object) : NULL;
    return block ? udisks_block_dup_device(block) : g_path_get_basename(id);
}

static RubText *
explain_refusal(const char *name, const GError *failure)
{
    const char *words = failure->message;
    switch (failure->code) {
    case UDISKS_ERROR_NOT_AUTHORIZED_DISMISSED:
        return rub_text_new(N_("the question for an administrator's password to open {drive} was "
                               "closed without one ({words})"),
                            "drive", name, "words", words, NULL);
    case UDISKS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN:
        return rub_text_new(N_("{drive} needs an administrator's password, and there is nobody to "
                               "ask for it ({words})"),
                            "drive", name, "words", words, NULL);
    default:
        return rub_text_new(N_("this user may not do that with {drive}, or the password was wrong "
                               "({words})"),
                            "drive", name, "words", words, NULL);
    }
}

static gboolean
is_refusal(const GError *failure)
{
    return g_error_matches(failure, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED) ||
           g_error_matches(failure, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN) ||
           g_error_matches(failure, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED_DISMISSED) ||
           g_error_matches(failure, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
}

/* UDisks2 tells what the kernel says in the words of the C locale only. */
static RubCode
classify_words(const char *words, RubCode failure)
{
    static const struct {
        const char *words;
        RubCode code;
    } rows[] = {
        {"Device or resource busy", RUB_CODE_DEVICE_BUSY},
        {"is mounted", RUB_CODE_DEVICE_BUSY},
        {"Read-only file system", RUB_CODE_TRACK_0_NOT_WRITABLE},
        {"No medium found", RUB_CODE_DEVICE_GONE},
        {"No such device", RUB_CODE_DEVICE_GONE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strstr(words, rows[i].words))
            return rows[i].code;
    return failure;
}

static RubCode
classify(RubUdisks *self, const char *id, const GError *failure, RubCode otherwise)
{
    if (is_refusal(failure))
        return RUB_CODE_NOT_AUTHORIZED;
    if (g_error_matches(failure, UDISKS_ERROR, UDISKS_ERROR_DEVICE_BUSY))
        return RUB_CODE_DEVICE_BUSY;
    RubCode code = classify_words(failure->message, otherwise);
    if (code == RUB_CODE_DEVICE_BUSY)
        return code;
    return rub_udisks_wait(self, NULL, is_gone, (gpointer) id, VANISH_MS, NULL)
               ? RUB_CODE_DEVICE_GONE
               : code;
}

/* Takes over the failure. */
static void
set_error(RubUdisks *self, const char *id, GError *failure, RubCode otherwise, GError **error)
{
    g_autoptr(GError) owned = failure;
    if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        rub_error_set_cancelled(error);
        return;
    }
    g_dbus_error_strip_remote_error(failure);
    g_autofree char *name = get_name(self, id);
    RubCode code = classify(self, id, failure, otherwise);
    if (code == RUB_CODE_NOT_AUTHORIZED)
        rub_error_take_text(error, code, explain_refusal(name, failure));
    else if (code == RUB_CODE_DEVICE_GONE)
        rub_udisks_set_gone(error, name);
    else
        g_set_error(error, RUB_ERROR, (int) code, "%s: %s", name, failure->message);
}

GVariant *
rub_udisks_call(RubUdisks *self, const char *id, const char *method, GVariant *arguments,
                int timeout_ms, RubCode failure_code, GCancellable *cancellable, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(method, ".", 2);
    g_autofree char *interface = g_strconcat(RUB_UDISKS_ROOT, parts[0], NULL);
    GError *failure = NULL;
    GVariant *answer = g_dbus_connection_call_sync(
        rub_udisks_get_bus(self), SERVICE, id, interface, parts[1], arguments, NULL,
        G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, timeout_ms, cancellable, &failure);
    if (!answer)
        set_error(self, id, failure, failure_code, error);
    return answer;
}

static GVariant *
make_open_arguments(const char *mode, int flags, gboolean may_ask)
{
    GVariantBuilder options;
    g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&options, "{sv}", "flags", g_variant_new_int32(flags));
    if (!may_ask)
        g_variant_builder_add(&options, "{sv}", "auth.no_user_interaction",
                              g_variant_new_boolean(TRUE));
    return g_variant_new("(sa{sv})", mode, &options);
}

int
rub_udisks_open(RubUdisks *self, const char *id, const char *mode, int flags, gboolean may_ask,
                GCancellable *cancellable, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GUnixFDList) list = NULL;
    g_autoptr(GVariant) answer = g_dbus_connection_call_with_unix_fd_list_sync(
        rub_udisks_get_bus(self), SERVICE, id, RUB_UDISKS_ROOT "Block", "OpenDevice",
        make_open_arguments(mode, flags, may_ask), G_VARIANT_TYPE("(h)"),
        G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
        may_ask ? G_MAXINT : RUB_UDISKS_TIMEOUT_MS, NULL, &list, cancellable, &failure);
    int fd = -1;
    if (answer) {
        gint32 handle = 0;
        g_variant_get(answer, "(h)", &handle);
        fd = list ? g_unix_fd_list_get(list, handle, &failure) : -1;
    }
    if (fd < 0) {
        if (!failure)
            failure =
                g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, "UDisks2 sent no descriptor");
        set_error(self, id, failure, RUB_CODE_TRACK_0_NOT_WRITABLE, error);
    }
    return fd;
}
