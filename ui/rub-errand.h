/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RubErrandFunc:
 * @data: what it works on
 * @cancellable: stops it
 *
 * Work that takes a while; runs on a thread of its own.
 *
 * Returns: (transfer full): what came of it
 */
typedef gpointer (*RubErrandFunc)(gpointer data, GCancellable *cancellable);

/**
 * RubErrandDone:
 * @owner: whose errand it was
 * @result: (transfer full): what came of it
 *
 * Takes the result, on the main thread.
 */
typedef void (*RubErrandDone)(GObject *owner, gpointer result);

/**
 * RubErrandKind:
 * @run: the work
 * @free_data: frees what it works on
 * @free_result: frees a result that nobody wants any more
 * @done: takes the result
 *
 * A kind of errand.
 */
typedef struct {
    RubErrandFunc run;
    GDestroyNotify free_data;
    GDestroyNotify free_result;
    RubErrandDone done;
} RubErrandKind;

/**
 * rub_errand_start:
 * @slot: (inout): the errand under way, if there is one; at most one at a time
 * @owner: whose errand it is; lives until the thread has ended
 * @kind: what to do
 * @data: (transfer full): what to work on
 *
 * Starts an errand and drops the one that was under way: its result will not be heard of.
 */
void rub_errand_start(GCancellable **slot, GObject *owner, const RubErrandKind *kind,
                      gpointer data);

/** rub_errand_drop: stops the errand in @slot, if there is one; its result will not be heard of */
void rub_errand_drop(GCancellable **slot);

G_END_DECLS
