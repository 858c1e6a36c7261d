/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-volume.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "folder-tools.h"
#include "openat2-tools.h"

/* What kernels before 5.6 say. */
static int
lack_openat2(const struct open_how *how)
{
    return ENOSYS;
}

typedef struct {
    char *outside; /* what a link could lead to */
    char *folder;
    RubVolume *volume;
    GError *error;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->outside = make_folder();
    fixture->folder = g_build_filename(fixture->outside, "volume", NULL);
    g_assert_no_errno(g_mkdir(fixture->folder, 0700));
    put_file(fixture->folder, "Letters/One.txt", "one", 3);
    put_file(fixture->folder, "two", "two", 3);
    put_file(fixture->outside, "secret", "secret", 6);
    fixture->volume = rub_folder_volume_new(fixture->folder, &fixture->error);
    g_assert_no_error(fixture->error);
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    g_clear_pointer(&fixture->volume, rub_volume_free);
    g_clear_error(&fixture->error);
    assert_nothing_is_open_in(fixture->folder);
    g_free(fixture->folder);
    remove_folder(fixture->outside);
}

static guint
declare(Fixture *fixture, const char *path, guint64 size_bytes, RubVolumeFlags flags)
{
    guint file_id = 0;
    rub_volume_add_file(fixture->volume, path, size_bytes, 1700000000, flags, &file_id,
                        &fixture->error);
    g_assert_no_error(fixture->error);
    return file_id;
}

static void
finish(Fixture *fixture)
{
    gboolean is_done = rub_volume_commit(fixture->volume, &fixture->error);
    g_assert_no_error(fixture->error);
    g_assert_true(is_done);
}

static void
write_round(Fixture *fixture, guint file_id, const char *content)
{
    g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
    g_assert_true(
        rub_volume_write(fixture->volume, file_id, content, strlen(content), &fixture->error));
    finish(fixture);
}

static void
assert_content(const Fixture *fixture, const char *path, const char *content)
{
    g_autofree char *full = g_build_filename(fixture->folder, path, NULL);
    g_autofree char *found = NULL;
    g_file_get_contents(full, &found, NULL, NULL);
    g_assert_cmpstr(found, ==, content);
}

static void
assert_refused(Fixture *fixture, const char *path, gboolean is_folder, RubVolumeFlags flags)
{
    guint file_id;
    gboolean is_added =
        is_folder
            ? rub_volume_add_folder(fixture->volume, path, 0, flags, &fixture->error)
            : rub_volume_add_file(fixture->volume, path, 1, 0, flags, &file_id, &fixture->error);
    g_assert_false(is_added);
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(&fixture->error);
}

static void
test_files_and_folders_are_made(Fixture *fixture, gconstpointer user_data)
{
    g_assert_true(rub_volume_add_folder(fixture->volume, "a", 1600000001, RUB_VOLUME_HIDDEN,
                                        &fixture->error));
    guint file_id = declare(fixture, "a/b", 5, RUB_VOLUME_NONE);
    declare(fixture, "a/empty", 0, RUB_VOLUME_HIDDEN);
    g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
    g_autofree char *folder = g_build_filename(fixture->folder, "a", NULL);
    g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
    g_assert_true(rub_volume_write(fixture->volume, file_id, "he", 2, &fixture->error));
    g_assert_true(rub_volume_write(fixture->volume, file_id, "llo", 3, &fixture->error));
    finish(fixture);
    assert_content(fixture, "a/b", "hello");
    assert_content(fixture, "a/empty", "");
    struct stat st;
    g_assert_no_errno(stat(folder, &st));
    g_assert_cmpint(st.st_mtim.tv_sec, ==, 1600000001);
    g_autofree char *file = g_build_filename(folder, "b", NULL);
    g_assert_no_errno(stat(file, &st));
    g_assert_cmpint(st.st_mtim.tv_sec, ==, 1700000000);
}

static void
test_names_follow_the_rules_of_fat(Fixture *fixture, gconstpointer user_data)
{
    static const char *const names[] = {
        "a:b",        "..",        "../secret", "/etc/x",         "CON", "dot.", "",
        "Letters//x", "missing/x", "two/x",     "LETTERS/one.TXT"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        assert_refused(fixture, names[i], FALSE, RUB_VOLUME_NONE);
    declare(fixture, "new", 1, RUB_VOLUME_NONE);
    assert_refused(fixture, "NEW", FALSE, RUB_VOLUME_REPLACE);
    assert_refused(fixture, "New", TRUE, RUB_VOLUME_NONE);
    assert_refused(fixture, "letters", FALSE, RUB_VOLUME_REPLACE);
    g_assert_true(rub_volume_add_folder(fixture->volume, "LETTERS", 0, RUB_VOLUME_NONE, NULL));
}

static void
test_a_file_too_large_for_fat_is_refused(Fixture *fixture, gconstpointer user_data)
{
    guint file_id;
    g_assert_false(rub_volume_add_file(fixture->volume, "large", (guint64) G_MAXUINT32 + 1, 0,
                                       RUB_VOLUME_NONE, &file_id, &fixture->error));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_FILE_TOO_LARGE);
}

static void
test_what_is_replaced_keeps_its_spelling(Fixture *fixture, gconstpointer user_data)
{
    guint file_id = declare(fixture, "letters/ONE.TXT", 3, RUB_VOLUME_REPLACE);
    write_round(fixture, file_id, "new");
    assert_content(fixture, "Letters/One.txt", "new");
    g_autofree char *other = g_build_filename(fixture->folder, "letters", NULL);
    g_assert_false(g_file_test(other, G_FILE_TEST_EXISTS));
}

static void
test_what_is_replaced_can_be_moved_away(Fixture *fixture, gconstpointer user_data)
{
    g_assert_true(rub_volume_move(fixture->volume, "TWO", "letters/saved", RUB_VOLUME_NONE, NULL));
    guint file_id = declare(fixture, "two", 3, RUB_VOLUME_REPLACE);
    write_round(fixture, file_id, "new");
    assert_content(fixture, "two", "new");
    assert_content(fixture, "Letters/saved", "two");
    g_autofree char *saved = g_build_filename(fixture->folder, "Letters/saved", NULL);
    struct stat st;
    g_assert_no_errno(stat(saved, &st));
    g_assert_cmpint(st.st_mtim.tv_sec, ==, 1600000000);
    g_assert_true(rub_volume_move(fixture->volume, "Letters/saved", "two", RUB_VOLUME_REPLACE,
                                  &fixture->error));
    g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
    finish(fixture);
    assert_content(fixture, "two", "two");
    assert_content(fixture, "Letters/saved", NULL);
}

static void
test_what_is_there_can_be_removed(Fixture *fixture, gconstpointer user_data)
{
    g_assert_false(rub_volume_remove(fixture->volume, "none", &fixture->error));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(&fixture->error);
    g_assert_false(rub_volume_remove(fixture->volume, "letters", &fixture->error));
    g_clear_error(&fixture->error);
    g_assert_true(rub_volume_remove(fixture->volume, "letters/one.txt", &fixture->error));
    g_assert_true(rub_volume_remove(fixture->volume, "letters", &fixture->error));
    g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
    finish(fixture);
    g_autofree char *folder = g_build_filename(fixture->folder, "Letters", NULL);
    g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
    g_assert_false(rub_volume_remove(fixture->volume, "letters", &fixture->error));
}

/* Where a link would lead somewhere else, it is the link that gives way. */
static void
test_a_link_in_the_way_is_replaced_itself(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *link = g_build_filename(fixture->folder, "link", NULL);
    g_assert_no_errno(symlink("../secret", link));
    g_clear_pointer(&fixture->volume, rub_volume_free);
    fixture->volume = rub_folder_volume_new(fixture->folder, &fixture->error);
    assert_refused(fixture, "link", FALSE, RUB_VOLUME_NONE);
    guint file_id = declare(fixture, "link", 3, RUB_VOLUME_REPLACE);
    write_round(fixture, file_id, "new");
    assert_content(fixture, "link", "new");
    assert_content(fixture, "../secret", "secret");
}

/* Links that somebody plants while the build runs. */
static void
test_links_planted_later_lead_nowhere(Fixture *fixture, gconstpointer user_data)
{
    static const char *const places[] = {"Letters", "planted"};
    g_autofree char *letters = g_build_filename(fixture->folder, "Letters", NULL);
    g_autofree char *away = g_build_filename(fixture->folder, "away", NULL);
    g_autofree char *planted = g_build_filename(fixture->folder, "planted", NULL);
    openat2_hook = user_data ? lack_openat2 : NULL;
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_clear_pointer(&fixture->volume, rub_volume_free);
        fixture->volume = rub_folder_volume_new(fixture->folder, &fixture->error);
        guint file_id =
            declare(fixture, i == 0 ? "Letters/secret" : "planted", 3, RUB_VOLUME_REPLACE);
        g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
        if (i == 0) {
            g_assert_no_errno(g_rename(letters, away));
            g_assert_no_errno(symlink("..", letters));
        } else {
            g_assert_no_errno(symlink("../secret", planted));
        }
        g_assert_false(rub_volume_write(fixture->volume, file_id, "new", 3, &fixture->error));
        g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
        g_assert_nonnull(strstr(fixture->error->message, places[i]));
        g_clear_error(&fixture->error);
        assert_content(fixture, "../secret", "secret");
        if (i == 0)
            g_assert_no_errno(g_remove(letters));
    }
    openat2_hook = NULL;
}

static void
test_what_does_not_fit_is_told_before_anything_is_written(Fixture *fixture, gconstpointer user_data)
{
    for (guint i = 0; i < 100 * 1000; i++) {
        g_autofree char *path = g_strdup_printf("file %u", i);
        declare(fixture, path, G_MAXUINT32, RUB_VOLUME_NONE);
    }
    g_assert_false(rub_volume_prepare(fixture->volume, &fixture->error));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_assert_nonnull(strstr(fixture->error->message, " bytes are missing"));
    assert_content(fixture, "file 0", NULL);
}

static void
test_a_write_that_fails_names_the_file(Fixture *fixture, gconstpointer user_data)
{
    struct rlimit before;
    static const guint8 data[2 * 1024 * 1024];
    guint file_id = declare(fixture, "Letters/large", sizeof data, RUB_VOLUME_NONE);
    g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
    g_assert_no_errno(getrlimit(RLIMIT_FSIZE, &before));
    signal(SIGXFSZ, SIG_IGN);
    g_assert_no_errno(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1024 * 1024, before.rlim_max}));
    gboolean is_written =
        rub_volume_write(fixture->volume, file_id, data, sizeof data, &fixture->error);
    g_assert_no_errno(setrlimit(RLIMIT_FSIZE, &before));
    g_assert_false(is_written);
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_true(g_str_has_prefix(fixture->error->message, "Letters/large cannot be written"));
}

static void
test_a_file_that_is_not_whole_is_not_committed(Fixture *fixture, gconstpointer user_data)
{
    guint file_id = declare(fixture, "half", 10, RUB_VOLUME_NONE);
    g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
    g_assert_true(rub_volume_write(fixture->volume, file_id, "half", 4, &fixture->error));
    g_assert_false(rub_volume_commit(fixture->volume, &fixture->error));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
}

/* More than go into one batch, with few descriptors. */
static void
test_many_small_files_need_few_descriptors(Fixture *fixture, gconstpointer user_data)
{
    struct rlimit before;
    const guint count = 1500;
    g_autofree guint *file_ids = g_new0(guint, count);
    for (guint i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("Letters/%u", i);
        file_ids[i] = declare(fixture, path, 4, RUB_VOLUME_NONE);
    }
    g_assert_true(rub_volume_prepare(fixture->volume, &fixture->error));
    g_assert_no_errno(getrlimit(RLIMIT_NOFILE, &before));
    g_assert_no_errno(setrlimit(RLIMIT_NOFILE, &(struct rlimit){320, before.rlim_max}));
    for (guint i = 0; i < count; i++)
        g_assert_true(rub_volume_write(fixture->volume, file_ids[i], "abcd", 4, &fixture->error));
    finish(fixture);
    g_assert_no_errno(setrlimit(RLIMIT_NOFILE, &before));
    assert_content(fixture, "Letters/0", "abcd");
    assert_content(fixture, "Letters/1499", "abcd");
}

static void
test_a_folder_that_is_not_there_is_a_drive_that_is_gone(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *path = g_build_filename(fixture->folder, "none", NULL);
    g_assert_null(rub_folder_volume_new(path, &fixture->error));
    g_assert_error(fixture->error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
}

#define ADD(path, function, data) g_test_add(path, Fixture, data, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/folder-volume/files-and-folders-are-made", test_files_and_folders_are_made, NULL);
    ADD("/folder-volume/names-follow-the-rules-of-fat", test_names_follow_the_rules_of_fat, NULL);
    ADD("/folder-volume/a-file-too-large-for-fat-is-refused",
        test_a_file_too_large_for_fat_is_refused, NULL);
    ADD("/folder-volume/what-is-replaced-keeps-its-spelling",
        test_what_is_replaced_keeps_its_spelling, NULL);
    ADD("/folder-volume/what-is-replaced-can-be-moved-away",
        test_what_is_replaced_can_be_moved_away, NULL);
    ADD("/folder-volume/what-is-there-can-be-removed", test_what_is_there_can_be_removed, NULL);
    ADD("/folder-volume/a-link-in-the-way-is-replaced-itself",
        test_a_link_in_the_way_is_replaced_itself, NULL);
    ADD("/folder-volume/links-planted-later-lead-nowhere", test_links_planted_later_lead_nowhere,
        GINT_TO_POINTER(FALSE));
    ADD("/folder-volume/links-planted-later-lead-nowhere-on-old-kernels",
        test_links_planted_later_lead_nowhere, GINT_TO_POINTER(TRUE));
    ADD("/folder-volume/what-does-not-fit-is-told-before-anything-is-written",
        test_what_does_not_fit_is_told_before_anything_is_written, NULL);
    ADD("/folder-volume/a-write-that-fails-names-the-file", test_a_write_that_fails_names_the_file,
        NULL);
    ADD("/folder-volume/a-file-that-is-not-whole-is-not-committed",
        test_a_file_that_is_not_whole_is_not_committed, NULL);
    ADD("/folder-volume/many-small-files-need-few-descriptors",
        test_many_small_files_need_few_descriptors, NULL);
    ADD("/folder-volume/a-folder-that-is-not-there-is-a-drive-that-is-gone",
        test_a_folder_that_is_not_there_is_a_drive_that_is_gone, NULL);
    return g_test_run();
}
