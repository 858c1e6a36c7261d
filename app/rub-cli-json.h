/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * rub_cli_json_new:
 * @command: what the program was asked to do
 * @is_quiet: whether no progress is told
 *
 * Tells programs: one JSON object a line on standard output, and nothing else there. Every key of
 * an event is always there, with null where there is nothing to say.
 *
 * Returns: (transfer full): an output
 */
RubCliOutput *rub_cli_json_new(RubCliCommand command, gboolean is_quiet);

G_END_DECLS
