/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-progress.h"
#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * RubCliStageFunc:
 * @progress: (inout): how far the work is; gets the id and the stage of its step
 * @user_data: what was handed to rub_cli_watch_new()
 *
 * Names what is happening.
 */
typedef void (*RubCliStageFunc)(RubCliProgress *progress, gpointer user_data);

/**
 * RubCliWatch:
 *
 * Shows how far work on another thread is, several times a second as long as it lives, and that it
 * is being stopped.
 */
typedef struct _RubCliWatch RubCliWatch;

/**
 * rub_cli_watch_new:
 * @progress: the progress of the work
 * @output: where it is shown
 * @cancellable: what stops the work
 * @stage: names what is happening
 * @user_data: handed to @stage
 *
 * Borrows all of them.
 *
 * Returns: (transfer full): a watch
 */
RubCliWatch *rub_cli_watch_new(RubProgress *progress, RubCliOutput *output,
                               GCancellable *cancellable, RubCliStageFunc stage,
                               gpointer user_data);

/**
 * rub_cli_watch_expect_password:
 * @self: a watch
 *
 * Tells it that the work begins with the question for a password: until something has been done,
 * that is what it waits for.
 */
void rub_cli_watch_expect_password(RubCliWatch *self);

/** rub_cli_watch_free: ends it */
void rub_cli_watch_free(RubCliWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliWatch, rub_cli_watch_free)

/** rub_cli_watch_look: shows how far the work is now */
void rub_cli_watch_look(RubCliWatch *self);

G_END_DECLS
