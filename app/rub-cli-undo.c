/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-undo.h"

#include "rub-cli-commands.h"
#include "rub-cli-confirm.h"
#include "rub-cli-device.h"
#include "rub-cli-layout.h"
#include "rub-cli-stop.h"
#include "rub-cli-thread.h"
#include "rub-cli-watch.h"
#include "rub-intl.h"

typedef struct {
    RubTarget *target;
    RubProgress *progress;
    RubUndoReport *report;
} Undo;

static void
undo_in_thread(gpointer data, GCancellable *cancellable)
{
    Undo *self = data;
    self->report = rub_undo_run(self->target, self->progress, cancellable);
}

static void
name_stage(RubCliProgress *progress, gpointer user_data)
{
    const Undo *self = user_data;
    if (self->report)
        return;
    progress->id = "undo";
    progress->stage = _("Undoing");
}

static RubUndoReport *
undo(RubTarget *target, RubCliOutput *output, GCancellable *cancellable)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    Undo self = {target, progress, NULL};
    g_autoptr(RubCliWatch) watch =
        rub_cli_watch_new(progress, output, cancellable, name_stage, &self);
    rub_cli_watch_look(watch);
    rub_cli_thread_run(undo_in_thread, &self, cancellable);
    if (!self.report->failure)
        rub_cli_watch_look(watch);
    return self.report;
}

static int
finish_declined(const RubLayout *layout, RubCliOutput *output)
{
    g_autoptr(RubFinding) failure = rub_cli_confirm_refuse(layout);
    const RubCliResult result = {.failure = failure};
    rub_cli_output_show_finding(output, failure);
    return rub_cli_output_finish(output, &result);
}

int
rub_cli_undo(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    GCancellable *cancellable = rub_cli_stop_get_cancellable(stop);
    g_autoptr(RubTarget) target = rub_cli_device_open(options, &error);
    g_autoptr(RubLayout) layout = target ? rub_cli_layout_read(target, cancellable, &error) : NULL;
    if (!layout)
        return rub_cli_output_fail(output, error);
    rub_cli_output_show_target(output, layout);
    if (!rub_cli_confirm_undo(options, output, layout, cancellable))
        return finish_declined(layout, output);
    g_autoptr(RubUndoReport) report = undo(target, output, cancellable);
    const RubCliResult result = {.failure = report->failure, .undo = report};
    rub_cli_output_show_undo(output, report);
    if (report->failure)
        rub_cli_output_show_finding(output, report->failure);
    return rub_cli_output_finish(output, &result);
}
