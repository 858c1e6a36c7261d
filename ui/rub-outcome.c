/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-outcome.h"

G_DEFINE_ENUM_TYPE(RubTask, rub_task, G_DEFINE_ENUM_VALUE(RUB_TASK_BUILD, "build"),
                   G_DEFINE_ENUM_VALUE(RUB_TASK_CHECK, "check"),
                   G_DEFINE_ENUM_VALUE(RUB_TASK_UNDO, "undo"))

static RubOutcome *
rub_outcome_new(RubTask task, const RubFinding *failure)
{
    RubOutcome *self = g_new0(RubOutcome, 1);
    self->task = task;
    self->failure = failure;
    return self;
}

RubOutcome *
rub_outcome_new_build(RubReport *report)
{
    RubOutcome *self = rub_outcome_new(RUB_TASK_BUILD, report->failure);
    self->build = report;
    return self;
}

RubOutcome *
rub_outcome_new_check(RubCheckReport *report)
{
    RubOutcome *self = rub_outcome_new(RUB_TASK_CHECK, report->finding);
    self->check = report;
    return self;
}

RubOutcome *
rub_outcome_new_undo(RubUndoReport *report)
{
    RubOutcome *self = rub_outcome_new(RUB_TASK_UNDO, report->failure);
    self->undo = report;
    return self;
}

void
rub_outcome_free(RubOutcome *self)
{
    g_clear_pointer(&self->build, rub_report_free);
    g_clear_pointer(&self->check, rub_check_report_free);
    g_clear_pointer(&self->undo, rub_undo_report_free);
    g_free(self);
}
