/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a build that keeps files sees of an NTFS volume. */
#include "ntfs-tools.h"
#include "target/rub-kept-ntfs.h"
#include "volume/rub-pending.h"

#define MIB ((guint64) 1024 * 1024)

static void
set_up(NtfsImage *self, gconstpointer unused)
{
    ntfs_image_open(self, 16 * MIB, "4096");
}

static void
tear_down(NtfsImage *self, gconstpointer unused)
{
    ntfs_image_close(self);
}

/* With a partition that lacks some sectors. */
static void
look(NtfsImage *self, RubContents *contents, guint64 missing_sectors)
{
    *contents = (RubContents){.filesystem = g_strdup("ntfs")};
    g_autoptr(GError) error = NULL;
    rub_contents_look_into_ntfs(contents, self->disk, NTFS_START_LBA,
                                ntfs_image_get_sectors(self) - missing_sectors, &error);
    g_assert_no_error(error);
}

static gboolean
lists(const RubContents *contents, const char *path)
{
    return ntfs_find(contents->kept->listing, path) != NULL;
}

static void
add_folder(RubVolume *volume, const char *path)
{
    g_autoptr(GError) error = NULL;
    rub_volume_add_folder(volume, path, 0, RUB_VOLUME_NONE, &error);
    g_assert_no_error(error);
}

static void
put_note(RubVolume *volume, const RubPending *note)
{
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    gsize size_bytes;
    const void *data = g_bytes_get_data(bytes, &size_bytes);
    add_folder(volume, RUB_RECORDS_FOLDER);
    guint id = declare_file(volume, RUB_PENDING_PATH, size_bytes, RUB_VOLUME_NONE);
    prepare_round(volume);
    g_assert_true(rub_volume_write(volume, id, data, size_bytes, NULL));
    commit_round(volume);
}

static void
test_files_are_listed_and_counted(NtfsImage *self, gconstpointer unused)
{
    RubContents contents;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    put_file(volume, "film.mkv", 1, 100000, RUB_VOLUME_NONE);
    g_clear_pointer(&volume, rub_volume_free);
    guint64 writes = rub_disk_get_stats(self->disk)->writes;
    look(self, &contents, 0);
    g_assert_nonnull(contents.kept);
    g_assert_null(contents.kept->damage);
    g_assert_true(lists(&contents, "film.mkv"));
    g_assert_true(contents.is_counted);
    g_assert_cmpuint(contents.file_count, ==, 1);
    g_assert_cmpuint(contents.kept->cluster_bytes, ==, 4096);
    g_assert_cmpuint(contents.free_bytes, ==, contents.kept->free_clusters * 4096);
    g_assert_cmpuint(contents.used_bytes, >, 100000);
    g_assert_cmpuint(contents.used_bytes + contents.free_bytes, <=, 16 * MIB);
    g_assert_true(contents.kept->fits_boot_record);
    g_assert_false(contents.kept->has_boot_code);
    g_assert_false(contents.kept->has_manifest);
    g_assert_false(contents.kept->has_pending);
    g_assert_cmpuint(rub_disk_get_stats(self->disk)->writes, ==, writes);
    rub_contents_clear(&contents);
}

/* The copy of the boot sector lies behind the volume; without room for it, it would be in the next
 * partition. */
static void
test_the_boot_record_needs_the_last_sector(NtfsImage *self, gconstpointer unused)
{
    RubContents contents;
    look(self, &contents, 1);
    g_assert_nonnull(contents.kept);
    g_assert_false(contents.kept->fits_boot_record);
    rub_contents_clear(&contents);
}

static void
test_a_finished_build_is_seen(NtfsImage *self, gconstpointer unused)
{
    RubContents contents;
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    add_folder(volume, RUB_RECORDS_FOLDER);
    put_file(volume, RUB_MANIFEST_PATH, 2, 1000, RUB_VOLUME_NONE);
    look(self, &contents, 0);
    g_assert_true(contents.kept->has_manifest);
    g_assert_false(contents.kept->has_pending);
    rub_contents_clear(&contents);
}

/* All files of a build get their names at once: what is there before is the user's. */
static void
test_files_of_a_build_that_was_cut_off_are_left_out(NtfsImage *self, gconstpointer unused)
{
    RubContents contents;
    g_autoptr(RubPending) note = rub_pending_new();
    const RubPendingSaved saved = {.path = (char *) "bootmgr",
                                   .saved_as = (char *) RUB_UNDO_FOLDER "/0001",
                                   .size_bytes = 7000,
                                   .digest = "00112233445566778899aabbccddeeff"};
    rub_pending_add_file(note, "bootmgr", 5000);
    rub_pending_add_file(note, "boot.wim", 90000);
    rub_pending_add_saved(note, &saved);
    g_autoptr(RubVolume) volume = ntfs_image_write(self);
    put_file(volume, "bootmgr", 3, 7000, RUB_VOLUME_NONE);
    put_note(volume, note);
    look(self, &contents, 0);
    g_assert_true(contents.kept->has_pending);
    g_assert_null(contents.kept->damage);
    g_assert_cmpuint(ntfs_find(contents.kept->listing, "bootmgr")->size_bytes, ==, 7000);
    rub_contents_clear(&contents);

    add_folder(volume, RUB_UNDO_FOLDER);
    g_assert_true(rub_volume_move(volume, "bootmgr", saved.saved_as, RUB_VOLUME_NONE, NULL));
    guint loader = declare_file(volume, "bootmgr", 5000, RUB_VOLUME_REPLACE);
    guint wim = declare_file(volume, "boot.wim", 90000, RUB_VOLUME_REPLACE);
    prepare_round(volume);
    write_bytes(volume, loader, 4, 5000);
    write_bytes(volume, wim, 5, 90000);
    commit_round(volume);
    look(self, &contents, 0);
    g_assert_true(contents.kept->has_pending);
    g_assert_cmpuint(ntfs_find(contents.kept->listing, "bootmgr")->size_bytes, ==, 7000);
    g_assert_false(lists(&contents, "boot.wim"));
    g_assert_false(lists(&contents, saved.saved_as));
    rub_contents_clear(&contents);
}

static void
test_damage_is_named(NtfsImage *self, gconstpointer unused)
{
    RubContents contents;
    static const guint8 nothing[NTFS_SECTOR_BYTES] = {0};
    g_assert_true(rub_disk_write(self->disk, NTFS_START_BYTES, nothing, sizeof nothing, NULL));
    look(self, &contents, 0);
    g_assert_nonnull(contents.kept);
    g_assert_nonnull(contents.kept->damage);
    g_assert_null(contents.kept->listing);
    g_assert_false(contents.is_counted);
    g_assert_false(contents.kept->fits_boot_record);
    rub_contents_clear(&contents);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!ntfs_image_has_tools()) {
        g_print("1..0 # SKIP the programs of ntfs-3g are not installed\n");
        return 0;
    }
#define ADD(path, function)                                                                        \
    g_test_add("/kept-ntfs/" path, NtfsImage, NULL, set_up, function, tear_down)
    ADD("files-are-listed-and-counted", test_files_are_listed_and_counted);
    ADD("the-boot-record-needs-the-last-sector", test_the_boot_record_needs_the_last_sector);
    ADD("a-finished-build-is-seen", test_a_finished_build_is_seen);
    ADD("files-of-a-build-that-was-cut-off-are-left-out",
        test_files_of_a_build_that_was_cut_off_are_left_out);
    ADD("damage-is-named", test_damage_is_named);
    return g_test_run();
}
