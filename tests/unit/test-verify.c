/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-verify.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "job-tools.h"
#include "job/rub-copy.h"
#include "volume/rub-fat-geometry.h"
#include "volume/rub-fat-writer.h"
#include "volume/rub-records.h"

/* A stick with the files of the image on it, and the manifest that says so. */
typedef struct {
    Build build;
    RubDisk *disk;
    RubManifest *manifest;
    RubProgress *progress;
    GError *error;
} Fixture;

static void
add_file(RubVolume *volume, const char *path, const void *data, gsize size_bytes, GError **error)
{
    guint file_id = 0;
    gboolean is_added =
        rub_volume_add_file(volume, path, size_bytes, 0, RUB_VOLUME_NONE, &file_id, error) &&
        rub_volume_prepare(volume, error) &&
        rub_volume_write(volume, file_id, data, size_bytes, error) &&
        rub_volume_commit(volume, error);
    g_assert_no_error(*error);
    g_assert_true(is_added);
}

static void
add_manifest(Fixture *fixture, RubVolume *volume)
{
    g_autoptr(GBytes) json = rub_manifest_to_json(fixture->manifest);
    gsize size_bytes;
    const void *data = g_bytes_get_data(json, &size_bytes);
    g_assert_true(
        rub_volume_add_folder(volume, RUB_RECORDS_FOLDER, 0, RUB_VOLUME_NONE, &fixture->error));
    add_file(volume, RUB_MANIFEST_PATH, data, size_bytes, &fixture->error);
}

static RubVolume *
open_volume(Fixture *fixture)
{
    const RubNewVolume *volume = &fixture->build.plan->volume;
    RubVolume *writer =
        rub_fat_writer_new(fixture->disk, volume->start_lba, volume->sector_count, &fixture->error);
    g_assert_no_error(fixture->error);
    return writer;
}

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    Build *build = &fixture->build;
    build_init(build);
    build_plan(build);
    RubTarget *target = &build->target->parent;
    const RubNewVolume *new_volume = &build->plan->volume;
    g_assert_true(
        rub_target_open_for_writing(target, build->layout, RUB_ACCESS_RAW, NULL, &fixture->error));
    g_assert_true(rub_target_make_table(target, new_volume, &fixture->error));
    g_assert_true(rub_target_make_volume(target, new_volume, NULL, &fixture->error));
    fixture->disk = rub_disk_ref(rub_target_get_disk(target));
    fixture->manifest = rub_manifest_new();
    fixture->manifest->volume = *new_volume;
    fixture->manifest->sector_size = build->layout->sector_size;
    fixture->progress = rub_progress_new();
    rub_progress_add_step(fixture->progress, 1, build->plan->copy_bytes);
    rub_progress_add_step(fixture->progress, 1, build->plan->copy_bytes);
    g_autoptr(RubVolume) volume = open_volume(fixture);
    g_assert_true(
        copy_in_one_round(build, volume, fixture->manifest, fixture->progress, &fixture->error));
    rub_progress_step_done(fixture->progress);
    add_manifest(fixture, volume);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_clear_error(&fixture->error);
    rub_manifest_free(fixture->manifest);
    rub_progress_unref(fixture->progress);
    rub_disk_unref(fixture->disk);
    build_clear(&fixture->build);
}

static gboolean
verify_files(Fixture *fixture)
{
    const Build *build = &fixture->build;
    const RubNewVolume *volume = &fixture->manifest->volume;
    RubVolumePlace place = {fixture->disk, NULL, 1, volume->start_lba, volume->sector_count};
    return rub_verify_files(&place, fixture->manifest, build->plan, build->source,
                            fixture->progress, build->cancellable, &fixture->error);
}

static void
assert_files_differ(Fixture *fixture, const char *expected)
{
    g_assert_false(verify_files(fixture));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    g_assert_cmpstr(fixture->error->message, ==, expected);
}

static void
test_a_good_stick_is_good(Fixture *fixture, gconstpointer user_data)
{
    g_assert_true(verify_files(fixture));
    g_assert_no_error(fixture->error);
    g_auto(RubProgressSnapshot) snapshot = {0};
    rub_progress_take_snapshot(fixture->progress, &snapshot);
    g_assert_cmpuint(snapshot.done_bytes, ==, fixture->build.plan->copy_bytes);
}

static void
test_a_missing_file_is_named(Fixture *fixture, gconstpointer user_data)
{
    rub_manifest_add_file(fixture->manifest, "never written", 0, "");
    rub_manifest_add_file(fixture->manifest, "and another", 0, "");
    assert_files_differ(fixture, "never written is missing on the stick");
}

static void
test_a_missing_folder_is_named(Fixture *fixture, gconstpointer user_data)
{
    g_ptr_array_add(fixture->manifest->folders, g_strdup("never made"));
    assert_files_differ(fixture, "never made/ is missing on the stick");
}

static void
test_a_file_that_nobody_planned_is_named(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(RubVolume) volume = open_volume(fixture);
    add_file(volume, "stranger", "x", 1, &fixture->error);
    assert_files_differ(fixture, "stranger is on the stick but was not written there");
}

static void
test_a_folder_in_place_of_a_file_is_no_match(Fixture *fixture, gconstpointer user_data)
{
    guint place;
    g_assert_true(g_ptr_array_find_with_equal_func(fixture->manifest->folders, "empty folder",
                                                   g_str_equal, &place));
    g_ptr_array_remove_index(fixture->manifest->folders, place);
    rub_manifest_add_file(fixture->manifest, "empty folder", 0, "");
    assert_files_differ(fixture, "empty folder is on the stick but was not written there");
}

static void
test_another_size_is_told(Fixture *fixture, gconstpointer user_data)
{
    for (guint i = 0; i < fixture->manifest->files->len; i++) {
        RubManifestFile *file = g_ptr_array_index(fixture->manifest->files, i);
        if (g_str_equal(file->path, "bootmgr"))
            file->size_bytes = 3001;
    }
    assert_files_differ(fixture, "the file bootmgr has 3000 bytes instead of 3001");
}

static void
test_the_first_difference_of_a_file_is_told(Fixture *fixture, gconstpointer user_data)
{
    const gsize size_bytes = job_files[2].size_bytes;
    const gsize place = (gsize) (4 * MIB) + 77;
    g_autofree guint8 *content = make_content(job_files[2].path, size_bytes);
    damage(fixture->build.disk_path, find_on_disk(fixture->build.disk_path, content + place, 16));
    damage(fixture->build.disk_path,
           find_on_disk(fixture->build.disk_path, content + size_bytes - 16, 16));
    assert_files_differ(fixture,
                        "the file sources/boot.wim differs from the image at byte 4194381");
}

static void
test_without_the_image_the_place_is_not_told(Fixture *fixture, gconstpointer user_data)
{
    g_autofree guint8 *content = make_content("bootmgr", 3000);
    damage(fixture->build.disk_path, find_on_disk(fixture->build.disk_path, content, 16));
    g_assert_cmpint(truncate(fixture->build.iso_path, 65536), ==, 0);
    assert_files_differ(fixture, "the file bootmgr differs from what was written");
}

/* The manifest is the last file, and its bytes the last ones on the disk. */
static void
test_what_cannot_be_read_is_told_with_its_place(Fixture *fixture, gconstpointer user_data)
{
    const char *const disk_path = fixture->build.disk_path;
    guint64 end = find_on_disk(disk_path, "{\"manifest\":1", 13);
    g_assert_cmpint(truncate(disk_path, (off_t) end), ==, 0);
    g_autofree char *expected = g_strdup_printf(
        RUB_MANIFEST_PATH ": cannot read %s at byte %" G_GUINT64_FORMAT ": Input/output error",
        disk_path, end);
    assert_files_differ(fixture, expected);
}

static void
test_a_volume_that_is_no_fat_any_more_is_a_difference(Fixture *fixture, gconstpointer user_data)
{
    poke(fixture->build.disk_path, MIB + 510, "\0\0", 2);
    g_assert_false(verify_files(fixture));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
}

static void
test_a_difference_between_the_tables_is_found(Fixture *fixture, gconstpointer user_data)
{
    RubFatGeometry geometry;
    guint8 boot[RUB_FAT_BOOT_SECTOR_BYTES];
    peek(fixture->build.disk_path, MIB, boot, sizeof boot);
    g_assert_true(rub_fat_geometry_parse(&geometry, boot, sizeof boot, 63 * MIB, &fixture->error));
    guint64 second = geometry.reserved_sectors + geometry.fat_size_sectors;
    damage(fixture->build.disk_path, MIB + second * 512 + 40);
    assert_files_differ(fixture, "the copies of the allocation table differ at byte 40");
}

static void
test_a_volume_that_is_marked_dirty_is_not_good(Fixture *fixture, gconstpointer user_data)
{
    damage(fixture->build.disk_path, MIB + 65);
    assert_files_differ(fixture, "the filesystem is marked as damaged or in use");
}

static void
test_reading_back_can_be_stopped(Fixture *fixture, gconstpointer user_data)
{
    g_cancellable_cancel(fixture->build.cancellable);
    g_assert_false(verify_files(fixture));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_CANCELLED);
}

/* Each byte of the first sector from the signature on matters, but for the two bytes that follow
 * it and the six that hold cylinders, heads and sectors. */
static void
test_every_change_of_the_table_is_found(Fixture *fixture, gconstpointer user_data)
{
    g_assert_true(rub_verify_table(fixture->disk, fixture->manifest, &fixture->error));
    for (guint offset = 440; offset < 512; offset++) {
        gboolean is_ignored = (offset >= 444 && offset < 446) || (offset >= 447 && offset < 450) ||
                              (offset >= 451 && offset < 454);
        damage(fixture->build.disk_path, offset);
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(rub_verify_table(fixture->disk, fixture->manifest, &error), ==, is_ignored);
        if (!is_ignored)
            g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
        damage(fixture->build.disk_path, offset);
    }
}

#define ADD(path, function) g_test_add("/verify/" path, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without(RUB_FAT_MAKER_PROGRAM))
        return 0;
    ADD("good", test_a_good_stick_is_good);
    ADD("missing-file", test_a_missing_file_is_named);
    ADD("missing-folder", test_a_missing_folder_is_named);
    ADD("stranger", test_a_file_that_nobody_planned_is_named);
    ADD("kind", test_a_folder_in_place_of_a_file_is_no_match);
    ADD("size", test_another_size_is_told);
    ADD("place", test_the_first_difference_of_a_file_is_told);
    ADD("no-image", test_without_the_image_the_place_is_not_told);
    ADD("unreadable", test_what_cannot_be_read_is_told_with_its_place);
    ADD("no-fat", test_a_volume_that_is_no_fat_any_more_is_a_difference);
    ADD("copies", test_a_difference_between_the_tables_is_found);
    ADD("dirty", test_a_volume_that_is_marked_dirty_is_not_good);
    ADD("stopped", test_reading_back_can_be_stopped);
    ADD("table", test_every_change_of_the_table_is_found);
    return g_test_run();
}
