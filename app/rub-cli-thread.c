/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-thread.h"

typedef struct {
    RubCliThreadFunc func;
    gpointer data;
} Work;

static void
run_in_thread(GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
    Work *work = task_data;
    work->func(work->data, cancellable);
    g_task_return_boolean(task, TRUE);
}

void
rub_cli_thread_run(RubCliThreadFunc func, gpointer data, GCancellable *cancellable)
{
    Work work = {func, data};
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, NULL, NULL);
    /* What was cancelled is over only when the thread says so. */
    g_task_set_return_on_cancel(task, FALSE);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, &work, NULL);
    g_task_run_in_thread(task, run_in_thread);
    while (!g_task_get_completed(task))
        g_main_context_iteration(NULL, TRUE);
}
