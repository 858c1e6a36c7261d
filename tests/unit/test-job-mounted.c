/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "folder-tools.h"
#include "job/rub-check.h"
#include "job/rub-undo.h"
#include "volume/rub-records.h"

static void
assert_holds_image(GHashTable *files, gboolean keeps)
{
    static const char *const kept_paths[] = {"BOOTMGR", NULL, NULL, NULL, "docs/EMPTY"};
    for (guint i = 0; i < G_N_ELEMENTS(job_files); i++)
        assert_holds_image_file(files, keeps && kept_paths[i] ? kept_paths[i] : job_files[i].path,
                                i);
    g_assert_true(g_hash_table_contains(files, "empty folder/"));
    g_assert_false(g_hash_table_contains(files, RUB_PENDING_PATH));
}

static RubManifest *
read_manifest(GHashTable *files)
{
    GError *error = NULL;
    RubManifest *manifest =
        rub_manifest_parse(g_hash_table_lookup(files, RUB_MANIFEST_PATH), &error);
    g_assert_no_error(error);
    return manifest;
}

static void
assert_left(FolderBuild *self, const char *expected)
{
    assert_owned_string(get_left_behind(&self->build), expected);
}

static RubCheckReport *
check(FolderBuild *self)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    RubCheckReport *report = rub_check_run(&self->target->parent, progress, NULL);
    g_assert_false(self->target->is_mounted);
    return report;
}

static void
test_an_erasing_build_goes_through_the_folder(void)
{
    static const FolderState states[] = {FOLDER_BLANK, FOLDER_VOLUME};
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        g_auto(FolderBuild) self;
        folder_build_init(&self, states[i]);
        put_file(self.target->folder, "old file", "old", 3);
        folder_build_run_whole(&self);
        g_assert_true(self.build.report->is_verified);
        g_assert_cmpint(self.build.report->access, ==, RUB_ACCESS_MOUNTED);
        g_assert_cmpuint(self.target->mount_count, ==, 2);
        g_assert_true(self.target->is_read_only);
        g_assert_cmpuint(self.target->finish_count, ==, 1);
        g_autoptr(GHashTable) files = read_volume(&self);
        g_assert_false(g_hash_table_contains(files, "old file"));
        assert_holds_image(files, FALSE);
        g_autoptr(RubManifest) manifest = read_manifest(files);
        g_assert_true(manifest->is_complete);
        g_assert_cmpstr(manifest->firmware, ==, "uefi");
    }
}

static void
test_files_have_the_times_of_the_image(void)
{
    g_auto(FolderBuild) self;
    folder_build_init(&self, FOLDER_BLANK);
    folder_build_run_whole(&self);
    static const char *const paths[] = {"sources/boot.wim", "docs/empty", "docs", "empty folder"};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *path = g_build_filename(self.target->folder, paths[i], NULL);
        struct stat st;
        g_assert_no_errno(stat(path, &st));
        g_assert_cmpint(st.st_mtim.tv_sec, ==, 1700000000);
    }
}

/* A blank disk gets its table before the volume, a gap no table at all. */
static void
test_a_volume_can_be_made_without_erasing(void)
{
    static const FolderState states[] = {FOLDER_BLANK, FOLDER_TABLE};
    static const RubPlanMode modes[] = {RUB_PLAN_KEEP_BLANK, RUB_PLAN_KEEP_TABLE};
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        g_auto(FolderBuild) self;
        folder_build_init(&self, states[i]);
        self.build.scene.options.keep = TRUE;
        folder_build_run_whole(&self);
        g_assert_cmpint(self.build.plan->mode, ==, modes[i]);
        g_autoptr(GHashTable) files = read_volume(&self);
        assert_holds_image(files, FALSE);
        g_autoptr(RubManifest) manifest = read_manifest(files);
        g_assert_true(manifest->made_partition);
        g_assert_cmpint(manifest->made_table, ==, modes[i] == RUB_PLAN_KEEP_BLANK);
    }
}

static void
assert_saved(const RubManifest *manifest, GHashTable *files)
{
    g_assert_cmpuint(manifest->saved->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(manifest->saved, i);
        assert_holds_user_file(files, saved->saved_as, strcmp(saved->path, "BOOTMGR") == 0 ? 1 : 3);
    }
}

static void
test_files_of_the_user_stay_or_are_saved(void)
{
    g_auto(FolderBuild) self;
    folder_build_init_kept(&self);
    folder_build_run_whole(&self);
    g_autoptr(GHashTable) files = read_volume(&self);
    assert_holds_image(files, TRUE);
    assert_holds_user_file(files, "holiday.jpg", 0);
    assert_holds_user_file(files, "docs/letter to a friend.txt", 2);
    g_autoptr(RubManifest) manifest = read_manifest(files);
    assert_saved(manifest, files);
}

static void
test_a_second_build_keeps_what_the_first_one_saved(void)
{
    g_auto(FolderBuild) self;
    folder_build_init_kept(&self);
    folder_build_run_whole(&self);
    folder_build_run_whole(&self);
    g_autoptr(GHashTable) files = read_volume(&self);
    assert_holds_image(files, TRUE);
    g_autoptr(RubManifest) manifest = read_manifest(files);
    assert_saved(manifest, files);
}

static void
test_a_check_reads_the_mounted_files(void)
{
    g_auto(FolderBuild) self;
    folder_build_init_kept(&self);
    folder_build_run_whole(&self);
    g_autoptr(RubCheckReport) good = check(&self);
    g_assert_cmpint(good->state, ==, RUB_CHECK_GOOD);
    g_assert_false(good->is_boot_code_checked);
    g_assert_cmpuint(good->file_count, ==, G_N_ELEMENTS(job_files));
    put_file(self.target->folder, "sources/boot.wim", "changed", 7);
    g_autoptr(RubCheckReport) changed = check(&self);
    g_assert_cmpint(changed->state, ==, RUB_CHECK_CHANGED);
    g_assert_cmpstr(changed->finding->files[0], ==, "sources/boot.wim");
    assert_owned_string(rub_finding_get_note(changed->finding, 0, NULL),
                        "(7 bytes instead of 5243003)");
    put_file(self.target->folder, RUB_PENDING_PATH, "", 0);
    g_autoptr(RubCheckReport) incomplete = check(&self);
    g_assert_cmpint(incomplete->state, ==, RUB_CHECK_INCOMPLETE);
}

static void
test_a_check_that_may_not_mount_says_so(void)
{
    g_auto(FolderBuild) self;
    folder_build_init_kept(&self);
    g_autoptr(RubCheckReport) not_ours = check(&self);
    g_assert_cmpint(not_ours->finding->code, ==, RUB_CODE_NOT_OUR_STICK);
    self.target->failing_mount = RUB_CODE_NOT_AUTHORIZED;
    g_autoptr(RubCheckReport) refused = check(&self);
    g_assert_cmpint(refused->finding->code, ==, RUB_CODE_NOT_AUTHORIZED);
}

static void
spoil(const char *folder, gboolean is_read_only)
{
    g_autofree char *path = g_build_filename(folder, "bootmgr", NULL);
    if (is_read_only)
        damage(path, 2999);
}

static void
test_what_is_read_back_wrong_fails(void)
{
    g_auto(FolderBuild) self;
    folder_build_init(&self, FOLDER_BLANK);
    self.target->on_mount = spoil;
    folder_build_run(&self);
    assert_failed(&self.build, RUB_CODE_VERIFY_FAILED);
    assert_owned_string(get_failure(&self.build),
                        "The file bootmgr differs from the image at byte 2999.");
    assert_left(&self, NOT_RIGHT);
}

static void
test_stopping_lets_go_at_every_stage(void)
{
    static const struct {
        guint stage;
        const char *left_behind;
    } cases[] = {{0, NOTHING_CHANGED}, {1, UNFINISHED}, {2, UNFINISHED}, {3, NOT_READ_BACK}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(FolderBuild) self;
        folder_build_init(&self, FOLDER_BLANK);
        FolderTarget *target = self.target;
        GCancellable **causes[] = {&target->cancelled_by_open, &target->cancelled_by_volume,
                                   &target->cancelled_by_mount, &target->cancelled_by_mount};
        *causes[cases[i].stage] = self.build.cancellable;
        target->cancelling_mount = cases[i].stage - 1;
        folder_build_run(&self);
        assert_failed(&self.build, RUB_CODE_CANCELLED);
        assert_left(&self, cases[i].left_behind);
        g_assert_cmpuint(target->finish_count, ==, cases[i].stage > 0 ? 1 : 0);
    }
}

static void
test_what_the_services_refuse_changes_nothing(void)
{
    g_auto(FolderBuild) self;
    folder_build_init(&self, FOLDER_VOLUME);
    self.target->failing_table = RUB_CODE_NOT_AUTHORIZED;
    folder_build_run(&self);
    assert_failed(&self.build, RUB_CODE_NOT_AUTHORIZED);
    assert_left(&self, NOTHING_CHANGED);
    self.target->failing_table = RUB_CODE_INIT_FAILED;
    folder_build_run(&self);
    assert_failed(&self.build, RUB_CODE_INIT_FAILED);
    assert_left(&self, UNFINISHED);
    self.target->failing_table = 0;
    self.target->failing_mount = RUB_CODE_DEVICE_BUSY;
    folder_build_run(&self);
    assert_failed(&self.build, RUB_CODE_DEVICE_BUSY);
    assert_left(&self, UNFINISHED);
    g_assert_cmpuint(self.target->finish_count, ==, 3);
}

static void
test_a_kept_build_that_is_stopped_early_leaves_nothing(void)
{
    g_auto(FolderBuild) self;
    folder_build_init_kept(&self);
    g_autoptr(GHashTable) before = read_volume(&self);
    self.target->cancelled_by_mount = self.build.cancellable;
    self.target->cancelling_mount = 1;
    folder_build_run(&self);
    assert_failed(&self.build, RUB_CODE_CANCELLED);
    assert_left(&self, NOTHING_CHANGED);
    g_autoptr(GHashTable) after = read_volume(&self);
    g_assert_cmpuint(g_hash_table_size(after), ==, g_hash_table_size(before));
}

/* The note of a build on the disk itself that was cut off, beside files of these contents. */
static void
put_note_of_the_disk(const FolderBuild *self, gboolean is_carried_out)
{
    g_autoptr(RubPending) note = rub_pending_new();
    note->keeps = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(job_files); i++) {
        const gsize size_bytes = job_files[i].size_bytes;
        g_autofree guint8 *ours = make_content(job_files[i].path, size_bytes);
        g_autofree guint8 *users = make_user_content(job_files[i].path, size_bytes);
        rub_pending_add_file(note, job_files[i].path, size_bytes);
        if (is_carried_out || i < 2)
            put_file(self->target->folder, job_files[i].path, is_carried_out ? ours : users,
                     size_bytes);
    }
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    gsize note_bytes;
    const void *data = g_bytes_get_data(bytes, &note_bytes);
    put_file(self->target->folder, RUB_PENDING_PATH, data, note_bytes);
}

/* Until a build on the disk was carried out, none of its files had a name: those that are there are
 * the user's, whatever their size. */
static void
test_files_are_not_ours_for_their_size(void)
{
    for (guint is_carried_out = 0; is_carried_out < 2; is_carried_out++) {
        g_auto(FolderBuild) self;
        folder_build_init(&self, FOLDER_VOLUME);
        self.build.scene.options.keep = TRUE;
        put_note_of_the_disk(&self, is_carried_out);
        folder_build_run_whole(&self);
        g_autoptr(GHashTable) files = read_volume(&self);
        assert_holds_image(files, FALSE);
        g_autoptr(RubManifest) manifest = read_manifest(files);
        g_assert_cmpuint(manifest->saved->len, ==, is_carried_out ? 0 : 2);
        for (guint i = 0; i < manifest->saved->len; i++) {
            const RubManifestSaved *saved = g_ptr_array_index(manifest->saved, i);
            g_autofree guint8 *users = make_user_content(saved->path, saved->size_bytes);
            assert_holds(files, saved->saved_as, users, saved->size_bytes);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/job/mounted/an-erasing-build-goes-through-the-folder",
                    test_an_erasing_build_goes_through_the_folder);
    g_test_add_func("/job/mounted/files-have-the-times-of-the-image",
                    test_files_have_the_times_of_the_image);
    g_test_add_func("/job/mounted/a-volume-can-be-made-without-erasing",
                    test_a_volume_can_be_made_without_erasing);
    g_test_add_func("/job/mounted/files-of-the-user-stay-or-are-saved",
                    test_files_of_the_user_stay_or_are_saved);
    g_test_add_func("/job/mounted/a-second-build-keeps-what-the-first-one-saved",
                    test_a_second_build_keeps_what_the_first_one_saved);
    g_test_add_func("/job/mounted/files-are-not-ours-for-their-size",
                    test_files_are_not_ours_for_their_size);
    g_test_add_func("/job/mounted/a-check-reads-the-mounted-files",
                    test_a_check_reads_the_mounted_files);
    g_test_add_func("/job/mounted/a-check-that-may-not-mount-says-so",
                    test_a_check_that_may_not_mount_says_so);
    g_test_add_func("/job/mounted/what-is-read-back-wrong-fails",
                    test_what_is_read_back_wrong_fails);
    g_test_add_func("/job/mounted/stopping-lets-go-at-every-stage",
                    test_stopping_lets_go_at_every_stage);
    g_test_add_func("/job/mounted/what-the-services-refuse-changes-nothing",
                    test_what_the_services_refuse_changes_nothing);
    g_test_add_func("/job/mounted/a-kept-build-that-is-stopped-early-leaves-nothing",
                    test_a_kept_build_that_is_stopped_early_leaves_nothing);
    return g_test_run();
}
