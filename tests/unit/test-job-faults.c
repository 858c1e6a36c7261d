/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include "job-tools.h"

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
        RubStepKind step = get_failed_step(build.report);
        g_assert_cmpint(step, !=, RUB_STEP_VERIFY);
        assert_failed(&build, step == RUB_STEP_TABLE    ? RUB_CODE_INIT_FAILED
                              : step == RUB_STEP_FORMAT ? RUB_CODE_CREATE_FAT32_FAILED
                                                        : RUB_CODE_WRITE_FAILED);
        assert_left_behind(&build, at == 1 ? NOTHING_CHANGED : UNFINISHED);
        g_autofree char *offset =
            g_strdup_printf("byte %" G_GUINT64_FORMAT, writes.last_offset_bytes);
        g_autofree char *failure = get_failure(&build);
        g_assert_nonnull(strstr(failure, offset));
        g_assert_cmpuint(build.target->finish_count, ==, 1);
    }
    g_test_message("%u writes", total);
}

static int
find_no_room(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Writes *writes = user_data;
    return ++writes->count == writes->at ? ENOSPC : 0;
}

/* Whatever was written then, the stick's table, filesystem or files: nothing is wrong with them. */
static void
test_a_full_disk_below_the_file_is_told_as_such(void)
{
    g_auto(Build) build;
    build_init(&build);
    guint total = count_writes(&build);
    for (guint at = 1; at <= total; at += 1 + total / 16) {
        Writes writes = {.at = at};
        build_restart(&build);
        hook(&build, find_no_room, &writes);
        build_run(&build);
        assert_failed(&build, RUB_CODE_WRITE_FAILED);
        g_autofree char *failure = get_failure(&build);
        g_assert_nonnull(strstr(failure, "disk on which the file "));
        g_assert_nonnull(strstr(failure, "stick.img lies is full: No space left on device."));
        assert_owned_string(format_text(build.report->failure->remedy),
                            "Delete files on that disk that are not needed, or put the disk-image "
                            "file on another disk.");
        assert_left_behind(&build, at == 1 ? NOTHING_CHANGED : UNFINISHED);
    }
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
    assert_left_behind(&build, NOTHING_CHANGED);
    g_assert_true(g_file_get_contents(build.disk_path, &after, NULL, NULL));
    g_assert_true(memcmp(before, after, size_bytes) == 0);
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
    assert_left_behind(&build, NOT_RIGHT);
    g_assert_cmpint(get_failed_step(build.report), ==, RUB_STEP_VERIFY);
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
    assert_left_behind(&build, UNFINISHED);
}

/* Another program writes to the image, which stays as large. That no clock is too coarse for it is
 * seen to. */
static int
change_image(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    const Build *build = user_data;
    struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
    guint8 byte = 0;
    poke(build->iso_path, 65536, &byte, 1);
    g_assert_cmpint(utimensat(AT_FDCWD, build->iso_path, times, 0), ==, 0);
    return 0;
}

static void
test_an_image_that_changes_meanwhile_is_no_success(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.target->hook = change_image;
    build.target->hook_data = &build;
    build_run(&build);
    assert_failed(&build, RUB_CODE_IMAGE_UNREADABLE);
    g_assert_cmpint(get_failed_step(build.report), ==, RUB_STEP_COPY);
    g_autofree char *failure = get_failure(&build);
    g_assert_nonnull(strstr(failure, "rescue.iso was written to while it was read."));
    assert_owned_string(format_text(build.report->failure->remedy),
                        "Wait until the download, or whatever else changes the image, is done, and "
                        "start again.");
    assert_left_behind(&build, UNFINISHED);
}

static int
rename_image(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    const Build *build = user_data;
    g_autofree char *new_path = g_strconcat(build->iso_path, ".new", NULL);
    if (offset_bytes == 0 && g_file_test(build->iso_path, G_FILE_TEST_EXISTS))
        g_assert_cmpint(chmod(build->iso_path, 0400) | rename(build->iso_path, new_path), ==, 0);
    return 0;
}

static void
test_a_new_name_of_the_image_is_no_change(void)
{
    g_auto(Build) build;
    build_init(&build);
    build.target->hook = rename_image;
    build.target->hook_data = &build;
    build_run(&build);
    g_assert_null(build.report->failure);
    g_assert_false(g_file_test(build.iso_path, G_FILE_TEST_EXISTS));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without(RUB_FAT_MAKER_PROGRAM))
        return 0;
    g_test_add_func("/job-faults/write-faults", test_every_write_that_fails_fails_the_build);
    g_test_add_func("/job-faults/full-disk", test_a_full_disk_below_the_file_is_told_as_such);
    g_test_add_func("/job-faults/first-write", test_a_write_that_fails_first_changes_no_byte);
    g_test_add_func("/job-faults/damaged-file", test_a_flipped_bit_in_a_file_is_found);
    g_test_add_func("/job-faults/damage-elsewhere", test_a_flipped_bit_elsewhere_is_found);
    g_test_add_func("/job-faults/image-shrinks",
                    test_an_image_that_shrinks_meanwhile_is_no_success);
    g_test_add_func("/job-faults/image-changes",
                    test_an_image_that_changes_meanwhile_is_no_success);
    g_test_add_func("/job-faults/image-renamed", test_a_new_name_of_the_image_is_no_change);
    return g_test_run();
}
