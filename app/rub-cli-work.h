/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-progress.h"
#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * RubCliWorkFunc:
 * @data: what it works on
 * @progress: a progress without steps; gets its own
 * @cancellable: stops it
 *
 * Work that takes a while, done on a thread of its own.
 *
 * Returns: whether it came to its end
 */
typedef gboolean (*RubCliWorkFunc)(gpointer data, RubProgress *progress, GCancellable *cancellable);

/**
 * RubCliWork:
 * @id: a stable name for programs
 * @stage: what is happening, for people
 * @needs_password: whether a password will be asked for at its beginning
 * @func: does it
 *
 * Work that is one stage from its beginning to its end.
 */
typedef struct {
    const char *id;
    const char *stage;
    gboolean needs_password;
    RubCliWorkFunc func;
} RubCliWork;

/**
 * rub_cli_work_run:
 * @work: the work
 * @data: handed to it
 * @output: is told how far it is
 * @cancellable: stops it
 *
 * Does the work while this thread's main context goes on, and returns when it is done.
 */
void rub_cli_work_run(const RubCliWork *work, gpointer data, RubCliOutput *output,
                      GCancellable *cancellable);

G_END_DECLS
