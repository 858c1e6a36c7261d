/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "job/rub-check.h"
#include "job/rub-report.h"
#include "job/rub-undo.h"

G_BEGIN_DECLS

/**
 * RubTask:
 * @RUB_TASK_BUILD: make a stick
 * @RUB_TASK_CHECK: read a finished stick again
 * @RUB_TASK_UNDO: take a kept build off again
 *
 * What the user wants.
 */
typedef enum {
    RUB_TASK_BUILD,
    RUB_TASK_CHECK,
    RUB_TASK_UNDO,
} RubTask;

#define RUB_TYPE_TASK (rub_task_get_type())
GType rub_task_get_type(void);

/**
 * RubOutcome:
 * @task: what was done
 * @build: (nullable): the report of a build
 * @check: (nullable): the report of a check
 * @undo: (nullable): the report of an undo
 * @failure: (transfer none) (nullable): why it did not go well; belongs to the report
 *
 * How a task went.
 */
typedef struct {
    RubTask task;
    RubReport *build;
    RubCheckReport *check;
    RubUndoReport *undo;
    const RubFinding *failure;
} RubOutcome;

/** rub_outcome_new_build: Returns: (transfer full): how a build with @report (transfer full) went
 */
RubOutcome *rub_outcome_new_build(RubReport *report);

/** rub_outcome_new_check: Returns: (transfer full): how a check with @report (transfer full) went
 */
RubOutcome *rub_outcome_new_check(RubCheckReport *report);

/** rub_outcome_new_undo: Returns: (transfer full): how an undo with @report (transfer full) went */
RubOutcome *rub_outcome_new_undo(RubUndoReport *report);

/** rub_outcome_free: frees it */
void rub_outcome_free(RubOutcome *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubOutcome, rub_outcome_free)

G_END_DECLS
