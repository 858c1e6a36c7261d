/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where free room is in many small holes: where the journal lies then, and files in many pieces. */
#include "ntfs-tools.h"
#include "volume/rub-ntfs-room.h"

#include <ntfs-3g/bitmap.h>

#define MIB ((guint64) 1024 * 1024)
#define FIRST_HOLE 2048
#define MAX_RUNS RUB_NTFS_JOURNAL_MAX_RUNS

typedef struct {
    NtfsImage image;
    RubNtfs *ntfs;
    ntfs_volume *volume;
    RubNtfsOrder *order;
} Fixture;

/* A volume on which everything is taken, in memory. */
static void
set_up(Fixture *self, gconstpointer cluster_bytes)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(&self->image, 16 * MIB, cluster_bytes);
    self->ntfs = rub_ntfs_open(self->image.disk, NTFS_START_LBA,
                               ntfs_image_get_sectors(&self->image), RUB_NTFS_TRY, NULL);
    self->volume = rub_ntfs_get_volume(self->ntfs);
    g_assert_cmpint(ntfs_bitmap_set_run(self->volume->lcnbmp_na, 0, self->volume->nr_clusters), ==,
                    0);
}

static void
tear_down(Fixture *self, gconstpointer unused)
{
    if (!self->image.disk)
        return;
    rub_ntfs_order_free(self->order);
    rub_ntfs_free(self->ntfs);
    ntfs_image_close(&self->image);
}

static void
make_hole(Fixture *self, guint64 first, guint64 count)
{
    g_assert_cmpint(ntfs_bitmap_clear_run(self->volume->lcnbmp_na, (s64) first, (s64) count), ==,
                    0);
}

static void
begin(Fixture *self)
{
    self->order = rub_ntfs_order_new(self->volume);
    g_assert_nonnull(self->order);
}

static GArray *
find(Fixture *self, guint64 clusters, GError **error)
{
    return rub_ntfs_room_find(self->volume, self->order, clusters * self->volume->cluster_size,
                              error);
}

static gboolean
is_free(Fixture *self, guint64 cluster)
{
    guint8 bits;
    g_assert_cmpint(ntfs_attr_pread(self->volume->lcnbmp_na, (s64) cluster / 8, 1, &bits), ==, 1);
    return !(bits & (1u << (cluster % 8)));
}

/* So many clusters are found, all of them free and none twice. */
static void
assert_found(Fixture *self, guint64 clusters)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) runs = find(self, clusters, &error);
    guint64 found = 0;
    g_assert_no_error(error);
    g_assert_cmpuint(runs->len, <=, MAX_RUNS);
    for (guint i = 0; i < runs->len; i++) {
        const RubNtfsRun *run = &g_array_index(runs, RubNtfsRun, i);
        found += run->count;
        for (guint64 j = 0; j < run->count; j++)
            g_assert_true(is_free(self, run->first + j));
        g_assert_cmpint(
            ntfs_bitmap_set_run(self->volume->lcnbmp_na, (s64) run->first, (s64) run->count), ==,
            0);
    }
    g_assert_cmpuint(found, >=, clusters);
    for (guint i = 0; i < runs->len; i++) {
        const RubNtfsRun *run = &g_array_index(runs, RubNtfsRun, i);
        make_hole(self, run->first, run->count);
    }
}

static void
assert_missing(Fixture *self, guint64 clusters, guint64 missing_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words =
        g_strdup_printf("%" G_GUINT64_FORMAT " bytes are missing", missing_bytes);
    g_assert_null(find(self, clusters, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_assert_true(g_str_has_prefix(error->message, words));
}

/* One cluster more than the best of them have together is one too many. */
static void
assert_largest_are_taken(Fixture *self, gboolean is_largest_first)
{
    guint64 at = FIRST_HOLE, best = 0;
    if (!self->image.disk)
        return;
    for (guint i = 1; i <= MAX_RUNS + 10; i++) {
        guint64 count = is_largest_first ? MAX_RUNS + 11 - i : i;
        make_hole(self, at, count);
        at += count + 1;
        best += i > 10 ? i : 0;
    }
    begin(self);
    assert_found(self, 1);
    assert_found(self, best);
    assert_missing(self, best + 1, 4096);
    assert_missing(self, best + 1000, 1000 * 4096);
}

static void
test_of_many_holes_the_largest_are_taken(Fixture *self, gconstpointer unused)
{
    assert_largest_are_taken(self, FALSE);
}

static void
test_so_they_are_if_they_come_first(Fixture *self, gconstpointer unused)
{
    assert_largest_are_taken(self, TRUE);
}

static void
test_one_large_hole_behind_many_small_ones_is_found(Fixture *self, gconstpointer unused)
{
    if (!self->image.disk)
        return;
    for (guint i = 0; i < 200; i++)
        make_hole(self, FIRST_HOLE + 2 * i, 1);
    make_hole(self, FIRST_HOLE + 1000, 100);
    begin(self);
    assert_found(self, 100);
    assert_found(self, 100 + MAX_RUNS - 1);
    assert_missing(self, 100 + MAX_RUNS, 4096);
}

/* Blocks of 4096 bytes change; one that shares some with a file is not taken. */
static void
test_of_small_clusters_only_whole_blocks_are_taken(Fixture *self, gconstpointer unused)
{
    if (!self->image.disk)
        return;
    make_hole(self, FIRST_HOLE + 1, 7);
    make_hole(self, FIRST_HOLE + 17, 14);
    begin(self);
    assert_missing(self, 1, 512);
    make_hole(self, FIRST_HOLE + 33, 15);
    rub_ntfs_order_free(self->order);
    begin(self);
    assert_found(self, 8);
    assert_missing(self, 9, 512);
}

/* What a file had until this round must stay until it is over. */
static void
test_what_was_in_use_is_not_taken(Fixture *self, gconstpointer unused)
{
    if (!self->image.disk)
        return;
    make_hole(self, FIRST_HOLE, 5);
    begin(self);
    make_hole(self, FIRST_HOLE + 5, 50);
    assert_found(self, 5);
    assert_missing(self, 6, 4096);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, cluster_bytes, function)                                                         \
    g_test_add("/ntfs-room/" path, Fixture, cluster_bytes, set_up, function, tear_down)
    ADD("of-many-holes-the-largest-are-taken", "4096", test_of_many_holes_the_largest_are_taken);
    ADD("so-they-are-if-they-come-first", "4096", test_so_they_are_if_they_come_first);
    ADD("one-large-hole-behind-many-small-ones-is-found", "4096",
        test_one_large_hole_behind_many_small_ones_is_found);
    ADD("of-small-clusters-only-whole-blocks-are-taken", "512",
        test_of_small_clusters_only_whole_blocks_are_taken);
    ADD("what-was-in-use-is-not-taken", "4096", test_what_was_in_use_is_not_taken);
    return g_test_run();
}
