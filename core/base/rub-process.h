/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * rub_process_wait:
 * @process: a program that was started; it may have pipes for its output
 * @cancellable: (nullable): stops it
 * @said: (out) (optional) (nullable) (transfer full): what it wrote on its standard error, %NULL if
 *   that is no pipe
 * @error: return location
 *
 * Waits until a program is gone, and reads meanwhile what it says. One that is stopped, or cannot
 * be waited for, is killed first: nobody writes any more when this returns. To be used instead of
 * g_subprocess_communicate(), which in GLib 2.74 frees its main context while a source is still
 * attached: on a busy computer it then waits forever, or aborts.
 *
 * Errors: %G_IO_ERROR, among them %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether it ended by itself
 */
gboolean rub_process_wait(GSubprocess *process, GCancellable *cancellable, GBytes **said,
                          GError **error);

G_END_DECLS
