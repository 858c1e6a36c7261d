/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-undo.h"

#include <errno.h>
#include <string.h>

#include "job/rub-check.h"
#include "job/rub-undo-preview.h"
#include "keep-tools.h"
#include "volume/rub-records.h"

#define DIGEST "0123456789abcdef0123456789abcdef"

static RubUndoReport *
undo(const Build *build)
{
    RubTarget *target = rub_image_target_new(build->disk_path, 0);
    RubUndoReport *report = undo_target(target);
    rub_target_free(target);
    return report;
}

static RubUndoPreview *
preview(const Build *build, GError **error)
{
    RubTarget *target = rub_image_target_new(build->disk_path, 0);
    g_autoptr(RubLayout) layout = rub_target_read_layout(target, NULL, NULL);
    RubUndoPreview *made = rub_undo_preview_new(target, layout, NULL, error);
    rub_target_free(target);
    return made;
}

static void
assert_undone(const RubUndoReport *report)
{
    if (!report->failure)
        return;
    g_autofree char *failure = format_text(report->failure->meaning);
    g_error("%s", failure);
}

static void
assert_same_stick(GHashTable *before, GHashTable *after)
{
    GHashTableIter iter;
    gpointer path, content;
    g_hash_table_iter_init(&iter, before);
    while (g_hash_table_iter_next(&iter, &path, &content)) {
        gsize size_bytes;
        const void *data = g_bytes_get_data(content, &size_bytes);
        assert_holds(after, path, data, size_bytes);
    }
    g_hash_table_iter_init(&iter, after);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        if (!g_hash_table_contains(before, path))
            g_error("%s is there", (char *) path);
    }
}

static void
assert_first_sectors_are_back(const char *before, const char *after, guint64 start_lba)
{
    g_assert_cmpmem(before, 512, after, 512);
    g_assert_cmpmem(before + start_lba * 512, 512, after + start_lba * 512, 512);
    g_assert_cmpmem(before + (start_lba + 6) * 512, 512, after + (start_lba + 6) * 512, 512);
    g_assert_cmpmem(before + (start_lba + 12) * 512, 1024, after + (start_lba + 12) * 512, 1024);
}

static void
run_build(Build *build)
{
    build_run(build);
    if (!build->report->failure)
        return;
    g_autofree char *failure = get_failure(build);
    g_error("%s", failure);
}

static void
test_everything_is_as_it_was(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autofree char *disk_before = NULL;
    g_autofree char *disk_after = NULL;
    g_assert_true(g_file_get_contents(build.disk_path, &disk_before, NULL, NULL));
    g_autoptr(GHashTable) before = read_kept(&build);
    run_build(&build);
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_cmpuint(report->removed->len, ==, G_N_ELEMENTS(job_files));
    g_assert_cmpuint(report->restored->len, ==, 2);
    g_assert_cmpuint(report->stayed->len, ==, 0);
    g_assert_cmpuint(report->missing->len, ==, 0);
    g_assert_true(report->is_boot_code_restored);
    g_assert_false(report->is_partition_removed);
    g_autoptr(GHashTable) after = read_kept(&build);
    assert_same_stick(before, after);
    g_assert_true(g_file_get_contents(build.disk_path, &disk_after, NULL, NULL));
    assert_first_sectors_are_back(disk_before, disk_after, KEEP_START_LBA);
    g_autoptr(RubUndoReport) again = undo(&build);
    g_assert_cmpint(again->failure->code, ==, RUB_CODE_NOT_OUR_STICK);
}

static void
test_what_would_be_done_is_told_before(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autoptr(GError) error = NULL;
    g_assert_null(preview(&build, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NOT_OUR_STICK);
    run_build(&build);
    run_build(&build);
    g_autoptr(GHashTable) before = read_kept(&build);
    g_autoptr(RubUndoPreview) told = preview(&build, NULL);
    g_assert_cmpuint(told->file_count, ==, G_N_ELEMENTS(job_files));
    g_assert_cmpuint(told->restored->len, ==, 2);
    g_assert_true(g_ptr_array_find_with_equal_func(told->restored, "BOOTMGR", g_str_equal, NULL));
    g_autoptr(GHashTable) after = read_kept(&build);
    assert_same_stick(before, after);
}

static void
test_two_builds_are_undone_together(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autoptr(GHashTable) before = read_kept(&build);
    run_build(&build);
    run_build(&build);
    g_autoptr(RubStickVolume) stick = open_kept_volume(build.disk_path);
    g_assert_cmpuint(stick->manifest->saved->len, ==, 2);
    g_assert_cmpuint(stick->manifest->files->len, ==, G_N_ELEMENTS(job_files));
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_true(report->is_boot_code_restored);
    g_autoptr(GHashTable) after = read_kept(&build);
    assert_same_stick(before, after);
}

static void
test_changed_files_stay_and_are_named(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_build(&build);
    g_autofree guint8 *content = make_content(job_files[0].path, job_files[0].size_bytes);
    damage(build.disk_path, find_on_disk(build.disk_path, content, 64));
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_cmpuint(report->stayed->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(report->stayed, 0), ==, "BOOTMGR");
    g_autoptr(GHashTable) after = read_kept(&build);
    assert_holds_user_file(after, "BOOTMGR.restored", 1);
    assert_holds_user_file(after, "docs/EMPTY", 3);
}

static void
test_saved_files_that_are_gone_are_named(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_build(&build);
    g_autofree char *volume = g_strdup_printf("%s@@%d", build.disk_path, KEEP_START_LBA * 512);
    g_autoptr(RubStickVolume) stick = open_kept_volume(build.disk_path);
    const RubManifestSaved *saved = g_ptr_array_index(stick->manifest->saved, 0);
    g_autofree char *saved_as = g_strconcat("::", saved->saved_as, NULL);
    run("mdel", "-i", volume, saved_as);
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_cmpuint(report->removed->len, ==, G_N_ELEMENTS(job_files));
    g_assert_cmpuint(report->restored->len, ==, 1);
    g_assert_cmpuint(report->missing->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(report->missing, 0), ==, saved->path);
    g_autoptr(GHashTable) after = read_kept(&build);
    g_assert_false(g_hash_table_contains(after, saved->path));
}

/* A repair of the filesystem freed what a build that was cut off had between two names. */
static void
test_files_that_a_repair_lost_are_named(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autoptr(RubPending) note = rub_pending_new();
    note->keeps = TRUE;
    RubPendingSaved saved[] = {
        {(char *) "lost.txt", (char *) RUB_UNDO_FOLDER "/0001", 600, 9000, 0, DIGEST},
        {(char *) "holiday.jpg", (char *) RUB_UNDO_FOLDER "/0002", 40000, 9100, 0, DIGEST},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(saved); i++)
        rub_pending_add_saved(note, &saved[i]);
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    add_record(&build, bytes, RUB_PENDING_PATH);
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_cmpuint(report->missing->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(report->missing, 0), ==, "lost.txt");
}

static void
test_what_was_added_since_stays(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_build(&build);
    g_autofree char *volume = g_strdup_printf("%s@@%d", build.disk_path, KEEP_START_LBA * 512);
    run("mcopy", "-i", volume, build.iso_path, "::empty folder/mine.iso");
    run("mdel", "-i", volume, "::EFI/BOOT/BOOTX64.EFI");
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_autoptr(GHashTable) after = read_kept(&build);
    g_assert_true(g_hash_table_contains(after, "empty folder/mine.iso"));
    g_assert_false(g_hash_table_contains(after, "EFI/"));
    g_assert_false(g_hash_table_contains(after, RUB_RECORDS_FOLDER "/"));
}

/* A disk with a small partition of something else and a gap behind it. */
static void
make_disk_with_gap(Build *build)
{
    build_restart(build);
    g_free(run_tool("label: dos\nstart=2048, size=4096, type=83, bootable\n", "sfdisk", "--quiet",
                    build->disk_path, NULL));
    build->scene.options.keep = TRUE;
}

/* The manifest of the second build lists no boot code: what is there now is compared with ours. */
static void
test_boot_code_that_was_installed_since_stays(void)
{
    static const guint8 code[] = {0xeb, 0x63, 0x90, 'G', 'R', 'U', 'B'};
    g_auto(Build) build;
    build_init_kept(&build);
    run_build(&build);
    build.scene.options.firmware = RUB_FIRMWARE_UEFI;
    run_build(&build);
    poke(build.disk_path, 0, code, sizeof code);
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_false(report->is_boot_code_restored);
    guint8 found[sizeof code];
    peek(build.disk_path, 0, found, sizeof found);
    g_assert_cmpmem(found, sizeof found, code, sizeof code);
}

/* As if everything were copied to a disk that has another signature and another boot code. */
static void
move_to_another_disk(const Build *build)
{
    static const guint8 signature[] = {1, 2, 3, 4};
    static const guint8 code[] = {0xeb, 0xfe, 'o', 't', 'h', 'e', 'r'};
    poke(build->disk_path, 440, signature, sizeof signature);
    poke(build->disk_path, 0, code, sizeof code);
}

static void
test_a_record_that_was_copied_costs_no_partition_and_no_boot_code(void)
{
    for (guint makes_partition = 0; makes_partition < 2; makes_partition++) {
        g_auto(Build) build;
        guint8 before[512], after[512];
        if (makes_partition) {
            build_init(&build);
            make_disk_with_gap(&build);
        } else {
            build_init_kept(&build);
        }
        run_build(&build);
        move_to_another_disk(&build);
        peek(build.disk_path, 0, before, sizeof before);
        g_autoptr(RubUndoReport) report = undo(&build);
        assert_undone(report);
        g_assert_false(report->is_boot_code_restored);
        g_assert_false(report->is_partition_removed);
        g_assert_cmpuint(report->removed->len, ==, G_N_ELEMENTS(job_files));
        peek(build.disk_path, 0, after, sizeof after);
        g_assert_cmpmem(before, sizeof before, after, sizeof after);
    }
}

static void
test_a_build_saves_the_boot_code_of_its_own_disk(void)
{
    g_auto(Build) build;
    guint8 before[512], after[512];
    build_init_kept(&build);
    run_build(&build);
    move_to_another_disk(&build);
    peek(build.disk_path, 0, before, sizeof before);
    run_build(&build);
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_true(report->is_boot_code_restored);
    peek(build.disk_path, 0, after, sizeof after);
    g_assert_cmpmem(before, sizeof before, after, sizeof after);
}

/* A disk-image file is never mounted. */
static void
test_what_only_the_system_writes_is_left_alone(void)
{
    g_auto(Build) build;
    build_init(&build);
    g_autoptr(RubPending) note = rub_pending_new();
    note->keeps = TRUE;
    note->is_mounted = TRUE;
    rub_pending_add_file(note, "bootmgr", 3000);
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    make_fat16_disk(&build, bytes, RUB_PENDING_PATH);
    g_autoptr(GHashTable) before = read_kept(&build);
    g_autoptr(GError) error = NULL;
    g_assert_null(preview(&build, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NOT_OUR_STICK);
    g_autoptr(RubUndoReport) report = undo(&build);
    g_assert_cmpint(report->failure->code, ==, RUB_CODE_NOT_OUR_STICK);
    g_autoptr(GHashTable) after = read_kept(&build);
    assert_same_stick(before, after);
}

/* Somebody changes sticks while the question is on the screen. */
static void
test_another_stick_than_the_one_that_was_reviewed_is_left_alone(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_build(&build);
    RubTarget *target = &build.target->parent;
    g_autoptr(RubLayout) reviewed = rub_target_read_layout(target, NULL, NULL);
    const guint8 signature[] = {1, 2, 3, 4};
    poke(build.disk_path, 440, signature, sizeof signature);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_assert_true(g_file_get_contents(build.disk_path, &before, NULL, NULL));
    g_autoptr(RubProgress) progress = rub_progress_new();
    g_autoptr(RubUndoReport) report = rub_undo_run(target, reviewed, progress, NULL);
    g_assert_nonnull(report->failure);
    g_assert_cmpint(report->failure->code, ==, RUB_CODE_DEVICE_CHANGED);
    g_assert_true(g_file_get_contents(build.disk_path, &after, NULL, NULL));
    g_assert_cmpmem(before, KEEP_DISK_BYTES, after, KEEP_DISK_BYTES);
}

/* What the user made active since the build is not ours to change. */
static void
test_a_partition_that_was_made_active_since_stays_so(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_build(&build);
    g_free(run_tool(",1M,83\n", "sfdisk", "--quiet", "--append", "--no-reread", build.disk_path,
                    NULL));
    g_free(run_tool(NULL, "sfdisk", "--quiet", "--activate", build.disk_path, "2", NULL));
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    guint8 entries[32];
    peek(build.disk_path, 446, entries, sizeof entries);
    g_assert_cmphex(entries[0], ==, 0);
    g_assert_cmphex(entries[16], ==, 0x80);
}

/* An undo that fails at one write, and at all that follow, and is begun anew. */
static int
fail_from_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Writes *writes = user_data;
    return ++writes->count >= writes->at ? EIO : 0;
}

static guint
count_undo_writes(Build *build)
{
    Writes writes = {.at = G_MAXUINT};
    hook(build, fail_from_write, &writes);
    g_autoptr(RubUndoReport) report = undo_target(&build->target->parent);
    assert_undone(report);
    hook(build, NULL, NULL);
    return writes.count;
}

static void
assert_undo_can_be_finished(Build *build)
{
    g_autoptr(GHashTable) before = read_kept(build);
    run_build(build);
    g_autofree char *built = NULL;
    g_assert_true(g_file_get_contents(build->disk_path, &built, NULL, NULL));
    guint total = count_undo_writes(build);
    for (guint at = 1; at <= total; at += at + 12 < total ? 5 : 1) {
        Writes writes = {.at = at};
        poke(build->disk_path, 0, built, KEEP_DISK_BYTES);
        hook(build, fail_from_write, &writes);
        g_autoptr(RubUndoReport) failed = undo_target(&build->target->parent);
        hook(build, NULL, NULL);
        g_assert_nonnull(failed->failure);
        g_assert_nonnull(failed->left_behind);
        g_assert_cmpuint(failed->removed->len + failed->restored->len, ==, 0);
        g_autoptr(RubUndoReport) finished = undo(build);
        g_assert_cmpuint(finished->stayed->len, ==, 0);
        g_autoptr(GHashTable) after = read_kept(build);
        /* In the end there is no record any more that says what to do: an empty folder may stay. */
        if (finished->failure) {
            g_assert_cmpint(finished->failure->code, ==, RUB_CODE_NOT_OUR_STICK);
            g_hash_table_remove(after, RUB_RECORDS_FOLDER "/");
        }
        assert_same_stick(before, after);
    }
    g_test_message("%u writes", total);
}

static void
test_an_undo_that_fails_claims_nothing_and_can_be_finished(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    assert_undo_can_be_finished(&build);
}

/* Somebody had copied the image's files by hand, and then a build was put over them. */
static void
test_files_that_equal_those_of_the_image_are_the_users(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autofree char *volume = g_strdup_printf("%s@@%d", build.disk_path, KEEP_START_LBA * 512);
    g_autofree char *from = g_build_filename(build.folder, "content", NULL);
    g_autofree guint8 *content = make_content(job_files[0].path, job_files[0].size_bytes);
    g_autofree char *to = g_strconcat("::", job_files[0].path, NULL);
    g_assert_true(
        g_file_set_contents(from, (char *) content, (gssize) job_files[0].size_bytes, NULL));
    run("mcopy", "-o", "-i", volume, from, to);
    assert_undo_can_be_finished(&build);
}

static void
test_an_erased_stick_has_nothing_to_undo(void)
{
    g_auto(Build) build;
    build_init(&build);
    run_build(&build);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    gsize size_bytes;
    g_assert_true(g_file_get_contents(build.disk_path, &before, &size_bytes, NULL));
    g_autoptr(RubUndoReport) report = undo(&build);
    g_assert_cmpint(report->failure->code, ==, RUB_CODE_NOT_OUR_STICK);
    g_assert_true(g_file_get_contents(build.disk_path, &after, NULL, NULL));
    g_assert_true(memcmp(before, after, size_bytes) == 0);
}

static void
test_a_kept_build_on_an_erased_stick_can_be_undone(void)
{
    g_auto(Build) build;
    build_init(&build);
    run_build(&build);
    guint64 start = build.plan->volume.start_lba, count = build.plan->volume.sector_count;
    g_autoptr(GHashTable) before = read_stick(build.disk_path, start, count);
    build.scene.options.keep = TRUE;
    run_build(&build);
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_autoptr(GHashTable) after = read_stick(build.disk_path, start, count);
    assert_same_stick(before, after);
    g_autoptr(RubProgress) progress = rub_progress_new();
    g_autoptr(RubCheckReport) check = rub_check_run(&build.target->parent, progress, NULL);
    g_assert_cmpint(check->state, ==, RUB_CHECK_GOOD);
}

static void
test_a_partition_that_was_made_goes(void)
{
    for (guint is_blank = 0; is_blank < 2; is_blank++) {
        g_auto(Build) build;
        g_autofree char *before = NULL;
        g_autofree char *after = NULL;
        build_init(&build);
        build.scene.options.keep = TRUE;
        if (!is_blank)
            make_disk_with_gap(&build);
        g_assert_true(g_file_get_contents(build.disk_path, &before, NULL, NULL));
        run_build(&build);
        g_assert_cmpint(build.plan->mode, ==, is_blank ? RUB_PLAN_KEEP_BLANK : RUB_PLAN_KEEP_TABLE);
        g_autoptr(RubUndoReport) report = undo(&build);
        assert_undone(report);
        g_assert_true(report->is_partition_removed);
        g_assert_cmpuint(report->removed->len, ==, G_N_ELEMENTS(job_files));
        g_assert_true(g_file_get_contents(build.disk_path, &after, NULL, NULL));
        g_assert_cmpmem(before, 512, after, 512);
    }
}

static void
test_a_partition_with_files_of_the_user_stays(void)
{
    g_auto(Build) build;
    build_init(&build);
    make_disk_with_gap(&build);
    run_build(&build);
    guint64 start = build.plan->volume.start_lba, count = build.plan->volume.sector_count;
    g_autofree char *volume =
        g_strdup_printf("%s@@%" G_GUINT64_FORMAT, build.disk_path, start * 512);
    run("mcopy", "-i", volume, build.iso_path, "::mine.iso");
    g_autoptr(RubUndoReport) report = undo(&build);
    assert_undone(report);
    g_assert_false(report->is_partition_removed);
    g_assert_true(report->is_boot_code_restored);
    g_autoptr(GHashTable) after = read_stick(build.disk_path, start, count);
    g_assert_cmpuint(g_hash_table_size(after), ==, 1);
}

static void
test_an_unfinished_build_can_be_undone(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    guint total = count_writes(&build);
    for (guint at = 2; at <= total; at += 3) {
        build_restart(&build);
        make_kept_disk(&build, KEEP_DISK_BYTES, 40 * MIB, 1);
        g_autoptr(GHashTable) before = read_kept(&build);
        Writes writes = {.at = at};
        hook(&build, fail_one_write, &writes);
        build_run(&build);
        g_assert_nonnull(build.report->failure);
        g_autoptr(RubUndoReport) report = undo(&build);
        g_autoptr(GHashTable) after = read_kept(&build);
        if (report->failure)
            g_assert_cmpint(report->failure->code, ==, RUB_CODE_NOT_OUR_STICK);
        assert_same_stick(before, after);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without("mcopy") || skip_all_without("mkfs.fat"))
        return 0;
    g_test_add_func("/undo/as-it-was", test_everything_is_as_it_was);
    g_test_add_func("/undo/preview", test_what_would_be_done_is_told_before);
    g_test_add_func("/undo/two-builds", test_two_builds_are_undone_together);
    g_test_add_func("/undo/changed", test_changed_files_stay_and_are_named);
    g_test_add_func("/undo/saved-gone", test_saved_files_that_are_gone_are_named);
    g_test_add_func("/undo/lost-in-repair", test_files_that_a_repair_lost_are_named);
    g_test_add_func("/undo/added", test_what_was_added_since_stays);
    g_test_add_func("/undo/new-boot-code", test_boot_code_that_was_installed_since_stays);
    g_test_add_func("/undo/copied-record",
                    test_a_record_that_was_copied_costs_no_partition_and_no_boot_code);
    g_test_add_func("/undo/copied-record-built-on",
                    test_a_build_saves_the_boot_code_of_its_own_disk);
    g_test_add_func("/undo/fat16", test_what_only_the_system_writes_is_left_alone);
    g_test_add_func("/undo/another-stick",
                    test_another_stick_than_the_one_that_was_reviewed_is_left_alone);
    g_test_add_func("/undo/active-since", test_a_partition_that_was_made_active_since_stays_so);
    g_test_add_func("/undo/fails", test_an_undo_that_fails_claims_nothing_and_can_be_finished);
    g_test_add_func("/undo/equal-files", test_files_that_equal_those_of_the_image_are_the_users);
    g_test_add_func("/undo/erased", test_an_erased_stick_has_nothing_to_undo);
    g_test_add_func("/undo/on-erased", test_a_kept_build_on_an_erased_stick_can_be_undone);
    g_test_add_func("/undo/partition", test_a_partition_that_was_made_goes);
    g_test_add_func("/undo/partition-stays", test_a_partition_with_files_of_the_user_stays);
    g_test_add_func("/undo/unfinished", test_an_unfinished_build_can_be_undone);
    return g_test_run();
}
