/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-estimate.h"
#include "base/rub-log.h"
#include "rub-draft.h"
#include "rub-outcome.h"

G_BEGIN_DECLS

/**
 * RubRun:
 *
 * A build, a check or an undo that runs on a thread of its own, as the main thread sees it: a copy
 * of its progress, taken every #RUB_ESTIMATE_INTERVAL_MS. Properties that notify: "progress" with
 * each copy, "step" when another step begins, "is-stopping", and "outcome", once, when it has ended
 * and let go of the stick.
 */
#define RUB_TYPE_RUN (rub_run_get_type())
G_DECLARE_FINAL_TYPE(RubRun, rub_run, RUB, RUN, GObject)

/**
 * rub_run_new_build:
 * @draft: what was agreed to; nothing stands in its way
 * @log: (nullable): where to keep a record
 *
 * Begins a build.
 *
 * Returns: (transfer full): the build that runs
 */
RubRun *rub_run_new_build(RubDraft *draft, RubLog *log);

/**
 * rub_run_new_check:
 * @survey: a finished stick
 * @image_path: (nullable): the image that was written to it byte by byte; %NULL where the stick has
 *   a manifest
 *
 * Begins a check.
 *
 * Returns: (transfer full): the check that runs
 */
RubRun *rub_run_new_check(RubSurvey *survey, const char *image_path);

/** rub_run_new_undo: Returns: (transfer full): an undo on the stick of @survey that runs */
RubRun *rub_run_new_undo(RubSurvey *survey);

/** rub_run_stop: has it end at the next safe boundary; "outcome" follows */
void rub_run_stop(RubRun *self);

/** rub_run_is_stopping: Returns: whether rub_run_stop() was called */
gboolean rub_run_is_stopping(RubRun *self);

/** rub_run_get_task: Returns: what is done */
RubTask rub_run_get_task(RubRun *self);

/** rub_run_get_draft: Returns: (transfer none) (nullable): what is built */
const RubDraft *rub_run_get_draft(RubRun *self);

/** rub_run_get_survey: Returns: (transfer none): what it works on */
const RubSurvey *rub_run_get_survey(RubRun *self);

/** rub_run_get_stages: Returns: (transfer none) (element-type RubText): what its steps are called
 */
const GPtrArray *rub_run_get_stages(RubRun *self);

/** rub_run_get_progress: Returns: (transfer none): the last copy of its progress */
const RubProgressSnapshot *rub_run_get_progress(RubRun *self);

/** rub_run_get_estimate: Returns: (transfer none): how fast it goes and how long it will take */
const RubEstimate *rub_run_get_estimate(RubRun *self);

/** rub_run_get_outcome: Returns: (transfer none) (nullable): how it went; %NULL as long as it runs
 */
const RubOutcome *rub_run_get_outcome(RubRun *self);

/** rub_run_get_log_path: Returns: (transfer none) (nullable): where its record is */
const char *rub_run_get_log_path(RubRun *self);

G_END_DECLS
