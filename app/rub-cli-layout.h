/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_cli_layout_read:
 * @target: a target
 * @cancellable: stops it
 * @error: return location
 *
 * Looks at a target on a thread of its own while this thread's main context goes on. Errors: those
 * of rub_target_read_layout().
 *
 * Returns: (transfer full) (nullable): what is there
 */
RubLayout *rub_cli_layout_read(RubTarget *target, GCancellable *cancellable, GError **error);

G_END_DECLS
