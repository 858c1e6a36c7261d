/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdio.h>

G_BEGIN_DECLS

/**
 * rub_cli_question_ask:
 * @stream: where the question goes
 * @text: what is about to happen
 * @prompt: the question
 * @cancellable: ends the question
 *
 * Asks and waits for a line on standard input; this thread's main context goes on meanwhile. Only a
 * clear yes counts.
 *
 * Returns: whether the answer was yes
 */
gboolean rub_cli_question_ask(FILE *stream, const char *text, const char *prompt,
                              GCancellable *cancellable);

G_END_DECLS
