/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-work.h"

#include "rub-cli-agent.h"
#include "rub-cli-thread.h"
#include "rub-cli-watch.h"

typedef struct {
    const RubCliWork *work;
    gpointer data;
    RubProgress *progress;
    gboolean is_at_end;
} Run;

static void
run_in_thread(gpointer data, GCancellable *cancellable)
{
    Run *self = data;
    self->is_at_end = self->work->func(self->data, self->progress, cancellable);
}

static void
name_stage(RubCliProgress *progress, gpointer user_data)
{
    const Run *self = user_data;
    progress->step = 0;
    progress->id = self->work->id;
    progress->stage = self->work->stage;
}

void
rub_cli_work_run(const RubCliWork *work, gpointer data, RubCliOutput *output,
                 GCancellable *cancellable)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    Run self = {.work = work, .data = data, .progress = progress};
    g_autoptr(RubCliWatch) watch =
        rub_cli_watch_new(progress, output, cancellable, name_stage, &self);
    g_autoptr(RubCliAgent) agent = work->needs_password ? rub_cli_agent_new() : NULL;
    if (work->needs_password)
        rub_cli_watch_expect_password(watch);
    rub_cli_watch_look(watch);
    rub_cli_thread_run(run_in_thread, &self, cancellable);
    if (self.is_at_end)
        rub_cli_watch_look(watch);
}
