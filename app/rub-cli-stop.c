/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-stop.h"

#include <glib-unix.h>
#include <signal.h>

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

struct _RubCliStop {
    GCancellable *cancellable;
    guint sources[G_N_ELEMENTS(stop_signals)];
};

static gboolean
on_signal_cb(gpointer user_data)
{
    RubCliStop *self = user_data;
    g_cancellable_cancel(self->cancellable);
    return G_SOURCE_CONTINUE;
}

static gboolean
is_ignored(int signal_number)
{
    struct sigaction action;
    return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

RubCliStop *
rub_cli_stop_new(void)
{
    RubCliStop *self = g_new0(RubCliStop, 1);
    self->cancellable = g_cancellable_new();
    for (gsize i = 0; i < G_N_ELEMENTS(stop_signals); i++) {
        if (!is_ignored(stop_signals[i]))
            self->sources[i] = g_unix_signal_add(stop_signals[i], on_signal_cb, self);
    }
    return self;
}

void
rub_cli_stop_free(RubCliStop *self)
{
    for (gsize i = 0; i < G_N_ELEMENTS(stop_signals); i++)
        g_clear_handle_id(&self->sources[i], g_source_remove);
    g_object_unref(self->cancellable);
    g_free(self);
}

GCancellable *
rub_cli_stop_get_cancellable(RubCliStop *self)
{
    return self->cancellable;
}
