/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-log.h"

#include "base/rub-error.h"
#include "disk-tools.h"

static void
test_every_line_has_its_time(void)
{
    char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "a.log", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = rub_log_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(rub_log_get_path(log), ==, path);
    rub_log_write(log, "copied %d files, 100 %%", 3);
    rub_log_write(log, "%s", "%s stays as it is");
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, &error));
    g_assert_true(g_regex_match_simple(
        "^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}  copied 3 files, 100 %\n"
        "[-0-9:. ]{23}  %s stays as it is\n$",
        text, 0, 0));
    remove_folder(folder);
}

static void
test_an_older_log_in_the_same_file_is_replaced(void)
{
    char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "a.log", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, "older", -1, &error));
    g_autoptr(RubLog) log = rub_log_open(path, &error);
    g_assert_no_error(error);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, &error));
    g_assert_cmpstr(text, ==, "");
    remove_folder(folder);
}

static void
test_no_log_means_nothing_is_written(void)
{
    rub_log_write(NULL, "lost %d", 1);
}

static void
test_places_that_cannot_be_written_are_named(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_log_open("/nowhere/a.log", &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_USAGE);
    g_assert_nonnull(strstr(error->message, "/nowhere/a.log"));
    g_clear_error(&error);
    g_assert_null(rub_log_open_default("/dev/null/logs", 20, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_USAGE);
    g_assert_nonnull(strstr(error->message, "/dev/null/logs"));
}

static guint
count_files(const char *folder)
{
    guint count = 0;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir))
        count++;
    return count;
}

static void
put_file(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
}

static gboolean
has_file(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
test_only_the_newest_logs_stay(void)
{
    char *folder = make_folder();
    put_file(folder, "20200101-000000-000000-1.log");
    put_file(folder, "20200102-000000-000000-1.log");
    put_file(folder, "20200103-000000-000000-1.log");
    put_file(folder, "0-not-a-log.txt");
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = rub_log_open_default(folder, 3, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(count_files(folder), ==, 4);
    g_assert_false(has_file(folder, "20200101-000000-000000-1.log"));
    g_assert_true(has_file(folder, "20200102-000000-000000-1.log"));
    g_assert_true(has_file(folder, "0-not-a-log.txt"));
    g_assert_true(g_file_test(rub_log_get_path(log), G_FILE_TEST_EXISTS));
    remove_folder(folder);
}

static void
test_a_clock_that_was_set_back_does_not_cost_the_new_log(void)
{
    char *folder = make_folder();
    put_file(folder, "99990101-000000-000000-1.log");
    put_file(folder, "99990102-000000-000000-1.log");
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = rub_log_open_default(folder, 1, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(count_files(folder), ==, 1);
    g_assert_true(g_file_test(rub_log_get_path(log), G_FILE_TEST_EXISTS));
    remove_folder(folder);
}

static void
test_the_folder_is_made(void)
{
    char *folder = make_folder();
    g_autofree char *logs = g_build_filename(folder, "state", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubLog) log = rub_log_open_default(logs, 20, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(rub_log_get_path(log), logs));
    remove_folder(g_steal_pointer(&logs));
    remove_folder(folder);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/time", test_every_line_has_its_time);
    g_test_add_func("/log/replaced", test_an_older_log_in_the_same_file_is_replaced);
    g_test_add_func("/log/none", test_no_log_means_nothing_is_written);
    g_test_add_func("/log/not-writable", test_places_that_cannot_be_written_are_named);
    g_test_add_func("/log/newest", test_only_the_newest_logs_stay);
    g_test_add_func("/log/clock", test_a_clock_that_was_set_back_does_not_cost_the_new_log);
    g_test_add_func("/log/folder", test_the_folder_is_made);
    return g_test_run();
}
