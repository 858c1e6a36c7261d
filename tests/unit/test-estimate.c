/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-estimate.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

/* Work that consists of one step of 10,000 bytes. */
static RubProgressSnapshot
make_snapshot(guint step, guint64 done_bytes)
{
    return (RubProgressSnapshot){
        .step = step,
        .fraction = (double) done_bytes / 10000,
        .done_bytes = done_bytes,
        .total_bytes = 10000,
    };
}

static void
update(RubEstimate *estimate, gint64 now_us, guint step, guint64 done_bytes)
{
    RubProgressSnapshot snapshot = make_snapshot(step, done_bytes);
    rub_estimate_update(estimate, now_us, &snapshot);
}

static void
test_nothing_is_estimated_too_early(void)
{
    RubEstimate estimate = {0};
    for (gint64 i = 0; i < 5; i++) {
        update(&estimate, i * SECOND / 5, 2, (guint64) i * 200);
        g_assert_cmpfloat(estimate.bytes_per_second, ==, 0);
        g_assert_cmpfloat(estimate.seconds_left, <, 0);
    }
}

static void
test_steady_work_is_estimated_right(void)
{
    RubEstimate estimate = {0};
    for (gint64 i = 0; i <= 20; i++)
        update(&estimate, 7 * SECOND + i * SECOND / 5, 2, (guint64) i * 200);
    g_assert_cmpfloat_with_epsilon(estimate.bytes_per_second, 1000, 0.001);
    g_assert_cmpfloat_with_epsilon(estimate.seconds_left, 6, 0.001);
}

static void
test_the_distant_past_is_forgotten(void)
{
    RubEstimate estimate = {0};
    guint64 done_bytes = 0;
    for (gint64 i = 0; i < 200; i++) {
        update(&estimate, i * SECOND / 5, 2, done_bytes);
        done_bytes += i < 100 ? 1 : 20;
    }
    g_assert_cmpfloat_with_epsilon(estimate.bytes_per_second, 100, 0.001);
}

static void
test_a_new_step_is_estimated_anew(void)
{
    RubEstimate estimate = {0};
    for (gint64 i = 0; i < 20; i++)
        update(&estimate, i * SECOND / 5, 2, (guint64) i * 200);
    update(&estimate, 4 * SECOND, 4, 0);
    g_assert_cmpfloat(estimate.bytes_per_second, ==, 0);
    g_assert_cmpfloat(estimate.seconds_left, <, 0);
}

static void
test_stalled_work_has_no_estimate(void)
{
    RubEstimate estimate = {0};
    for (gint64 i = 0; i < 100; i++)
        update(&estimate, i * SECOND / 5, 2, 5000);
    g_assert_cmpfloat(estimate.bytes_per_second, ==, 0);
    g_assert_cmpfloat(estimate.seconds_left, <, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/estimate/nothing-is-estimated-too-early",
                    test_nothing_is_estimated_too_early);
    g_test_add_func("/estimate/steady-work-is-estimated-right",
                    test_steady_work_is_estimated_right);
    g_test_add_func("/estimate/the-distant-past-is-forgotten", test_the_distant_past_is_forgotten);
    g_test_add_func("/estimate/a-new-step-is-estimated-anew", test_a_new_step_is_estimated_anew);
    g_test_add_func("/estimate/stalled-work-has-no-estimate", test_stalled_work_has_no_estimate);
    return g_test_run();
}
