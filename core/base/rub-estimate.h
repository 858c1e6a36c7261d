/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-progress.h"

G_BEGIN_DECLS

/** RUB_ESTIMATE_SAMPLES: how many samples an estimate looks back on: about 10 seconds, with a
 * sample each #RUB_ESTIMATE_INTERVAL_MS */
#define RUB_ESTIMATE_SAMPLES 50

/** RUB_ESTIMATE_INTERVAL_MS: how often a progress is looked at */
#define RUB_ESTIMATE_INTERVAL_MS 200

/** RubEstimateSample: the state at one moment */
typedef struct {
    gint64 time_us;
    double fraction;
    guint64 done_bytes;
} RubEstimateSample;

/**
 * RubEstimate:
 * @bytes_per_second: how fast it goes; 0 as long as that is not known
 * @seconds_left: how long everything will still take; below 0 as long as that is not known
 *
 * Speed and remaining time, from the last samples of the current step. All zeros is a new one.
 */
typedef struct {
    double bytes_per_second;
    double seconds_left;
    /*< private >*/
    RubEstimateSample samples[RUB_ESTIMATE_SAMPLES];
    guint count;
    guint step;
} RubEstimate;

/**
 * rub_estimate_update:
 * @self: an estimate
 * @now_us: a monotonic time in microseconds, later than the one before
 * @snapshot: the state now
 *
 * Takes a sample and estimates anew.
 */
void rub_estimate_update(RubEstimate *self, gint64 now_us, const RubProgressSnapshot *snapshot);

G_END_DECLS
