/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdio.h>

#include "rub-cli-preview.h"

G_BEGIN_DECLS

/**
 * rub_cli_question_ask:
 * @stream: where the question goes
 * @preview: what a build would do; with a layout
 * @cancellable: ends the question
 *
 * Asks whether to build, naming what is erased, and waits for a line on standard input; this
 * thread's main context goes on meanwhile. Only a clear yes counts.
 *
 * Returns: whether the answer was yes
 */
gboolean rub_cli_question_ask(FILE *stream, const RubCliPreview *preview,
                              GCancellable *cancellable);

G_END_DECLS
