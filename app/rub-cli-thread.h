/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RubCliThreadFunc:
 * @data: what it works on
 * @cancellable: stops it
 *
 * Work that takes a while.
 */
typedef void (*RubCliThreadFunc)(gpointer data, GCancellable *cancellable);

/**
 * rub_cli_thread_run:
 * @func: the work
 * @data: handed to @func
 * @cancellable: handed to @func
 *
 * Does the work on a thread of its own while this thread's main context goes on, and returns when
 * it is done.
 */
void rub_cli_thread_run(RubCliThreadFunc func, gpointer data, GCancellable *cancellable);

G_END_DECLS
