/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubProgress:
 *
 * How far a long piece of work is. Whoever does the work declares its steps and their weights
 * first and hands each piece of it the progress of its own step; no piece knows the overall
 * fraction, and none can go backwards. The worker reports; any thread may take a snapshot.
 * Reference counted.
 */
typedef struct _RubProgress RubProgress;

/**
 * RubProgressSnapshot:
 * @step: number of the current step, from 0; equals the number of steps when all are done
 * @is_done: whether all steps are done; %FALSE as long as none is declared
 * @fraction: how much of everything is done, 0 to 1; never falls
 * @done_bytes: bytes done in the current step; when all are done, in the last one
 * @total_bytes: bytes of that step; 0 where it has no bytes to count
 * @item: (nullable): what is being worked on, such as a file's path
 *
 * The state at one moment.
 */
typedef struct {
    guint step;
    gboolean is_done;
    double fraction;
    guint64 done_bytes;
    guint64 total_bytes;
    char *item;
} RubProgressSnapshot;

/** rub_progress_snapshot_clear: frees what a snapshot holds */
void rub_progress_snapshot_clear(RubProgressSnapshot *snapshot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RubProgressSnapshot, rub_progress_snapshot_clear)

/** rub_progress_new: Returns: (transfer full): a progress without steps */
RubProgress *rub_progress_new(void);

/** rub_progress_ref: Returns: (transfer full): @self with one reference more */
RubProgress *rub_progress_ref(RubProgress *self);

/** rub_progress_unref: drops a reference */
void rub_progress_unref(RubProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubProgress, rub_progress_unref)

/**
 * rub_progress_add_step:
 * @self: a progress whose work has not begun
 * @weight: how long the step takes compared with the others
 * @total_bytes: how many bytes it will count; 0 if it counts none
 *
 * Declares the next step.
 */
void rub_progress_add_step(RubProgress *self, double weight, guint64 total_bytes);

/**
 * rub_progress_set_item:
 * @self: a progress
 * @item: (nullable): what is being worked on
 *
 * Names what is being worked on.
 */
void rub_progress_set_item(RubProgress *self, const char *item);

/**
 * rub_progress_add_bytes:
 * @self: a progress
 * @size_bytes: how many bytes more are done in the current step
 *
 * Counts bytes. More than the step declared are not believed.
 */
void rub_progress_add_bytes(RubProgress *self, guint64 size_bytes);

/**
 * rub_progress_step_done:
 * @self: a progress
 *
 * The current step is done; the next one begins.
 */
void rub_progress_step_done(RubProgress *self);

/**
 * rub_progress_take_snapshot:
 * @self: a progress
 * @snapshot: (out): the state now; rub_progress_snapshot_clear() frees what it holds
 */
void rub_progress_take_snapshot(RubProgress *self, RubProgressSnapshot *snapshot);

G_END_DECLS
