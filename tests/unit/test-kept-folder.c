/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-folder.h"

#include <sys/statvfs.h>

#include "disk-tools.h"
#include "volume/rub-pending.h"

typedef struct {
    char *root;
    RubContents contents;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->root = make_folder();
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    rub_contents_clear(&fixture->contents);
    remove_folder(fixture->root);
}

static void
put_file(const Fixture *fixture, const char *path)
{
    g_autofree char *full = g_build_filename(fixture->root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, "x", -1, NULL));
}

static const RubKeptVolume *
look(Fixture *fixture)
{
    rub_contents_look_into_folder(&fixture->contents, fixture->root, NULL);
    g_assert_nonnull(fixture->contents.kept);
    return fixture->contents.kept;
}

static void
test_files_and_room_are_counted(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "a.txt");
    put_file(fixture, "folder/b.txt");
    struct statvfs room;
    g_assert_no_errno(statvfs(fixture->root, &room));
    const RubKeptVolume *kept = look(fixture);
    g_assert_true(fixture->contents.is_counted);
    g_assert_cmpuint(fixture->contents.file_count, ==, 2);
    g_assert_cmpuint(fixture->contents.free_bytes, >, 0);
    g_assert_cmpuint(kept->cluster_bytes, ==, room.f_bsize);
    g_assert_cmpuint(kept->listing->entries->len, ==, 3);
    g_assert_null(kept->damage);
    g_assert_false(kept->has_manifest);
    g_assert_false(kept->has_pending);
}

static void
test_our_records_are_recognised(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, ".rescue-usb-builder/manifest.json");
    put_file(fixture, ".rescue-usb-builder/pending");
    const RubKeptVolume *kept = look(fixture);
    g_assert_true(kept->has_manifest);
    g_assert_true(kept->has_pending);
}

static void
put_bytes(const Fixture *fixture, const char *path, GBytes *bytes)
{
    gsize size_bytes;
    const char *data = g_bytes_get_data(bytes, &size_bytes);
    g_autofree char *full = g_build_filename(fixture->root, path, NULL);
    put_file(fixture, path);
    g_assert_true(g_file_set_contents(full, data, (gssize) size_bytes, NULL));
}

static gboolean
is_listed(const RubKeptVolume *kept, const char *path)
{
    for (guint i = 0; i < kept->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(kept->listing->entries, i);
        if (g_str_equal(entry->path, path))
            return TRUE;
    }
    return FALSE;
}

/* A build on the disk that was cut off has all of its files or none; its room will be free. */
static void
test_what_a_cut_off_build_left_is_as_good_as_gone(Fixture *fixture, gconstpointer user_data)
{
    static const char *const paths[] = {"bootmgr", "EFI/boot.efi"};
    g_autoptr(RubPending) note = rub_pending_new();
    struct statvfs room;
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
        rub_pending_add_file(note, paths[i], 1);
    rub_pending_add_folder(note, "EFI");
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    put_bytes(fixture, RUB_PENDING_PATH, bytes);
    put_file(fixture, "mine.txt");
    put_file(fixture, paths[0]);
    g_assert_true(is_listed(look(fixture), paths[0]));

    rub_contents_clear(&fixture->contents);
    fixture->contents = (RubContents){0};
    put_file(fixture, paths[1]);
    const RubKeptVolume *kept = look(fixture);
    g_assert_no_errno(statvfs(fixture->root, &room));
    g_assert_true(is_listed(kept, "mine.txt"));
    g_assert_false(is_listed(kept, paths[0]) || is_listed(kept, paths[1]));
    g_assert_false(is_listed(kept, "EFI"));
    g_assert_cmpuint(kept->free_clusters, >=, room.f_bfree + G_N_ELEMENTS(paths));
}

static void
test_case_does_not_matter_on_fat(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, ".RESCUE-usb-builder/MANIFEST.JSON");
    g_assert_true(look(fixture)->has_manifest);
}

static void
test_a_folder_that_is_not_there_leaves_nothing(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *missing = g_build_filename(fixture->root, "missing", NULL);
    rub_contents_look_into_folder(&fixture->contents, missing, NULL);
    g_assert_null(fixture->contents.kept);
    g_assert_false(fixture->contents.is_counted);
}

static void
test_a_look_that_was_stopped_leaves_nothing(Fixture *fixture, gconstpointer user_data)
{
    put_file(fixture, "a.txt");
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    rub_contents_look_into_folder(&fixture->contents, fixture->root, cancellable);
    g_assert_null(fixture->contents.kept);
}

static void
test_folders_without_end_are_damage(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GString) path = g_string_new(fixture->root);
    for (guint i = 0; i < 260; i++)
        g_string_append(path, "/d");
    g_assert_cmpint(g_mkdir_with_parents(path->str, 0755), ==, 0);
    const RubKeptVolume *kept = look(fixture);
    g_assert_nonnull(kept->damage);
    g_assert_null(kept->listing);
    g_assert_false(fixture->contents.is_counted);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/kept-folder/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("counts", test_files_and_room_are_counted);
    ADD("records", test_our_records_are_recognised);
    ADD("records/cut-off", test_what_a_cut_off_build_left_is_as_good_as_gone);
    ADD("records/case", test_case_does_not_matter_on_fat);
    ADD("missing", test_a_folder_that_is_not_there_leaves_nothing);
    ADD("stopped", test_a_look_that_was_stopped_leaves_nothing);
    ADD("damage", test_folders_without_end_are_damage);
    return g_test_run();
}
