/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-undo.h"

#include "rub-cli-commands.h"
#include "rub-cli-confirm.h"
#include "rub-cli-device.h"
#include "rub-cli-layout.h"
#include "rub-cli-stop.h"
#include "rub-cli-work.h"
#include "rub-intl.h"

typedef struct {
    RubTarget *target;
    RubUndoReport *report;
} Undo;

static gboolean
undo(gpointer data, RubProgress *progress, GCancellable *cancellable)
{
    Undo *self = data;
    self->report = rub_undo_run(self->target, progress, cancellable);
    return self->report->failure == NULL;
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
    const RubCliWork work = {"undo", _("Undoing"), undo};
    Undo data = {target, NULL};
    rub_cli_work_run(&work, &data, output, cancellable);
    g_autoptr(RubUndoReport) report = data.report;
    const RubCliResult result = {.failure = report->failure, .undo = report};
    rub_cli_output_show_undo(output, report);
    if (report->failure)
        rub_cli_output_show_finding(output, report->failure);
    return rub_cli_output_finish(output, &result);
}
