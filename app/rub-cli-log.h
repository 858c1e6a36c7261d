/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-log.h"
#include "rub-cli-options.h"
#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * rub_cli_log_open:
 * @options: what the user chose
 * @output: is told where the default place cannot be written
 * @log: (out) (nullable): the log; %NULL where there can be none by default
 * @error: return location
 *
 * Starts the log of a command. Errors: %RUB_CODE_USAGE where the file that the user chose cannot be
 * written.
 *
 * Returns: whether the command can go on
 */
gboolean rub_cli_log_open(const RubCliOptions *options, RubCliOutput *output, RubLog **log,
                          GError **error);

G_END_DECLS
