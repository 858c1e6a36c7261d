/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * rub_cli_json_fill_result:
 * @object: an object
 * @command: the command, which decides about the members
 * @result: how it ended
 *
 * Puts the outcome of a command into @object. All members that the command has are always there.
 */
void rub_cli_json_fill_result(JsonObject *object, RubCliCommand command,
                              const RubCliResult *result);

G_END_DECLS
