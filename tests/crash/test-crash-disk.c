/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The machine that replays writes has to be right before anything is proved with it. */

#include <glib/gstdio.h>
#include <string.h>

#include "crash-disk.h"

#define SECTOR 512
#define SECTORS 8

typedef struct {
    char *folder;
    char *path;
    CrashDisk *crash;
    RubDisk *disk;
} Fixture;

static void
set_up(Fixture *self, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    char zeros[SECTORS * SECTOR] = {0};
    self->folder = g_dir_make_tmp("crash-disk-XXXXXX", &error);
    g_assert_no_error(error);
    self->path = g_build_filename(self->folder, "disk.img", NULL);
    g_file_set_contents(self->path, zeros, sizeof zeros, &error);
    g_assert_no_error(error);
    self->crash = crash_disk_new(self->path, SECTOR);
    self->disk = crash_disk_open(self->crash);
}

static void
tear_down(Fixture *self, gconstpointer data)
{
    rub_disk_unref(self->disk);
    crash_disk_free(self->crash);
    g_unlink(self->path);
    g_rmdir(self->folder);
    g_free(self->path);
    g_free(self->folder);
}

static void
write_sectors(Fixture *self, guint first, guint count, char value)
{
    g_autofree char *data = g_malloc(count * SECTOR);
    memset(data, value, count * SECTOR);
    g_assert_true(rub_disk_write(self->disk, first * SECTOR, data, count * SECTOR, NULL));
}

/* One character for each sector; "?" for one that is not all the same. */
static char *
show(Fixture *self)
{
    g_autofree char *data = NULL;
    char *shown = g_malloc0(SECTORS + 1);
    g_assert_true(g_file_get_contents(self->path, &data, NULL, NULL));
    for (guint i = 0; i < SECTORS; i++) {
        const char *at = data + i * SECTOR;
        shown[i] = memcmp(at, at + 1, SECTOR - 1) != 0 ? '?' : *at == 0 ? '.' : *at;
    }
    return shown;
}

static void
assert_shows(Fixture *self, const char *wanted)
{
    g_autofree char *shown = show(self);
    g_assert_cmpstr(shown, ==, wanted);
}

static void
record(Fixture *self)
{
    write_sectors(self, 0, 1, 'x');
    crash_disk_start(self->crash);
    write_sectors(self, 0, 2, 'a');
    write_sectors(self, 4, 1, 'b');
    rub_disk_sync(self->disk, NULL);
    write_sectors(self, 1, 1, 'c');
    crash_disk_stop(self->crash);
}

static void
test_writes_come_back_sector_by_sector(Fixture *self, gconstpointer data)
{
    static const char *const cuts[] = {"a.......", "aa......", "aa..b...", "ac..b..."};
    record(self);
    for (guint round = 0; round < 2; round++) {
        assert_shows(self, "x.......");
        for (guint i = 0; i < G_N_ELEMENTS(cuts); i++) {
            g_assert_true(crash_disk_next_cut(self->crash));
            assert_shows(self, cuts[i]);
        }
        g_assert_false(crash_disk_next_cut(self->crash));
        crash_disk_rewind(self->crash);
    }
}

static void
test_epochs_end_where_the_disk_was_synced(Fixture *self, gconstpointer data)
{
    record(self);
    g_assert_cmpuint(crash_disk_get_sync_count(self->crash), ==, 1);
    g_assert_true(crash_disk_next_epoch(self->crash));
    assert_shows(self, "aa..b...");
    g_assert_true(crash_disk_next_epoch(self->crash));
    assert_shows(self, "ac..b...");
    g_assert_false(crash_disk_next_epoch(self->crash));
}

static void
test_some_sectors_of_an_epoch_are_any_of_them(Fixture *self, gconstpointer data)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    record(self);
    for (guint i = 0; i < 500; i++) {
        crash_disk_begin_trial(self->crash);
        crash_disk_apply_some(self->crash, random);
        g_hash_table_add(seen, show(self));
        crash_disk_end_trial(self->crash);
        assert_shows(self, "x.......");
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, 8);
    g_assert_true(g_hash_table_contains(seen, "xa..b..."));
}

static void
test_a_trial_leaves_no_trace(Fixture *self, gconstpointer data)
{
    record(self);
    crash_disk_next_cut(self->crash);
    crash_disk_begin_trial(self->crash);
    write_sectors(self, 0, 3, 't');
    write_sectors(self, 2, 3, 'u');
    assert_shows(self, "ttuuu...");
    crash_disk_end_trial(self->crash);
    assert_shows(self, "a.......");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)
    ADD("/crash-disk/sectors", test_writes_come_back_sector_by_sector);
    ADD("/crash-disk/epochs", test_epochs_end_where_the_disk_was_synced);
    ADD("/crash-disk/some", test_some_sectors_of_an_epoch_are_any_of_them);
    ADD("/crash-disk/trial", test_a_trial_leaves_no_trace);
#undef ADD
    return g_test_run();
}
