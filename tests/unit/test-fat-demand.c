/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-error.h"
#include "volume/rub-fat-demand.h"

static void
add_folder(RubFatDemand *demand, const char *path)
{
    g_autoptr(GError) error = NULL;
    rub_fat_demand_add_folder(demand, path, &error);
    g_assert_no_error(error);
}

static void
add_file(RubFatDemand *demand, const char *path, guint64 size_bytes)
{
    g_autoptr(GError) error = NULL;
    rub_fat_demand_add_file(demand, path, size_bytes, &error);
    g_assert_no_error(error);
}

static void
test_an_empty_volume_needs_its_root_folder(void)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 512), ==, 1);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 65536), ==, 1);
}

static void
test_files_are_rounded_up(void)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    add_file(demand, "empty", 0);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 4096), ==, 1);
    add_file(demand, "one", 1);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 4096), ==, 2);
    add_file(demand, "full", 4096);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 4096), ==, 3);
    add_file(demand, "over", 4097);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 4096), ==, 5);
    add_file(demand, "huge", G_MAXUINT32);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 4096), ==, 5 + (1 << 20));
}

/* A cluster of 512 bytes holds 16 slots: the label and 15 names in the root, or "." and ".." and
 * 14 names elsewhere. */
static void
test_folders_are_counted_by_their_slots(void)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    add_folder(demand, "sub");
    for (guint i = 0; i < 14; i++) {
        g_autofree char *path = g_strdup_printf("sub/f%u", i);
        add_file(demand, path, 0);
    }
    for (guint i = 0; i < 14; i++) {
        g_autofree char *path = g_strdup_printf("f%u", i);
        add_file(demand, path, 0);
    }
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 512), ==, 2);
    add_file(demand, "sub/f14", 0);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 512), ==, 3);
    add_file(demand, "a long name", 0);
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 512), ==, 4);
    add_folder(demand, "sub");
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 512), ==, 4);
}

static void
assert_refused(RubFatDemand *demand, const char *path, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_fat_demand_add_file(demand, path, 1, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, words));
}

static void
test_names_that_cannot_be_stored_are_refused(void)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    add_folder(demand, "Sub");
    add_file(demand, "Sub/Read.Me", 1);
    assert_refused(demand, "sub/READ.ME", "“Sub/Read.Me” and “sub/READ.ME”");
    assert_refused(demand, "Sub/Read.Me", "occurs twice");
    assert_refused(demand, "SUB", "“Sub” and “SUB”");
    assert_refused(demand, "Sub/a:b", "Sub/a:b: ");
    assert_refused(demand, "Sub/con", "device");
    assert_refused(demand, "Sub/bad\xff", "UTF-8");
    assert_refused(demand, "nowhere/file", "“nowhere”");
    assert_refused(demand, "Sub/Read.Me/file", "“Sub/Read.Me”");
    assert_refused(demand, "", "empty");
    assert_refused(demand, "/", "empty");
    assert_refused(demand, "Sub//x", "empty");
    assert_refused(demand, "Sub/../x", "dot");

    g_autoptr(GError) error = NULL;
    g_assert_false(rub_fat_demand_add_folder(demand, "SUB", &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

static void
test_files_over_4_gib_are_refused(void)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    g_autoptr(GError) error = NULL;
    guint64 size_bytes = (guint64) G_MAXUINT32 + 1;
    g_assert_false(rub_fat_demand_add_file(demand, "install.wim", size_bytes, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_FILE_TOO_LARGE);
    g_assert_nonnull(strstr(error->message, "install.wim"));
}

static void
test_a_folder_with_too_many_entries_is_refused(void)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    g_autoptr(GError) error = NULL;
    add_folder(demand, "many");
    for (guint i = 0; i < 65534; i++) {
        g_autofree char *path = g_strdup_printf("many/%u", i);
        add_file(demand, path, 0);
    }
    g_assert_cmpuint(rub_fat_demand_get_clusters(demand, 4096), ==, 1 + 512);
    g_assert_false(rub_fat_demand_add_file(demand, "many/last", 0, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, "“many”"));
}

static void
test_folders_nested_too_deeply_are_refused(void)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    g_autoptr(GString) path = g_string_new("d");
    for (guint depth = 1; depth <= 256; depth++) {
        add_folder(demand, path->str);
        g_string_append(path, "/d");
    }
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_fat_demand_add_folder(demand, path->str, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fat/demand/empty", test_an_empty_volume_needs_its_root_folder);
    g_test_add_func("/fat/demand/files", test_files_are_rounded_up);
    g_test_add_func("/fat/demand/folders", test_folders_are_counted_by_their_slots);
    g_test_add_func("/fat/demand/names", test_names_that_cannot_be_stored_are_refused);
    g_test_add_func("/fat/demand/too-large", test_files_over_4_gib_are_refused);
    g_test_add_func("/fat/demand/too-many", test_a_folder_with_too_many_entries_is_refused);
    g_test_add_func("/fat/demand/too-deep", test_folders_nested_too_deeply_are_refused);
    return g_test_run();
}
