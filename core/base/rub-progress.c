/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-progress.h"

typedef struct {
    double weight;
    guint64 total_bytes;
} Step;

struct _RubProgress {
    GMutex lock;
    GArray *steps;
    double total_weight;
    double done_weight; /* of the steps before the current one */
    guint step;
    guint64 done_bytes; /* of the current step, or of the last one when all are done */
    char *item;
};

void
rub_progress_snapshot_clear(RubProgressSnapshot *snapshot)
{
    g_clear_pointer(&snapshot->item, g_free);
}

RubProgress *
rub_progress_new(void)
{
    RubProgress *self = g_atomic_rc_box_new0(RubProgress);
    g_mutex_init(&self->lock);
    self->steps = g_array_new(FALSE, FALSE, sizeof(Step));
    return self;
}

RubProgress *
rub_progress_ref(RubProgress *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_progress_clear(gpointer data)
{
    RubProgress *self = data;
    g_mutex_clear(&self->lock);
    g_array_unref(self->steps);
    g_free(self->item);
}

void
rub_progress_unref(RubProgress *self)
{
    g_atomic_rc_box_release_full(self, rub_progress_clear);
}

void
rub_progress_add_step(RubProgress *self, double weight, guint64 total_bytes)
{
    g_return_if_fail(weight >= 0);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    Step step = {weight, total_bytes};
    g_array_append_val(self->steps, step);
    self->total_weight += weight;
}

void
rub_progress_set_item(RubProgress *self, const char *item)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    g_free(self->item);
    self->item = g_strdup(item);
}

static const Step *
get_current_step(const RubProgress *self)
{
    return self->step < self->steps->len ? &g_array_index(self->steps, Step, self->step) : NULL;
}

void
rub_progress_add_bytes(RubProgress *self, guint64 size_bytes)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    const Step *step = get_current_step(self);
    if (step)
        self->done_bytes += MIN(size_bytes, step->total_bytes - self->done_bytes);
}

void
rub_progress_step_done(RubProgress *self)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    const Step *step = get_current_step(self);
    g_return_if_fail(step);
    self->done_weight += step->weight;
    self->step++;
    self->done_bytes = get_current_step(self) ? 0 : step->total_bytes;
    g_clear_pointer(&self->item, g_free);
}

/* Work whose steps are not declared yet is not done. */
static gboolean
is_done(const RubProgress *self)
{
    return self->steps->len > 0 && !get_current_step(self);
}

static double
get_fraction(const RubProgress *self)
{
    const Step *step = get_current_step(self);
    if (is_done(self))
        return 1;
    if (!step || self->total_weight <= 0)
        return 0;
    double part = step->total_bytes ? (double) self->done_bytes / (double) step->total_bytes : 0;
    return (self->done_weight + part * step->weight) / self->total_weight;
}

void
rub_progress_take_snapshot(RubProgress *self, RubProgressSnapshot *snapshot)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    const Step *step = get_current_step(self);
    if (is_done(self))
        step = &g_array_index(self->steps, Step, self->steps->len - 1);
    *snapshot = (RubProgressSnapshot){
        .step = self->step,
        .is_done = is_done(self),
        .fraction = get_fraction(self),
        .done_bytes = self->done_bytes,
        .total_bytes = step ? step->total_bytes : 0,
        .item = g_strdup(self->item),
    };
}
