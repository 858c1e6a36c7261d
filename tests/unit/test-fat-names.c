/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-fat-image.h"

static void
test_a_folder_holds_65534_entries_and_no_more(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 8");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    declare_folder(volume, "many");
    for (guint i = 0; i < 65534; i++) {
        g_autofree char *path = g_strdup_printf("many/%u.x", i);
        declare_file(volume, path, 0);
    }
    g_assert_false(
        rub_volume_add_file(volume, "many/one more", 0, 0, RUB_VOLUME_NONE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, "“many”"));
    prepare_round(volume);
    commit_round(volume);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 65535);
    /* fsck.fat compares every entry with every other, which takes too long here. */
    if (lacks_program("7z"))
        return;
    const char *list[] = {"7z", "l", image->path, NULL};
    g_autofree char *shown = run_program(list);
    g_assert_nonnull(strstr(shown, " 65534 files, 1 folders"));
}

static void
test_65534_slots_of_similar_long_names_are_named_apart(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 8");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_folder(volume, "many");
    for (guint i = 0; i < 65534 / 3; i++) {
        g_autofree char *path = g_strdup_printf("many/Similar name %05u.txt", i);
        declare_file(volume, path, 0);
    }
    prepare_round(volume);
    commit_round(volume);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_nonnull(find_entry(listing, "many/Similar name 21843.txt"));
}

static const char *const names[] = {
    "Ω≈ç√∫",
    "日本語の名前.txt",
    "🍐🍎",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467.jpg",
    "e\u0301",
    "\u00e9",
    "İstanbul",
    "istanbul",
    "\U0010fffd",
    "\ue000",
    "\ufffd",
    "עברית",
    "a+b,c;d=[e]",
    "x.tar.gz",
    ".profile",
    " leading",
    "Bootmgr",
    "BOOTMG~1",
    "PROGRA~1",
    "Program Files",
    "Program Files (x86)",
    "progra~2",
    "LONGNA~1.TXT",
    "long name.txt",
    "Long Name 2.txt",
    "$%'-_@~`",
    "!(){}^#&.x",
    "UPPER.low",
    "low.UPPER",
    "thirteen.name",
    "twentysix.characters.long1",
};

static void
test_names_of_every_kind_come_back(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 8");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        declare_file(volume, names[i], 0);
    /* Code points of all planes, one name each; the surrogates are none. */
    for (gunichar c = 0x100; c < 0x110000; c += 0x7f3) {
        if (!g_unichar_validate(c))
            continue;
        g_autofree char *character = g_ucs4_to_utf8(&c, 1, NULL, NULL, NULL);
        g_autofree char *name = g_strdup_printf("plane-%x-%s", c, character);
        declare_file(volume, name, 0);
    }
    prepare_round(volume);
    commit_round(volume);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_nonnull(find_entry(listing, names[i]));
    for (gunichar c = 0x100; c < 0x110000; c += 0x7f3) {
        if (!g_unichar_validate(c))
            continue;
        g_autofree char *character = g_ucs4_to_utf8(&c, 1, NULL, NULL, NULL);
        g_autofree char *name = g_strdup_printf("plane-%x-%s", c, character);
        g_assert_nonnull(find_entry(listing, name));
    }
    if (lacks_program("7z"))
        return;
    const char *list[] = {"7z", "l", image->path, NULL};
    g_autofree char *shown = run_program(list);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_nonnull(strstr(shown, names[i]));
}

/* Our boot record searches the root folder for exactly these 11 bytes. */
static void
test_bootmgr_in_any_case_has_the_plain_short_name(void)
{
    static const char *const spellings[] = {"bootmgr", "BOOTMGR", "BootMgr"};
    for (guint i = 0; i < G_N_ELEMENTS(spellings); i++) {
        g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
        g_autoptr(RubVolume) volume = fat_image_write(image);
        declare_file(volume, "bootmgr long before it", 0);
        declare_file(volume, spellings[i], 0);
        prepare_round(volume);
        commit_round(volume);
        g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
        guint8 root[512];
        g_assert_true(
            rub_disk_read(image->disk, rub_fat_get_cluster_offset(fat, 2), root, 512, NULL));
        guint matches = 0;
        for (guint slot = 0; slot < 16; slot++)
            matches += memcmp(root + 32 * slot, "BOOTMGR    ", 11) == 0;
        g_assert_cmpuint(matches, ==, 1);
        g_autoptr(RubListing) listing = fat_image_list(image);
        g_assert_nonnull(find_entry(listing, spellings[i]));
    }
}

/* fsck.fat and the root folder's label must not mind a file named like the label. */
static void
test_a_file_may_be_named_like_the_label(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "TESTVOL", 100);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "TESTVOL", 100);
    g_assert_cmpstr(listing->volume_name, ==, "TESTVOL");
}

static void
test_folders_nest_256_deep(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GString) path = g_string_new("Folder at the top");
    for (guint depth = 1; depth < 256; depth++) {
        declare_folder(volume, path->str);
        g_string_append_printf(path, "/d%u", depth);
    }
    add_one_file(volume, path->str, 700);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, path->str, 700);
}

static void
test_attributes_and_times_are_those_declared(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    rub_volume_add_folder(volume, "secret", 1000000000, RUB_VOLUME_HIDDEN, &error);
    rub_volume_add_file(volume, "secret/file", 0, 1234567891, RUB_VOLUME_HIDDEN, &id, &error);
    rub_volume_add_file(volume, "plain", 0, 0, RUB_VOLUME_NONE, &id, &error);
    g_assert_no_error(error);
    prepare_round(volume);
    commit_round(volume);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpint(find_entry(listing, "secret")->mtime_unix, ==, 1000000000);
    g_assert_cmpint(find_entry(listing, "secret/file")->mtime_unix, ==, 1234567890);
    g_assert_cmpint(find_entry(listing, "plain")->mtime_unix, >=, now - 2);
    if (lacks_program("mattrib"))
        return;
    const char *attributes[] = {"mattrib",  "-i",        image->path, "::/secret/file",
                                "::/plain", "::/secret", NULL};
    g_autofree char *shown = run_program(attributes);
    g_assert_nonnull(strstr(shown, "  A   H      ::/secret/file"));
    g_assert_nonnull(strstr(shown, "  A          ::/plain"));
    g_assert_nonnull(strstr(shown, "      H      ::/secret\n"));
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/names/full-folder", test_a_folder_holds_65534_entries_and_no_more);
    g_test_add_func("/fat/names/similar", test_65534_slots_of_similar_long_names_are_named_apart);
    g_test_add_func("/fat/names/every-kind", test_names_of_every_kind_come_back);
    g_test_add_func("/fat/names/bootmgr", test_bootmgr_in_any_case_has_the_plain_short_name);
    g_test_add_func("/fat/names/label", test_a_file_may_be_named_like_the_label);
    g_test_add_func("/fat/names/deep", test_folders_nest_256_deep);
    g_test_add_func("/fat/names/attributes", test_attributes_and_times_are_those_declared);
    return g_test_run();
}
