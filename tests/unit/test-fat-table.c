/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "test-fat-image.h"
#include "volume/rub-fat-allocator.h"
#include "volume/rub-fat-table.h"

static void
test_a_bitmap_finds_what_is_set_and_clear(void)
{
    g_autoptr(RubFatBitmap) bitmap = rub_fat_bitmap_new(200);
    g_assert_cmpuint(rub_fat_bitmap_get_end(bitmap), ==, 202);
    g_assert_cmpuint(rub_fat_bitmap_count_clear(bitmap), ==, 200);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 0, 202, FALSE), ==, 2);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 2, 202, TRUE), ==, 202);
    g_assert_true(rub_fat_bitmap_add(bitmap, 63));
    g_assert_true(rub_fat_bitmap_add(bitmap, 64));
    g_assert_true(rub_fat_bitmap_add(bitmap, 201));
    g_assert_false(rub_fat_bitmap_add(bitmap, 64));
    g_assert_cmpuint(rub_fat_bitmap_count_clear(bitmap), ==, 197);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 2, 202, TRUE), ==, 63);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 2, 63, TRUE), ==, 63);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 63, 202, FALSE), ==, 65);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 65, 202, TRUE), ==, 201);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 201, 202, FALSE), ==, 202);
    g_assert_cmpuint(rub_fat_bitmap_find(bitmap, 202, 202, TRUE), ==, 202);
}

static void
assert_taken(RubFatAllocator *allocator, guint32 count, const char *wanted)
{
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    g_autoptr(GString) found = g_string_new(NULL);
    rub_fat_allocator_take(allocator, count, runs);
    for (guint i = 0; i < runs->len; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        g_string_append_printf(found, "%s%u+%u", i > 0 ? " " : "", run->first, run->count);
    }
    g_assert_cmpstr(found->str, ==, wanted);
}

static void
test_requests_lie_one_after_the_other(void)
{
    g_autoptr(RubFatBitmap) used = rub_fat_bitmap_new(1000);
    g_autoptr(RubFatAllocator) allocator = rub_fat_allocator_new(used);
    assert_taken(allocator, 1, "2+1");
    assert_taken(allocator, 100, "3+100");
    assert_taken(allocator, 0, "");
    assert_taken(allocator, 899, "103+899");
    g_assert_cmpuint(rub_fat_bitmap_count_clear(used), ==, 0);
}

static void
test_a_request_goes_into_one_run_where_there_is_one(void)
{
    g_autoptr(RubFatBitmap) used = rub_fat_bitmap_new(100);
    g_autoptr(RubFatAllocator) allocator = rub_fat_allocator_new(used);
    rub_fat_bitmap_add(used, 6);
    rub_fat_bitmap_add(used, 50);
    assert_taken(allocator, 10, "7+10");
    assert_taken(allocator, 40, "51+40");
    /* Behind the cursor are 11, before it 4 and 33. */
    assert_taken(allocator, 12, "17+12");
    assert_taken(allocator, 4, "29+4");
    /* No run of 30 is left: from here on as it comes. */
    assert_taken(allocator, 30, "2+4 33+17 91+9");
    assert_taken(allocator, 2, "100+2");
    g_assert_cmpuint(rub_fat_bitmap_count_clear(used), ==, 0);
}

static void
test_released_clusters_are_handed_out_again(void)
{
    g_autoptr(RubFatBitmap) used = rub_fat_bitmap_new(100);
    g_autoptr(RubFatAllocator) allocator = rub_fat_allocator_new(used);
    g_autoptr(GArray) released = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    const RubFatRun runs[] = {{40, 5}, {2, 1}};
    g_array_append_vals(released, runs, G_N_ELEMENTS(runs));
    assert_taken(allocator, 98, "2+98");
    assert_taken(allocator, 2, "100+2");
    rub_fat_allocator_release(allocator, released);
    g_assert_cmpuint(rub_fat_bitmap_count_clear(used), ==, 6);
    assert_taken(allocator, 5, "40+5");
    assert_taken(allocator, 1, "2+1");
    g_assert_cmpuint(rub_fat_bitmap_count_clear(used), ==, 0);
}

/* Every second cluster is free: the worst a volume can be. Each request would need a pass. */
static void
test_a_comb_of_free_space_is_used_up(void)
{
    const guint32 count = 1 << 20;
    g_autoptr(RubFatBitmap) used = rub_fat_bitmap_new(count);
    g_autoptr(RubFatAllocator) allocator = rub_fat_allocator_new(used);
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    for (guint32 i = 0; i < count; i += 2)
        rub_fat_bitmap_add(used, 2 + i);
    for (guint32 left = count / 2; left > 0; left -= 2)
        rub_fat_allocator_take(allocator, 2, runs);
    g_assert_cmpuint(runs->len, ==, count / 2);
    g_assert_cmpuint(rub_fat_bitmap_count_clear(used), ==, 0);
}

/* Small requests alternate with ones that fit only far away. */
static void
test_small_and_large_requests_alternate(void)
{
    const guint32 count = 1 << 22;
    g_autoptr(RubFatBitmap) used = rub_fat_bitmap_new(count);
    g_autoptr(RubFatAllocator) allocator = rub_fat_allocator_new(used);
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    for (guint32 i = 0; i < count; i++)
        if (i % 8 == 0 || (i > 4096 && i < count - 4096 && i % 8 != 1))
            rub_fat_bitmap_add(used, 2 + i);
    for (guint i = 0; i < 40000; i++)
        rub_fat_allocator_take(allocator, i % 2 ? 5 : 1, runs);
    guint32 taken = 0;
    for (guint i = 0; i < runs->len; i++)
        taken += g_array_index(runs, RubFatRun, i).count;
    g_assert_cmpuint(taken, ==, 120000);
}

/* Opens the table of a volume. */
static RubFatTable *
open_table(const FatImage *image, RubFatGeometry *geometry)
{
    guint8 boot[512];
    g_autoptr(GError) error = NULL;
    guint64 start = image->start_lba * 512;
    rub_disk_read(image->disk, start, boot, sizeof boot, &error);
    g_assert_no_error(error);
    rub_fat_geometry_parse(geometry, boot, sizeof boot, image->sector_count * 512, &error);
    g_assert_no_error(error);
    return rub_fat_table_new(image->disk, start, geometry);
}

static void
add_chain(RubFatTable *table, guint32 first, guint32 count)
{
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    RubFatRun run = {first, count};
    g_array_append_val(runs, run);
    rub_fat_table_add_chain(table, runs, 0);
}

static void
write_table(RubFatTable *table)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(rub_fat_table_write_chains(table, &error) &&
                  rub_fat_table_write_extensions(table, &error));
    g_assert_no_error(error);
}

static void
assert_chain(RubFatTable *table, guint32 first, guint32 last, guint32 length)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    rub_fat_table_read_chain(table, first, NULL, G_MAXUINT32, runs, &error);
    g_assert_no_error(error);
    guint32 found = 0;
    for (guint i = 0; i < runs->len; i++)
        found += g_array_index(runs, RubFatRun, i).count;
    g_assert_cmpuint(found, ==, length);
    const RubFatRun *run = &g_array_index(runs, RubFatRun, runs->len - 1);
    g_assert_cmpuint(run->first + run->count - 1, ==, last);
}

static guint8 *
read_copy(const FatImage *image, const RubFatGeometry *geometry, guint copy)
{
    g_autoptr(GError) error = NULL;
    gsize size = (gsize) geometry->fat_size_sectors * geometry->sector_size;
    guint8 *data = g_malloc(size);
    rub_disk_read(image->disk, geometry->reserved_sectors * geometry->sector_size + copy * size,
                  data, size, &error);
    g_assert_no_error(error);
    return data;
}

static void
test_chains_are_written_to_both_copies(void)
{
    g_autoptr(FatImage) image = fat_image_new(600 * MIB, "-F 32 -s 1");
    RubFatGeometry geometry;
    g_autoptr(RubFatTable) table = open_table(image, &geometry);
    gsize size = (gsize) geometry.fat_size_sectors * 512;
    add_chain(table, 700000, 300000);
    add_chain(table, 3, 1);
    add_chain(table, 4, 124);
    add_chain(table, 129, 127);
    add_chain(table, 300, 262144);
    add_chain(table, geometry.cluster_count + 1, 1);
    write_table(table);
    assert_chain(table, 3, 3, 1);
    assert_chain(table, 4, 127, 124);
    assert_chain(table, 129, 255, 127);
    assert_chain(table, 300, 262443, 262144);
    assert_chain(table, 700000, 999999, 300000);
    assert_chain(table, geometry.cluster_count + 1, geometry.cluster_count + 1, 1);
    g_autofree guint8 *first = read_copy(image, &geometry, 0);
    g_autofree guint8 *second = read_copy(image, &geometry, 1);
    g_assert_cmpmem(first, size, second, size);

    g_autoptr(GError) error = NULL;
    g_autoptr(RubFatBitmap) used = rub_fat_table_read_used(table, &error);
    g_assert_no_error(error);
    guint32 free_clusters = geometry.cluster_count - 1 - (1 + 124 + 127 + 262144 + 300000 + 1);
    g_assert_cmpuint(rub_fat_bitmap_count_clear(used), ==, free_clusters);
}

/* The size of a table is not what a change costs. */
static void
test_only_changed_sectors_are_written_in_large_runs(void)
{
    g_autoptr(FatImage) image = fat_image_new(600 * MIB, "-F 32 -s 1");
    RubFatGeometry geometry;
    g_autoptr(RubFatTable) table = open_table(image, &geometry);
    add_chain(table, 3, 1);
    write_table(table);
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, ==, 2);
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->written_bytes, ==, 2 * 512);
    add_chain(table, 128 * 100, 128 * 2048);
    write_table(table);
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, ==, 4);
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->large_written_bytes, ==, 2 * MIB);
}

static guint32
get_raw_entry(const guint8 *table, guint32 cluster)
{
    RubBytes bytes = rub_bytes(table, 1 * MIB);
    return rub_bytes_u32le(&bytes, (gsize) cluster * 4);
}

static void
set_raw_entry(const FatImage *image, const RubFatGeometry *geometry, guint copy, guint32 cluster,
              guint32 value)
{
    g_autoptr(GError) error = NULL;
    guint64 offset = (guint64) geometry->reserved_sectors * 512 +
                     (guint64) copy * geometry->fat_size_sectors * 512 + (guint64) cluster * 4;
    guint8 entry[4];
    rub_put_u32le(entry, value);
    rub_disk_write(image->disk, offset, entry, sizeof entry, &error);
    g_assert_no_error(error);
}

static void
test_reserved_bits_of_entries_stay(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 1");
    RubFatGeometry geometry;
    g_autoptr(RubFatTable) table = open_table(image, &geometry);
    set_raw_entry(image, &geometry, 0, 10, 0xa0000000);
    add_chain(table, 10, 2);
    write_table(table);
    g_autofree guint8 *copy = read_copy(image, &geometry, 0);
    g_assert_cmphex(get_raw_entry(copy, 10), ==, 0xa000000b);
    g_assert_cmphex(get_raw_entry(copy, 11), ==, 0x0fffffff);
    assert_chain(table, 10, 11, 2);
}

static void
test_a_copy_that_is_not_active_is_left_alone(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 1");
    RubFatGeometry geometry;
    g_autoptr(GError) error = NULL;
    const guint8 flags[2] = {0x81, 0};
    rub_disk_write(image->disk, 40, flags, sizeof flags, &error);
    g_assert_no_error(error);
    g_autoptr(RubFatTable) table = open_table(image, &geometry);
    g_autofree guint8 *before = read_copy(image, &geometry, 0);
    add_chain(table, 10, 20);
    write_table(table);
    g_autofree guint8 *first = read_copy(image, &geometry, 0);
    g_autofree guint8 *second = read_copy(image, &geometry, 1);
    g_assert_cmpmem(first, 1 * MIB, before, 1 * MIB);
    g_assert_cmphex(get_raw_entry(second, 10), ==, 11);
    assert_chain(table, 10, 29, 20);
}

typedef struct {
    guint64 offsets[16];
    guint count;
} WriteLog;

static int
log_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    WriteLog *log = user_data;
    g_assert_cmpuint(log->count, <, G_N_ELEMENTS(log->offsets));
    log->offsets[log->count++] = offset_bytes;
    return 0;
}

/* A cut between the two leaves lost clusters, never a chain that runs into free ones. */
static void
test_chains_are_extended_after_what_extends_them_is_written(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 1");
    RubFatGeometry geometry;
    g_autoptr(RubFatTable) table = open_table(image, &geometry);
    add_chain(table, 10, 1);
    write_table(table);
    WriteLog log = {0};
    rub_disk_set_write_hook(image->disk, log_write, &log);
    add_chain(table, 5000, 1);
    rub_fat_table_extend(table, 10, 5000);
    write_table(table);
    guint64 start = (guint64) geometry.reserved_sectors * 512;
    guint64 size = (guint64) geometry.fat_size_sectors * 512;
    g_assert_cmpuint(log.count, ==, 4);
    g_assert_cmpuint(log.offsets[0], ==, start + 5000 / 128 * 512);
    g_assert_cmpuint(log.offsets[1], ==, start + size + 5000 / 128 * 512);
    g_assert_cmpuint(log.offsets[2], ==, start);
    g_assert_cmpuint(log.offsets[3], ==, start + size);
    assert_chain(table, 10, 5000, 2);
}

static void
assert_clean(RubFatTable *table, gboolean wanted)
{
    g_autoptr(GError) error = NULL;
    gboolean is_clean = !wanted;
    rub_fat_table_is_clean(table, &is_clean, &error);
    g_assert_no_error(error);
    g_assert_cmpint(is_clean, ==, wanted);
}

static void
test_the_state_of_the_volume_is_kept_in_entry_1(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 1");
    RubFatGeometry geometry;
    g_autoptr(GError) error = NULL;
    g_autoptr(RubFatTable) table = open_table(image, &geometry);
    assert_clean(table, TRUE);
    rub_fat_table_write_clean(table, FALSE, &error);
    g_assert_no_error(error);
    assert_clean(table, FALSE);
    g_autofree guint8 *copy = read_copy(image, &geometry, 1);
    g_assert_cmphex(get_raw_entry(copy, 1) & 0x08000000, ==, 0);
    rub_fat_table_write_clean(table, TRUE, &error);
    g_assert_no_error(error);
    assert_clean(table, TRUE);
    fat_image_check(image);
    set_raw_entry(image, &geometry, 0, 1, 0x0bffffff);
    g_autoptr(RubFatTable) again = open_table(image, &geometry);
    assert_clean(again, FALSE);
}

static void
assert_broken(const FatImage *image, guint32 value, guint32 max_clusters, const char *words)
{
    RubFatGeometry geometry;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    g_autoptr(RubFatTable) table = open_table(image, &geometry);
    set_raw_entry(image, &geometry, 0, 10, 11);
    set_raw_entry(image, &geometry, 0, 11, value);
    g_autoptr(RubFatBitmap) seen = rub_fat_bitmap_new(geometry.cluster_count);
    g_assert_false(rub_fat_table_read_chain(table, 10, seen, max_clusters, runs, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_assert_nonnull(strstr(error->message, words));
}

static void
test_chains_that_lead_nowhere_are_refused(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 1");
    assert_broken(image, 0, 1000, "free cluster");
    assert_broken(image, RUB_FAT_BAD, 1000, "bad cluster");
    assert_broken(image, 1, 1000, "does not exist");
    assert_broken(image, 0x0ffffff0, 1000, "does not exist");
    assert_broken(image, 0x00ffffff, 1000, "does not exist");
    assert_broken(image, 10, 1000, "loop");
    assert_broken(image, 11, 1000, "loop");
    assert_broken(image, RUB_FAT_END, 1, "more than 1");
}

static void
test_the_narrow_tables_are_read_too(void)
{
    g_autoptr(FatImage) floppy = fat_image_new(1440 * 1024, "-F 12");
    g_autoptr(FatImage) small = fat_image_new(32 * MIB, "-F 16");
    g_autoptr(GError) error = NULL;
    RubFatGeometry geometry;
    /* FAT12: 3 -> 4 -> 5 -> end, 6 bad */
    const guint8 twelve[] = {0xf0, 0xff, 0xff, 0x00, 0x40, 0x00,
                             0x05, 0xf0, 0xff, 0xf7, 0x0f, 0x00};
    rub_disk_write(floppy->disk, 512, twelve, sizeof twelve, &error);
    g_assert_no_error(error);
    g_autoptr(RubFatTable) table = open_table(floppy, &geometry);
    assert_chain(table, 3, 5, 3);
    guint32 next = 0;
    g_assert_true(rub_fat_table_get(table, 6, &next, &error));
    g_assert_cmphex(next, ==, RUB_FAT_BAD);
    g_autoptr(RubFatBitmap) used = rub_fat_table_read_used(table, &error);
    g_assert_cmpuint(rub_fat_bitmap_count_clear(used), ==, geometry.cluster_count - 4);
    assert_clean(table, TRUE);

    const guint8 sixteen[] = {0xf8, 0xff, 0xff, 0x7f, 0, 0, 4, 0, 5, 0, 0xf8, 0xff, 0xf7, 0xff};
    g_autoptr(RubFatTable) other = open_table(small, &geometry);
    rub_disk_write(small->disk, (guint64) geometry.reserved_sectors * 512, sixteen, sizeof sixteen,
                   &error);
    g_assert_no_error(error);
    assert_chain(other, 3, 5, 3);
    g_assert_true(rub_fat_table_get(other, 6, &next, &error));
    g_assert_cmphex(next, ==, RUB_FAT_BAD);
    assert_clean(other, FALSE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/bitmap/find", test_a_bitmap_finds_what_is_set_and_clear);
    g_test_add_func("/fat/allocator/in-order", test_requests_lie_one_after_the_other);
    g_test_add_func("/fat/allocator/one-run", test_a_request_goes_into_one_run_where_there_is_one);
    g_test_add_func("/fat/allocator/released", test_released_clusters_are_handed_out_again);
    g_test_add_func("/fat/allocator/comb", test_a_comb_of_free_space_is_used_up);
    g_test_add_func("/fat/allocator/alternate", test_small_and_large_requests_alternate);
    g_test_add_func("/fat/table/copies", test_chains_are_written_to_both_copies);
    g_test_add_func("/fat/table/sectors", test_only_changed_sectors_are_written_in_large_runs);
    g_test_add_func("/fat/table/reserved-bits", test_reserved_bits_of_entries_stay);
    g_test_add_func("/fat/table/active-copy", test_a_copy_that_is_not_active_is_left_alone);
    g_test_add_func("/fat/table/extend",
                    test_chains_are_extended_after_what_extends_them_is_written);
    g_test_add_func("/fat/table/state", test_the_state_of_the_volume_is_kept_in_entry_1);
    g_test_add_func("/fat/table/broken", test_chains_that_lead_nowhere_are_refused);
    g_test_add_func("/fat/table/narrow", test_the_narrow_tables_are_read_too);
    return g_test_run();
}
