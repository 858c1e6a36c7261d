/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "plan/rub-plan.h"
#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * RubReportStep:
 * @kind: which step
 * @is_done: whether it was finished
 * @seconds: how long it took
 * @size_bytes: how many bytes it moved; 0 where that is not counted
 *
 * How one step of a build went.
 */
typedef struct {
    RubStepKind kind;
    gboolean is_done;
    double seconds;
    guint64 size_bytes;
} RubReportStep;

/**
 * RubReport:
 * @failure: (nullable): why the build failed; %NULL if the stick is ready
 * @left_behind: (nullable): what state a failed build leaves the target in
 * @steps: (element-type RubReportStep): how the steps that were begun went
 * @seconds: how long it took
 * @file_count: how many files were written
 * @copied_bytes: how many bytes of the image were written
 * @is_verified: whether everything was read back and found right
 * @access: how the target was written
 * @stats: how the disk was written; all 0 with %RUB_ACCESS_MOUNTED
 *
 * The outcome of a build. Immutable once it was handed out.
 */
typedef struct {
    RubFinding *failure;
    RubText *left_behind;
    GPtrArray *steps;
    double seconds;
    guint file_count;
    guint64 copied_bytes;
    gboolean is_verified;
    RubAccess access;
    RubDiskStats stats;
} RubReport;

/** rub_report_new: Returns: (transfer full): an empty report */
RubReport *rub_report_new(void);

/** rub_report_free: frees a report */
void rub_report_free(RubReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubReport, rub_report_free)

G_END_DECLS
