/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-display.h"

static gboolean
is_set(const char *variable)
{
    const char *value = g_getenv(variable);
    return value && *value;
}

gboolean
rub_cli_has_display(void)
{
    return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
}
