/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-check-image.h"

#include "base/rub-error.h"
#include "job/rub-raw.h"

static gboolean
compare(RubTarget *target, RubImageFile *image, RubProgress *progress, GCancellable *cancellable,
        GError **error)
{
    g_autoptr(RubDisk) disk = rub_target_open_for_reading(target, TRUE, cancellable, error);
    if (!disk)
        return FALSE;
    rub_disk_drop_cache(disk);
    return rub_raw_compare(image, disk, progress, cancellable, error);
}

static RubFinding *
describe_difference(const GError *error)
{
    return rub_finding_new(
        RUB_CODE_VERIFY_FAILED, RUB_SEVERITY_ERROR,
        rub_text_new(N_("This stick does not hold the image byte by byte: {details}."), "details",
                     error->message, NULL),
        rub_text_new(N_("Build it again. A stick that has the image's files is checked without "
                        "naming the image."),
                     NULL));
}

RubCheckReport *
rub_check_image_run(RubTarget *target, RubImageFile *image, RubProgress *progress,
                    GCancellable *cancellable)
{
    g_autoptr(GError) error = NULL;
    RubCheckReport *report = g_new0(RubCheckReport, 1);
    guint64 size_bytes = rub_image_file_get_size_bytes(image);
    report->image_name = g_filename_display_basename(rub_image_file_get_path(image));
    rub_progress_add_step(progress, 1, size_bytes);
    if (compare(target, image, progress, cancellable, &error)) {
        report->state = RUB_CHECK_GOOD;
        report->checked_bytes = size_bytes;
        rub_progress_step_done(progress);
    } else if (g_error_matches(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED)) {
        report->state = RUB_CHECK_CHANGED;
        report->finding = describe_difference(error);
    } else {
        report->state = RUB_CHECK_NOT_OURS;
        report->finding = rub_finding_new_from_error(error);
    }
    return report;
}
