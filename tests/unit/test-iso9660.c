/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-iso9660.h"

#include "base/rub-error.h"
#include "made-image.h"

static RubImageFile *
open_bytes(const MadeFolder *folder, GByteArray *iso, guint64 size_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = made_file(folder, "hand.iso", iso->data, iso->len, size_bytes);
    RubImageFile *file = rub_image_file_open(path, &error);
    g_assert_no_error(error);
    return file;
}

static const RubEntry *
find(const RubListing *listing, const char *path)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (strcmp(entry->path, path) == 0)
            return entry;
    }
    g_error("%s is not in the listing", path);
}

static void
assert_extent(const RubEntry *entry, guint index, guint64 offset_bytes, guint64 size_bytes)
{
    g_assert_cmpuint(index, <, entry->extents->len);
    const RubExtent *extent = &g_array_index(entry->extents, RubExtent, index);
    g_assert_cmpuint(extent->offset_bytes, ==, offset_bytes);
    g_assert_cmpuint(extent->size_bytes, ==, size_bytes);
}

static void
test_plain_names_lose_version_and_dot(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(30, &at);
    made_iso_add_record(iso, &at, "BOOTMGR.;1", 10, 22, 3000, 0);
    made_iso_add_record(iso, &at, "Read.Txt;1", 10, 24, 5, 0);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, 30 * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    RubIso9660Names names;
    g_autoptr(RubListing) listing = rub_iso9660_list(file, &names, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(names, ==, RUB_ISO9660_PLAIN);
    g_assert_cmpstr(listing->volume_name, ==, "HAND_MADE");
    g_assert_cmpuint(listing->size_bytes, ==, 30 * MADE_SECTOR);
    g_assert_cmpuint(listing->entries->len, ==, 2);
    assert_extent(find(listing, "BOOTMGR"), 0, 22 * MADE_SECTOR, 3000);
    const RubEntry *entry = find(listing, "Read.Txt");
    assert_extent(entry, 0, 24 * MADE_SECTOR, 5);
    g_assert_cmpint(entry->mtime_unix, ==, 1735787045);
}

static void
test_data_right_behind_the_descriptors_is_found(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(30, &at);
    made_iso_add_record(iso, &at, "A", 1, 21, 2048, 0);
    made_iso_add_record(iso, &at, "B", 1, 22, 4096, 0);
    memset(made_grow(iso, 24 * MADE_SECTOR) + 21 * MADE_SECTOR, 'a', 3 * MADE_SECTOR);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, 30 * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = rub_iso9660_list(file, NULL, NULL, &error);
    g_assert_no_error(error);
    assert_extent(find(listing, "A"), 0, 21 * MADE_SECTOR, 2048);
    assert_extent(find(listing, "B"), 0, 22 * MADE_SECTOR, 4096);
}

static void
test_sections_of_a_file_may_lie_apart(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(60, &at);
    made_iso_add_record(iso, &at, "AFTER", 5, 45, 10, 0);
    made_iso_add_record(iso, &at, "BIG", 3, 22, 4096, MADE_ISO_MULTI_EXTENT);
    made_iso_add_record(iso, &at, "BIG", 3, 30, 20480, MADE_ISO_MULTI_EXTENT);
    made_iso_add_record(iso, &at, "BIG", 3, 41, 100, 0);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, 60 * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = rub_iso9660_list(file, NULL, NULL, &error);
    g_assert_no_error(error);
    const RubEntry *entry = find(listing, "BIG");
    g_assert_cmpuint(entry->size_bytes, ==, 4096 + 20480 + 100);
    g_assert_cmpuint(entry->extents->len, ==, 3);
    assert_extent(entry, 0, 22 * MADE_SECTOR, 4096);
    assert_extent(entry, 1, 30 * MADE_SECTOR, 20480);
    assert_extent(entry, 2, 41 * MADE_SECTOR, 100);
    assert_extent(find(listing, "AFTER"), 0, 45 * MADE_SECTOR, 10);
}

static void
test_files_over_4_gib_are_whole(void)
{
    const guint32 first = 0xfffff800;
    const guint32 block_count = 22 + first / MADE_SECTOR + 10 + 400000;
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(block_count, &at);
    guint32 second_lba = 22 + first / MADE_SECTOR + 10;
    made_iso_add_record(iso, &at, "HUGE", 4, 22, first, MADE_ISO_MULTI_EXTENT);
    made_iso_add_record(iso, &at, "HUGE", 4, second_lba, 800000001, 0);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, (guint64) block_count * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = rub_iso9660_list(file, NULL, NULL, &error);
    g_assert_no_error(error);
    const RubEntry *entry = find(listing, "HUGE");
    g_assert_cmpuint(entry->size_bytes, ==, (guint64) first + 800000001);
    g_assert_cmpuint(entry->extents->len, ==, 2);
    assert_extent(entry, 0, 22 * MADE_SECTOR, first);
    assert_extent(entry, 1, (guint64) second_lba * MADE_SECTOR, 800000001);
}

static void
test_a_missing_end_is_told_with_its_bytes(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(100, &at);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, 30 * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_iso9660_list(file, NULL, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_INCOMPLETE);
    g_assert_nonnull(strstr(error->message, "it lacks 143.4"));
}

static void
test_a_folder_behind_the_end_is_refused(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(30, &at);
    made_iso_add_record(iso, &at, "SUB", 3, 29, 3 * MADE_SECTOR, MADE_ISO_FOLDER);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, 30 * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_iso9660_list(file, NULL, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
}

static void
test_folders_that_loop_end(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(30, &at);
    made_iso_add_record(iso, &at, "SUB", 3, MADE_ISO_ROOT, MADE_SECTOR, MADE_ISO_FOLDER);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, 30 * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_iso9660_list(file, NULL, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
}

/* What libarchive does not notice: it gave millions of entries of 45 kB. */
static void
test_folders_that_loop_unnoticed_end(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "..", "fuzz", "corpus", "fuzz-iso9660", "loop", NULL);
    g_autofree char *volume = NULL;
    gsize size_bytes;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &volume, &size_bytes, &error);
    g_assert_no_error(error);
    g_autoptr(GByteArray) iso = g_byte_array_new();
    g_byte_array_set_size(iso, 16 * MADE_SECTOR);
    memset(iso->data, 0, iso->len);
    g_byte_array_append(iso, (const guint8 *) volume, (guint) size_bytes);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, iso->len);
    g_assert_null(rub_iso9660_list(file, NULL, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
    g_assert_nonnull(strstr(error->message, "lead back"));
}

static void
test_a_stopped_listing_says_so(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(30, &at);
    made_iso_add_record(iso, &at, "A", 1, 22, 1, 0);
    g_autoptr(RubImageFile) file = open_bytes(folder, iso, 30 * MADE_SECTOR);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_iso9660_list(file, NULL, cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
}

static void
test_damaged_images_never_crash(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) good = made_iso_new(30, &at);
    made_iso_add_record(good, &at, "BIG", 3, 22, 4096, MADE_ISO_MULTI_EXTENT);
    made_iso_add_record(good, &at, "BIG", 3, 25, 100, 0);
    made_iso_add_record(good, &at, "SUB", 3, 21, MADE_SECTOR, MADE_ISO_FOLDER);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    for (guint round = 0; round < 500; round++) {
        g_autoptr(GByteArray) iso = g_byte_array_new();
        g_byte_array_append(iso, good->data, good->len);
        for (guint i = 0; i < 4; i++) {
            guint32 from = i < 2 ? MADE_ISO_ROOT * MADE_SECTOR : 16 * MADE_SECTOR;
            guint32 offset = from + (guint32) g_rand_int_range(rand, 0, i < 2 ? 256 : 512);
            iso->data[offset] = (guint8) g_rand_int_range(rand, 0, 256);
        }
        g_autoptr(RubImageFile) file = open_bytes(folder, iso, 30 * MADE_SECTOR);
        g_autoptr(GError) error = NULL;
        g_autoptr(RubListing) listing = rub_iso9660_list(file, NULL, NULL, &error);
        g_assert_true((listing == NULL) == (error != NULL));
    }
}

static RubListing *
list_made(const MadeFolder *folder, const char *command, RubIso9660Names *names)
{
    static const char *const tools[] = {"genisoimage", "xorriso", NULL};
    if (!made_has_tools(tools))
        return NULL;
    made_run(folder, command);
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = rub_image_file_open(path, &error);
    g_assert_no_error(error);
    RubListing *listing = rub_iso9660_list(file, names, NULL, &error);
    g_assert_no_error(error);
    return listing;
}

static void
test_joliet_names_are_utf8_in_any_locale(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    RubIso9660Names names;
    g_autoptr(RubListing) listing =
        list_made(folder,
                  "mkdir -p 'src/Größe' && echo x > 'src/Größe/漢字.txt' && genisoimage -quiet "
                  "-J -V Grün -input-charset utf-8 -o made.iso src",
                  &names);
    if (listing == NULL)
        return;
    g_assert_cmpint(names, ==, RUB_ISO9660_JOLIET);
    g_assert_cmpstr(listing->volume_name, ==, "Grün");
    g_assert_cmpint(find(listing, "Größe")->kind, ==, RUB_ENTRY_FOLDER);
    g_assert_cmpuint(find(listing, "Größe/漢字.txt")->size_bytes, ==, 2);
}

static void
test_rock_ridge_links_and_names_survive(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    RubIso9660Names names;
    g_autoptr(RubListing) listing =
        list_made(folder,
                  "mkdir -p src/a/b/c/d/e/f/g/h/i && cd src && echo one > one && ln one a/two && "
                  "ln -s a/two three && echo d > a/b/c/d/e/f/g/h/i/deep && : > empty && mkfifo "
                  "fifo a/pipe && "
                  "echo l > \"$(printf 'caf\\351')\" && echo u > 日本 && cd .. && "
                  "xorriso -as mkisofs -quiet -R -J --hardlinks -V RR -o made.iso src",
                  &names);
    if (listing == NULL)
        return;
    g_assert_cmpint(names, ==, RUB_ISO9660_ROCK_RIDGE);
    const RubEntry *one = find(listing, "one");
    const RubEntry *two = find(listing, "a/two");
    g_assert_cmpuint(two->size_bytes, ==, 4);
    assert_extent(two, 0, rub_entry_get_first_byte(one), 4);
    g_assert_cmpint(find(listing, "three")->kind, ==, RUB_ENTRY_SYMLINK);
    g_assert_cmpstr(find(listing, "three")->link_target, ==, "a/two");
    g_assert_cmpuint(find(listing, "empty")->extents->len, ==, 0);
    g_assert_cmpuint(find(listing, "café")->size_bytes, ==, 2);
    g_assert_cmpuint(find(listing, "日本")->size_bytes, ==, 2);
    g_assert_cmpuint(find(listing, "a/b/c/d/e/f/g/h/i/deep")->size_bytes, ==, 2);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_assert_cmpstr(entry->path, !=, "fifo");
    }
    g_assert_cmpuint(listing->specials->len, ==, 2);
    g_assert_true(g_ptr_array_find_with_equal_func(listing->specials, "fifo", g_str_equal, NULL));
    g_assert_true(g_ptr_array_find_with_equal_func(listing->specials, "a/pipe", g_str_equal, NULL));
}

static void
test_a_root_that_is_named_is_not_part_of_paths(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubListing) listing =
        list_made(folder,
                  "mkdir -p src/a && echo one > src/a/one && ln src/a/one src/two && "
                  "xorriso -compliance new_rr -as mkisofs -quiet -R --hardlinks -o made.iso src",
                  NULL);
    if (listing == NULL)
        return;
    g_assert_cmpuint(listing->entries->len, ==, 3);
    g_assert_cmpint(find(listing, "a")->kind, ==, RUB_ENTRY_FOLDER);
    g_assert_cmpuint(find(listing, "a/one")->size_bytes, ==, 4);
    g_assert_cmpuint(find(listing, "two")->size_bytes, ==, 4);
}

static void
clear_serial_numbers(const char *path)
{
    static const char px[] = "PX\x2c\x01";
    g_autofree char *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    gsize count = 0;
    for (char *at = bytes; (at = memmem(at, size - (at - bytes), px, 4)) != NULL; at += 44, count++)
        memset(at + 36, 0, 8);
    g_assert_cmpuint(count, >, 0);
    g_assert_true(g_file_set_contents(path, bytes, (gssize) size, NULL));
}

static void
test_files_whose_serial_numbers_are_all_zero_are_not_taken_for_empty(void)
{
    static const char *const tools[] = {"xorriso", NULL};
    if (!made_has_tools(tools))
        return;
    g_autoptr(MadeFolder) folder = made_folder_new();
    made_run(folder, "mkdir src && echo one > src/one && echo two > src/two && "
                     "xorriso -compliance new_rr -as mkisofs -quiet -R -o made.iso src");
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    clear_serial_numbers(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = rub_image_file_open(path, &error);
    g_assert_no_error(error);
    g_autoptr(RubListing) listing = rub_iso9660_list(file, NULL, NULL, &error);
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
    g_assert_null(listing);
    g_assert_nonnull(strstr(error->message, "serial number"));
}

static void
test_relocated_folders_are_where_they_belong(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubListing) listing =
        list_made(folder,
                  "mkdir -p src/a/b/c/d/e/f/g/h/i && echo d > src/a/b/c/d/e/f/g/h/i/deep && "
                  "genisoimage -quiet -R -o made.iso src",
                  NULL);
    if (listing == NULL)
        return;
    g_assert_cmpuint(listing->entries->len, ==, 10);
    g_assert_cmpuint(find(listing, "a/b/c/d/e/f/g/h/i/deep")->size_bytes, ==, 2);
}

static void
test_compressed_files_are_refused_by_name(void)
{
    static const char *const tools[] = {"mkzftree", "genisoimage", NULL};
    if (!made_has_tools(tools))
        return;
    g_autoptr(MadeFolder) folder = made_folder_new();
    made_run(folder, "mkdir src && yes | head -c 400000 > src/long.txt && mkzftree src packed && "
                     "genisoimage -quiet -R -z -o made.iso packed");
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = rub_image_file_open(path, &error);
    g_assert_no_error(error);
    g_assert_null(rub_iso9660_list(file, NULL, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
    g_assert_nonnull(strstr(error->message, "long.txt"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iso9660/plain-names", test_plain_names_lose_version_and_dot);
    g_test_add_func("/iso9660/early-data", test_data_right_behind_the_descriptors_is_found);
    g_test_add_func("/iso9660/sections", test_sections_of_a_file_may_lie_apart);
    g_test_add_func("/iso9660/huge-file", test_files_over_4_gib_are_whole);
    g_test_add_func("/iso9660/missing-end", test_a_missing_end_is_told_with_its_bytes);
    g_test_add_func("/iso9660/folder-behind-end", test_a_folder_behind_the_end_is_refused);
    g_test_add_func("/iso9660/loop", test_folders_that_loop_end);
    g_test_add_func("/iso9660/loop-unnoticed", test_folders_that_loop_unnoticed_end);
    g_test_add_func("/iso9660/cancelled", test_a_stopped_listing_says_so);
    g_test_add_func("/iso9660/damaged", test_damaged_images_never_crash);
    g_test_add_func("/iso9660/joliet", test_joliet_names_are_utf8_in_any_locale);
    g_test_add_func("/iso9660/rock-ridge", test_rock_ridge_links_and_names_survive);
    g_test_add_func("/iso9660/named-root", test_a_root_that_is_named_is_not_part_of_paths);
    g_test_add_func("/iso9660/serial-numbers",
                    test_files_whose_serial_numbers_are_all_zero_are_not_taken_for_empty);
    g_test_add_func("/iso9660/relocated", test_relocated_folders_are_where_they_belong);
    g_test_add_func("/iso9660/zisofs", test_compressed_files_are_refused_by_name);
    return g_test_run();
}
