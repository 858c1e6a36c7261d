/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-build.h"
#include "rub-cli-commands.h"
#include "rub-cli-confirm.h"
#include "rub-cli-device.h"
#include "rub-cli-log.h"
#include "rub-cli-record.h"
#include "rub-cli-stop.h"

static int
finish_refused(const RubCliPreview *preview, RubLog *log, RubCliOutput *output)
{
    const RubCliResult result = {
        .failure = rub_cli_preview_get_obstacle(preview),
        .preview = preview,
        .log_path = log ? rub_log_get_path(log) : NULL,
    };
    return rub_cli_output_finish(output, &result);
}

static int
finish_declined(const RubCliPreview *preview, RubLog *log, RubCliOutput *output)
{
    g_autoptr(RubFinding) failure = rub_cli_confirm_refuse(preview->layout);
    const RubCliResult result = {
        .failure = failure,
        .preview = preview,
        .log_path = log ? rub_log_get_path(log) : NULL,
    };
    rub_cli_record_finding(log, failure);
    rub_cli_output_show_finding(output, failure);
    return rub_cli_output_finish(output, &result);
}

static int
build(const RubCliPreview *preview, RubLog *log, RubCliOutput *output, GCancellable *cancellable)
{
    g_autoptr(RubReport) report = rub_cli_build_run(preview, log, output, cancellable);
    const RubCliResult result = {
        .failure = report->failure,
        .preview = preview,
        .report = report,
        .left_behind = report->left_behind,
        .log_path = log ? rub_log_get_path(log) : NULL,
    };
    if (report->failure)
        rub_cli_output_show_finding(output, report->failure);
    return rub_cli_output_finish(output, &result);
}

int
rub_cli_create(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = NULL;
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    GCancellable *cancellable = rub_cli_stop_get_cancellable(stop);
    g_autoptr(RubCliDevice) device = rub_cli_device_open(options, cancellable, &error);
    if (!device || !rub_cli_log_open(options, output, &log, &error))
        return rub_cli_output_fail(output, error);
    g_autoptr(RubCliPreview) preview =
        rub_cli_preview_new(options, g_steal_pointer(&device), cancellable, &error);
    if (!preview)
        return rub_cli_output_fail(output, error);
    rub_cli_record_preview(log, preview);
    rub_cli_output_show_preview(output, preview);
    if (rub_cli_preview_get_obstacle(preview))
        return finish_refused(preview, log, output);
    if (!rub_cli_confirm_build(options, output, preview, cancellable))
        return finish_declined(preview, log, output);
    return build(preview, log, output, cancellable);
}
