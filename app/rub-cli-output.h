/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "job/rub-check.h"
#include "job/rub-report.h"
#include "job/rub-undo.h"
#include "rub-cli-preview.h"
#include "rub-cli-progress.h"
#include "target/rub-drive-list.h"

G_BEGIN_DECLS

/**
 * RubCliOutput:
 *
 * Where the commands tell what they found and did. There is one kind for people and one for
 * programs; the commands know neither.
 */
typedef struct _RubCliOutput RubCliOutput;

/**
 * RubCliStepState:
 *
 * What has become of a step of a build.
 */
typedef enum {
    RUB_CLI_STEP_PLANNED,
    RUB_CLI_STEP_STARTED,
    RUB_CLI_STEP_DONE,
} RubCliStepState;

/**
 * RubCliResult:
 * @failure: (nullable): why the command failed; decides the exit status
 * @preview: (nullable): what a build was about
 * @report: (nullable): how the build went; %NULL where none was begun
 * @check: (nullable): what a check found; %NULL where none was begun
 * @undo: (nullable): what was taken off; %NULL where that was not begun
 * @started_on: what a stick was started on; 0 if it was not
 * @left_behind: (nullable): what state a target is in that was not finished
 * @log_path: (nullable): where the log is
 *
 * How a command ended.
 */
typedef struct {
    const RubFinding *failure;
    const RubCliPreview *preview;
    const RubReport *report;
    const RubCheckReport *check;
    const RubUndoReport *undo;
    RubFirmware started_on;
    const RubText *left_behind;
    const char *log_path;
} RubCliResult;

/** RubCliOutputOps: what a kind of output provides; the functions follow the rub_cli_output_
 * function of the same name. */
typedef struct {
    void (*say)(RubCliOutput *self, const char *text);
    void (*warn)(RubCliOutput *self, const char *text);
    void (*show_preview)(RubCliOutput *self, const RubCliPreview *preview);
    void (*show_drives)(RubCliOutput *self, RubDriveList *drives);
    void (*show_target)(RubCliOutput *self, const RubCliDevice *device, const RubLayout *layout);
    gboolean (*ask)(RubCliOutput *self, const char *text, const char *prompt,
                    GCancellable *cancellable);
    void (*show_step)(RubCliOutput *self, const RubPlan *plan, guint step, RubCliStepState state);
    void (*show_progress)(RubCliOutput *self, const RubCliProgress *progress);
    void (*show_stopping)(RubCliOutput *self);
    void (*show_check)(RubCliOutput *self, const RubCheckReport *report);
    void (*show_undo)(RubCliOutput *self, const RubUndoReport *report);
    void (*show_finding)(RubCliOutput *self, const RubFinding *finding);
    void (*finish)(RubCliOutput *self, const RubCliResult *result);
    void (*free)(RubCliOutput *self);
} RubCliOutputOps;

/** The start of every kind of output's own struct. */
struct _RubCliOutput {
    const RubCliOutputOps *ops;
};

/** rub_cli_output_free: frees an output */
static inline void
rub_cli_output_free(RubCliOutput *self)
{
    self->ops->free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliOutput, rub_cli_output_free)

/** rub_cli_output_say: gives an answer that is nothing but text */
static inline void
rub_cli_output_say(RubCliOutput *self, const char *text)
{
    self->ops->say(self, text);
}

/** rub_cli_output_warn: tells something that changes nothing about the outcome */
static inline void
rub_cli_output_warn(RubCliOutput *self, const char *text)
{
    self->ops->warn(self, text);
}

/** rub_cli_output_show_preview: shows everything that is known before a build, findings and all */
static inline void
rub_cli_output_show_preview(RubCliOutput *self, const RubCliPreview *preview)
{
    self->ops->show_preview(self, preview);
}

/** rub_cli_output_show_drives: shows which drives can be written, and which cannot and why */
static inline void
rub_cli_output_show_drives(RubCliOutput *self, RubDriveList *drives)
{
    self->ops->show_drives(self, drives);
}

/** rub_cli_output_show_target: shows what is on the target of a command that builds nothing */
static inline void
rub_cli_output_show_target(RubCliOutput *self, const RubCliDevice *device, const RubLayout *layout)
{
    self->ops->show_target(self, device, layout);
}

/**
 * rub_cli_output_ask:
 * @self: an output
 * @text: what is about to happen
 * @prompt: the question
 * @cancellable: ends the question
 *
 * Asks a question that is answered with yes or no. This thread's main context goes on meanwhile.
 *
 * Returns: whether the answer was yes
 */
static inline gboolean
rub_cli_output_ask(RubCliOutput *self, const char *text, const char *prompt,
                   GCancellable *cancellable)
{
    return self->ops->ask(self, text, prompt, cancellable);
}

/** rub_cli_output_show_step: tells that a step of @plan, counted from 0, began or was done */
static inline void
rub_cli_output_show_step(RubCliOutput *self, const RubPlan *plan, guint step, RubCliStepState state)
{
    self->ops->show_step(self, plan, step, state);
}

/** rub_cli_output_show_progress: tells how far the work is */
static inline void
rub_cli_output_show_progress(RubCliOutput *self, const RubCliProgress *progress)
{
    self->ops->show_progress(self, progress);
}

/** rub_cli_output_show_stopping: tells that the work will stop as soon as it safely can */
static inline void
rub_cli_output_show_stopping(RubCliOutput *self)
{
    self->ops->show_stopping(self);
}

/** rub_cli_output_show_check: tells what a check found, but for its finding */
static inline void
rub_cli_output_show_check(RubCliOutput *self, const RubCheckReport *report)
{
    self->ops->show_check(self, report);
}

/** rub_cli_output_show_undo: tells what was taken off and put back */
static inline void
rub_cli_output_show_undo(RubCliOutput *self, const RubUndoReport *report)
{
    self->ops->show_undo(self, report);
}

/** rub_cli_output_show_finding: shows a finding that is in no preview */
static inline void
rub_cli_output_show_finding(RubCliOutput *self, const RubFinding *finding)
{
    self->ops->show_finding(self, finding);
}

/**
 * rub_cli_output_finish:
 * @self: an output
 * @result: how the command ended; its failure was shown before
 *
 * Tells how the command ended.
 *
 * Returns: the exit status
 */
static inline int
rub_cli_output_finish(RubCliOutput *self, const RubCliResult *result)
{
    self->ops->finish(self, result);
    return result->failure ? (int) result->failure->code : 0;
}

/** rub_cli_output_fail: Shows an error that ends the command. Returns: the exit status */
static inline int
rub_cli_output_fail(RubCliOutput *self, const GError *error)
{
    g_autoptr(RubFinding) failure = rub_finding_new_from_error(error);
    const RubCliResult result = {.failure = failure};
    rub_cli_output_show_finding(self, failure);
    return rub_cli_output_finish(self, &result);
}

G_END_DECLS
