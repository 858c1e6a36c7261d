/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "plan/rub-plan.h"

G_BEGIN_DECLS

/**
 * RubCliCommand:
 *
 * What the program was asked to do.
 */
typedef enum {
    RUB_CLI_WIZARD,
    RUB_CLI_HELP,
    RUB_CLI_VERSION,
    RUB_CLI_LIST_DEVICES,
    RUB_CLI_CREATE,
    RUB_CLI_INSPECT,
    RUB_CLI_CHECK,
    RUB_CLI_UNDO,
    RUB_CLI_BOOT_TEST,
} RubCliCommand;

/**
 * RubCliOptions:
 * @command: what to do
 * @image_path: (nullable): the rescue image; never %NULL for create and inspect
 * @device: (nullable): the target as it was named; %NULL only for inspect
 * @new_size_bytes: the size of the disk image to make; 0 if none is to be made
 * @keep: whether everything that is on the target stays
 * @firmware: what the stick shall start on, or be started on
 * @method: how the image is put there
 * @filesystem: what a new volume has
 * @label: (nullable): the volume label, valid for FAT
 * @log_path: (nullable): where the log goes; %NULL for the default place
 * @skip_verify: whether nothing is read back
 * @is_forced: whether no question is asked
 * @is_quiet: whether no progress is shown
 * @is_json: whether the output is for programs
 *
 * What the command line said, checked as far as it can be without looking at any file.
 */
typedef struct {
    RubCliCommand command;
    char *image_path;
    char *device;
    guint64 new_size_bytes;
    gboolean keep;
    RubFirmware firmware;
    RubMethod method;
    RubFilesystemChoice filesystem;
    char *label;
    char *log_path;
    gboolean skip_verify;
    gboolean is_forced;
    gboolean is_quiet;
    gboolean is_json;
} RubCliOptions;

/**
 * rub_cli_options_parse:
 * @argv: (array zero-terminated=1): the program's name and its arguments
 * @error: return location
 *
 * Understands the command line. Errors: %RUB_CODE_USAGE.
 *
 * Returns: (transfer full) (nullable): what it says
 */
RubCliOptions *rub_cli_options_parse(char **argv, GError **error);

/** rub_cli_options_free: frees options */
void rub_cli_options_free(RubCliOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliOptions, rub_cli_options_free)

/**
 * rub_cli_options_wants_json:
 * @argv: (array zero-terminated=1): the program's name and its arguments
 *
 * Looks for --json in a command line that may not be understood otherwise: its error is for
 * programs, too.
 *
 * Returns: whether it is there
 */
gboolean rub_cli_options_wants_json(char **argv);

G_END_DECLS
