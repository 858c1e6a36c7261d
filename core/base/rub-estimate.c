/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-estimate.h"

/* Younger estimates jump about. */
#define MIN_ESTIMATE_US ((gint64) G_USEC_PER_SEC)

static void
add_sample(RubEstimate *self, gint64 now_us, const RubProgressSnapshot *snapshot)
{
    if (self->step != snapshot->step)
        self->count = 0;
    self->step = snapshot->step;
    self->samples[self->count % RUB_ESTIMATE_SAMPLES] =
        (RubEstimateSample){now_us, snapshot->fraction, snapshot->done_bytes};
    self->count++;
}

static const RubEstimateSample *
get_oldest(const RubEstimate *self)
{
    gboolean is_full = self->count >= RUB_ESTIMATE_SAMPLES;
    return &self->samples[is_full ? self->count % RUB_ESTIMATE_SAMPLES : 0];
}

void
rub_estimate_update(RubEstimate *self, gint64 now_us, const RubProgressSnapshot *snapshot)
{
    add_sample(self, now_us, snapshot);
    self->bytes_per_second = 0;
    self->seconds_left = -1;
    const RubEstimateSample *oldest = get_oldest(self);
    if (now_us - oldest->time_us < MIN_ESTIMATE_US || snapshot->done_bytes <= oldest->done_bytes ||
        snapshot->fraction <= oldest->fraction)
        return;
    double seconds = (double) (now_us - oldest->time_us) / G_USEC_PER_SEC;
    self->bytes_per_second = (double) (snapshot->done_bytes - oldest->done_bytes) / seconds;
    self->seconds_left =
        (1 - snapshot->fraction) * seconds / (snapshot->fraction - oldest->fraction);
}
