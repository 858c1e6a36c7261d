/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-check.h"

#include <string.h>

#include "keep-tools.h"

static RubCheckReport *
check_path(const char *path, GCancellable *cancellable)
{
    RubTarget *target = rub_image_target_new(path, 0);
    g_autoptr(RubProgress) progress = rub_progress_new();
    RubCheckReport *report = rub_check_run(target, progress, cancellable);
    rub_target_free(target);
    return report;
}

/* Looking must not change a byte. */
static RubCheckReport *
check(const Build *build)
{
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    gsize size_bytes;
    g_assert_true(g_file_get_contents(build->disk_path, &before, &size_bytes, NULL));
    RubCheckReport *report = check_path(build->disk_path, NULL);
    g_assert_true(g_file_get_contents(build->disk_path, &after, NULL, NULL));
    g_assert_true(memcmp(before, after, size_bytes) == 0);
    return report;
}

static void
assert_state(const RubCheckReport *report, RubCheckState state, int code)
{
    g_assert_cmpstr(rub_check_state_get_id(report->state), ==, rub_check_state_get_id(state));
    g_assert_cmpint(report->finding ? (int) report->finding->code : 0, ==, code);
}

static void
assert_changed(const Build *build, const char *path, const char *note)
{
    g_autoptr(RubCheckReport) report = check(build);
    assert_state(report, RUB_CHECK_CHANGED, RUB_CODE_VERIFY_FAILED);
    g_assert_cmpuint(g_strv_length(report->finding->files), ==, 1);
    g_assert_cmpstr(report->finding->files[0], ==, path);
    assert_owned_string(rub_finding_get_note(report->finding, 0, NULL), note);
}

static void
make_built(Build *build, gboolean keeps)
{
    if (keeps)
        build_init_kept(build);
    else
        build_init(build);
    build_run(build);
    g_assert_null(build->report->failure);
}

static void
tool_on_volume(const Build *build, const char *program, const char *argument)
{
    g_autofree char *volume = g_strdup_printf("%s@@%" G_GUINT64_FORMAT, build->disk_path,
                                              build->plan->volume.start_lba * 512);
    g_autofree char *path = g_strconcat("::", argument, NULL);
    run(program, "-i", volume, path);
}

static void
test_a_finished_stick_is_good(void)
{
    for (guint keeps = 0; keeps < 2; keeps++) {
        g_auto(Build) build;
        make_built(&build, keeps);
        g_autoptr(RubCheckReport) report = check(&build);
        assert_state(report, RUB_CHECK_GOOD, 0);
        g_assert_cmpstr(report->image_name, ==, "rescue.iso");
        g_assert_nonnull(report->created);
        g_assert_cmpuint(report->file_count, ==, G_N_ELEMENTS(job_files));
        g_assert_cmpuint(report->checked_bytes, ==, build.plan->copy_bytes);
    }
}

static void
test_files_added_later_are_no_fault(void)
{
    g_auto(Build) build;
    make_built(&build, FALSE);
    tool_on_volume(&build, "mmd", "another folder");
    g_autofree char *volume = g_strdup_printf("%s@@%" G_GUINT64_FORMAT, build.disk_path,
                                              build.plan->volume.start_lba * 512);
    run("mcopy", "-i", volume, build.iso_path, "::docs/mine.iso");
    g_autoptr(RubCheckReport) report = check(&build);
    assert_state(report, RUB_CHECK_GOOD, 0);
}

static void
test_what_was_changed_is_named(void)
{
    g_auto(Build) build;
    make_built(&build, TRUE);
    g_autofree guint8 *content = make_content(job_files[1].path, job_files[1].size_bytes);
    damage(build.disk_path, find_on_disk(build.disk_path, content, 64) + 5);
    assert_changed(&build, "EFI/BOOT/BOOTX64.EFI", "(its contents differ)");
    damage(build.disk_path, 2048 * 512 + 300);
    g_autoptr(RubCheckReport) report = check(&build);
    assert_state(report, RUB_CHECK_CHANGED, RUB_CODE_VERIFY_FAILED);
    assert_owned_string(rub_finding_get_line(report->finding, 1, NULL),
                        "VBR (the boot record of the partition differs)");
}

static void
test_what_is_missing_is_named(void)
{
    g_auto(Build) build;
    make_built(&build, TRUE);
    tool_on_volume(&build, "mdel", "sources/boot.wim");
    assert_changed(&build, "sources/boot.wim", "(missing)");
}

static void
test_changed_boot_code_and_flags_are_named(void)
{
    g_auto(Build) build;
    make_built(&build, TRUE);
    damage(build.disk_path, 17);
    assert_changed(&build, "MBR", "(the boot code in the master boot record differs)");
    damage(build.disk_path, 17);
    const guint8 inactive = 0;
    poke(build.disk_path, 446, &inactive, 1);
    assert_changed(&build, "MBR", "(the active flags of the partition table differ)");
}

static void
test_other_sticks_are_not_ours(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autoptr(RubCheckReport) report = check(&build);
    assert_state(report, RUB_CHECK_NOT_OURS, RUB_CODE_NOT_OUR_STICK);
    g_autofree char *blank = make_image(build.folder, "blank.img", MIB);
    g_autoptr(RubCheckReport) blank_report = check_path(blank, NULL);
    assert_state(blank_report, RUB_CHECK_NOT_OURS, RUB_CODE_NOT_OUR_STICK);
}

static void
test_a_file_that_is_not_there_cannot_be_checked(void)
{
    g_autoptr(RubCheckReport) report = check_path("/nonexistent/stick.img", NULL);
    assert_state(report, RUB_CHECK_NOT_OURS, RUB_CODE_USAGE);
}

static void
test_a_build_that_was_cut_off_is_incomplete(void)
{
    for (guint keeps = 0; keeps < 2; keeps++) {
        g_auto(Build) build;
        if (keeps)
            build_init_kept(&build);
        else
            build_init(&build);
        guint total = count_writes(&build);
        build_restart(&build);
        if (keeps)
            make_kept_disk(&build, KEEP_DISK_BYTES, 40 * MIB, 1);
        Writes writes = {.at = total};
        hook(&build, fail_one_write, &writes);
        build_run(&build);
        g_assert_nonnull(build.report->failure);
        g_autoptr(RubCheckReport) report = check(&build);
        assert_state(report, RUB_CHECK_INCOMPLETE, RUB_CODE_BUILD_INCOMPLETE);
    }
}

static void
test_a_damaged_filesystem_is_told(void)
{
    g_auto(Build) build;
    make_built(&build, TRUE);
    /* A cluster in use that no file has. */
    guint8 entry[4] = {0xff, 0xff, 0xff, 0x0f};
    guint64 table = (2048 + 32) * 512;
    poke(build.disk_path, table + 70000 * 4, entry, sizeof entry);
    g_autoptr(RubCheckReport) report = check(&build);
    assert_state(report, RUB_CHECK_DAMAGED, RUB_CODE_VERIFY_FAILED);
}

static void
test_a_damaged_record_is_told(void)
{
    g_auto(Build) build;
    make_built(&build, TRUE);
    static const char head[] = "{\"manifest\":1,";
    static const char broken[] = "{\"manifest\":x,";
    static const char newer[] = "{\"manifest\":9,";
    guint64 offset = find_on_disk(build.disk_path, head, sizeof head - 1);
    poke(build.disk_path, offset, broken, sizeof broken - 1);
    g_autoptr(RubCheckReport) report = check(&build);
    assert_state(report, RUB_CHECK_CHANGED, RUB_CODE_VERIFY_FAILED);
    poke(build.disk_path, offset, newer, sizeof newer - 1);
    g_autoptr(RubCheckReport) newer_report = check(&build);
    assert_state(newer_report, RUB_CHECK_NOT_OURS, RUB_CODE_NOT_OUR_STICK);
}

static void
test_it_can_be_stopped(void)
{
    g_auto(Build) build;
    make_built(&build, TRUE);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    g_autoptr(RubCheckReport) report = check_path(build.disk_path, cancellable);
    g_assert_cmpint(report->finding->code, ==, RUB_CODE_CANCELLED);
}

/* Only the kernel's driver writes FAT16; at a cut, its mark of a volume in use stays. */
static void
test_a_cut_off_build_on_fat16_is_incomplete(void)
{
    g_auto(Build) build;
    build_init(&build);
    g_autoptr(RubPending) note = rub_pending_new();
    note->is_mounted = TRUE;
    rub_pending_add_file(note, "EFI/BOOT/BOOTX64.EFI", 70000);
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(note);
    make_fat16_disk(&build, bytes, RUB_PENDING_PATH);
    for (guint8 is_in_use = 0; is_in_use < 2; is_in_use++) {
        poke(build.disk_path, (guint64) KEEP_START_LBA * 512 + 0x25, &is_in_use, 1);
        g_autoptr(RubCheckReport) report = check(&build);
        assert_state(report, RUB_CHECK_INCOMPLETE, RUB_CODE_BUILD_INCOMPLETE);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without("mcopy") || skip_all_without("mkfs.fat"))
        return 0;
    g_test_add_func("/check/good", test_a_finished_stick_is_good);
    g_test_add_func("/check/added-later", test_files_added_later_are_no_fault);
    g_test_add_func("/check/changed", test_what_was_changed_is_named);
    g_test_add_func("/check/missing", test_what_is_missing_is_named);
    g_test_add_func("/check/boot-code", test_changed_boot_code_and_flags_are_named);
    g_test_add_func("/check/not-ours", test_other_sticks_are_not_ours);
    g_test_add_func("/check/no-file", test_a_file_that_is_not_there_cannot_be_checked);
    g_test_add_func("/check/incomplete", test_a_build_that_was_cut_off_is_incomplete);
    g_test_add_func("/check/damaged", test_a_damaged_filesystem_is_told);
    g_test_add_func("/check/damaged-record", test_a_damaged_record_is_told);
    g_test_add_func("/check/stopped", test_it_can_be_stopped);
    g_test_add_func("/check/fat16", test_a_cut_off_build_on_fat16_is_incomplete);
    return g_test_run();
}
