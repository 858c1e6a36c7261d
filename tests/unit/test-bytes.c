/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"

static const guint8 eight[] = {1, 2, 3, 4, 5, 6, 7, 0x88};

static void
test_numbers_are_little_endian(void)
{
    RubBytes bytes = rub_bytes(eight, sizeof eight);
    g_assert_cmphex(rub_bytes_u8(&bytes, 7), ==, 0x88);
    g_assert_cmphex(rub_bytes_u16le(&bytes, 0), ==, 0x0201);
    g_assert_cmphex(rub_bytes_u32le(&bytes, 4), ==, 0x88070605);
    g_assert_cmphex(rub_bytes_u64le(&bytes, 0), ==, 0x8807060504030201);
    g_assert_false(bytes.overrun);
}

static void
test_reads_past_the_end_are_zero_and_remembered(void)
{
    RubBytes bytes = rub_bytes(eight, sizeof eight);
    g_assert_cmphex(rub_bytes_u32le(&bytes, 5), ==, 0);
    g_assert_true(bytes.overrun);
    g_assert_cmphex(rub_bytes_u8(&bytes, 0), ==, 1);
    g_assert_true(bytes.overrun);
}

static void
test_huge_offsets_do_not_wrap(void)
{
    RubBytes bytes = rub_bytes(eight, sizeof eight);
    g_assert_null(rub_bytes_at(&bytes, G_MAXSIZE, 2));
    g_assert_null(rub_bytes_at(&bytes, 2, G_MAXSIZE));
    g_assert_true(bytes.overrun);
}

static void
test_slices_keep_their_own_bounds(void)
{
    RubBytes bytes = rub_bytes(eight, sizeof eight);
    RubBytes slice = rub_bytes_slice(&bytes, 2, 2);
    g_assert_cmphex(rub_bytes_u16le(&slice, 0), ==, 0x0403);
    g_assert_cmphex(rub_bytes_u8(&slice, 2), ==, 0);
    g_assert_true(slice.overrun);
    g_assert_false(bytes.overrun);
    slice = rub_bytes_slice(&bytes, 7, 2);
    g_assert_true(slice.overrun);
    g_assert_true(bytes.overrun);
}

static void
test_put_is_the_inverse_of_get(void)
{
    guint8 buffer[6];
    rub_put_u16le(buffer, 0xbeef);
    rub_put_u32le(buffer + 2, 0xdeadcafe);
    RubBytes bytes = rub_bytes(buffer, sizeof buffer);
    g_assert_cmphex(rub_bytes_u16le(&bytes, 0), ==, 0xbeef);
    g_assert_cmphex(rub_bytes_u32le(&bytes, 2), ==, 0xdeadcafe);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bytes/little-endian", test_numbers_are_little_endian);
    g_test_add_func("/bytes/past-the-end", test_reads_past_the_end_are_zero_and_remembered);
    g_test_add_func("/bytes/huge-offsets", test_huge_offsets_do_not_wrap);
    g_test_add_func("/bytes/slices", test_slices_keep_their_own_bounds);
    g_test_add_func("/bytes/put", test_put_is_the_inverse_of_get);
    return g_test_run();
}
