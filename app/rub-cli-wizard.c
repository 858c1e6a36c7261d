/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "rub-cli-commands.h"
#include "rub-cli-display.h"
#include "rub-intl.h"

#define WIZARD_PROGRAM "rescue-usb-builder-gtk"

/* The wizard beside this program fits it best; one that is found along PATH may be another's. */
static char *
find_wizard(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self ? g_path_get_dirname(self) : g_strdup("");
    g_autofree char *sibling = g_build_filename(folder, WIZARD_PROGRAM, NULL);
    if (g_file_test(sibling, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&sibling);
    return g_find_program_in_path(WIZARD_PROGRAM);
}

gboolean
rub_cli_start_wizard(const RubCliOptions *options, GError **error)
{
    if (!rub_cli_has_display()) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_USAGE,
                            _("there is no display to open the wizard on; say what to do instead: "
                              "--create or --inspect"));
        return FALSE;
    }
    g_autofree char *program = find_wizard();
    if (!program) {
        g_set_error(error, RUB_ERROR, RUB_CODE_USAGE,
                    _("the wizard (%s) is not installed; say what to do instead: --create or "
                      "--inspect"),
                    WIZARD_PROGRAM);
        return FALSE;
    }
    char *arguments[] = {program, options->image_path, NULL};
    execv(program, arguments);
    rub_error_set_errno(error, RUB_CODE_USAGE, errno, N_("cannot start the wizard {name}"), "name",
                        program, NULL);
    return FALSE;
}
