/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-check-image.h"
#include "job/rub-check.h"

#include "rub-cli-commands.h"
#include "rub-cli-device.h"
#include "rub-cli-layout.h"
#include "rub-cli-log.h"
#include "rub-cli-record.h"
#include "rub-cli-stop.h"
#include "rub-cli-words.h"
#include "rub-cli-work.h"
#include "rub-intl.h"

typedef struct {
    RubTarget *target;
    RubImageFile *image; /* that the stick was written from byte by byte; NULL if it has files */
    RubCheckReport *report;
} Check;

static gboolean
check(gpointer data, RubProgress *progress, GCancellable *cancellable)
{
    Check *self = data;
    self->report = self->image
                       ? rub_check_image_run(self->target, self->image, progress, cancellable)
                       : rub_check_run(self->target, progress, cancellable);
    return rub_cli_knows_state(self->report);
}

int
rub_cli_check(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = NULL;
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    GCancellable *cancellable = rub_cli_stop_get_cancellable(stop);
    g_autoptr(RubCliDevice) device = rub_cli_device_open(options, cancellable, &error);
    g_autoptr(RubLayout) layout =
        device ? rub_cli_layout_read(device->target, cancellable, &error) : NULL;
    g_autoptr(RubImageFile) image =
        layout && options->image_path ? rub_image_file_open(options->image_path, &error) : NULL;
    if (error || !rub_cli_log_open(options, output, &log, &error))
        return rub_cli_output_fail(output, error);
    rub_cli_record_layout(log, layout);
    rub_cli_output_show_target(output, device, layout);
    const RubCliWork work = {"check", _("Checking"), image && device->drive, check};
    Check data = {device->target, image, NULL};
    rub_cli_work_run(&work, &data, output, cancellable);
    g_autoptr(RubCheckReport) report = data.report;
    const RubCliResult result = {
        .failure = report->finding,
        .check = report,
        .log_path = log ? rub_log_get_path(log) : NULL,
    };
    rub_cli_record_check(log, report);
    rub_cli_output_show_check(output, report);
    if (report->finding) {
        rub_cli_record_finding(log, report->finding);
        rub_cli_output_show_finding(output, report->finding);
    }
    return rub_cli_output_finish(output, &result);
}
