/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-disk-cache.h"

#include <errno.h>

#include "base/rub-error.h"
#include "disk-tools.h"

#define MIB ((gsize) 1024 * 1024)
#define START_BYTES 1536
/* Ends within a block of the cache. */
#define PART_BYTES (5 * MIB + 1024 + 512)
#define DISK_BYTES (6 * MIB)

typedef struct {
    char *folder;
    RubDisk *disk;
    RubDiskCache *cache;
    guint8 *expected; /* what the part must read as */
} Fixture;

static void
set_up(Fixture *self, gconstpointer unused)
{
    self->folder = make_folder();
    g_autofree char *path = make_image(self->folder, "disk", DISK_BYTES);
    self->disk = rub_disk_new(open(path, O_RDWR | O_CLOEXEC), DISK_BYTES, 512, "the disk");
    self->expected = g_malloc(DISK_BYTES);
    for (gsize i = 0; i < DISK_BYTES; i++)
        self->expected[i] = (guint8) (i * 31 + i / 4096);
    g_assert_true(rub_disk_write(self->disk, START_BYTES, self->expected, PART_BYTES, NULL));
    self->cache = rub_disk_cache_new(self->disk, START_BYTES, PART_BYTES, MIB);
}

static void
tear_down(Fixture *self, gconstpointer unused)
{
    rub_disk_cache_free(self->cache);
    rub_disk_unref(self->disk);
    g_free(self->expected);
    remove_folder(self->folder);
}

static void
write_noise(Fixture *self, gsize offset, gsize size)
{
    g_autoptr(GError) error = NULL;
    for (gsize i = 0; i < size; i++)
        self->expected[offset + i] = (guint8) g_test_rand_int();
    rub_disk_cache_write(self->cache, offset, self->expected + offset, size, &error);
    g_assert_no_error(error);
}

static void
assert_reads(Fixture *self, gsize offset, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *found = g_malloc(size + 1);
    rub_disk_cache_read(self->cache, offset, found, size, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(found, size, self->expected + offset, size);
}

static void
assert_on_disk(Fixture *self)
{
    g_autofree guint8 *found = g_malloc(DISK_BYTES);
    g_assert_true(rub_disk_read(self->disk, 0, found, DISK_BYTES, NULL));
    g_assert_cmpmem(found + START_BYTES, PART_BYTES, self->expected, PART_BYTES);
    for (gsize i = 0; i < START_BYTES; i++)
        g_assert_cmpuint(found[i], ==, 0);
    for (gsize i = START_BYTES + PART_BYTES; i < DISK_BYTES; i++)
        g_assert_cmpuint(found[i], ==, 0);
}

/* Five times as much as it may hold, in pieces of all sizes. */
static void
test_reads_what_was_written_last(Fixture *self, gconstpointer unused)
{
    for (guint i = 0; i < 1500; i++) {
        gsize limit = (gsize) 1 << g_test_rand_int_range(4, 21);
        gsize size = (gsize) g_test_rand_int_range(0, (gint32) limit);
        gsize offset = (gsize) g_test_rand_int_range(0, (gint32) (PART_BYTES - size + 1));
        if (g_test_rand_bit())
            write_noise(self, offset, size);
        else
            assert_reads(self, offset, size);
        if (i % 300 == 299)
            g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    }
    assert_reads(self, 0, PART_BYTES);
    g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    assert_on_disk(self);
}

static void
test_small_writes_go_out_sorted_and_joined(Fixture *self, gconstpointer unused)
{
    const RubDiskStats *stats = rub_disk_get_stats(self->disk);
    guint64 writes = stats->writes;
    for (gsize i = 128; i > 0; i--)
        write_noise(self, 1000 + i * 3000, 3000);
    write_noise(self, PART_BYTES - 100, 100);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
    g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes + 2);
    assert_on_disk(self);
    g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes + 2);
}

static void
test_large_writes_pass_at_once(Fixture *self, gconstpointer unused)
{
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    write_noise(self, 8192, MIB);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes + 1);
    assert_on_disk(self);
}

static void
test_what_was_not_flushed_is_not_on_the_disk(Fixture *self, gconstpointer unused)
{
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    write_noise(self, 100, 100);
    rub_disk_cache_free(self->cache);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
    self->cache = rub_disk_cache_new(self->disk, START_BYTES, PART_BYTES, MIB);
}

static int
fail_once(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    gboolean *is_failing = user_data;
    return *is_failing ? EIO : 0;
}

static void
test_a_flush_that_failed_can_be_repeated(Fixture *self, gconstpointer unused)
{
    gboolean is_failing = TRUE;
    g_autoptr(GError) error = NULL;
    write_noise(self, 100000, 50000);
    rub_disk_set_write_hook(self->disk, fail_once, &is_failing);
    g_assert_false(rub_disk_cache_flush(self->cache, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    is_failing = FALSE;
    g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    assert_on_disk(self);
}

/* The second half of the part may not be written. */
static guint
get_half(guint64 offset_bytes, gpointer unused)
{
    return offset_bytes >= PART_BYTES / 2;
}

static int
refuse_second_half(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    g_assert_cmpuint(offset_bytes + size_bytes, <=, START_BYTES + PART_BYTES / 2 + 4096);
    return 0;
}

/* More than it may hold, and in pieces that would pass. */
static void
test_what_is_held_stays(Fixture *self, gconstpointer unused)
{
    rub_disk_cache_set_ranks(self->cache, 2, get_half, NULL);
    rub_disk_cache_set_holding(self->cache, TRUE);
    rub_disk_set_write_hook(self->disk, refuse_second_half, NULL);
    for (guint i = 0; i < 600; i++) {
        gsize limit = (gsize) 1 << g_test_rand_int_range(4, 21);
        gsize size = (gsize) g_test_rand_int_range(0, (gint32) limit);
        write_noise(self, (gsize) g_test_rand_int_range(0, (gint32) (PART_BYTES - size + 1)), size);
    }
    g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    assert_reads(self, 0, PART_BYTES);
    g_autoptr(GArray) held = rub_disk_cache_list_held(self->cache);
    g_assert_cmpuint(held->len, >, 500);
    guint64 end_bytes = PART_BYTES / 2;
    for (guint i = 0; i < held->len; i++) {
        const RubDiskCacheBlock *block = &g_array_index(held, RubDiskCacheBlock, i);
        g_assert_cmpuint(block->offset_bytes, >=, end_bytes);
        g_assert_cmpmem(block->data, block->size_bytes, self->expected + block->offset_bytes,
                        block->size_bytes);
        end_bytes = block->offset_bytes + block->size_bytes;
    }
    rub_disk_set_write_hook(self->disk, NULL, NULL);
    rub_disk_cache_set_holding(self->cache, FALSE);
    g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    assert_on_disk(self);
}

static void
test_what_somebody_else_has_written_is_let_go(Fixture *self, gconstpointer unused)
{
    rub_disk_cache_set_holding(self->cache, TRUE);
    write_noise(self, 5000, MIB);
    write_noise(self, 3 * MIB, 10);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    g_autoptr(GArray) held = rub_disk_cache_list_held(self->cache);
    for (guint i = 0; i < held->len; i++) {
        const RubDiskCacheBlock *block = &g_array_index(held, RubDiskCacheBlock, i);
        g_assert_true(rub_disk_write(self->disk, START_BYTES + block->offset_bytes, block->data,
                                     block->size_bytes, NULL));
    }
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes + held->len);
    rub_disk_cache_let_go(self->cache);
    g_autoptr(GArray) none = rub_disk_cache_list_held(self->cache);
    g_assert_cmpuint(none->len, ==, 0);
    rub_disk_cache_set_holding(self->cache, FALSE);
    g_assert_true(rub_disk_cache_flush(self->cache, NULL));
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes + held->len);
    assert_on_disk(self);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/disk-cache/" path, Fixture, NULL, set_up, function, tear_down)
    ADD("reads-what-was-written-last", test_reads_what_was_written_last);
    ADD("small-writes-go-out-sorted-and-joined", test_small_writes_go_out_sorted_and_joined);
    ADD("large-writes-pass-at-once", test_large_writes_pass_at_once);
    ADD("what-was-not-flushed-is-not-on-the-disk", test_what_was_not_flushed_is_not_on_the_disk);
    ADD("a-flush-that-failed-can-be-repeated", test_a_flush_that_failed_can_be_repeated);
    ADD("what-is-held-stays", test_what_is_held_stays);
    ADD("what-somebody-else-has-written-is-let-go", test_what_somebody_else_has_written_is_let_go);
    return g_test_run();
}
