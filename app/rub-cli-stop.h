/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RubCliStop:
 *
 * The user's wish to stop: Ctrl-C, a request to end, or a terminal that is closed. As long as it
 * lives these signals do not end the program but cancel its work.
 */
typedef struct _RubCliStop RubCliStop;

/**
 * rub_cli_stop_new:
 *
 * Signals that were ignored from the start, as nohup does, stay ignored.
 *
 * Returns: (transfer full): a new one
 */
RubCliStop *rub_cli_stop_new(void);

/** rub_cli_stop_free: gives the signals back their meaning */
void rub_cli_stop_free(RubCliStop *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliStop, rub_cli_stop_free)

/** rub_cli_stop_get_cancellable: Returns: (transfer none): is cancelled by the signals, from this
 * thread's main context */
GCancellable *rub_cli_stop_get_cancellable(RubCliStop *self);

G_END_DECLS
