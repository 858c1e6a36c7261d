/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-build.h"

#include "job/rub-job.h"

typedef struct {
    const RubPlan *plan;
    RubCliOutput *output;
    RubJob *job;
    RubReport *report;
    RubCliEstimate estimate;
    guint started_steps;
    guint done_steps;
    GMainLoop *loop;
} RubCliBuild;

/* Steps can be shorter than the time between two looks: each is told all the same, in order. */
static void
tell_steps(RubCliBuild *self, guint started_steps, guint done_steps)
{
    while (self->done_steps < done_steps || self->started_steps < started_steps) {
        if (self->started_steps == self->done_steps)
            rub_cli_output_show_step(self->output, self->plan, self->started_steps++,
                                     RUB_CLI_STEP_STARTED);
        else
            rub_cli_output_show_step(self->output, self->plan, self->done_steps++,
                                     RUB_CLI_STEP_DONE);
    }
}

static void
tell_progress(RubCliBuild *self)
{
    g_auto(RubProgressSnapshot) snapshot;
    rub_progress_take_snapshot(rub_job_get_progress(self->job), &snapshot);
    RubCliProgress progress = {
        .step = snapshot.step,
        .fraction = snapshot.fraction,
        .done_bytes = snapshot.done_bytes,
        .total_bytes = snapshot.total_bytes,
        .item = snapshot.item,
    };
    rub_cli_estimate_update(&self->estimate, g_get_monotonic_time(), &progress);
    tell_steps(self, MIN(snapshot.step + 1, self->plan->steps->len), snapshot.step);
    rub_cli_output_show_progress(self->output, self->plan, &progress);
}

static gboolean
on_interval_cb(gpointer user_data)
{
    tell_progress(user_data);
    return G_SOURCE_CONTINUE;
}

static void
on_cancelled_cb(GCancellable *cancellable, gpointer user_data)
{
    RubCliBuild *self = user_data;
    rub_cli_output_show_stopping(self->output);
}

static void
on_end_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    RubCliBuild *self = user_data;
    self->report = rub_job_run_finish(result);
    g_main_loop_quit(self->loop);
}

static guint
count_done_steps(const RubReport *report)
{
    guint done_steps = 0;
    for (guint i = 0; i < report->steps->len; i++) {
        const RubReportStep *step = g_ptr_array_index(report->steps, i);
        done_steps += step->is_done ? 1 : 0;
    }
    return done_steps;
}

static void
run(RubCliBuild *self, GCancellable *cancellable)
{
    self->loop = g_main_loop_new(NULL, FALSE);
    guint timer = g_timeout_add(RUB_CLI_PROGRESS_INTERVAL_MS, on_interval_cb, self);
    gulong handler = g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled_cb), self, NULL);
    rub_job_run_async(self->job, cancellable, on_end_cb, self);
    g_main_loop_run(self->loop);
    g_cancellable_disconnect(cancellable, handler);
    g_source_remove(timer);
    g_main_loop_unref(self->loop);
}

RubReport *
rub_cli_build_run(const RubCliPreview *preview, RubLog *log, RubCliOutput *output,
                  GCancellable *cancellable)
{
    g_autoptr(RubJob) job = rub_job_new(preview->source, preview->info, preview->target,
                                        preview->layout, preview->plan, log);
    RubCliBuild self = {.plan = preview->plan, .output = output, .job = job};
    tell_progress(&self);
    run(&self, cancellable);
    if (self.report->failure)
        tell_steps(&self, self.report->steps->len, count_done_steps(self.report));
    else
        tell_progress(&self);
    return self.report;
}
