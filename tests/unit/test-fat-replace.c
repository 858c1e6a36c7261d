/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-fat-image.h"
#include "volume/rub-fat-check.h"

/* Where a file's entry says that it is read-only, hidden and the like; and its spelling. */
static guint8 *
find_slot(const FatImage *image, guint8 *sector, guint64 *offset_bytes, const char *short_name)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    *offset_bytes = rub_fat_get_cluster_offset(fat, 2);
    g_assert_true(rub_disk_read(image->disk, *offset_bytes, sector, 512, NULL));
    for (guint i = 0; i < 16; i++)
        if (memcmp(sector + i * 32, short_name, 11) == 0)
            return sector + i * 32;
    g_assert_not_reached();
}

static void
set_attributes(const FatImage *image, const char *short_name, guint8 attributes)
{
    guint8 sector[512];
    guint64 offset = 0;
    find_slot(image, sector, &offset, short_name)[11] = attributes;
    fat_image_patch(image, offset, sector, sizeof sector);
}

static void
assert_attributes(const FatImage *image, const char *short_name, guint8 attributes)
{
    guint8 sector[512];
    guint64 offset = 0;
    g_assert_cmphex(find_slot(image, sector, &offset, short_name)[11], ==, attributes);
}

static guint
declare_replacement(RubVolume *volume, const char *path, guint64 size_bytes)
{
    g_autoptr(GError) error = NULL;
    guint id = 0;
    rub_volume_add_file(volume, path, size_bytes, 1700000000, RUB_VOLUME_REPLACE, &id, &error);
    g_assert_no_error(error);
    return id;
}

static void
declare_move(RubVolume *volume, const char *from, const char *to, RubVolumeFlags flags)
{
    g_autoptr(GError) error = NULL;
    rub_volume_move(volume, from, to, flags, &error);
    g_assert_no_error(error);
}

static void
declare_removal(RubVolume *volume, const char *path)
{
    g_autoptr(GError) error = NULL;
    rub_volume_remove(volume, path, &error);
    g_assert_no_error(error);
}

static guint32
count_free(const FatImage *image)
{
    guint32 free_clusters = 0;
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    g_assert_true(rub_fat_count_free_clusters(fat, &free_clusters, NULL));
    return free_clusters;
}

/* The bytes of @path are those of make_content(@content). */
static void
assert_holds(const FatImage *image, const char *path, const char *content, gsize size_bytes)
{
    g_autoptr(RubListing) listing = fat_image_list(image);
    const RubEntry *entry = find_entry(listing, path);
    g_assert_nonnull(entry);
    g_autofree guint8 *wanted = make_content(content, size_bytes);
    g_autofree guint8 *found = read_entry(image, entry);
    g_assert_cmpmem(found, entry->size_bytes, wanted, size_bytes);
}

static void
assert_missing(const FatImage *image, const char *path)
{
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_null(find_entry(listing, path));
}

/* fsck.fat and our own check agree that all is well. */
static void
assert_sound(const FatImage *image)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    g_autoptr(RubFatCheck) check = rub_fat_check(fat, NULL, NULL);
    g_assert_null(check->fault);
    g_assert_false(check->is_dirty);
    g_assert_false(check->copies_differ);
    g_assert_cmpuint(check->lost->len, ==, 0);
    fat_image_check(image);
}

/* "Some letter.txt" (5000 bytes), "SHORT.TXT" (700), "empty file", "folder/inner/file" (3000). */
static FatImage *
make_volume(void)
{
    FatImage *image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    guint first = declare_file(volume, "Some letter.txt", 5000);
    guint second = declare_file(volume, "SHORT.TXT", 700);
    declare_file(volume, "empty file", 0);
    declare_folder(volume, "folder");
    declare_folder(volume, "folder/inner");
    guint third = declare_file(volume, "folder/inner/file", 3000);
    prepare_round(volume);
    write_content(volume, first, "Some letter.txt", 5000);
    write_content(volume, second, "SHORT.TXT", 700);
    write_content(volume, third, "folder/inner/file", 3000);
    commit_round(volume);
    return image;
}

static void
test_a_replaced_file_keeps_its_place_and_its_names(void)
{
    static const char *const names[] = {"some LETTER.txt", "SOME LETTER.TXT", "Some letter.txt"};
    g_autoptr(FatImage) image = make_volume();
    guint32 free_before = count_free(image);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        guint id = declare_replacement(volume, names[i], 2000);
        prepare_round(volume);
        write_content(volume, id, names[i], 2000);
        commit_round(volume);
        assert_sound(image);
        assert_holds(image, "Some letter.txt", names[i], 2000);
        g_assert_cmpuint(count_free(image), ==, free_before + 10 - 4);
    }
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 6);
    const RubEntry *first = g_ptr_array_index(listing->entries, 0);
    g_assert_cmpstr(first->path, ==, "Some letter.txt");
    g_assert_cmpint(first->mtime_unix, ==, 1700000000);
    assert_content(image, listing, "SHORT.TXT", 700);
}

static void
test_replacing_needs_to_be_asked_for(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    g_assert_false(rub_volume_add_file(volume, "short.txt", 1, 0, RUB_VOLUME_NONE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(&error);
    declare_replacement(volume, "short.txt", 1);
    g_assert_false(rub_volume_add_file(volume, "SHORT.TXT", 1, 0, RUB_VOLUME_REPLACE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

static void
test_a_folder_is_no_file(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    g_assert_false(rub_volume_add_file(volume, "FOLDER", 1, 0, RUB_VOLUME_REPLACE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, "the folder “FOLDER”"));
    g_clear_error(&error);
    g_assert_false(rub_volume_add_folder(volume, "Short.txt", 0, RUB_VOLUME_REPLACE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, "“SHORT.TXT”"));
    g_clear_error(&error);
    g_assert_false(rub_volume_move(volume, "folder", "other", RUB_VOLUME_NONE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(&error);
    g_assert_false(rub_volume_move(volume, "SHORT.TXT", "folder", RUB_VOLUME_REPLACE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

static void
test_empty_files_are_replaced_and_replace(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubVolume) volume = fat_image_write(image);
    guint id = declare_replacement(volume, "empty file", 900);
    declare_replacement(volume, "Some letter.txt", 0);
    prepare_round(volume);
    write_content(volume, id, "x", 900);
    commit_round(volume);
    assert_sound(image);
    assert_holds(image, "empty file", "x", 900);
    assert_holds(image, "Some letter.txt", "x", 0);
}

static void
test_a_protected_file_stays_protected(void)
{
    g_autoptr(FatImage) image = make_volume();
    set_attributes(image, "SHORT   TXT", 0x07);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    guint id = declare_replacement(volume, "short.txt", 10);
    prepare_round(volume);
    write_content(volume, id, "new", 10);
    commit_round(volume);
    assert_sound(image);
    assert_holds(image, "SHORT.TXT", "new", 10);
    assert_attributes(image, "SHORT   TXT", 0x27);
}

/* Until the new file is there the old one is, too. */
static void
test_room_that_becomes_free_counts_for_the_next_round(void)
{
    g_autoptr(FatImage) image = make_volume();
    guint64 free_bytes = (guint64) count_free(image) * 512;
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    declare_replacement(volume, "Some letter.txt", free_bytes + 1);
    g_assert_false(rub_volume_prepare(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_clear_pointer(&volume, rub_volume_free);

    volume = fat_image_write(image);
    gsize size_bytes = (gsize) free_bytes;
    guint id = declare_replacement(volume, "Some letter.txt", size_bytes);
    prepare_round(volume);
    write_content(volume, id, "full", size_bytes);
    commit_round(volume);
    g_assert_cmpuint(count_free(image), ==, 10);
    add_one_file(volume, "second", 10 * 512);
    assert_sound(image);
    assert_holds(image, "Some letter.txt", "full", size_bytes);
    assert_holds(image, "second", "second", 10 * 512);
}

static void
save_and_replace(const FatImage *image, gboolean moves_first)
{
    g_autoptr(RubVolume) volume = fat_image_write(image);
    guint id = 0;
    declare_folder(volume, ".rescue-usb-builder");
    declare_folder(volume, ".rescue-usb-builder/undo");
    if (moves_first)
        declare_move(volume, "some letter.txt", ".rescue-usb-builder/undo/1", RUB_VOLUME_NONE);
    id = declare_replacement(volume, "SOME letter.txt", 8000);
    if (!moves_first)
        declare_move(volume, "some letter.txt", ".rescue-usb-builder/undo/1", RUB_VOLUME_NONE);
    declare_file(volume, "added", 0);
    prepare_round(volume);
    write_content(volume, id, "new", 8000);
    commit_round(volume);
}

static void
test_what_is_replaced_can_be_saved_and_put_back(void)
{
    for (guint i = 0; i < 2; i++) {
        g_autoptr(FatImage) image = make_volume();
        guint32 free_before = count_free(image);
        set_attributes(image, "SOMELE~1TXT", 0x21);
        save_and_replace(image, i == 1);
        assert_sound(image);
        assert_holds(image, "Some letter.txt", "new", 8000);
        assert_holds(image, ".rescue-usb-builder/undo/1", "Some letter.txt", 5000);
        set_attributes(image, "SOMELE~1TXT", 0x20);

        g_autoptr(RubVolume) volume = fat_image_write(image);
        declare_move(volume, ".rescue-usb-builder/undo/1", "Some letter.txt", RUB_VOLUME_REPLACE);
        declare_removal(volume, "added");
        declare_removal(volume, ".rescue-usb-builder/undo");
        declare_removal(volume, ".rescue-usb-builder");
        prepare_round(volume);
        commit_round(volume);
        assert_sound(image);
        assert_holds(image, "Some letter.txt", "Some letter.txt", 5000);
        assert_attributes(image, "SOMELE~1TXT", 0x21);
        assert_missing(image, "added");
        assert_missing(image, ".rescue-usb-builder");
        g_assert_cmpuint(count_free(image), ==, free_before);
    }
}

static void
test_a_file_takes_over_a_name_that_is_given_up(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_removal(volume, "SHORT.TXT");
    declare_move(volume, "Some letter.txt", "short.txt", RUB_VOLUME_NONE);
    guint id = declare_file(volume, "some letter.txt", 100);
    declare_move(volume, "empty file", "folder/Renamed to something else", RUB_VOLUME_NONE);
    prepare_round(volume);
    write_content(volume, id, "new", 100);
    commit_round(volume);
    assert_sound(image);
    assert_holds(image, "SHORT.TXT", "Some letter.txt", 5000);
    assert_holds(image, "Some letter.txt", "new", 100);
    assert_holds(image, "folder/Renamed to something else", "", 0);
    assert_missing(image, "empty file");
}

static void
test_moves_that_would_share_clusters_are_refused(void)
{
    static const char *const moves[][2] = {
        {"Some letter.txt", "other"}, {"SHORT.TXT", "Some letter.txt"}, {"other", "third"},
        {"nothing", "third"},         {"empty file", "EMPTY FILE"},     {"empty file", "a/b"},
    };
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_move(volume, "Some letter.txt", "moved", RUB_VOLUME_NONE);
    for (guint i = 0; i < G_N_ELEMENTS(moves); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(
            rub_volume_move(volume, moves[i][0], moves[i][1], RUB_VOLUME_REPLACE, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    }
    declare_move(volume, "SHORT.TXT", "empty file", RUB_VOLUME_REPLACE);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_volume_move(volume, "empty file", "third", RUB_VOLUME_NONE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

static void
test_what_is_removed_is_gone(void)
{
    g_autoptr(FatImage) image = make_volume();
    guint32 free_before = count_free(image);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_volume_remove(volume, "folder/inner", &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, "not empty"));
    declare_removal(volume, "folder/INNER/file");
    declare_removal(volume, "Folder/inner");
    declare_removal(volume, "some letter.txt");
    g_clear_error(&error);
    g_assert_false(rub_volume_remove(volume, "Some letter.txt", &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(&error);
    g_assert_false(rub_volume_add_folder(volume, "Some letter.txt", 0, RUB_VOLUME_NONE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    prepare_round(volume);
    commit_round(volume);
    assert_sound(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 3);
    g_assert_cmpuint(count_free(image), ==, free_before + 10 + 1 + 6);
    /* In the next round the names are free, and folders may take them. */
    declare_folder(volume, "Some letter.txt");
    declare_folder(volume, "folder/inner");
    prepare_round(volume);
    commit_round(volume);
    assert_sound(image);
}

/* Names of 1 to 21 slots lie in one, two or three sectors. */
static void
test_long_names_are_removed_whole(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    for (guint i = 0; i < 40; i++) {
        g_autofree char *name = g_strnfill(i * 6 + 3, 'n');
        g_autofree char *path = g_strdup_printf("%s %u", name, i);
        declare_file(volume, path, i * 100);
    }
    prepare_round(volume);
    for (guint i = 0; i < 40; i++)
        write_content(volume, i, "x", i * 100);
    commit_round(volume);
    for (guint i = 0; i < 40; i += 2) {
        g_autofree char *name = g_strnfill(i * 6 + 3, 'n');
        g_autofree char *path = g_strdup_printf("%s %u", name, i);
        declare_removal(volume, path);
    }
    prepare_round(volume);
    commit_round(volume);
    assert_sound(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 20);
}

static void
assert_run(const GArray *runs, guint index, guint32 first, guint32 count)
{
    g_assert_cmpuint(index, <, runs->len);
    g_assert_cmpuint(g_array_index(runs, RubFatRun, index).first, ==, first);
    g_assert_cmpuint(g_array_index(runs, RubFatRun, index).count, ==, count);
}

/* Clusters: the root 2, the folders 3 and 4, the letter 5 to 14, SHORT.TXT 15 and 16, the file 17
 * to 22. */
static void
test_a_round_says_which_clusters_it_takes_and_gives_up(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(RubVolume) volume = fat_image_write(image);
    guint64 writes = rub_disk_get_stats(image->disk)->writes;
    declare_replacement(volume, "Some letter.txt", 1000);
    declare_move(volume, "Some letter.txt", "saved", RUB_VOLUME_NONE);
    declare_removal(volume, "SHORT.TXT");
    declare_folder(volume, "new");
    for (guint i = 0; i < 20; i++) {
        g_autofree char *path = g_strdup_printf("Name %u", i);
        declare_file(volume, path, 0);
    }
    declare_file(volume, "new/file", 700);
    prepare_round(volume);
    g_autoptr(GArray) runs = rub_fat_writer_get_runs(volume);
    g_autoptr(GArray) old_runs = rub_fat_writer_get_old_runs(volume);
    g_assert_cmpuint(runs->len, ==, 1);
    assert_run(runs, 0, 23, 3 + 1 + 2 + 2);
    g_assert_cmpuint(old_runs->len, ==, 1);
    assert_run(old_runs, 0, 5, 12);
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, ==, writes);
}

static void
test_lost_clusters_are_reclaimed(void)
{
    g_autoptr(FatImage) image = make_volume();
    guint32 free_before = count_free(image);
    const guint8 dirty = 1;
    fat_image_set_entry(image, 100, 101);
    fat_image_set_entry(image, 101, 0);
    fat_image_set_entry(image, 200, RUB_FAT_END);
    fat_image_set_entry(image, 1, 0x07ffffff);
    fat_image_patch(image, 65, &dirty, 1);
    {
        /* The second copy is behind. */
        g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
        const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
        const guint8 zeros[4] = {0};
        fat_image_patch(image, (32 + geometry->fat_size_sectors) * 512 + 200 * 4, zeros, 4);
    }
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    g_autoptr(RubFatCheck) check = rub_fat_check(fat, NULL, NULL);
    g_assert_true(check->copies_differ);
    g_assert_true(check->is_dirty);
    g_assert_cmpuint(check->lost->len, ==, 2);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    g_assert_true(rub_fat_writer_reclaim(volume, check->lost, &error));
    assert_sound(image);
    g_assert_cmpuint(count_free(image), ==, free_before);
    g_assert_false(rub_fat_writer_reclaim(volume, check->lost, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    add_one_file(volume, "file", (gsize) (free_before - 1) * 512);
    assert_sound(image);
}

static void
test_a_lost_file_can_be_adopted(void)
{
    g_autoptr(FatImage) image = make_volume();
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = fat_image_list(image);
    const RubEntry *letter = find_entry(listing, "Some letter.txt");
    guint64 offset = g_array_index(letter->extents, RubExtent, 0).offset_bytes;
    guint8 sector[512];
    guint64 root = 0;
    guint8 *slot = find_slot(image, sector, &root, "SOMELE~1TXT");
    slot[0] = slot[-32] = slot[-64] = 0xe5;
    fat_image_patch(image, root, sector, sizeof sector);
    assert_missing(image, "Some letter.txt");

    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_assert_false(rub_fat_writer_adopt(volume, offset + 1, 5000, 0, "x", 0, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_clear_error(&error);
    g_assert_false(rub_fat_writer_adopt(volume, offset, 5000, 0, "short.txt", 0, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(&error);
    g_assert_true(
        rub_fat_writer_adopt(volume, offset, 5000, 1500000000, "folder/Found again", 0, &error));
    prepare_round(volume);
    commit_round(volume);
    assert_sound(image);
    assert_holds(image, "folder/Found again", "Some letter.txt", 5000);
    g_clear_pointer(&volume, rub_volume_free);

    volume = fat_image_write(image);
    g_assert_true(rub_fat_writer_adopt(volume, offset, 6000, 0, "too long", 0, &error));
    g_assert_false(rub_volume_prepare(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
}

static void
test_broken_chains_are_never_freed(void)
{
    static const struct {
        guint32 cluster;
        guint32 value;
    } cases[] = {{6, 5}, {6, 0}, {14, 15}, {6, RUB_FAT_BAD}, {6, RUB_FAT_END}, {6, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FatImage) image = make_volume();
        fat_image_set_entry(image, cases[i].cluster, cases[i].value);
        guint64 writes = rub_disk_get_stats(image->disk)->writes;
        g_autoptr(RubVolume) volume = fat_image_write(image);
        g_autoptr(GError) error = NULL;
        declare_replacement(volume, "Some letter.txt", 10);
        declare_removal(volume, "SHORT.TXT");
        g_assert_false(rub_volume_prepare(volume, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
        g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, ==, writes);
    }
}

/* The alias of a long name is taken in the rounds that follow, too. */
static void
test_an_alias_is_a_name(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "Long name of a file", 10);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    g_assert_false(rub_volume_add_file(volume, "LONGNA~1", 1, 0, RUB_VOLUME_NONE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
#define ADD(path, test) g_test_add_func("/fat/replace/" path, test)
    ADD("names", test_a_replaced_file_keeps_its_place_and_its_names);
    ADD("asked", test_replacing_needs_to_be_asked_for);
    ADD("folder", test_a_folder_is_no_file);
    ADD("empty", test_empty_files_are_replaced_and_replace);
    ADD("protected", test_a_protected_file_stays_protected);
    ADD("room", test_room_that_becomes_free_counts_for_the_next_round);
    ADD("saved", test_what_is_replaced_can_be_saved_and_put_back);
    ADD("taken-over", test_a_file_takes_over_a_name_that_is_given_up);
    ADD("shared", test_moves_that_would_share_clusters_are_refused);
    ADD("removed", test_what_is_removed_is_gone);
    ADD("long-names", test_long_names_are_removed_whole);
    ADD("runs", test_a_round_says_which_clusters_it_takes_and_gives_up);
    ADD("reclaimed", test_lost_clusters_are_reclaimed);
    ADD("adopted", test_a_lost_file_can_be_adopted);
    ADD("broken", test_broken_chains_are_never_freed);
    ADD("alias", test_an_alias_is_a_name);
#undef ADD
    return g_test_run();
}
