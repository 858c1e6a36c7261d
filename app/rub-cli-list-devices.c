/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-commands.h"
#include "rub-intl.h"

int
rub_cli_list_devices(RubCliOutput *output)
{
    const RubCliResult result = {.failure = NULL};
    rub_cli_output_say(output, _("No drives: real drives are not available yet in this version. "
                                 "Build onto a disk image: -d stick.img --size 8G"));
    return rub_cli_output_finish(output, &result);
}
