/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-undo.h"

#include "rub-cli-commands.h"
#include "rub-cli-confirm.h"
#include "rub-cli-device.h"
#include "rub-cli-layout.h"
#include "rub-cli-log.h"
#include "rub-cli-record.h"
#include "rub-cli-stop.h"
#include "rub-cli-thread.h"
#include "rub-cli-work.h"
#include "rub-intl.h"

typedef struct {
    RubTarget *target;
    const RubLayout *layout;
    RubUndoReport *report;
} Undo;

typedef struct {
    RubTarget *target;
    const RubLayout *layout;
    RubUndoPreview *preview;
    GError *error;
} Looking;

static void
look(gpointer data, GCancellable *cancellable)
{
    Looking *self = data;
    self->preview = rub_undo_preview_new(self->target, self->layout, cancellable, &self->error);
}

static gboolean
undo(gpointer data, RubProgress *progress, GCancellable *cancellable)
{
    Undo *self = data;
    self->report = rub_undo_run(self->target, self->layout, progress, cancellable);
    return self->report->failure == NULL;
}

/* Takes failure. */
static int
finish_early(RubFinding *finding, RubLog *log, RubCliOutput *output)
{
    g_autoptr(RubFinding) failure = finding;
    const RubCliResult result = {
        .failure = failure,
        .log_path = log ? rub_log_get_path(log) : NULL,
    };
    rub_cli_record_finding(log, failure);
    rub_cli_output_show_finding(output, failure);
    return rub_cli_output_finish(output, &result);
}

static int
run(RubTarget *target, const RubLayout *layout, const RubUndoPreview *preview, RubLog *log,
    RubCliOutput *output, GCancellable *cancellable)
{
    gboolean needs_password =
        layout->password == RUB_PASSWORD_NEEDED && preview->access == RUB_ACCESS_RAW;
    const RubCliWork work = {"undo", _("Undoing"), needs_password, undo};
    Undo data = {target, layout, NULL};
    rub_cli_work_run(&work, &data, output, cancellable);
    g_autoptr(RubUndoReport) report = data.report;
    const RubCliResult result = {
        .failure = report->failure,
        .undo = report,
        .left_behind = report->left_behind,
        .log_path = log ? rub_log_get_path(log) : NULL,
    };
    rub_cli_record_undo(log, report);
    rub_cli_output_show_undo(output, report);
    if (report->failure) {
        rub_cli_record_finding(log, report->failure);
        rub_cli_output_show_finding(output, report->failure);
    }
    return rub_cli_output_finish(output, &result);
}

/* Looks before it asks: where there is nothing to undo, there is no question. */
static int
look_and_run(const RubCliOptions *options, RubTarget *target, const RubLayout *layout, RubLog *log,
             RubCliOutput *output, GCancellable *cancellable)
{
    Looking looking = {target, layout, NULL, NULL};
    rub_cli_thread_run(look, &looking, cancellable);
    g_autoptr(GError) error = looking.error;
    g_autoptr(RubUndoPreview) preview = looking.preview;
    if (!preview)
        return finish_early(rub_finding_new_from_error(error), log, output);
    if (!rub_cli_confirm_undo(options, output, layout, preview, cancellable))
        return finish_early(rub_cli_confirm_refuse(layout), log, output);
    return run(target, layout, preview, log, output, cancellable);
}

int
rub_cli_undo(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = NULL;
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    GCancellable *cancellable = rub_cli_stop_get_cancellable(stop);
    g_autoptr(RubCliDevice) device = rub_cli_device_open(options, cancellable, &error);
    g_autoptr(RubLayout) layout =
        device ? rub_cli_layout_read(device->target, cancellable, &error) : NULL;
    if (!layout || !rub_cli_log_open(options, output, &log, &error))
        return rub_cli_output_fail(output, error);
    rub_cli_record_layout(log, layout);
    rub_cli_output_show_target(output, device, layout);
    if (layout->refusal)
        return finish_early(rub_finding_new(layout->refusal_code, RUB_SEVERITY_ERROR,
                                            rub_text_ref(layout->refusal), NULL),
                            log, output);
    return look_and_run(options, device->target, layout, log, output, cancellable);
}
