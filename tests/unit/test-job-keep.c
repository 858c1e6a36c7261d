/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job/rub-check.h"
#include "job/rub-undo.h"
#include "keep-tools.h"

#define STILL_THERE                                                                                \
    "Your files on stick.img are as they were; of those that were to be replaced, the old ones "   \
    "are kept. The unfinished build can be finished by building again."

/* The user's files that no file of the image meets. */
static void
assert_others_are_whole(const Build *build)
{
    g_autoptr(GHashTable) files = read_kept(build);
    assert_holds_user_file(files, "holiday.jpg", 0);
    assert_holds_user_file(files, "docs/letter to a friend.txt", 2);
}

static void
assert_built(const Build *build)
{
    g_autoptr(GHashTable) files = read_kept(build);
    assert_others_are_whole(build);
    assert_holds_image_file(files, "BOOTMGR", 0);
    assert_holds_image_file(files, "docs/EMPTY", 4);
    for (guint i = 1; i < 4; i++)
        assert_holds_image_file(files, job_files[i].path, i);
    g_assert_true(g_hash_table_contains(files, "empty folder/"));
    g_assert_false(g_hash_table_contains(files, RUB_PENDING_PATH));
}

static void
assert_untouched(const Build *build)
{
    g_autoptr(GHashTable) files = read_kept(build);
    assert_others_are_whole(build);
    assert_holds_user_file(files, "BOOTMGR", 1);
    assert_holds_user_file(files, "docs/EMPTY", 3);
    g_assert_cmpuint(g_hash_table_size(files), ==,
                     G_N_ELEMENTS(user_files) + G_N_ELEMENTS(user_folders));
}

static void
run_whole(Build *build)
{
    build_run(build);
    if (!build->report->failure)
        return;
    g_autofree char *failure = get_failure(build);
    g_error("%s", failure);
}

static void
undo_whole(Build *build)
{
    g_autoptr(RubUndoReport) report = undo_target(&build->target->parent);
    g_assert_null(report->failure);
}

static void
test_files_are_added_beside_those_of_the_user(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_whole(&build);
    g_assert_true(build.report->is_verified);
    g_assert_cmpint(build.plan->mode, ==, RUB_PLAN_KEEP_VOLUME);
    assert_built(&build);
    g_autoptr(RubStickVolume) stick = open_kept_volume(build.disk_path);
    g_assert_null(stick->damage);
    g_assert_cmpuint(stick->manifest->saved->len, ==, 2);
    g_assert_cmpuint(strlen(stick->manifest->image_digest), ==, 32);
    g_autoptr(GHashTable) files = read_kept(&build);
    for (guint i = 0; i < 2; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(stick->manifest->saved, i);
        assert_holds_user_file(files, saved->saved_as,
                               g_ascii_strcasecmp(saved->path, "bootmgr") == 0 ? 1 : 3);
    }
}

static void
test_others_find_the_volume_sound(void)
{
    if (!has_tool("fsck.fat"))
        return;
    g_auto(Build) build;
    build_init_kept(&build);
    run_whole(&build);
    g_autofree char *volume = g_build_filename(build.folder, "volume", NULL);
    g_autofree char *from = g_strconcat("if=", build.disk_path, NULL);
    g_autofree char *to = g_strconcat("of=", volume, NULL);
    run("dd", "status=none", "bs=1M", "skip=1", "count=40", from, to);
    run("fsck.fat", "-n", volume);
}

/* The table and the flags of all partitions, but for ours. */
static void
test_only_ours_is_active_and_nothing_else_in_the_table_changes(void)
{
    g_auto(Build) build;
    guint8 before[66], after[66];
    build_init_kept(&build);
    g_free(run_tool("start=83968, size=8192, type=83, bootable\n", "sfdisk", "--quiet", "--append",
                    build.disk_path, NULL));
    peek(build.disk_path, 446, before, sizeof before);
    g_assert_cmpint(before[16], ==, 0x80);
    run_whole(&build);
    peek(build.disk_path, 446, after, sizeof after);
    before[0] = 0x80;
    before[16] = 0;
    g_assert_cmpmem(before, sizeof before, after, sizeof after);
}

static void
test_without_bios_no_boot_sector_changes(void)
{
    g_auto(Build) build;
    guint8 before[512], after[512];
    build_init_kept(&build);
    build.scene.options.firmware = RUB_FIRMWARE_UEFI;
    for (guint sector = 0; sector < 14; sector++) {
        guint64 lba = sector == 0 ? 0 : KEEP_START_LBA + (guint64) sector - 1;
        peek(build.disk_path, lba * 512, before, sizeof before);
        if (sector == 0)
            run_whole(&build);
        peek(build.disk_path, lba * 512, after, sizeof after);
        /* FSInfo counts the clusters. */
        if (sector != 2)
            g_assert_cmpmem(before, sizeof before, after, sizeof after);
    }
}

static void
test_a_second_build_keeps_what_the_first_one_saved(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_whole(&build);
    run_whole(&build);
    assert_built(&build);
    g_autoptr(RubStickVolume) stick = open_kept_volume(build.disk_path);
    g_assert_cmpuint(stick->manifest->saved->len, ==, 2);
    undo_whole(&build);
    assert_untouched(&build);
}

static void
test_what_the_user_changed_since_is_saved_too(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    run_whole(&build);
    g_autofree guint8 *content = make_content(job_files[0].path, job_files[0].size_bytes);
    guint64 place = find_on_disk(build.disk_path, content, 64);
    damage(build.disk_path, place);
    run_whole(&build);
    assert_built(&build);
    g_autoptr(RubStickVolume) stick = open_kept_volume(build.disk_path);
    g_assert_cmpuint(stick->manifest->saved->len, ==, 3);
    undo_whole(&build);
    /* What was there last is back in its place, what was there before lies beside it. */
    content[0] ^= 1;
    g_autoptr(GHashTable) files = read_kept(&build);
    assert_holds(files, "BOOTMGR", content, job_files[0].size_bytes);
    assert_holds_user_file(files, "BOOTMGR.restored", 1);
}

static void
test_a_file_that_came_after_the_review_is_not_replaced(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    build_plan(&build);
    g_autofree char *volume = g_strdup_printf("%s@@%d", build.disk_path, KEEP_START_LBA * 512);
    run("mmd", "-i", volume, "::EFI", "::EFI/BOOT");
    run("mcopy", "-i", volume, build.iso_path, "::EFI/BOOT/BOOTX64.EFI");
    g_autoptr(RubJob) job = rub_job_new(build.source, &build.scene.info, &build.target->parent,
                                        build.layout, build.plan, NULL);
    build.report = rub_job_run(job, NULL);
    assert_failed(&build, RUB_CODE_DEVICE_CHANGED);
    assert_others_are_whole(&build);
}

static void
test_a_damaged_volume_is_not_written(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    build_plan(&build);
    const guint8 dirty[4] = {0xff, 0xff, 0xff, 0x07};
    poke(build.disk_path, (KEEP_START_LBA + 32) * 512 + 4, dirty, sizeof dirty);
    g_autoptr(RubJob) job = rub_job_new(build.source, &build.scene.info, &build.target->parent,
                                        build.layout, build.plan, NULL);
    build.report = rub_job_run(job, NULL);
    assert_failed(&build, RUB_CODE_VOLUME_DAMAGED);
    assert_untouched(&build);
}

static void
test_every_write_that_fails_loses_nothing_and_can_be_finished(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    guint total = count_writes(&build);
    for (guint at = 1; at <= total; at++) {
        Writes writes = {.at = at};
        build_restart(&build);
        make_kept_disk(&build, KEEP_DISK_BYTES, 40 * MIB, 1);
        hook(&build, fail_one_write, &writes);
        build_run(&build);
        assert_failed(&build, RUB_CODE_WRITE_FAILED);
        assert_left_behind(&build, at == 1 ? NOTHING_CHANGED : STILL_THERE);
        assert_others_are_whole(&build);
        hook(&build, NULL, NULL);
        run_whole(&build);
        assert_built(&build);
        undo_whole(&build);
        assert_untouched(&build);
    }
    g_test_message("%u writes", total);
}

/* What stops a build before its files exist leaves the stick as it was. */
static void
assert_stops_clean(Build *build, RubCode code)
{
    assert_failed(build, code);
    assert_left_behind(build, NOTHING_CHANGED);
    assert_untouched(build);
    g_autoptr(RubProgress) progress = rub_progress_new();
    g_autoptr(RubCheckReport) report = rub_check_run(&build->target->parent, progress, NULL);
    g_assert_cmpint(report->state, ==, RUB_CHECK_NOT_OURS);
}

/* All is written, but nobody knows whether it arrived. */
static void
test_a_failure_to_let_go_is_no_build_that_changed_nothing(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    build.target->failing_finish = RUB_CODE_WRITE_FAILED;
    build_run(&build);
    assert_failed(&build, RUB_CODE_WRITE_FAILED);
    assert_left_behind(&build, STILL_THERE);
    assert_others_are_whole(&build);
}

static int
shrink_image(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    g_assert_cmpint(truncate(user_data, 200000), ==, 0);
    return 0;
}

static void
test_an_image_that_shrinks_meanwhile_changes_nothing(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    build.target->hook = shrink_image;
    build.target->hook_data = build.iso_path;
    build_run(&build);
    assert_stops_clean(&build, RUB_CODE_IMAGE_INCOMPLETE);
}

static void
test_a_build_that_is_stopped_changes_nothing(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    Writes writes = {.at = 4, .cancellable = build.cancellable};
    hook(&build, cancel_at_write, &writes);
    build_run(&build);
    assert_stops_clean(&build, RUB_CODE_CANCELLED);
}

static void
test_a_volume_that_is_full_by_now_changes_nothing(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    build_plan(&build);
    g_autofree char *volume = g_strdup_printf("%s@@%d", build.disk_path, KEEP_START_LBA * 512);
    g_autofree char *large = make_image(build.folder, "large", 37 * MIB);
    run("mcopy", "-i", volume, large, "::large");
    g_autoptr(RubJob) job = rub_job_new(build.source, &build.scene.info, &build.target->parent,
                                        build.layout, build.plan, NULL);
    build.report = rub_job_run(job, NULL);
    run("mdel", "-i", volume, "::large");
    assert_stops_clean(&build, RUB_CODE_NO_FREE_SPACE);
}

/* A disk with a partition of something else and a gap, or a blank one. */
static void
make_other_disk(Build *build, gboolean is_blank)
{
    build_restart(build);
    if (!is_blank)
        g_free(run_tool("label: dos\nstart=2048, size=4096, type=83, bootable\n", "sfdisk",
                        "--quiet", build->disk_path, NULL));
    build->scene.options.keep = TRUE;
}

static void
test_a_new_partition_survives_every_failure(void)
{
    for (guint is_blank = 0; is_blank < 2; is_blank++) {
        g_auto(Build) build;
        build_init(&build);
        make_other_disk(&build, is_blank);
        guint total = count_writes(&build);
        for (guint at = 1; at <= total; at++) {
            g_autofree char *before = NULL;
            g_autofree char *after = NULL;
            Writes writes = {.at = at};
            make_other_disk(&build, is_blank);
            g_assert_true(g_file_get_contents(build.disk_path, &before, NULL, NULL));
            hook(&build, fail_one_write, &writes);
            build_run(&build);
            g_assert_nonnull(build.report->failure);
            hook(&build, NULL, NULL);
            run_whole(&build);
            g_assert_true(build.report->is_verified);
            undo_whole(&build);
            g_assert_true(g_file_get_contents(build.disk_path, &after, NULL, NULL));
            if (memcmp(before, after, 512) != 0)
                g_error("write %u of %u: the first sector differs", at, total);
            g_assert_cmpmem(before + 2048 * 512 * !is_blank, 4096, after + 2048 * 512 * !is_blank,
                            4096);
        }
        g_test_message("%u writes", total);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without("mcopy") || skip_all_without("mkfs.fat"))
        return 0;
    g_test_add_func("/job-keep/beside", test_files_are_added_beside_those_of_the_user);
    g_test_add_func("/job-keep/sound", test_others_find_the_volume_sound);
    g_test_add_func("/job-keep/table",
                    test_only_ours_is_active_and_nothing_else_in_the_table_changes);
    g_test_add_func("/job-keep/uefi-only", test_without_bios_no_boot_sector_changes);
    g_test_add_func("/job-keep/second-build", test_a_second_build_keeps_what_the_first_one_saved);
    g_test_add_func("/job-keep/changed-since", test_what_the_user_changed_since_is_saved_too);
    g_test_add_func("/job-keep/new-since", test_a_file_that_came_after_the_review_is_not_replaced);
    g_test_add_func("/job-keep/damaged", test_a_damaged_volume_is_not_written);
    g_test_add_func("/job-keep/every-write",
                    test_every_write_that_fails_loses_nothing_and_can_be_finished);
    g_test_add_func("/job-keep/image-shrinks",
                    test_an_image_that_shrinks_meanwhile_changes_nothing);
    g_test_add_func("/job-keep/letting-go-fails",
                    test_a_failure_to_let_go_is_no_build_that_changed_nothing);
    g_test_add_func("/job-keep/stopped", test_a_build_that_is_stopped_changes_nothing);
    g_test_add_func("/job-keep/full", test_a_volume_that_is_full_by_now_changes_nothing);
    g_test_add_func("/job-keep/new-partition", test_a_new_partition_survives_every_failure);
    return g_test_run();
}
