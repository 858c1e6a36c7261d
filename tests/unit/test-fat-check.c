/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-fat-image.h"
#include "volume/rub-fat-check.h"

/* With 512-byte clusters: the root in 2, "folder" in 3, "folder/inner" in 4, and 10 clusters each
 * for "folder/file" from 5 and for "other" from 15. */
static FatImage *
make_volume(void)
{
    FatImage *image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_folder(volume, "folder");
    declare_folder(volume, "folder/inner");
    guint first = declare_file(volume, "folder/file", 5000);
    guint second = declare_file(volume, "other", 5000);
    prepare_round(volume);
    write_content(volume, first, "folder/file", 5000);
    write_content(volume, second, "other", 5000);
    commit_round(volume);
    return image;
}

static RubFatCheck *
check(const FatImage *image, RubListing **listing)
{
    g_autoptr(GError) error = NULL;
    guint64 writes = rub_disk_get_stats(image->disk)->writes;
    g_autoptr(RubFat) fat =
        rub_fat_open(image->disk, image->start_lba, image->sector_count, &error);
    g_assert_no_error(error);
    RubFatCheck *found = rub_fat_check(fat, listing, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, ==, writes);
    return found;
}

static void
assert_sound(const FatImage *image, guint entries)
{
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFatCheck) found = check(image, &listing);
    g_assert_null(found->fault);
    g_assert_false(found->is_dirty);
    g_assert_false(found->copies_differ);
    g_assert_cmpuint(found->lost->len, ==, 0);
    g_assert_cmpuint(listing->entries->len, ==, entries);
}

static void
test_a_sound_volume_has_nothing_wrong(void)
{
    g_autoptr(FatImage) image = make_volume();
    assert_sound(image, 4);
}

static void
test_small_fat_is_checked_too(void)
{
    static const char *const options[] = {"-F 12 -s 8", "-F 16 -s 1"};
    if (lacks_program("mcopy"))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autoptr(FatImage) image = fat_image_new(8 * MIB, options[i]);
        run_mtools(image, "mmd", "Folder");
        put_by_mtools(image, "Folder/Some file.txt", 100000);
        assert_sound(image, 2);
    }
}

/* A translation that shows what was translated. */
static const char *
embrace(const char *singular, const char *plural, gulong count)
{
    g_autofree char *translated = g_strdup_printf("<%s>", plural && count != 1 ? plural : singular);
    return g_intern_string(translated);
}

static void
test_damage_is_translated_as_a_whole(void)
{
    g_autoptr(FatImage) image = make_volume();
    fat_image_set_entry(image, 10, 0x0fffffff);
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFatCheck) found = check(image, &listing);
    g_autoptr(RubText) damage = rub_fat_check_describe(found);
    g_autofree char *text = rub_text_format(damage, embrace);
    g_assert_cmpstr(text, ==, "<the file “folder/file”: <its clusters end too early>>");
    g_autoptr(FatImage) lost = make_volume();
    fat_image_set_entry(lost, 100, 101);
    fat_image_set_entry(lost, 101, 0x0fffffff);
    g_autoptr(RubListing) all = NULL;
    g_autoptr(RubFatCheck) found_lost = check(lost, &all);
    g_autoptr(RubText) lost_damage = rub_fat_check_describe(found_lost);
    g_autofree char *lost_text = rub_text_format(lost_damage, embrace);
    g_assert_cmpstr(lost_text, ==, "<2 of its clusters are in use, but belong to no file>");
}

/* Each damage is one entry of the table. */
static void
test_damage_is_named(void)
{
    static const struct {
        guint32 cluster;
        guint32 value;
        const char *words[2];
    } cases[] = {
        {10, 5, {"folder/file", "loop"}},
        {10, 18, {"folder/file", "twice"}},
        {10, 0, {"folder/file", "free"}},
        {10, 0x0ffffff7, {"folder/file", "bad"}},
        {10, 0x0ffffff0, {"folder/file", "exist"}},
        {10, 1, {"folder/file", "exist"}},
        {10, 0x0fffffff, {"folder/file", "early"}},
        {2, 2, {"root", "loop"}},
        {3, 0, {"folder", "free"}},
        {4, 3, {"inner", "twice"}},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FatImage) image = make_volume();
        fat_image_set_entry(image, cases[i].cluster, cases[i].value);
        g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
        if (cases[i].cluster == 2) {
            g_assert_null(fat);
            continue;
        }
        g_autoptr(RubListing) listing = NULL;
        g_autoptr(RubFatCheck) found = check(image, &listing);
        g_assert_null(listing);
        g_assert_nonnull(found->fault);
        g_autofree char *fault = rub_text_format(found->fault, NULL);
        g_test_message("%s", fault);
        g_assert_nonnull(strstr(fault, cases[i].words[0]));
        g_assert_nonnull(strstr(fault, cases[i].words[1]));
    }
}

static void
test_a_folder_that_holds_something_else_is_damage(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    const guint8 zeros[512] = {0};
    fat_image_patch(image, rub_fat_get_cluster_offset(fat, 4), zeros, sizeof zeros);
    g_autoptr(RubFatCheck) found = check(image, NULL);
    g_autofree char *fault = rub_text_format(found->fault, NULL);
    g_assert_nonnull(strstr(fault, "“folder/inner”"));
}

static void
assert_run(const GArray *runs, guint index, guint32 first, guint32 count)
{
    const RubFatRun *run = &g_array_index(runs, RubFatRun, index);
    g_assert_cmpuint(run->first, ==, first);
    g_assert_cmpuint(run->count, ==, count);
}

static void
test_lost_clusters_are_found(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    guint32 last = rub_fat_get_geometry(fat)->cluster_count + 1;
    fat_image_set_entry(image, 25, 26);
    fat_image_set_entry(image, 26, RUB_FAT_END);
    fat_image_set_entry(image, 100, RUB_FAT_BAD);
    fat_image_set_entry(image, 101, 5);
    fat_image_set_entry(image, last, RUB_FAT_END);
    g_autoptr(RubFatCheck) found = check(image, NULL);
    g_assert_null(found->fault);
    g_assert_cmpuint(found->lost->len, ==, 3);
    assert_run(found->lost, 0, 25, 2);
    assert_run(found->lost, 1, 101, 1);
    assert_run(found->lost, 2, last, 1);
}

/* Changes one byte of an entry in the second copy. */
static void
patch_second_copy(const FatImage *image, guint32 cluster, guint byte, guint8 value)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    guint64 start =
        ((guint64) geometry->reserved_sectors + geometry->fat_size_sectors) * geometry->sector_size;
    fat_image_patch(image, start + cluster * 4 + byte, &value, 1);
}

static void
test_copies_that_differ_are_noticed(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    guint32 last = rub_fat_get_geometry(fat)->cluster_count + 1;
    const guint32 clusters[] = {2, 5, 40000, last};
    for (guint i = 0; i < G_N_ELEMENTS(clusters); i++) {
        g_autoptr(FatImage) other = make_volume();
        patch_second_copy(other, clusters[i], 0, 0x55);
        g_autoptr(RubFatCheck) found = check(other, NULL);
        g_assert_true(found->copies_differ);
        g_assert_null(found->fault);
    }
    /* The upper bits, the state of the volume, and what lies behind the last entry do not count. */
    patch_second_copy(image, 5, 3, 0xf0);
    patch_second_copy(image, 1, 3, 0x07);
    patch_second_copy(image, last + 1, 0, 0x55);
    assert_sound(image, 4);
}

static void
test_copies_that_need_not_agree_may_differ(void)
{
    g_autoptr(FatImage) image = make_volume();
    const guint8 flags[2] = {0x80, 0};
    fat_image_patch(image, 40, flags, sizeof flags);
    patch_second_copy(image, 5, 0, 0x55);
    assert_sound(image, 4);
}

static void
test_a_volume_in_use_is_dirty(void)
{
    g_autoptr(FatImage) image = make_volume();
    fat_image_set_entry(image, 1, 0x07ffffff);
    g_autoptr(RubFatCheck) found = check(image, NULL);
    g_assert_true(found->is_dirty);
    g_assert_null(found->fault);
}

static void
test_fsinfo_does_not_matter(void)
{
    g_autoptr(FatImage) image = make_volume();
    guint8 junk[512];
    memset(junk, 0x11, sizeof junk);
    fat_image_patch(image, 512, junk, sizeof junk);
    assert_sound(image, 4);
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/check/sound", test_a_sound_volume_has_nothing_wrong);
    g_test_add_func("/fat/check/small", test_small_fat_is_checked_too);
    g_test_add_func("/fat/check/damage", test_damage_is_named);
    g_test_add_func("/fat/check/translated", test_damage_is_translated_as_a_whole);
    g_test_add_func("/fat/check/folder", test_a_folder_that_holds_something_else_is_damage);
    g_test_add_func("/fat/check/lost", test_lost_clusters_are_found);
    g_test_add_func("/fat/check/copies", test_copies_that_differ_are_noticed);
    g_test_add_func("/fat/check/active", test_copies_that_need_not_agree_may_differ);
    g_test_add_func("/fat/check/dirty", test_a_volume_in_use_is_dirty);
    g_test_add_func("/fat/check/fsinfo", test_fsinfo_does_not_matter);
    return g_test_run();
}
