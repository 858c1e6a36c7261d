/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * rub_cli_text_new:
 * @command: what the program was asked to do
 * @is_quiet: whether no progress is shown
 *
 * Tells people: answers on standard output; errors, progress and remarks on standard error. The
 * progress is a bar that is redrawn in place, so it is only shown on a terminal.
 *
 * Returns: (transfer full): an output
 */
RubCliOutput *rub_cli_text_new(RubCliCommand command, gboolean is_quiet);

G_END_DECLS
