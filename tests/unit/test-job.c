/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "job-tools.h"
#include "volume/rub-fat.h"

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
    g_assert_true(rub_target_open_for_writing(other, layout, &error));
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

static const char *const nothing_changed = "Nothing was changed on stick.img.";
static const char *const unfinished = "stick.img was erased and is unfinished: do not use it to "
                                      "start a computer. Build it again.";
static const char *const not_read_back = "stick.img was written to the end, but not all of it was "
                                         "read back. Build it again to be sure.";
static const char *const not_right = "stick.img was written, but what is on it is not right: do "
                                     "not use it to start a computer.";

/* The path of the disk is in a scratch folder; its name is what matters. */
static void
assert_left_behind(const Build *build, const char *expected)
{
    g_autofree char *prefix = g_strconcat(build->folder, "/", NULL);
    g_autofree char *actual = get_left_behind(build);
    g_auto(GStrv) parts = g_strsplit(actual, prefix, -1);
    assert_owned_string(g_strjoinv("", parts), expected);
}

static void
test_each_refusal_of_the_target_is_told(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.target->failing_open = RUB_CODE_DEVICE_BUSY;
    build_run(&build);
    assert_failed(&build, RUB_CODE_DEVICE_BUSY);
    assert_left_behind(&build, nothing_changed);
    g_assert_cmpuint(build.target->finish_count, ==, 0);
    g_assert_cmpuint(build.report->steps->len, ==, 1);

    build_restart(&build);
    build.target->failing_table = RUB_CODE_NO_PARTITION_TABLE;
    build_run(&build);
    assert_failed(&build, RUB_CODE_NO_PARTITION_TABLE);
    assert_left_behind(&build, nothing_changed);
    g_assert_cmpuint(build.target->finish_count, ==, 1);

    build_restart(&build);
    build.target->failing_volume = RUB_CODE_CREATE_FAT32_FAILED;
    build_run(&build);
    assert_failed(&build, RUB_CODE_CREATE_FAT32_FAILED);
    assert_left_behind(&build, unfinished);
    g_assert_cmpuint(build.target->finish_count, ==, 1);

    build_restart(&build);
    build.target->failing_finish = RUB_CODE_WRITE_FAILED;
    build_run(&build);
    assert_failed(&build, RUB_CODE_WRITE_FAILED);
    assert_left_behind(&build, unfinished);
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

/* What a write hook does, and when. */
typedef struct {
    guint count;
    guint at; /* counted from 1; 0 for never */
    GCancellable *cancellable;
    guint64 last_offset_bytes;
} Writes;

static int
fail_one_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Writes *writes = user_data;
    writes->last_offset_bytes = offset_bytes;
    return ++writes->count == writes->at ? EIO : 0;
}

static int
cancel_at_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Writes *writes = user_data;
    if (++writes->count == writes->at)
        g_cancellable_cancel(writes->cancellable);
    return 0;
}

static void
hook(Build *build, RubDiskWriteHook function, Writes *writes)
{
    build->target->hook = function;
    build->target->hook_data = writes;
}

static guint
count_writes(Build *build)
{
    Writes writes = {0};
    hook(build, fail_one_write, &writes);
    build_run(build);
    g_assert_null(build->report->failure);
    return writes.count;
}

static RubStepKind
get_last_step(const RubReport *report)
{
    const RubReportStep *step = g_ptr_array_index(report->steps, report->steps->len - 1);
    g_assert_false(step->is_done);
    return step->kind;
}

static void
test_every_write_that_fails_fails_the_build(void)
{
    g_auto(Build) build;
    build_init(&build);
    guint total = count_writes(&build);
    g_assert_cmpuint(total, >, 10);
    for (guint at = 1; at <= total; at++) {
        Writes writes = {.at = at};
        build_restart(&build);
        hook(&build, fail_one_write, &writes);
        build_run(&build);
        g_assert_nonnull(build.report->failure);
        RubStepKind step = get_last_step(build.report);
        g_assert_cmpint(step, !=, RUB_STEP_VERIFY);
        gboolean is_table = step == RUB_STEP_TABLE;
        assert_failed(&build, is_table ? RUB_CODE_INIT_FAILED : RUB_CODE_WRITE_FAILED);
        assert_left_behind(&build, at == 1 ? nothing_changed : unfinished);
        g_autofree char *offset =
            g_strdup_printf("byte %" G_GUINT64_FORMAT, writes.last_offset_bytes);
        g_autofree char *failure = get_failure(&build);
        g_assert_nonnull(strstr(failure, offset));
        g_assert_cmpuint(build.target->finish_count, ==, 1);
    }
    g_test_message("%u writes", total);
}

static void
test_a_write_that_fails_first_changes_no_byte(void)
{
    g_auto(Build) build;
    build_init(&build);
    build_run(&build);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    gsize size_bytes;
    g_assert_true(g_file_get_contents(build.disk_path, &before, &size_bytes, NULL));
    Writes writes = {.at = 1};
    hook(&build, fail_one_write, &writes);
    build_run(&build);
    assert_left_behind(&build, nothing_changed);
    g_assert_true(g_file_get_contents(build.disk_path, &after, NULL, NULL));
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
    assert_left_behind(&build, nothing_changed);
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
    assert_left_behind(&build, unfinished);
    g_assert_cmpuint(build.report->steps->len, ==, 1);

    build_restart(&build);
    g_cancellable_reset(build.cancellable);
    build.target->cancelled_by_volume = build.cancellable;
    build_run(&build);
    assert_failed(&build, RUB_CODE_CANCELLED);
    assert_left_behind(&build, unfinished);
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
        assert_left_behind(&build, at == total ? not_read_back : unfinished);
        g_assert_cmpuint(build.target->finish_count, ==, 1);
    }
}

/* The last write is the MBR's code: the hook damages what was written before it. */
typedef struct {
    const Build *build;
    gboolean is_done;
    const void *data;
    gsize data_bytes;
    gsize damage_offset;
} Damage;

static int
damage_before_last_write(guint64 offset_bytes, const void *data, gsize size_bytes,
                         gpointer user_data)
{
    Damage *self = user_data;
    gboolean is_boot_code = offset_bytes == 0 && *(const guint8 *) data != 0;
    if (is_boot_code)
        damage(self->build->disk_path,
               find_on_disk(self->build->disk_path, self->data, self->data_bytes) +
                   self->damage_offset);
    self->is_done |= is_boot_code;
    return 0;
}

static void
assert_damage_is_found(const void *data, gsize data_bytes, gsize damage_offset,
                       const char *expected)
{
    g_auto(Build) build;
    build_init(&build);
    Damage plan = {&build, FALSE, data, data_bytes, damage_offset};
    build.target->hook = damage_before_last_write;
    build.target->hook_data = &plan;
    build_run(&build);
    g_assert_true(plan.is_done);
    assert_failed(&build, RUB_CODE_VERIFY_FAILED);
    assert_left_behind(&build, not_right);
    g_assert_cmpint(get_last_step(build.report), ==, RUB_STEP_VERIFY);
    g_autofree char *failure = get_failure(&build);
    g_test_message("%s", failure);
    g_assert_nonnull(strstr(failure, expected));
}

static void
test_a_flipped_bit_in_a_file_is_found(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(job_files); i++) {
        gsize size_bytes = job_files[i].size_bytes;
        if (size_bytes < 16)
            continue;
        g_autofree guint8 *content = make_content(job_files[i].path, size_bytes);
        g_autofree char *last =
            g_strdup_printf("The file %s differs from the image at byte %" G_GSIZE_FORMAT ".",
                            job_files[i].path, size_bytes - 1);
        g_autofree char *first =
            g_strdup_printf("The file %s differs from the image at byte 0.", job_files[i].path);
        assert_damage_is_found(content, 16, 0, first);
        assert_damage_is_found(content + size_bytes - 16, 16, 15, last);
    }
}

static void
test_a_flipped_bit_elsewhere_is_found(void)
{
    assert_damage_is_found("\"state\":\"complete\"", 18, 12,
                           "The file .rescue-usb-builder/manifest.json differs");
    assert_damage_is_found("BOOTX64 EFI", 11, 0, "is on the stick but was not written there");
    assert_damage_is_found("MSWIN4.1", 8, 0, "boot record");
}

static int
shorten_image(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    const Build *build = user_data;
    if (offset_bytes == 0)
        g_assert_cmpint(truncate(build->iso_path, 65536), ==, 0);
    return 0;
}

static void
test_an_image_that_shrinks_meanwhile_is_no_success(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.target->hook = shorten_image;
    build.target->hook_data = &build;
    build_run(&build);
    assert_failed(&build, RUB_CODE_IMAGE_INCOMPLETE);
    assert_left_behind(&build, unfinished);
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
    g_test_add_func("/job/write-faults", test_every_write_that_fails_fails_the_build);
    g_test_add_func("/job/first-write", test_a_write_that_fails_first_changes_no_byte);
    g_test_add_func("/job/stopped-before", test_a_build_can_be_stopped_before_it_begins);
    g_test_add_func("/job/stopped-between", test_a_build_can_be_stopped_between_steps);
    g_test_add_func("/job/stopped-anywhere", test_a_build_can_be_stopped_at_every_write);
    g_test_add_func("/job/damaged-file", test_a_flipped_bit_in_a_file_is_found);
    g_test_add_func("/job/damage-elsewhere", test_a_flipped_bit_elsewhere_is_found);
    g_test_add_func("/job/image-shrinks", test_an_image_that_shrinks_meanwhile_is_no_success);
    g_test_add_func("/job/progress", test_progress_ends_at_one);
    g_test_add_func("/job/background", test_a_build_in_the_background_reports_too);
    g_test_add_func("/job/log", test_the_log_says_what_was_done);
    return g_test_run();
}
