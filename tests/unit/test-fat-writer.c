/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-fat-image.h"

typedef struct {
    const char *path;
    guint64 size_bytes;
} File;

static const char *const tree_folders[] = {"boot", "EFI", "EFI/Boot", "sources",
                                           "A folder with a long name"};

static const File tree_files[] = {
    {"bootmgr", 400000},
    {"BOOT.INI", 1},
    {"boot/BCD", 16384},
    {"boot/empty.txt", 0},
    {"EFI/Boot/bootx64.efi", 1000001},
    {"A folder with a long name/Another long name.text", 4096},
    {"A folder with a long name/Äpfel und Birnen 🍐.txt", 4097},
    {"sources/boot.wim", 9 * MIB + 17},
    {"setup.exe", 511},
};

static void
write_tree(RubVolume *volume)
{
    guint ids[G_N_ELEMENTS(tree_files)];
    for (guint i = 0; i < G_N_ELEMENTS(tree_folders); i++)
        declare_folder(volume, tree_folders[i]);
    for (guint i = 0; i < G_N_ELEMENTS(tree_files); i++)
        ids[i] = declare_file(volume, tree_files[i].path, tree_files[i].size_bytes);
    prepare_round(volume);
    for (guint i = 0; i < G_N_ELEMENTS(tree_files); i++)
        write_content(volume, ids[i], tree_files[i].path, tree_files[i].size_bytes);
    commit_round(volume);
}

static void
assert_tree(const FatImage *image)
{
    g_autoptr(RubListing) listing = fat_image_list(image);
    for (guint i = 0; i < G_N_ELEMENTS(tree_files); i++)
        assert_content(image, listing, tree_files[i].path, tree_files[i].size_bytes);
    for (guint i = 0; i < G_N_ELEMENTS(tree_folders); i++) {
        const RubEntry *entry = find_entry(listing, tree_folders[i]);
        g_assert_nonnull(entry);
        g_assert_cmpint(entry->kind, ==, RUB_ENTRY_FOLDER);
        g_assert_cmpint(entry->mtime_unix, ==, 1700000000);
    }
    g_assert_cmpstr(listing->volume_name, ==, "TESTVOL");
}

static void
test_a_tree_comes_back(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 8");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    write_tree(volume);
    fat_image_check(image);
    fat_image_reopen(image);
    assert_tree(image);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/writer/tree", test_a_tree_comes_back);
    return g_test_run();
}
