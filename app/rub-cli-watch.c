/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-watch.h"

#include "base/rub-estimate.h"
#include "rub-intl.h"

struct _RubCliWatch {
    RubProgress *progress;
    RubCliOutput *output;
    GCancellable *cancellable;
    RubCliStageFunc stage;
    gpointer user_data;
    gboolean expects_password;
    RubEstimate estimate;
    guint timer;
    gulong handler;
};

static gboolean
on_interval_cb(gpointer user_data)
{
    rub_cli_watch_look(user_data);
    return G_SOURCE_CONTINUE;
}

static void
on_cancelled_cb(GCancellable *cancellable, gpointer user_data)
{
    RubCliWatch *self = user_data;
    rub_cli_output_show_stopping(self->output);
}

RubCliWatch *
rub_cli_watch_new(RubProgress *progress, RubCliOutput *output, GCancellable *cancellable,
                  RubCliStageFunc stage, gpointer user_data)
{
    RubCliWatch *self = g_new0(RubCliWatch, 1);
    self->progress = progress;
    self->output = output;
    self->cancellable = cancellable;
    self->stage = stage;
    self->user_data = user_data;
    self->timer = g_timeout_add(RUB_ESTIMATE_INTERVAL_MS, on_interval_cb, self);
    self->handler = g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled_cb), self, NULL);
    return self;
}

void
rub_cli_watch_expect_password(RubCliWatch *self)
{
    self->expects_password = TRUE;
}

void
rub_cli_watch_free(RubCliWatch *self)
{
    g_cancellable_disconnect(self->cancellable, self->handler);
    g_source_remove(self->timer);
    g_free(self);
}

static void
name_password(RubCliWatch *self, RubCliProgress *progress)
{
    self->expects_password = self->expects_password && progress->step == 0 &&
                             progress->fraction == 0 && progress->done_bytes == 0;
    if (!self->expects_password)
        return;
    progress->is_waiting = TRUE;
    progress->id = "password";
    progress->stage = _("Waiting for the password");
}

void
rub_cli_watch_look(RubCliWatch *self)
{
    g_auto(RubProgressSnapshot) snapshot;
    rub_progress_take_snapshot(self->progress, &snapshot);
    rub_estimate_update(&self->estimate, g_get_monotonic_time(), &snapshot);
    RubCliProgress progress = {
        .step = snapshot.step,
        .is_done = snapshot.is_done,
        .fraction = snapshot.fraction,
        .done_bytes = snapshot.done_bytes,
        .total_bytes = snapshot.total_bytes,
        .item = snapshot.item,
        .bytes_per_second = self->estimate.bytes_per_second,
        .seconds_left = self->estimate.seconds_left,
    };
    self->stage(&progress, self->user_data);
    name_password(self, &progress);
    rub_cli_output_show_progress(self->output, &progress);
}
