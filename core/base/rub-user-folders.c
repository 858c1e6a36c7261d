/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-user-folders.h"

/* XDG Base Directory Specification: "All paths set in these environment variables must be absolute.
 * If an implementation encounters a relative path [...] it should consider the path invalid and
 * ignore it." GLib takes them as they are. */
void
rub_user_folders_ignore_relative(void)
{
    static const char *const variables[] = {
        "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *path = g_getenv(variables[i]);
        if (path && !g_path_is_absolute(path))
            g_unsetenv(variables[i]);
    }
}
