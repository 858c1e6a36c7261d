/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the tools that do what udisksd's libraries do on real devices. */
#include "fake-run.h"

#include <gio/gio.h>
#include <udisks/udisks.h>

static GSubprocess *
spawn(const char *const *arguments, GSubprocessFlags flags, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(flags);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C.UTF-8", TRUE);
    g_subprocess_launcher_setenv(launcher, "MTOOLS_SKIP_CHECK", "1", TRUE);
    return g_subprocess_launcher_spawnv(launcher, arguments, error);
}

/* Runs a tool; an exit status other than 0 is an error in the words udisksd has for it. */
gboolean
fake_run(const char *const *arguments, const char *input, char **out_output, GError **error)
{
    g_autoptr(GSubprocess) process =
        spawn(arguments,
              G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                  G_SUBPROCESS_FLAGS_STDERR_PIPE,
              error);
    g_autofree char *output = NULL;
    g_autofree char *errors = NULL;
    if (process == NULL || !g_subprocess_communicate_utf8(process, input != NULL ? input : "", NULL,
                                                          &output, &errors, error))
        return FALSE;
    if (!g_subprocess_get_successful(process)) {
        g_autofree char *command = g_strjoinv(" ", (GStrv) arguments);
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                    "Command-line `%s' exited with non-zero exit status %d:\nstdout: `%s'\n"
                    "stderr: `%s'\n",
                    command,
                    g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process)
                                                        : -1,
                    output, errors);
        return FALSE;
    }
    if (out_output != NULL)
        *out_output = g_steal_pointer(&output);
    return TRUE;
}

/* Runs a tool whose exit status is an answer. */
gboolean
fake_run_status(const char *const *arguments, int *out_status, char **out_output, GError **error)
{
    g_autoptr(GSubprocess) process =
        spawn(arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, error);
    if (process == NULL ||
        !g_subprocess_communicate_utf8(process, NULL, NULL, out_output, NULL, error))
        return FALSE;
    *out_status = g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process) : -1;
    return TRUE;
}
