/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-listing.h"

#include <dlfcn.h>
#include <linux/msdos_fs.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utime.h>

#include "base/rub-error.h"
#include "disk-tools.h"

typedef struct {
    const char *short_name;
    const char *long_name;
} NamePair;

/* What the kernel's driver tells of every folder; NULL for a filesystem that has no such call. */
static const NamePair *told;
static guint told_count;

static void
put_name(struct __fat_dirent *entry, const char *name)
{
    gsize size_bytes = strlen(name);
    memcpy(entry->d_name, name, MIN(size_bytes + 1, sizeof entry->d_name));
    entry->d_reclen = (unsigned short) size_bytes;
}

/* Stands in for the kernel, which tells the end of a folder by a name of no bytes. */
static int
tell_next(struct __fat_dirent pair[2])
{
    const NamePair *next = &told[told_count];
    put_name(&pair[0], next->short_name);
    put_name(&pair[1], next->long_name);
    told_count = *next->short_name ? told_count + 1 : 0;
    return *next->short_name != '\0';
}

int
ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (told && request == VFAT_IOCTL_READDIR_BOTH)
        return tell_next(argument);
    int (*real)(int, unsigned long, ...) =
        (int (*)(int, unsigned long, ...)) dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
}

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
    told = NULL;
    told_count = 0;
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

static const char *
find_alias(const RubListing *listing, const char *path)
{
    int number = find(listing, path);
    g_assert_cmpint(number, >=, 0);
    return ((const RubEntry *) listing->entries->pdata[number])->alias;
}

static void
test_short_names_are_told_by_the_kernel(Fixture *fixture, gconstpointer user_data)
{
    static const NamePair pairs[] = {
        {".", ""},
        {"..", ""},
        {"LETTER~1", "Letters of 2024"},
        {"PLAIN.TXT", ""},
        {"LETTER~2.TXT", "Letters of 2024.txt"},
        {"", ""},
    };
    g_autofree char *inner = put_file(fixture, "Letters of 2024/Letters of 2024.txt", "");
    g_autofree char *long_one = put_file(fixture, "Letters of 2024.txt", "");
    g_autofree char *plain = put_file(fixture, "PLAIN.TXT", "");
    told = pairs;
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_cmpuint(listing->entries->len, ==, 4);
    g_assert_cmpstr(find_alias(listing, "Letters of 2024"), ==, "LETTER~1");
    g_assert_cmpstr(find_alias(listing, "Letters of 2024.txt"), ==, "LETTER~2.TXT");
    g_assert_cmpstr(find_alias(listing, "Letters of 2024/Letters of 2024.txt"), ==, "LETTER~2.TXT");
    g_assert_null(find_alias(listing, "PLAIN.TXT"));
}

static void
test_another_filesystem_has_no_short_names(Fixture *fixture, gconstpointer user_data)
{
    g_autofree char *file = put_file(fixture, "Letters of 2024.txt", "");
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_null(find_alias(listing, "Letters of 2024.txt"));
}

/* Names that are no text, and names that have no end. */
static void
test_short_names_of_any_bytes_are_taken(Fixture *fixture, gconstpointer user_data)
{
    char endless[sizeof((struct __fat_dirent *) NULL)->d_name + 1] = "";
    memset(endless, 'A', sizeof endless - 1);
    const NamePair pairs[] = {{"A\xff~1", "Letters of 2024.txt"}, {endless, endless}, {"", ""}};
    g_autofree char *file = put_file(fixture, "Letters of 2024.txt", "");
    g_autofree char *longest = g_strndup(endless, sizeof endless - 2);
    g_autofree char *inner = g_strconcat(longest, "/inner.txt", NULL);
    g_autofree char *inner_file = put_file(fixture, inner, "");
    told = pairs;
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_cmpstr(find_alias(listing, "Letters of 2024.txt"), ==, "A\xef\xbf\xbd~1");
    g_assert_cmpstr(find_alias(listing, longest), ==, longest);
}

static void
test_a_folder_that_the_driver_tells_without_end_ends(Fixture *fixture, gconstpointer user_data)
{
    g_autofree NamePair *pairs = g_new0(NamePair, 70000);
    for (guint i = 0; i < 70000; i++)
        pairs[i] = (NamePair){"LETTER~1.TXT", "Letters of 2024.txt"};
    g_autofree char *file = put_file(fixture, "Letters of 2024.txt", "");
    told = pairs;
    g_autoptr(RubListing) listing = read_listing(fixture);
    g_assert_cmpstr(find_alias(listing, "Letters of 2024.txt"), ==, "LETTER~1.TXT");
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
    add("short names are told by the kernel", test_short_names_are_told_by_the_kernel);
    add("another filesystem has no short names", test_another_filesystem_has_no_short_names);
    add("short names of any bytes are taken", test_short_names_of_any_bytes_are_taken);
    add("a folder without end ends", test_a_folder_that_the_driver_tells_without_end_ends);
    add("links are not followed", test_links_are_not_followed);
    add("a name that is no text is made valid", test_a_name_that_is_no_text_is_made_valid);
    add("folders nested without end are damage", test_folders_nested_without_end_are_damage);
    add("a folder that is not there is named", test_a_folder_that_is_not_there_is_named);
    add("it stops when told to", test_it_stops_when_told_to);
    return g_test_run();
}
