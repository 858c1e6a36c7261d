/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-progress.h"
#include "plan/rub-finding.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RubCheckState:
 * @RUB_CHECK_GOOD: everything that the manifest lists is there and right
 * @RUB_CHECK_CHANGED: files, boot code or the table differ from the manifest or are missing
 * @RUB_CHECK_DAMAGED: something cannot be read, or the filesystem does not hold together
 * @RUB_CHECK_NOT_OURS: there is no manifest of ours
 * @RUB_CHECK_INCOMPLETE: a build of ours was cut off
 *
 * What a finished stick is found to be.
 */
typedef enum {
    RUB_CHECK_GOOD,
    RUB_CHECK_CHANGED,
    RUB_CHECK_DAMAGED,
    RUB_CHECK_NOT_OURS,
    RUB_CHECK_INCOMPLETE,
} RubCheckState;

/**
 * RubCheckReport:
 * @state: what the stick is
 * @finding: (nullable): the same for people, with the files concerned; %NULL if it is good. Its
 * code is %RUB_CODE_VERIFY_FAILED, %RUB_CODE_NOT_OUR_STICK, %RUB_CODE_BUILD_INCOMPLETE, or why the
 * check could not be carried out
 * @image_name: (nullable): the image the stick was made from
 * @created: (nullable): when, in ISO 8601
 * @file_count: how many files were read
 * @checked_bytes: how many bytes of them
 * @is_boot_code_checked: whether the boot code was looked at: reading it from a drive takes a
 *   password, which a check never asks for
 *
 * The outcome of a check. Files that the user added later are no fault.
 */
typedef struct {
    RubCheckState state;
    RubFinding *finding;
    char *image_name;
    char *created;
    guint file_count;
    guint64 checked_bytes;
    gboolean is_boot_code_checked;
} RubCheckReport;

/**
 * rub_check_run:
 * @target: the stick; opened for reading only
 * @progress: a progress without steps; gets one that counts bytes
 * @cancellable: (nullable): stops it
 *
 * Reads a finished stick again and compares it with its manifest. Where the disk cannot be opened
 * without a password, its files are read through the mounted volume. Writes nothing.
 *
 * Returns: (transfer full): what it is
 */
RubCheckReport *rub_check_run(RubTarget *target, RubProgress *progress, GCancellable *cancellable);

/** rub_check_report_free: frees it */
void rub_check_report_free(RubCheckReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCheckReport, rub_check_report_free)

/** rub_check_state_get_id: Returns: (transfer none): a stable name of @state for programs: "good",
 * "changed", "damaged", "not-ours" or "incomplete" */
const char *rub_check_state_get_id(RubCheckState state);

G_END_DECLS
