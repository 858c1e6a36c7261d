/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-cli-options.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_cli_device_open:
 * @options: what the user chose; a device is named
 * @error: return location
 *
 * Finds the target that the user named. Nothing is opened or made yet. Errors: %RUB_CODE_USAGE
 * where it is a real drive, which this version does not write to, where a size is missing or too
 * much, and where image, target or log are the same file.
 *
 * Returns: (transfer full) (nullable): the target
 */
RubTarget *rub_cli_device_open(const RubCliOptions *options, GError **error);

G_END_DECLS
