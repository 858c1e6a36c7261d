/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>
#include <string.h>

#include "job-tools.h"
#include "volume/rub-fat.h"
#include "volume/rub-records.h"

static RubListing *
list_stick(const Build *build)
{
    GError *error = NULL;
    int fd = open(build->disk_path, O_RDONLY | O_CLOEXEC);
    g_autoptr(RubDisk) disk = rub_disk_new(fd, JOB_DISK_BYTES, 512, "stick.img");
    const RubNewVolume *volume = &build->plan->volume;
    g_autoptr(RubFat) fat = rub_fat_open(disk, volume->start_lba, volume->sector_count, &error);
    g_assert_no_error(error);
    RubListing *listing = rub_fat_list(fat, &error);
    g_assert_no_error(error);
    return listing;
}

static const RubEntry *
find_entry(const RubListing *listing, const char *path)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (g_str_equal(entry->path, path))
            return entry;
    }
    g_error("%s is not there", path);
}

/* Small files lie in one piece. */
static void
read_entry(const Build *build, const RubEntry *entry, void *buffer)
{
    g_assert_cmpuint(entry->extents->len, ==, 1);
    const RubExtent *extent = &g_array_index(entry->extents, RubExtent, 0);
    peek(build->disk_path, extent->offset_bytes, buffer, (gsize) entry->size_bytes);
}

static void
test_a_build_ends_with_everything_on_the_stick(void)
{
    g_auto(Build) build;
    build_init(&build);
    build_run(&build);
    const RubReport *report = build.report;
    g_assert_null(report->failure);
    g_assert_null(report->left_behind);
    g_assert_true(report->is_verified);
    g_assert_cmpuint(report->file_count, ==, G_N_ELEMENTS(job_files));
    g_assert_cmpuint(report->copied_bytes, ==, build.plan->copy_bytes);
    g_assert_cmpuint(report->stats.written_bytes, >, build.plan->copy_bytes);
    g_assert_cmpuint(report->steps->len, ==, build.plan->steps->len);
    for (guint i = 0; i < report->steps->len; i++) {
        const RubReportStep *step = g_ptr_array_index(report->steps, i);
        g_assert_true(step->is_done);
    }
    g_autoptr(RubListing) listing = list_stick(&build);
    for (gsize i = 0; i < G_N_ELEMENTS(job_files); i++) {
        const RubEntry *entry = find_entry(listing, job_files[i].path);
        g_assert_cmpuint(entry->size_bytes, ==, job_files[i].size_bytes);
        if (entry->size_bytes == 0)
            continue;
        g_autofree guint8 *found = g_malloc(job_files[i].size_bytes);
        g_autofree guint8 *wanted = make_content(job_files[i].path, job_files[i].size_bytes);
        read_entry(&build, entry, found);
        g_assert_cmpmem(found, job_files[i].size_bytes, wanted, job_files[i].size_bytes);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(job_folders); i++)
        g_assert_cmpint(find_entry(listing, job_folders[i])->kind, ==, RUB_ENTRY_FOLDER);
}

static void
test_the_manifest_tells_what_is_there(void)
{
    g_auto(Build) build;
    build_init(&build);
    build_run(&build);
    g_autoptr(RubListing) listing = list_stick(&build);
    const RubEntry *entry = find_entry(listing, RUB_MANIFEST_PATH);
    g_autofree char *text = g_malloc0(entry->size_bytes + 1);
    read_entry(&build, entry, text);
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) root = json_from_string(text, &error);
    g_assert_no_error(error);
    JsonObject *manifest = json_node_get_object(root);
    g_assert_cmpstr(json_object_get_string_member(manifest, "state"), ==, "complete");
    g_assert_cmpuint(json_array_get_length(json_object_get_array_member(manifest, "files")), ==,
                     G_N_ELEMENTS(job_files));
    g_assert_cmpuint(json_array_get_length(json_object_get_array_member(manifest, "folders")), ==,
                     G_N_ELEMENTS(job_folders));
    JsonObject *boot = json_object_get_object_member(manifest, "boot");
    g_assert_cmpuint(strlen(json_object_get_string_member(boot, "mbr_code")), ==, 32);
    g_assert_cmpuint(strlen(json_object_get_string_member(boot, "boot_record")), ==, 32);
}

static void
test_the_target_is_let_go_of(void)
{
    g_auto(Build) build;
    build_init(&build);
    build_plan(&build);
    g_autoptr(RubJob) job = rub_job_new(build.source, &build.scene.info, &build.target->parent,
                                        build.layout, build.plan, NULL);
    build.report = rub_job_run(job, NULL);
    g_assert_null(build.report->failure);
    g_assert_cmpuint(build.target->finish_count, ==, 1);
    g_assert_null(rub_target_get_disk(&build.target->parent));
    g_autoptr(GError) error = NULL;
    RubTarget *other = rub_image_target_new(build.disk_path, 0);
    g_autoptr(RubLayout) layout = rub_target_read_layout(other, NULL, &error);
    g_assert_true(rub_target_open_for_writing(other, layout, RUB_ACCESS_RAW, NULL, &error));
    g_assert_no_error(error);
    rub_target_free(other);
}

static void
test_a_second_build_replaces_the_first(void)
{
    g_auto(Build) build;
    build_init(&build);
    build_run(&build);
    build_run(&build);
    g_assert_null(build.report->failure);
    g_assert_true(build.report->is_verified);
    g_assert_cmpuint(build.plan->lost->len, ==, 1);
}

static void
test_without_reading_back_nothing_is_claimed(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.scene.options.skip_verify = TRUE;
    build_run(&build);
    g_assert_null(build.report->failure);
    g_assert_false(build.report->is_verified);
}

static void
test_a_stick_for_uefi_only_gets_no_boot_code(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.scene.options.firmware = RUB_FIRMWARE_UEFI;
    build_run(&build);
    g_assert_true(build.report->is_verified);
    guint8 code[440];
    const guint8 zeros[440] = {0};
    peek(build.disk_path, 0, code, sizeof code);
    g_assert_cmpmem(code, sizeof code, zeros, sizeof zeros);
}

static void
test_a_new_file_is_made(void)
{
    g_auto(Build) build;
    build_init(&build);
    rub_target_free(&build.target->parent);
    g_remove(build.disk_path);
    build.target = spy_target_new(build.disk_path, JOB_DISK_BYTES);
    build_run(&build);
    g_assert_null(build.report->failure);
    g_assert_true(build.report->is_verified);
}

static void
test_each_refusal_of_the_target_is_told(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.target->failing_open = RUB_CODE_DEVICE_BUSY;
    build_run(&build);
    assert_failed(&build, RUB_CODE_DEVICE_BUSY);
    assert_left_behind(&build, NOTHING_CHANGED);
    g_assert_cmpuint(build.target->finish_count, ==, 0);
    g_assert_cmpuint(build.report->steps->len, ==, 1);

    build_restart(&build);
    build.target->failing_table = RUB_CODE_NO_PARTITION_TABLE;
    build_run(&build);
    assert_failed(&build, RUB_CODE_NO_PARTITION_TABLE);
    assert_left_behind(&build, NOTHING_CHANGED);
    g_assert_cmpuint(build.target->finish_count, ==, 1);

    build_restart(&build);
    build.target->failing_volume = RUB_CODE_CREATE_FAT32_FAILED;
    build_run(&build);
    assert_failed(&build, RUB_CODE_CREATE_FAT32_FAILED);
    assert_left_behind(&build, UNFINISHED);
    g_assert_cmpuint(build.target->finish_count, ==, 1);

    build_restart(&build);
    build.target->failing_finish = RUB_CODE_WRITE_FAILED;
    build_run(&build);
    assert_failed(&build, RUB_CODE_WRITE_FAILED);
    assert_left_behind(&build, UNFINISHED);
    g_assert_cmpuint(build.target->finish_count, ==, 1);
}

static void
test_a_new_file_that_is_unfinished_is_something(void)
{
    g_auto(Build) build;
    build_init(&build);
    rub_target_free(&build.target->parent);
    g_remove(build.disk_path);
    build.target = spy_target_new(build.disk_path, JOB_DISK_BYTES);
    build.target->failing_table = RUB_CODE_INIT_FAILED;
    build_run(&build);
    assert_failed(&build, RUB_CODE_INIT_FAILED);
    assert_left_behind(&build, "stick.img was made and is unfinished: do not use it to start a "
                               "computer. Delete it, or build on it again.");
    g_assert_true(g_file_test(build.disk_path, G_FILE_TEST_EXISTS));
}

static void
test_the_image_is_not_written_over(void)
{
    g_auto(Build) build;
    build_init(&build);
    rub_target_free(&build.target->parent);
    g_remove(build.disk_path);
    g_assert_cmpint(link(build.iso_path, build.disk_path), ==, 0);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    gsize size_bytes;
    build.target = spy_target_new(build.disk_path, 0);
    g_assert_cmpint(truncate(build.iso_path, (off_t) JOB_DISK_BYTES), ==, 0);
    g_assert_true(g_file_get_contents(build.iso_path, &before, &size_bytes, NULL));
    build_run(&build);
    assert_failed(&build, RUB_CODE_DEVICE_BUSY);
    assert_left_behind(&build, NOTHING_CHANGED);
    g_assert_true(g_file_get_contents(build.iso_path, &after, NULL, NULL));
    g_assert_true(memcmp(before, after, size_bytes) == 0);
}

static void
test_a_build_can_be_stopped_before_it_begins(void)
{
    g_auto(Build) build;
    build_init(&build);
    g_cancellable_cancel(build.cancellable);
    build_run(&build);
    assert_failed(&build, RUB_CODE_CANCELLED);
    assert_left_behind(&build, NOTHING_CHANGED);
    g_assert_cmpuint(build.report->steps->len, ==, 0);
    g_assert_cmpuint(build.target->finish_count, ==, 0);
}

static void
test_a_build_can_be_stopped_between_steps(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.target->cancelled_by_table = build.cancellable;
    build_run(&build);
    assert_failed(&build, RUB_CODE_CANCELLED);
    assert_left_behind(&build, UNFINISHED);
    g_assert_cmpuint(build.report->steps->len, ==, 1);

    build_restart(&build);
    g_cancellable_reset(build.cancellable);
    build.target->cancelled_by_volume = build.cancellable;
    build_run(&build);
    assert_failed(&build, RUB_CODE_CANCELLED);
    assert_left_behind(&build, UNFINISHED);
    g_assert_cmpuint(build.report->steps->len, ==, 2);
}

static void
test_a_build_can_be_stopped_at_every_write(void)
{
    g_auto(Build) build;
    build_init(&build);
    guint total = count_writes(&build);
    for (guint at = 1; at <= total; at++) {
        Writes writes = {.at = at, .cancellable = build.cancellable};
        build_restart(&build);
        g_cancellable_reset(build.cancellable);
        hook(&build, cancel_at_write, &writes);
        build_run(&build);
        assert_failed(&build, RUB_CODE_CANCELLED);
        /* The last write is the MBR's code; only reading back comes after it. */
        assert_left_behind(&build, at == total ? NOT_READ_BACK : UNFINISHED);
        g_assert_cmpuint(build.target->finish_count, ==, 1);
    }
}

static void
test_progress_ends_at_one(void)
{
    g_auto(Build) build;
    build_init(&build);
    build_plan(&build);
    g_autoptr(RubJob) job = rub_job_new(build.source, &build.scene.info, &build.target->parent,
                                        build.layout, build.plan, NULL);
    RubProgress *progress = rub_job_get_progress(job);
    g_auto(RubProgressSnapshot) before = {0};
    rub_progress_take_snapshot(progress, &before);
    g_assert_cmpfloat(before.fraction, ==, 0);
    build.report = rub_job_run(job, NULL);
    g_auto(RubProgressSnapshot) after = {0};
    rub_progress_take_snapshot(progress, &after);
    g_assert_cmpfloat(after.fraction, ==, 1);
    g_assert_cmpuint(after.step, ==, build.plan->steps->len);
}

static void
on_done_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Build *build = user_data;
    build->report = rub_job_run_finish(result);
}

static void
run_in_background(Build *build)
{
    build_plan(build);
    g_clear_pointer(&build->report, rub_report_free);
    g_autoptr(RubJob) job = rub_job_new(build->source, &build->scene.info, &build->target->parent,
                                        build->layout, build->plan, NULL);
    rub_job_run_async(job, build->cancellable, on_done_cb, build);
    while (!build->report)
        g_main_context_iteration(NULL, TRUE);
}

static void
test_a_build_in_the_background_reports_too(void)
{
    g_auto(Build) build;
    build_init(&build);
    run_in_background(&build);
    g_assert_null(build.report->failure);
    g_assert_true(build.report->is_verified);

    build_restart(&build);
    Writes writes = {.at = 3, .cancellable = build.cancellable};
    hook(&build, cancel_at_write, &writes);
    run_in_background(&build);
    assert_failed(&build, RUB_CODE_CANCELLED);
    g_assert_cmpuint(build.target->finish_count, ==, 1);
}

static void
test_the_log_says_what_was_done(void)
{
    g_auto(Build) build;
    build_init(&build);
    build_plan(&build);
    g_autofree char *path = g_build_filename(build.folder, "build.log", NULL);
    g_autoptr(RubLog) log = rub_log_open(path, NULL);
    g_autoptr(RubJob) job = rub_job_new(build.source, &build.scene.info, &build.target->parent,
                                        build.layout, build.plan, log);
    build.target->failing_volume = RUB_CODE_CREATE_FAT32_FAILED;
    build.report = rub_job_run(job, NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    static const char *const wanted[] = {"rescue.iso",   "stick.img",     "step 1: New MBR",
                                         "table done",   "format failed", "code 8",
                                         "made to fail", "is unfinished"};
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_assert_nonnull(strstr(text, wanted[i]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without(RUB_FAT_MAKER_PROGRAM))
        return 0;
    g_test_add_func("/job/everything", test_a_build_ends_with_everything_on_the_stick);
    g_test_add_func("/job/manifest", test_the_manifest_tells_what_is_there);
    g_test_add_func("/job/let-go", test_the_target_is_let_go_of);
    g_test_add_func("/job/second-build", test_a_second_build_replaces_the_first);
    g_test_add_func("/job/not-read-back", test_without_reading_back_nothing_is_claimed);
    g_test_add_func("/job/uefi-only", test_a_stick_for_uefi_only_gets_no_boot_code);
    g_test_add_func("/job/new-file", test_a_new_file_is_made);
    g_test_add_func("/job/refusals", test_each_refusal_of_the_target_is_told);
    g_test_add_func("/job/unfinished-file", test_a_new_file_that_is_unfinished_is_something);
    g_test_add_func("/job/image-itself", test_the_image_is_not_written_over);
    g_test_add_func("/job/stopped-before", test_a_build_can_be_stopped_before_it_begins);
    g_test_add_func("/job/stopped-between", test_a_build_can_be_stopped_between_steps);
    g_test_add_func("/job/stopped-anywhere", test_a_build_can_be_stopped_at_every_write);
    g_test_add_func("/job/progress", test_progress_ends_at_one);
    g_test_add_func("/job/background", test_a_build_in_the_background_reports_too);
    g_test_add_func("/job/log", test_the_log_says_what_was_done);
    return g_test_run();
}
