/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-process.h"

static void
on_end_cb(GObject *source_object, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **) user_data = g_object_ref(result);
}

/* The thread that waits for children keeps the context, too. If it were the last to let go of it,
 * that could be in the moment in which the result destroys its source of cancellation. So the
 * context is let go of after the result: autoptrs go in the reverse order. */
static gboolean
communicate(GSubprocess *process, GCancellable *cancellable, GBytes **said, GError **error)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GAsyncResult) result = NULL;
    g_main_context_push_thread_default(context);
    g_subprocess_communicate_async(process, NULL, cancellable, on_end_cb, &result);
    while (!result)
        g_main_context_iteration(context, TRUE);
    g_main_context_pop_thread_default(context);
    return g_subprocess_communicate_finish(process, result, NULL, said, error);
}

gboolean
rub_process_wait(GSubprocess *process, GCancellable *cancellable, GBytes **said, GError **error)
{
    if (communicate(process, cancellable, said, error))
        return TRUE;
    g_subprocess_force_exit(process);
    g_subprocess_wait(process, NULL, NULL);
    return FALSE;
}
