/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-check.h"

#include "rub-cli-commands.h"
#include "rub-cli-device.h"
#include "rub-cli-layout.h"
#include "rub-cli-stop.h"
#include "rub-cli-thread.h"
#include "rub-cli-watch.h"
#include "rub-cli-words.h"
#include "rub-intl.h"

typedef struct {
    RubTarget *target;
    RubProgress *progress;
    RubCheckReport *report;
} Check;

static void
check_in_thread(gpointer data, GCancellable *cancellable)
{
    Check *self = data;
    self->report = rub_check_run(self->target, self->progress, cancellable);
}

static void
name_stage(RubCliProgress *progress, gpointer user_data)
{
    const Check *self = user_data;
    if (self->report)
        return;
    progress->id = "check";
    progress->stage = _("Checking");
}

static RubCheckReport *
check(RubTarget *target, RubCliOutput *output, GCancellable *cancellable)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    Check self = {target, progress, NULL};
    g_autoptr(RubCliWatch) watch =
        rub_cli_watch_new(progress, output, cancellable, name_stage, &self);
    rub_cli_watch_look(watch);
    rub_cli_thread_run(check_in_thread, &self, cancellable);
    if (rub_cli_knows_state(self.report))
        rub_cli_watch_look(watch);
    return self.report;
}

int
rub_cli_check(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    GCancellable *cancellable = rub_cli_stop_get_cancellable(stop);
    g_autoptr(RubTarget) target = rub_cli_device_open(options, &error);
    g_autoptr(RubLayout) layout = target ? rub_cli_layout_read(target, cancellable, &error) : NULL;
    if (!layout)
        return rub_cli_output_fail(output, error);
    rub_cli_output_show_target(output, layout);
    g_autoptr(RubCheckReport) report = check(target, output, cancellable);
    const RubCliResult result = {.failure = report->finding, .check = report};
    rub_cli_output_show_check(output, report);
    if (report->finding)
        rub_cli_output_show_finding(output, report->finding);
    return rub_cli_output_finish(output, &result);
}
