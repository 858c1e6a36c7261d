/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-log.h"
#include "base/rub-progress.h"
#include "job/rub-report.h"
#include "plan/rub-plan.h"
#include "source/rub-source.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RubJob:
 *
 * One build: carries out a plan. It can run beside other jobs.
 */
typedef struct _RubJob RubJob;

/**
 * rub_job_new:
 * @source: the image
 * @info: what it is
 * @target: where it goes; not open for writing yet
 * @layout: the target as it was when the plan was made
 * @plan: what to do; must have no obstacle
 * @log: (nullable): where to keep a record
 *
 * The job borrows all but @source and @log: they must outlive it.
 *
 * Returns: (transfer full): a job
 */
RubJob *rub_job_new(RubSource *source, const RubImageInfo *info, RubTarget *target,
                    const RubLayout *layout, const RubPlan *plan, RubLog *log);

/** rub_job_free: frees a job that does not run */
void rub_job_free(RubJob *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubJob, rub_job_free)

/** rub_job_get_progress: Returns: (transfer none): how far the job is; its steps are those of the
 * plan, in the same order */
RubProgress *rub_job_get_progress(RubJob *self);

/**
 * rub_job_run:
 * @self: a job that was not run yet
 * @cancellable: (nullable): stops it at a safe boundary
 *
 * Builds, on this thread. Whatever goes wrong is in the report; the target is let go of either
 * way.
 *
 * Returns: (transfer full): how it went
 */
RubReport *rub_job_run(RubJob *self, GCancellable *cancellable);

/**
 * rub_job_run_async:
 * @self: a job that was not run yet
 * @cancellable: (nullable): stops it at a safe boundary
 * @callback: called on this thread's main context when it has ended and let go of the target
 * @user_data: handed to @callback
 *
 * Builds on a thread of its own.
 */
void rub_job_run_async(RubJob *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data);

/** rub_job_run_finish: Returns: (transfer full): how the job of rub_job_run_async() went */
RubReport *rub_job_run_finish(GAsyncResult *result);

G_END_DECLS
