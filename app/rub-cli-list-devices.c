/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-commands.h"
#include "rub-cli-drives.h"
#include "rub-cli-stop.h"
#include "rub-intl.h"

/* Drives can be chosen by node or serial number all the same. */
static void
remember(RubDriveList *drives, RubCliOutput *output)
{
    g_autoptr(GError) error = NULL;
    if (rub_cli_drives_remember(drives, &error))
        return;
    g_autofree char *warning =
        g_strdup_printf(_("the numbers cannot be used with -d: %s"), error->message);
    rub_cli_output_warn(output, warning);
}

int
rub_cli_list_devices(RubCliOutput *output)
{
    const RubCliResult result = {.failure = NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    g_autoptr(RubDriveList) drives = rub_drive_list_new(rub_cli_stop_get_cancellable(stop), &error);
    if (!drives)
        return rub_cli_output_fail(output, error);
    rub_cli_output_show_drives(output, drives);
    if (g_list_model_get_n_items(G_LIST_MODEL(drives)) == 0)
        rub_cli_output_say(output, _("No USB stick or memory card is plugged in. Insert one and "
                                     "list again, or build onto a disk image: -d stick.img "
                                     "--size 8G"));
    remember(drives, output);
    return rub_cli_output_finish(output, &result);
}
