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

/* Takes failure. */
static int
finish_early(RubFinding *finding, RubCliOutput *output)
{
    g_autoptr(RubFinding) failure = finding;
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
    g_autoptr(RubCliDevice) device = rub_cli_device_open(options, cancellable, &error);
    g_autoptr(RubLayout) layout =
        device ? rub_cli_layout_read(device->target, cancellable, &error) : NULL;
    if (!layout)
        return rub_cli_output_fail(output, error);
    rub_cli_output_show_target(output, device, layout);
    if (layout->refusal)
        return finish_early(rub_finding_new(layout->refusal_code, RUB_SEVERITY_ERROR,
                                            rub_text_ref(layout->refusal), NULL),
                            output);
    if (!rub_cli_confirm_undo(options, output, layout, cancellable))
        return finish_early(rub_cli_confirm_refuse(layout), output);
    const RubCliWork work = {"undo", _("Undoing"), layout->password == RUB_PASSWORD_NEEDED, undo};
    Undo data = {device->target, NULL};
    rub_cli_work_run(&work, &data, output, cancellable);
    g_autoptr(RubUndoReport) report = data.report;
    const RubCliResult result = {.failure = report->failure, .undo = report};
    rub_cli_output_show_undo(output, report);
    if (report->failure)
        rub_cli_output_show_finding(output, report->failure);
    return rub_cli_output_finish(output, &result);
}
