/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/rub-user-folders.h"
#include "rub-cli-commands.h"
#include "rub-cli-help.h"
#include "rub-cli-json.h"
#include "rub-cli-text.h"
#include "rub-intl.h"

/* Where standard output is closed, the next file that is opened takes its place: a message would
 * then be written into the stick. */
static void
fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", O_RDWR | O_NOCTTY);
    }
}

/* A reader that goes away must not end a build halfway, nor a limit on the size of files: writing
 * says so by itself. */
static void
ignore_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

static int
answer(RubCliOutput *output, const char *text)
{
    const RubCliResult result = {.failure = NULL};
    rub_cli_output_say(output, text);
    return rub_cli_output_finish(output, &result);
}

static int
run(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *help = options->command == RUB_CLI_HELP ? rub_cli_help_make() : NULL;
    switch (options->command) {
    case RUB_CLI_HELP:
        return answer(output, help);
    case RUB_CLI_VERSION:
        return answer(output, rub_cli_help_get_version());
    case RUB_CLI_LIST_DEVICES:
        return rub_cli_list_devices(output);
    case RUB_CLI_CREATE:
        ignore_signals();
        return rub_cli_create(options, output);
    case RUB_CLI_INSPECT:
        ignore_signals();
        return rub_cli_inspect(options, output);
    case RUB_CLI_CHECK:
        ignore_signals();
        return rub_cli_check(options, output);
    case RUB_CLI_UNDO:
        ignore_signals();
        return rub_cli_undo(options, output);
    case RUB_CLI_BOOT_TEST:
        ignore_signals();
        return rub_cli_boot_test(options, output);
    default:
        rub_cli_start_wizard(options, &error);
        return rub_cli_output_fail(output, error);
    }
}

int
main(int argc, char **argv)
{
    fill_standard_streams();
    rub_user_folders_ignore_relative();
    rub_intl_init();
    g_set_prgname("rescue-usb-builder");
    g_autoptr(GError) error = NULL;
    g_autoptr(RubCliOptions) options = rub_cli_options_parse(argv, &error);
    gboolean is_json = options ? options->is_json : rub_cli_options_wants_json(argv);
    gboolean is_quiet = options && options->is_quiet;
    if (!is_json && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO))
        rub_intl_use_marks();
    RubCliCommand command = options ? options->command : RUB_CLI_WIZARD;
    g_autoptr(RubCliOutput) output =
        is_json ? rub_cli_json_new(command, is_quiet) : rub_cli_text_new(command, is_quiet);
    if (!options)
        return rub_cli_output_fail(output, error);
    return run(options, output);
}
