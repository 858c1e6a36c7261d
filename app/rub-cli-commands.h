/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-cli-options.h"
#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * rub_cli_create:
 * @options: the image, the target and what the user chose
 * @output: where it tells about it
 *
 * Builds a stick: looks, shows, asks, builds, reports.
 *
 * Returns: the exit status
 */
int rub_cli_create(const RubCliOptions *options, RubCliOutput *output);

/**
 * rub_cli_inspect:
 * @options: the image, perhaps a target, and what the user chose
 * @output: where it tells about it
 *
 * Shows what an image is, and with a target what a build would do. Writes nothing.
 *
 * Returns: the exit status that a build would have before it writes
 */
int rub_cli_inspect(const RubCliOptions *options, RubCliOutput *output);

/**
 * rub_cli_check:
 * @options: the target
 * @output: where it tells about it
 *
 * Reads a finished stick again and compares it with its manifest. Writes nothing.
 *
 * Returns: the exit status
 */
int rub_cli_check(const RubCliOptions *options, RubCliOutput *output);

/**
 * rub_cli_undo:
 * @options: the target
 * @output: where it tells about it
 *
 * Takes a build that kept files off again: looks, shows, asks, takes off, reports.
 *
 * Returns: the exit status
 */
int rub_cli_undo(const RubCliOptions *options, RubCliOutput *output);

/**
 * rub_cli_boot_test:
 * @options: the target, and what it shall be started on
 * @output: where it tells about it
 *
 * Starts a finished stick in an emulated PC, on UEFI and then on BIOS. Writes nothing.
 *
 * Returns: the exit status
 */
int rub_cli_boot_test(const RubCliOptions *options, RubCliOutput *output);

/**
 * rub_cli_list_devices:
 * @output: where it tells about it
 *
 * Lists the drives that can be written.
 *
 * Returns: the exit status
 */
int rub_cli_list_devices(RubCliOutput *output);

/**
 * rub_cli_start_wizard:
 * @options: perhaps with an image to begin with
 * @error: return location
 *
 * Becomes the wizard. Errors: %RUB_CODE_USAGE without a display or without the wizard's program.
 *
 * Returns: never, unless it fails
 */
gboolean rub_cli_start_wizard(const RubCliOptions *options, GError **error);

G_END_DECLS
