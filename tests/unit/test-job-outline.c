/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "keep-tools.h"
#include "target/rub-kept-folder.h"

/* A keep build that was reviewed from what others told of a drive, and is then carried out on the
 * disk itself. */

static void
review(Build *build)
{
    build_plan(build);
    RubLayout *layout = build->layout;
    layout->is_outline = TRUE;
    layout->password = RUB_PASSWORD_NEEDED;
    layout->is_removable = TRUE;
    layout->has_boot_code = FALSE;
    layout->disk_signature = 0;
}

static void
plan_and_run(Build *build)
{
    g_clear_pointer(&build->plan, rub_plan_free);
    build->plan = rub_plan_new(&build->scene.info, rub_source_get_listing(build->source),
                               build->layout, &build->scene.options);
    g_assert_null(rub_plan_get_obstacle(build->plan));
    g_autoptr(RubJob) job = rub_job_new(build->source, &build->scene.info, &build->target->parent,
                                        build->layout, build->plan, NULL);
    build->report = rub_job_run(job, build->cancellable);
}

static RubContents *
get_contents(const Build *build)
{
    RubPartition *partition = g_ptr_array_index(build->layout->partitions, 0);
    return &partition->contents;
}

static void
assert_nothing_changed(const Build *build, GHashTable *before)
{
    assert_left_behind(build, NOTHING_CHANGED);
    g_autoptr(GHashTable) after = read_kept(build);
    g_assert_cmpuint(g_hash_table_size(after), ==, g_hash_table_size(before));
    for (guint i = 0; i < G_N_ELEMENTS(user_files); i++)
        assert_holds_user_file(after, user_files[i].path, i);
}

static void
test_files_are_kept_by_what_the_disk_holds(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    review(&build);
    plan_and_run(&build);
    if (build.report->failure) {
        g_autofree char *failure = get_failure(&build);
        g_error("%s", failure);
    }
    g_assert_true(build.report->is_verified);
    g_autoptr(GHashTable) files = read_kept(&build);
    assert_holds_user_file(files, "holiday.jpg", 0);
    assert_holds_image_file(files, "BOOTMGR", 0);
    g_autoptr(RubStickVolume) stick = open_kept_volume(build.disk_path);
    g_assert_cmpuint(stick->manifest->saved->len, ==, 2);
    /* Which only the disk tells. */
    g_assert_cmpuint(stick->manifest->volume.disk_signature, ==, 0x1badcafe);
}

static void
test_a_file_that_was_not_shown_stops_the_build(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autoptr(GHashTable) before = read_kept(&build);
    review(&build);
    GPtrArray *entries = get_contents(&build)->kept->listing->entries;
    for (guint i = 0; i < entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(entries, i);
        if (strcmp(entry->path, "BOOTMGR") == 0)
            g_ptr_array_remove_index(entries, i--);
    }
    plan_and_run(&build);
    assert_failed(&build, RUB_CODE_DEVICE_CHANGED);
    assert_nothing_changed(&build, before);
}

static void
test_damage_that_only_the_disk_shows_stops_the_build(void)
{
    g_auto(Build) build;
    build_init_kept(&build);
    g_autoptr(GHashTable) before = read_kept(&build);
    review(&build);
    /* The mark of a volume that is in use, in the boot record (Windows and Linux put it there). */
    const guint8 dirty = 1;
    poke(build.disk_path, (guint64) KEEP_START_LBA * 512 + 0x41, &dirty, 1);
    plan_and_run(&build);
    assert_failed(&build, RUB_CODE_VOLUME_DAMAGED);
    assert_nothing_changed(&build, before);
}

/* What is on the volume as somebody sees it who cannot look at the disk. */
static void
look_through_a_folder(Build *build)
{
    RubContents *contents = get_contents(build);
    g_autofree char *volume = g_strdup_printf("%s@@%d", build->disk_path, KEEP_START_LBA * 512);
    g_autofree char *folder = g_build_filename(build->folder, "mounted", NULL);
    g_assert_no_errno(g_mkdir(folder, 0700));
    run("mcopy", "-s", "-n", "-i", volume, "::", folder);
    g_clear_pointer(&contents->kept, rub_kept_volume_free);
    rub_contents_look_into_folder(contents, folder, NULL);
    g_assert_nonnull(contents->kept);
    remove_folder(g_steal_pointer(&folder));
}

/* Whatever a cut-off build left, what others show of it and the disk itself lead to the same. */
static void
test_a_build_that_was_cut_off_is_finished(void)
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
        g_assert_nonnull(build.report->failure);
        hook(&build, NULL, NULL);
        review(&build);
        look_through_a_folder(&build);
        g_clear_pointer(&build.report, rub_report_free);
        plan_and_run(&build);
        if (build.report->failure) {
            g_autofree char *failure = get_failure(&build);
            g_error("cut off at write %u: %s", at, failure);
        }
        g_autoptr(GHashTable) files = read_kept(&build);
        assert_holds_user_file(files, "holiday.jpg", 0);
        g_autoptr(RubStickVolume) stick = open_kept_volume(build.disk_path);
        g_assert_cmpuint(stick->manifest->saved->len, ==, 2);
    }
}

/* A disk on which others recognised nothing, whose first sector is made of these bytes. */
static void
review_unknown(Build *build, guint8 byte)
{
    build_init(build);
    guint8 sector[512];
    memset(sector, byte, sizeof sector);
    poke(build->disk_path, 0, sector, sizeof sector);
    review(build);
    build->layout->table = RUB_TABLE_OTHER;
    build->scene.options.keep = TRUE;
}

static void
test_a_disk_that_turns_out_to_be_blank_is_initialised(void)
{
    g_auto(Build) build;
    review_unknown(&build, 0);
    plan_and_run(&build);
    g_assert_null(build.report->failure);
    g_assert_true(build.report->is_verified);
    g_assert_cmpint(build.plan->mode, ==, RUB_PLAN_KEEP_BLANK);
}

static void
test_a_disk_that_turns_out_to_hold_something_is_left_alone(void)
{
    g_auto(Build) build;
    review_unknown(&build, 0x5a);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_assert_true(g_file_get_contents(build.disk_path, &before, NULL, NULL));
    plan_and_run(&build);
    assert_failed(&build, RUB_CODE_UNSUPPORTED_DISK_TYPE);
    assert_left_behind(&build, NOTHING_CHANGED);
    g_assert_true(g_file_get_contents(build.disk_path, &after, NULL, NULL));
    g_assert_cmpmem(before, JOB_DISK_BYTES, after, JOB_DISK_BYTES);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (skip_all_without("mkfs.fat") || skip_all_without("mcopy") || skip_all_without("sfdisk"))
        return 0;
    g_test_add_func("/job/outline/files-are-kept-by-what-the-disk-holds",
                    test_files_are_kept_by_what_the_disk_holds);
    g_test_add_func("/job/outline/a-file-that-was-not-shown-stops-the-build",
                    test_a_file_that_was_not_shown_stops_the_build);
    g_test_add_func("/job/outline/damage-that-only-the-disk-shows-stops-the-build",
                    test_damage_that_only_the_disk_shows_stops_the_build);
    g_test_add_func("/job/outline/a-build-that-was-cut-off-is-finished",
                    test_a_build_that_was_cut_off_is_finished);
    g_test_add_func("/job/outline/a-disk-that-turns-out-to-be-blank-is-initialised",
                    test_a_disk_that_turns_out_to_be_blank_is_initialised);
    g_test_add_func("/job/outline/a-disk-that-turns-out-to-hold-something-is-left-alone",
                    test_a_disk_that_turns_out_to_hold_something_is_left_alone);
    return g_test_run();
}
