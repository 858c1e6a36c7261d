/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-errand.h"

typedef struct {
    const RubErrandKind *kind;
    gpointer data;
    GCancellable **slot;
} Errand;

static void
free_errand(gpointer data)
{
    Errand *errand = data;
    errand->kind->free_data(errand->data);
    g_free(errand);
}

static void
run_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    const Errand *errand = task_data;
    g_task_return_pointer(task, errand->kind->run(errand->data, cancellable),
                          errand->kind->free_result);
}

static void
on_end_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GObject) owner = user_data;
    const Errand *errand = g_task_get_task_data(G_TASK(result));
    gpointer outcome = g_task_propagate_pointer(G_TASK(result), NULL);
    if (g_cancellable_is_cancelled(g_task_get_cancellable(G_TASK(result)))) {
        errand->kind->free_result(outcome);
        return;
    }
    g_clear_object(errand->slot);
    errand->kind->done(owner, outcome);
}

void
rub_errand_start(GCancellable **slot, GObject *owner, const RubErrandKind *kind, gpointer data)
{
    Errand *errand = g_new(Errand, 1);
    *errand = (Errand){kind, data, slot};
    rub_errand_drop(slot);
    *slot = g_cancellable_new();
    /* Not as the task's source object: the thread may be the last to let go of the task, and of
     * that with it, but objects of the main thread end there. */
    g_autoptr(GTask) task = g_task_new(NULL, *slot, on_end_cb, g_object_ref(owner));
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, errand, free_errand);
    g_task_run_in_thread(task, run_in_thread);
}

void
rub_errand_drop(GCancellable **slot)
{
    if (*slot)
        g_cancellable_cancel(*slot);
    g_clear_object(slot);
}
