/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-progress.h"

static void
assert_state(RubProgress *progress, guint step, double fraction, guint64 done_bytes,
             guint64 total_bytes, const char *item)
{
    g_auto(RubProgressSnapshot) snapshot = {0};
    rub_progress_take_snapshot(progress, &snapshot);
    g_assert_cmpuint(snapshot.step, ==, step);
    g_assert_cmpfloat_with_epsilon(snapshot.fraction, fraction, 1e-9);
    g_assert_cmpuint(snapshot.done_bytes, ==, done_bytes);
    g_assert_cmpuint(snapshot.total_bytes, ==, total_bytes);
    g_assert_cmpstr(snapshot.item, ==, item);
}

static RubProgress *
make_three_steps(void)
{
    RubProgress *progress = rub_progress_new();
    rub_progress_add_step(progress, 1, 0);
    rub_progress_add_step(progress, 8, 1000);
    rub_progress_add_step(progress, 1, 10);
    return progress;
}

static void
test_weights_decide_the_fraction(void)
{
    g_autoptr(RubProgress) progress = make_three_steps();
    assert_state(progress, 0, 0, 0, 0, NULL);
    rub_progress_step_done(progress);
    assert_state(progress, 1, 0.1, 0, 1000, NULL);
    rub_progress_add_bytes(progress, 500);
    assert_state(progress, 1, 0.5, 500, 1000, NULL);
    rub_progress_step_done(progress);
    assert_state(progress, 2, 0.9, 0, 10, NULL);
    rub_progress_step_done(progress);
    assert_state(progress, 3, 1, 10, 10, NULL);
}

static void
test_more_bytes_than_declared_are_not_believed(void)
{
    g_autoptr(RubProgress) progress = make_three_steps();
    rub_progress_add_bytes(progress, 77);
    assert_state(progress, 0, 0, 0, 0, NULL);
    rub_progress_step_done(progress);
    rub_progress_add_bytes(progress, 999);
    rub_progress_add_bytes(progress, G_MAXUINT64);
    assert_state(progress, 1, 0.9, 1000, 1000, NULL);
    rub_progress_step_done(progress);
    rub_progress_step_done(progress);
    rub_progress_add_bytes(progress, 1);
    assert_state(progress, 3, 1, 10, 10, NULL);
}

static void
test_the_item_belongs_to_its_step(void)
{
    g_autoptr(RubProgress) progress = make_three_steps();
    rub_progress_set_item(progress, "first");
    rub_progress_set_item(progress, "second");
    assert_state(progress, 0, 0, 0, 0, "second");
    rub_progress_step_done(progress);
    assert_state(progress, 1, 0.1, 0, 1000, NULL);
}

static void
test_steps_without_weight_are_done_at_once(void)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    rub_progress_add_step(progress, 0, 0);
    assert_state(progress, 0, 0, 0, 0, NULL);
    rub_progress_step_done(progress);
    assert_state(progress, 1, 1, 0, 0, NULL);
}

static gboolean
is_done(RubProgress *progress)
{
    g_auto(RubProgressSnapshot) snapshot = {0};
    rub_progress_take_snapshot(progress, &snapshot);
    return snapshot.is_done;
}

static void
test_work_without_steps_is_not_done(void)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    assert_state(progress, 0, 0, 0, 0, NULL);
    g_assert_false(is_done(progress));
    rub_progress_add_step(progress, 1, 5);
    rub_progress_add_bytes(progress, 5);
    assert_state(progress, 0, 1, 5, 5, NULL);
    g_assert_false(is_done(progress));
    rub_progress_step_done(progress);
    g_assert_true(is_done(progress));
}

static gpointer
count_to_a_million(gpointer data)
{
    RubProgress *progress = data;
    for (guint i = 0; i < 1000000; i++)
        rub_progress_add_bytes(progress, 1);
    rub_progress_step_done(progress);
    rub_progress_unref(progress);
    return NULL;
}

static void
test_another_thread_never_sees_it_fall(void)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    rub_progress_add_step(progress, 1, 1000000);
    rub_progress_add_step(progress, 1, 0);
    GThread *worker = g_thread_new("worker", count_to_a_million, rub_progress_ref(progress));
    double last = 0;
    guint step = 0;
    while (step == 0) {
        g_auto(RubProgressSnapshot) snapshot = {0};
        rub_progress_take_snapshot(progress, &snapshot);
        g_assert_cmpfloat(snapshot.fraction, >=, last);
        last = snapshot.fraction;
        step = snapshot.step;
    }
    g_thread_join(worker);
    assert_state(progress, 1, 0.5, 0, 0, NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/progress/weights", test_weights_decide_the_fraction);
    g_test_add_func("/progress/too-many-bytes", test_more_bytes_than_declared_are_not_believed);
    g_test_add_func("/progress/item", test_the_item_belongs_to_its_step);
    g_test_add_func("/progress/no-weight", test_steps_without_weight_are_done_at_once);
    g_test_add_func("/progress/no-steps", test_work_without_steps_is_not_done);
    g_test_add_func("/progress/threads", test_another_thread_never_sees_it_fall);
    return g_test_run();
}
