/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-log.h"

#include "rub-intl.h"

#define LOG_FOLDER "rescue-usb-builder"
#define KEPT_LOGS 20

gboolean
rub_cli_log_open(const RubCliOptions *options, RubCliOutput *output, RubLog **log, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *folder = g_build_filename(g_get_user_state_dir(), LOG_FOLDER, NULL);
    *log = options->log_path ? rub_log_open(options->log_path, error)
                             : rub_log_open_default(folder, KEPT_LOGS, &failure);
    if (failure) {
        g_autofree char *warning = g_strdup_printf(_("there is no log: %s"), failure->message);
        rub_cli_output_warn(output, warning);
    }
    if (!*log)
        return options->log_path == NULL;
    rub_log_write(*log, "rescue-usb-builder " RUB_VERSION);
    return TRUE;
}
