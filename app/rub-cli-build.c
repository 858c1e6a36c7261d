/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-build.h"

#include "job/rub-job.h"
#include "rub-cli-agent.h"
#include "rub-cli-watch.h"
#include "rub-intl.h"

typedef struct {
    const RubPlan *plan;
    RubCliOutput *output;
    RubReport *report;
    char *stage;
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
name_stage(RubCliProgress *progress, gpointer user_data)
{
    RubCliBuild *self = user_data;
    const GPtrArray *steps = self->plan->steps;
    tell_steps(self, MIN(progress->step + 1, steps->len), progress->step);
    progress->step = MIN(progress->step, steps->len - 1);
    const RubStep *step = g_ptr_array_index((GPtrArray *) steps, progress->step);
    g_free(self->stage);
    self->stage = rub_text_format(step->stage, rub_intl_translate);
    progress->id = rub_step_kind_get_id(step->kind);
    progress->stage = self->stage;
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
run(RubCliBuild *self, RubJob *job, GCancellable *cancellable)
{
    g_autoptr(RubCliWatch) watch =
        rub_cli_watch_new(rub_job_get_progress(job), self->output, cancellable, name_stage, self);
    self->loop = g_main_loop_new(NULL, FALSE);
    if (self->plan->password == RUB_PASSWORD_NEEDED)
        rub_cli_watch_expect_password(watch);
    rub_cli_watch_look(watch);
    rub_job_run_async(job, cancellable, on_end_cb, self);
    g_main_loop_run(self->loop);
    g_main_loop_unref(self->loop);
    if (self->report->failure)
        tell_steps(self, self->report->steps->len, count_done_steps(self->report));
    else
        rub_cli_watch_look(watch);
}

RubReport *
rub_cli_build_run(const RubCliPreview *preview, RubLog *log, RubCliOutput *output,
                  GCancellable *cancellable)
{
    g_autoptr(RubJob) job = rub_job_new(preview->source, preview->info, preview->device->target,
                                        preview->layout, preview->plan, log);
    RubCliBuild self = {.plan = preview->plan, .output = output};
    g_autoptr(RubCliAgent) agent =
        preview->plan->password == RUB_PASSWORD_NEEDED ? rub_cli_agent_new() : NULL;
    run(&self, job, cancellable);
    g_free(self.stage);
    return self.report;
}
