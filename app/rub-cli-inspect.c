/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-commands.h"
#include "rub-cli-device.h"
#include "rub-cli-log.h"
#include "rub-cli-record.h"
#include "rub-cli-stop.h"

int
rub_cli_inspect(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = NULL;
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    GCancellable *cancellable = rub_cli_stop_get_cancellable(stop);
    g_autoptr(RubCliDevice) device =
        options->device ? rub_cli_device_open(options, cancellable, &error) : NULL;
    /* It writes nothing that it was not told to. */
    if (error || (options->log_path && !rub_cli_log_open(options, output, &log, &error)))
        return rub_cli_output_fail(output, error);
    g_autoptr(RubCliPreview) preview =
        rub_cli_preview_new(options, g_steal_pointer(&device), cancellable, &error);
    if (!preview)
        return rub_cli_output_fail(output, error);
    const RubCliResult result = {
        .failure = rub_cli_preview_get_obstacle(preview),
        .preview = preview,
        .log_path = log ? rub_log_get_path(log) : NULL,
    };
    rub_cli_record_preview(log, preview);
    rub_cli_output_show_preview(output, preview);
    return rub_cli_output_finish(output, &result);
}
