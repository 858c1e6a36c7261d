/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * rub_user_folders_ignore_relative:
 *
 * Has GLib's functions for a user's folders, such as g_get_user_state_dir(), fall back to the
 * defaults where a variable of the environment names a relative path. To be called before any of
 * them, and before there are threads.
 */
void rub_user_folders_ignore_relative(void);

G_END_DECLS
