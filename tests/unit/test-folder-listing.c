/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-listing.h"

#include <unistd.h>
#include <utime.h>

#include "base/rub-error.h"
#include "disk-tools.h"

typedef struct {
    char *root;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer user_data)
{
    fixture->root = make_folder();
}

static void
tear_down(Fixture *fixture, gconstpointer user_data)
{
    remove_folder(fixture->root);
}

static char *
put_file(const Fixture *fixture, const char *path, const char *text)
{
    char *full = g_build_filename(fixture->root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, text, -1, NULL));
    return full;
}

static RubListing *
read_listing(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    RubListing *listing = rub_folder_listing_read(fixture->root, NULL, &error);
    g_assert_no_error(error);
    return listing;
}

static int
find(const RubListing *listing, const char *path)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (g_str_equal(entry->path, path))
            return (int) i;
    }
    return -1;
}

static void
test_an_empty_volume_has_no_entries(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_cmpuint(listing->entries->len, ==, 0);
}

static void
test_a_folder_comes_before_what_is_in_it(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *file = put_file(fixture, "a/b/c.txt", "hello");
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_cmpuint(listing->entries->len, ==, 3);
    g_assert_cmpint(find(listing, "a"), ==, 0);
    g_assert_cmpint(find(listing, "a/b"), ==, 1);
    g_assert_cmpint(find(listing, "a/b/c.txt"), ==, 2);
}

static void
test_a_file_has_its_size_and_time(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *file = put_file(fixture, "c.txt", "hello");
    struct utimbuf times = {.actime = 5, .modtime = 1234567890};
    g_assert_cmpint(utime(file, &times), ==, 0);
    g_autoptr(RubListing) listing = read_listing(fixture);
    const RubEntry *entry = g_ptr_array_index(listing->entries, 0);
    g_assert_cmpint(entry->kind, ==, RUB_ENTRY_FILE);
    g_assert_cmpuint(entry->size_bytes, ==, 5);
    g_assert_cmpint(entry->mtime_unix, ==, 1234567890);
    g_assert_cmpuint(entry->extents->len, ==, 0);
}

static void
test_links_are_not_followed(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *link_path = g_build_filename(fixture->root, "loop", NULL);
    g_assert_cmpint(symlink("..", link_path), ==, 0);
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_cmpuint(listing->entries->len, ==, 1);
    const RubEntry *entry = g_ptr_array_index(listing->entries, 0);
    g_assert_cmpint(entry->kind, ==, RUB_ENTRY_SYMLINK);
    g_assert_cmpstr(entry->link_target, ==, "..");
}

static void
test_a_name_that_is_no_text_is_made_valid(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *file = put_file(fixture, "A\xff", "");
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_cmpint(find(listing, "A\xef\xbf\xbd"), ==, 0);
}

static void
test_folders_nested_without_end_are_damage(Fixture *fixture, gconstpointer user_data)
{
    g_autoptr(GString) path = g_string_new(fixture->root);
    for (guint i = 0; i < 260; i++)
        g_string_append(path, "/d");
    g_assert_cmpint(g_mkdir_with_parents(path->str, 0755), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_folder_listing_read(fixture->root, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
}

static void
test_a_folder_that_is_not_there_is_named(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *missing = g_build_filename(fixture->root, "missing", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_folder_listing_read(missing, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    g_assert_nonnull(strstr(error->message, missing));
}

static void
test_it_stops_when_told_to(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *file = put_file(fixture, "c.txt", "hello");
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_folder_listing_read(fixture->root, cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
}

static void
add(const char *name, void (*test)(Fixture *, gconstpointer))
{
    g_autofree char *path = g_strconcat("/folder-listing/", name, NULL);
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("an empty volume has no entries", test_an_empty_volume_has_no_entries);
    add("a folder comes before what is in it", test_a_folder_comes_before_what_is_in_it);
    add("a file has its size and time", test_a_file_has_its_size_and_time);
    add("links are not followed", test_links_are_not_followed);
    add("a name that is no text is made valid", test_a_name_that_is_no_text_is_made_valid);
    add("folders nested without end are damage", test_folders_nested_without_end_are_damage);
    add("a folder that is not there is named", test_a_folder_that_is_not_there_is_named);
    add("it stops when told to", test_it_stops_when_told_to);
    return g_test_run();
}
