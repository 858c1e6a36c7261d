/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "plan/rub-plan.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * rub_trial_run:
 * @target: a finished stick; not written
 * @firmware: what it starts on; 0 where the stick has to tell
 * @cancellable: ends the emulated PC
 * @error: return location
 *
 * Starts a stick in a window of an emulated PC, on UEFI and then on BIOS, as far as it starts on
 * them, and returns when the windows were closed. Errors: %RUB_CODE_USAGE where something has to be
 * installed first, those of rub_target_open_for_reading() and rub_boot_test_choose().
 *
 * Returns: whether it ran
 */
gboolean rub_trial_run(RubTarget *target, RubFirmware firmware, GCancellable *cancellable,
                       GError **error);

G_END_DECLS
