/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-inhibitor.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

struct _RubInhibitor {
    GObject parent_instance;
    GtkApplication *application;
    guint cookie; /* of the session manager; 0 where there is none */
    GCancellable *cancellable;
    int fd; /* of logind; -1 where there is none */
    char *reason;
};

G_DEFINE_FINAL_TYPE(RubInhibitor, rub_inhibitor, G_TYPE_OBJECT)

static void
on_inhibited_cb(GObject *bus, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(RubInhibitor) self = user_data;
    g_autoptr(GUnixFDList) fds = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_with_unix_fd_list_finish(G_DBUS_CONNECTION(bus), &fds, result, NULL);
    if (!reply || !fds || g_cancellable_is_cancelled(self->cancellable))
        return;
    gint32 handle = 0;
    g_variant_get(reply, "(h)", &handle);
    self->fd = g_unix_fd_list_get(fds, handle, NULL);
}

static void
on_bus_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(RubInhibitor) self = user_data;
    g_autoptr(GDBusConnection) bus = g_bus_get_finish(result, NULL);
    if (!bus)
        return;
    g_dbus_connection_call_with_unix_fd_list(
        bus, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
        "Inhibit",
        g_variant_new("(ssss)", "sleep:shutdown:idle", "Rescue USB Builder", self->reason, "block"),
        G_VARIANT_TYPE("(h)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, self->cancellable, on_inhibited_cb,
        g_object_ref(self));
}

RubInhibitor *
rub_inhibitor_new(GtkApplication *application, GtkWindow *window, const char *reason)
{
    RubInhibitor *self = g_object_new(RUB_TYPE_INHIBITOR, NULL);
    self->application = g_object_ref(application);
    self->reason = g_strdup(reason);
    self->cookie =
        gtk_application_inhibit(application, window,
                                GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND |
                                    GTK_APPLICATION_INHIBIT_IDLE,
                                reason);
    g_bus_get(G_BUS_TYPE_SYSTEM, self->cancellable, on_bus_cb, g_object_ref(self));
    return self;
}

static void
rub_inhibitor_finalize(GObject *object)
{
    RubInhibitor *self = RUB_INHIBITOR(object);
    g_object_unref(self->cancellable);
    g_clear_object(&self->application);
    g_free(self->reason);
    G_OBJECT_CLASS(rub_inhibitor_parent_class)->finalize(object);
}

static void
rub_inhibitor_class_init(RubInhibitorClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = rub_inhibitor_finalize;
}

static void
rub_inhibitor_init(RubInhibitor *self)
{
    self->cancellable = g_cancellable_new();
    self->fd = -1;
}

void
rub_inhibitor_release(RubInhibitor *self)
{
    g_cancellable_cancel(self->cancellable);
    if (self->cookie)
        gtk_application_uninhibit(self->application, self->cookie);
    self->cookie = 0;
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    g_object_unref(self);
}
