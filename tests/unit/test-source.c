/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-source.h"

#include "base/rub-error.h"
#include "made-image.h"

static void
assert_refused(const char *path, RubCode code, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubSource) source = rub_source_open(path, NULL, &error);
    g_assert_null(source);
    g_assert_error(error, RUB_ERROR, (int) code);
    if (strstr(error->message, text) == NULL)
        g_error("\"%s\" is not in \"%s\"", text, error->message);
}

static RubSource *
open_good(const char *path)
{
    g_autoptr(GError) error = NULL;
    RubSource *source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    return source;
}

static void
test_other_files_are_named(void)
{
    static const struct {
        const char *data;
        gsize size;
        const char *text;
    } others[] = {
        {"PK\3\4", 4, "ZIP"},
        {"7z\xbc\xaf\x27\x1c", 6, "7-Zip"},
        {"\x1f\x8b", 2, "gzip"},
        {"MSWIM\0\0", 8, "WIM"},
        {"conectix", 8, "VHD"},
        {"vhdxfile", 8, "VHDX"},
        {"<!DOCTYPE html>", 15, "web page"},
        {"\0", 1, "nothing but zeros"},
        {"nothing known", 13, "neither ISO 9660 nor UDF"},
        {"\0", 1, "neither ISO 9660 nor UDF"},
    };
    g_autoptr(MadeFolder) folder = made_folder_new();
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *path =
            made_file(folder, "other", others[i].data, others[i].size, i % 2 ? 100000 : 20);
        assert_refused(path, RUB_CODE_IMAGE_UNREADABLE, others[i].text);
    }
}

static void
test_disks_are_told_from_discs(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    guint8 bytes[1024] = {[510] = 0x55, [511] = 0xaa};
    g_autofree char *mbr = made_file(folder, "mbr", bytes, sizeof bytes, 1 << 20);
    assert_refused(mbr, RUB_CODE_IMAGE_UNREADABLE, "hard disk or stick");
    memcpy(bytes + 512, "EFI PART", 8);
    g_autofree char *gpt = made_file(folder, "gpt", bytes, sizeof bytes, 1 << 20);
    assert_refused(gpt, RUB_CODE_IMAGE_UNREADABLE, "hard disk or stick");
    memcpy(bytes + 512, "conectix", 8);
    g_autofree char *vhd = made_file(folder, "vhd", bytes, sizeof bytes, sizeof bytes);
    assert_refused(vhd, RUB_CODE_IMAGE_UNREADABLE, "VHD");
}

static void
test_what_is_no_file_is_refused(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *empty = made_file(folder, "empty", "", 0, 0);
    assert_refused(empty, RUB_CODE_IMAGE_UNREADABLE, "empty");
    assert_refused(folder, RUB_CODE_IMAGE_UNREADABLE, "folder");
    assert_refused("/nonexistent/x.iso", RUB_CODE_IMAGE_UNREADABLE, "No such file");
    assert_refused("/dev/null", RUB_CODE_IMAGE_UNREADABLE, "special file");
}

static char *
make_iso(const MadeFolder *folder, const char *name, guint32 block_count, guint64 size_bytes)
{
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(block_count, &at);
    made_iso_add_record(iso, &at, name, strlen(name), 22, 3000, 0);
    memset(made_grow(iso, 24 * MADE_SECTOR) + 22 * MADE_SECTOR, 'x', 3000);
    return made_file(folder, "hand.iso", iso->data, iso->len, size_bytes);
}

static void
test_a_plain_image_is_described(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = make_iso(folder, "BOOTMGR.;1", 30, 31 * MADE_SECTOR);
    g_autoptr(RubSource) source = open_good(path);
    g_assert_cmpstr(rub_source_get_format(source), ==, "ISO 9660");
    g_assert_cmpstr(rub_source_get_volume_name(source), ==, "HAND_MADE");
    g_assert_cmpstr(rub_source_get_display_name(source), ==, "hand.iso");
    g_assert_cmpstr(rub_source_get_path(source), ==, path);
    g_assert_cmpuint(rub_source_get_size_bytes(source), ==, 31 * MADE_SECTOR);
    g_assert_null(rub_source_get_boot_images(source));
    g_assert_cmpuint(rub_source_get_listing(source)->entries->len, ==, 1);
}

static void
test_entries_are_found_in_any_case(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = make_iso(folder, "BootMgr", 30, 30 * MADE_SECTOR);
    g_autoptr(RubSource) source = open_good(path);
    g_assert_nonnull(rub_source_find(source, "bootmgr"));
    g_assert_nonnull(rub_source_find(source, "BOOTMGR"));
    g_assert_null(rub_source_find(source, "bootmg"));
    g_assert_null(rub_source_find(source, "/bootmgr"));
    g_assert_null(rub_source_find(source, ""));
}

static void
test_names_that_lead_out_are_refused(void)
{
    static const char *const names[] = {"../EVIL", "A/../../B", "A//B", "/ETC", "A/./B"};
    g_autoptr(MadeFolder) folder = made_folder_new();
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = make_iso(folder, names[i], 30, 30 * MADE_SECTOR);
        assert_refused(path, RUB_CODE_IMAGE_UNREADABLE, "impossible name");
    }
}

static void
test_a_missing_end_is_told_with_its_bytes(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = make_iso(folder, "A", 30, 30 * MADE_SECTOR - 1);
    assert_refused(path, RUB_CODE_IMAGE_INCOMPLETE, "lacks 1 byte of 61.4");
}

static void
test_files_are_read_through_extents_and_holes(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = make_iso(folder, "A", 30, 30 * MADE_SECTOR);
    g_autoptr(RubSource) source = open_good(path);
    g_autoptr(RubEntry) entry = rub_entry_new(RUB_ENTRY_FILE, g_strdup("made"));
    rub_entry_add_extent(entry, 22 * MADE_SECTOR, 10);
    rub_entry_add_extent(entry, RUB_EXTENT_HOLE, 5);
    rub_entry_add_extent(entry, 16 * MADE_SECTOR + 1, 5);
    entry->size_bytes = 20;
    static const char expected[] = "xxxxxxxxxx\0\0\0\0\0CD001";
    for (gsize from = 0; from <= 20; from++) {
        for (gsize to = from; to <= 20; to++) {
            char buffer[21] = "????????????????????";
            g_autoptr(GError) error = NULL;
            g_assert_true(rub_source_read(source, entry, from, buffer, to - from, &error));
            g_assert_no_error(error);
            g_assert_cmpmem(buffer, to - from, &expected[from], to - from);
            g_assert_true(to == 20 || buffer[to - from] == '?');
        }
    }
}

static void
test_reading_behind_the_end_of_a_file_fails(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = make_iso(folder, "A", 30, 30 * MADE_SECTOR);
    g_autoptr(RubSource) source = open_good(path);
    const RubEntry *entry = rub_source_find(source, "a");
    char buffer[3001];
    g_autoptr(GError) error = NULL;
    g_assert_true(rub_source_read(source, entry, 0, buffer, 3000, &error));
    g_assert_no_error(error);
    g_assert_false(rub_source_read(source, entry, 0, buffer, 3001, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_INCOMPLETE);
    g_clear_error(&error);
    g_assert_false(rub_source_read(source, entry, G_MAXUINT64, buffer, 1, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_INCOMPLETE);
}

static void
assert_same_files(const RubSource *source, const char *tree)
{
    const GPtrArray *entries = rub_source_get_listing(source)->entries;
    for (guint i = 0; i < entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(entries, i);
        g_autofree char *path = g_build_filename(tree, entry->path, NULL);
        g_autofree char *want = NULL;
        gsize size;
        /* The boot catalogue is made by the tool. */
        if (entry->kind != RUB_ENTRY_FILE || !g_file_get_contents(path, &want, &size, NULL))
            continue;
        g_assert_cmpuint(entry->size_bytes, ==, size);
        g_autofree char *got = g_malloc(size);
        g_autoptr(GError) error = NULL;
        g_assert_true(rub_source_read(source, entry, 0, got, size, &error));
        g_assert_no_error(error);
        g_assert_cmpmem(got, size, want, size);
    }
}

static void
test_made_image_holds_its_tree(gconstpointer data)
{
    const char *const *shape = data;
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *options = g_strdup_printf("--shape %s --tree tree", shape[0]);
    g_autofree char *path = made_windows_like(folder, options);
    if (path == NULL)
        return;
    g_autoptr(RubSource) source = open_good(path);
    g_autofree char *tree = g_build_filename(folder, "tree", NULL);
    g_assert_cmpstr(rub_source_get_format(source), ==, shape[1]);
    g_assert_cmpstr(rub_source_get_volume_name(source), ==, "PE_X64");
    g_assert_nonnull(rub_source_find(source, shape[2]));
    assert_same_files(source, tree);
    const GArray *boot_images = rub_source_get_boot_images(source);
    g_assert_nonnull(boot_images);
    g_assert_cmpuint(boot_images->len, ==, 2);
    g_assert_cmphex(g_array_index(boot_images, RubElToritoEntry, 1).platform, ==,
                    RUB_EL_TORITO_EFI);
}

static void
test_links_that_udf_lacks_are_those_of_rock_ridge(void)
{
    static const char *const tools[] = {"genisoimage", NULL};
    if (!made_has_tools(tools))
        return;
    g_autoptr(MadeFolder) folder = made_folder_new();
    made_run(folder, "mkdir -p src/live && echo kernel > src/live/vmlinuz-6.1 && : > src/empty && "
                     "ln -s vmlinuz-6.1 src/live/vmlinuz && ln -s live src/folder && "
                     "genisoimage -quiet -R -udf -o made.iso src");
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    g_autoptr(RubSource) source = open_good(path);
    g_assert_cmpstr(rub_source_get_format(source), ==, "UDF");
    const RubEntry *link = rub_source_find(source, "live/vmlinuz");
    g_assert_cmpint(link->kind, ==, RUB_ENTRY_SYMLINK);
    g_assert_cmpstr(link->link_target, ==, "vmlinuz-6.1");
    g_assert_null(link->extents);
    g_assert_cmpint(rub_source_find(source, "folder")->kind, ==, RUB_ENTRY_SYMLINK);
    g_assert_cmpint(rub_source_find(source, "empty")->kind, ==, RUB_ENTRY_FILE);
    g_assert_cmpuint(rub_source_find(source, "live/vmlinuz-6.1")->size_bytes, ==, 7);
}

static void
test_a_cut_udf_image_is_incomplete(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *path = made_windows_like(folder, "");
    if (path == NULL)
        return;
    GStatBuf st;
    g_assert_cmpint(g_stat(path, &st), ==, 0);
    g_assert_cmpint(truncate(path, st.st_size / 2), ==, 0);
    assert_refused(path, RUB_CODE_IMAGE_INCOMPLETE, "is incomplete: it lacks");
}

int
main(int argc, char **argv)
{
    static const char *const shapes[][3] = {
        {"windows", "UDF", "sources/boot.wim"},  {"bridge", "UDF", "SOURCES/BOOT.WIM"},
        {"plain", "Joliet", "sources/boot.wim"}, {"hybrid", "Rock Ridge", "sources/boot.wim"},
        {"linux", "Rock Ridge", "live/vmlinuz"},
    };
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/source/other-files", test_other_files_are_named);
    g_test_add_func("/source/disks", test_disks_are_told_from_discs);
    g_test_add_func("/source/no-file", test_what_is_no_file_is_refused);
    g_test_add_func("/source/plain", test_a_plain_image_is_described);
    g_test_add_func("/source/find", test_entries_are_found_in_any_case);
    g_test_add_func("/source/names-that-lead-out", test_names_that_lead_out_are_refused);
    g_test_add_func("/source/missing-end", test_a_missing_end_is_told_with_its_bytes);
    g_test_add_func("/source/read", test_files_are_read_through_extents_and_holes);
    g_test_add_func("/source/read-behind-end", test_reading_behind_the_end_of_a_file_fails);
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_autofree char *name = g_strdup_printf("/source/made/%s", shapes[i][0]);
        g_test_add_data_func(name, shapes[i], test_made_image_holds_its_tree);
    }
    g_test_add_func("/source/links", test_links_that_udf_lacks_are_those_of_rock_ridge);
    g_test_add_func("/source/cut-udf", test_a_cut_udf_image_is_incomplete);
    return g_test_run();
}
