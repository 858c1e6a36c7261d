/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "test-fat-image.h"

static void
test_files_of_other_programs_stay(void)
{
    if (lacks_program("mcopy"))
        return;
    g_autoptr(FatImage) image = fat_image_new(80 * MIB, "-F 32 -s 2");
    run_mtools(image, "mmd", "Photos");
    put_by_mtools(image, "Photos/Holiday picture.jpeg", 100000);
    put_by_mtools(image, "LETTER.TXT", 3000);
    put_by_mtools(image, "empty file", 0);
    g_autofree guint8 *before = fat_image_read_start(image, 32 * 512);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_folder(volume, "PHOTOS");
    declare_folder(volume, "boot");
    guint first = declare_file(volume, "photos/Holiday picture 2.jpeg", 5000);
    guint second = declare_file(volume, "boot/bcd", 20000);
    prepare_round(volume);
    write_content(volume, first, "photos/Holiday picture 2.jpeg", 5000);
    write_content(volume, second, "boot/bcd", 20000);
    commit_round(volume);

    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 7);
    assert_content(image, listing, "Photos/Holiday picture.jpeg", 100000);
    assert_content(image, listing, "LETTER.TXT", 3000);
    assert_content(image, listing, "empty file", 0);
    assert_content(image, listing, "boot/bcd", 20000);
    g_autofree guint8 *found =
        read_entry(image, find_entry(listing, "Photos/Holiday picture 2.jpeg"));
    g_autofree guint8 *wanted = make_content("photos/Holiday picture 2.jpeg", 5000);
    g_assert_cmpmem(found, 5000, wanted, 5000);
    g_assert_cmpstr(listing->volume_name, ==, "TESTVOL");

    /* Of the reserved sectors only FSInfo's two numbers changed. */
    g_autofree guint8 *after = fat_image_read_start(image, 32 * 512);
    memcpy(before + 512 + 488, after + 512 + 488, 8);
    g_assert_cmpmem(after, 32 * 512, before, 32 * 512);
}

static void
test_names_that_exist_are_refused(void)
{
    if (lacks_program("mcopy"))
        return;
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    put_by_mtools(image, "Long name of a letter.txt", 10);
    static const char *const names[] = {"long name of a letter.txt", "LONGNA~1.TXT",
                                        "longna~1.txt"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        g_autoptr(GError) error = NULL;
        guint id = 0;
        g_assert_false(rub_volume_add_file(volume, names[i], 1, 0, RUB_VOLUME_NONE, &id, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
        g_assert_nonnull(strstr(error->message, "“Long name of a letter.txt”"));
        g_clear_error(&error);
        g_assert_false(rub_volume_add_folder(volume, names[i], 0, RUB_VOLUME_NONE, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    }
    /* A name that is only similar gets another alias. */
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "Long name of another letter.txt", 10);
    fat_image_check(image);
}

/* What is deleted at the end of a folder counts again from the last sector on, the rest does not.
 */
static void
test_a_listing_tells_where_new_entries_go(void)
{
    static const struct {
        guint first_removed, last_removed, used_slots;
    } cases[] = {{99, 99, 41}, {0, 9, 41}, {38, 39, 39}, {20, 37, 32}, {10, 19, 32}};
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_folder(volume, "SUB");
    for (guint i = 0; i < 40; i++) {
        g_autofree char *path = g_strdup_printf("F%u", i);
        if (i > 0) /* the folder is the first of the forty */
            declare_file(volume, path, 0);
    }
    prepare_round(volume);
    commit_round(volume);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (guint j = MAX(cases[i].first_removed, 1); j <= cases[i].last_removed && j < 40; j++) {
            g_autofree char *path = g_strdup_printf("F%u", j);
            g_assert_true(rub_volume_remove(volume, path, NULL));
        }
        prepare_round(volume);
        commit_round(volume);
        g_autoptr(RubListing) listing = fat_image_list(image);
        g_assert_cmpuint(listing->used_slots, ==, cases[i].used_slots);
        g_assert_cmpuint(find_entry(listing, "SUB")->used_slots, ==, 2);
    }
}

/* A folder's own name is met in any case; its alias is no way into it. */
static void
test_nothing_gets_into_a_folder_through_its_alias(void)
{
    if (lacks_program("mmd"))
        return;
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    run_mtools(image, "mmd", "Long folder name");
    run_mtools(image, "mmd", "SOURCES");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    declare_folder(volume, "sources");
    declare_folder(volume, "long FOLDER name");
    g_assert_false(rub_volume_add_folder(volume, "longfo~1", 0, RUB_VOLUME_NONE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, "as “Long folder name”"));
    g_clear_error(&error);
    g_assert_false(
        rub_volume_add_file(volume, "LONGFO~1/x.txt", 1, 0, RUB_VOLUME_NONE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

/* The alias of a long name is nobody else's name, and nothing is replaced under it. */
static void
test_nothing_is_replaced_or_moved_under_its_alias(void)
{
    if (lacks_program("mcopy"))
        return;
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    put_by_mtools(image, "Some letter.txt", 10);
    put_by_mtools(image, "SHORT.TXT", 10);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    g_assert_false(
        rub_volume_add_file(volume, "SOMELE~1.TXT", 1, 0, RUB_VOLUME_REPLACE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_assert_nonnull(strstr(error->message, "as “Some letter.txt”"));
    g_clear_error(&error);
    g_assert_false(rub_volume_move(volume, "SOMELE~1.TXT", "x", RUB_VOLUME_NONE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(&error);
    g_assert_false(
        rub_volume_move(volume, "SHORT.TXT", "SOMELE~1.TXT", RUB_VOLUME_REPLACE, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
}

static void
test_thousands_of_entries_in_the_root_are_kept(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        for (guint i = 0; i < 3000; i++) {
            g_autofree char *path = g_strdup_printf("User file %u", i);
            declare_file(volume, path, 0);
        }
        prepare_round(volume);
        commit_round(volume);
    }
    fat_image_reopen(image);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    for (guint i = 0; i < 3000; i++) {
        g_autofree char *path = g_strdup_printf("User file number %u", i);
        declare_file(volume, path, 0);
    }
    prepare_round(volume);
    commit_round(volume);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 6000);
}

/* What does not fit into one piece of free space is spread over several. Clusters that are marked
 * bad cut it into pieces of 8. */
static void
test_fragmented_free_space_is_used(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    guint32 count = rub_fat_get_geometry(fat)->cluster_count;
    {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        add_one_file(volume, "user", 100 * 512);
    }
    for (guint32 cluster = 200; cluster < 6000; cluster += 9)
        fat_image_set_entry(image, cluster, RUB_FAT_BAD);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    const gsize small_bytes = 8 * 512;
    const gsize large_bytes = (gsize) (count - 6000) * 512 + 1000 * 512;
    guint first = declare_file(volume, "small", small_bytes);
    guint second = declare_file(volume, "large", large_bytes);
    guint third = declare_file(volume, "small too", small_bytes);
    prepare_round(volume);
    write_content(volume, first, "small", small_bytes);
    write_content(volume, second, "large", large_bytes);
    write_content(volume, third, "small too", small_bytes);
    commit_round(volume);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "user", 100 * 512);
    assert_content(image, listing, "small", small_bytes);
    assert_content(image, listing, "large", large_bytes);
    assert_content(image, listing, "small too", small_bytes);
    g_assert_cmpuint(find_entry(listing, "small")->extents->len, ==, 1);
    g_assert_cmpuint(find_entry(listing, "large")->extents->len, >, 10);
}

static void
test_bad_clusters_are_never_used(void)
{
    static const guint32 bad[] = {3, 4, 10, 500, 501, 70000};
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        fat_image_set_entry(image, bad[i], RUB_FAT_BAD);
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    guint32 free_clusters = 0;
    g_assert_true(rub_fat_count_free_clusters(fat, &free_clusters, NULL));
    g_assert_cmpuint(free_clusters, ==, rub_fat_get_geometry(fat)->cluster_count - 1 - 6);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    const gsize size_bytes = (gsize) (free_clusters - 1) * 512;
    declare_folder(volume, "folder");
    add_one_file(volume, "folder/fill", size_bytes);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "folder/fill", size_bytes);
    fat_image_reopen(image);
    g_autoptr(RubFat) after = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        guint32 next = 0;
        g_assert_true(rub_fat_table_get(rub_fat_get_table(after), bad[i], &next, NULL));
        g_assert_cmphex(next, ==, RUB_FAT_BAD);
    }
}

static void
test_fsinfo_that_is_wrong_is_corrected(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    const guint8 wrong[8] = {0xff, 0xff, 0xff, 0xff, 0x01, 0x02, 0x03, 0x04};
    fat_image_patch(image, 512 + 488, wrong, sizeof wrong);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "file", 5000);
    fat_image_check(image);
    g_autofree guint8 *start = fat_image_read_start(image, 1024);
    RubBytes bytes = rub_bytes(start, 1024);
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    guint32 free_clusters = 0;
    g_assert_true(rub_fat_count_free_clusters(fat, &free_clusters, NULL));
    g_assert_cmpuint(rub_bytes_u32le(&bytes, 512 + 488), ==, free_clusters);
    g_assert_cmpuint(rub_bytes_u32le(&bytes, 512 + 492), ==, 3 + 10);
}

static void
test_what_is_not_fsinfo_is_left_alone(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    const guint8 none[2] = {0xff, 0xff};
    guint8 boot_code[512];
    memset(boot_code, 0x90, sizeof boot_code);
    fat_image_patch(image, 512, boot_code, sizeof boot_code);
    {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        add_one_file(volume, "file", 5000);
    }
    fat_image_patch(image, 48, none, sizeof none);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "other", 5000);
    g_autofree guint8 *start = fat_image_read_start(image, 1024);
    g_assert_cmpmem(start + 512, 512, boot_code, 512);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "file", 5000);
    assert_content(image, listing, "other", 5000);
}

static void
test_a_dirty_volume_stays_dirty(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    fat_image_set_entry(image, 1, 0x07ffffff);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "file", 5000);
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    g_assert_true(rub_fat_is_dirty(fat));
}

/* Behind the end of a folder there may be anything; fsck.fat, which reads on, cannot judge that.
 * With 512-byte clusters the root folder has 16 slots, one of them the label's. */
static void
test_garbage_behind_the_end_of_a_folder_never_shows(void)
{
    for (guint count = 1; count <= 40; count++) {
        g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
        g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
        guint64 root = rub_fat_get_cluster_offset(fat, 2);
        /* The root folder has two clusters more, and no zero behind its end. */
        guint8 garbage[3 * 512];
        memset(garbage, 0x41, sizeof garbage);
        fat_image_patch(image, root + 64, garbage, sizeof garbage - 64);
        fat_image_set_entry(image, 4, RUB_FAT_END);
        fat_image_set_entry(image, 3, 4);
        fat_image_set_entry(image, 2, 3);
        g_autoptr(RubVolume) volume = fat_image_write(image);
        for (guint i = 0; i < count; i++) {
            g_autofree char *path = g_strdup_printf("F%u", i);
            declare_file(volume, path, 0);
        }
        prepare_round(volume);
        commit_round(volume);
        g_autoptr(RubListing) listing = fat_image_list(image);
        g_assert_cmpuint(listing->entries->len, ==, count);
    }
}

/* A folder may end with its cluster, without a zero slot; then it has to grow. */
static void
test_a_folder_that_is_full_grows(void)
{
    for (guint count = 13; count <= 18; count++) {
        g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
        {
            g_autoptr(RubVolume) volume = fat_image_write(image);
            declare_folder(volume, "d");
            for (guint i = 0; i < count; i++) {
                g_autofree char *path = g_strdup_printf("d/f%u", i);
                declare_file(volume, path, 0);
            }
            prepare_round(volume);
            commit_round(volume);
        }
        for (guint more = 1; more <= 40; more += 13) {
            g_autoptr(RubVolume) volume = fat_image_write(image);
            for (guint i = 0; i < more; i++) {
                g_autofree char *path = g_strdup_printf("d/Name %u of %u", i, more);
                declare_file(volume, path, 0);
            }
            prepare_round(volume);
            commit_round(volume);
            fat_image_check(image);
        }
        g_autoptr(RubListing) listing = fat_image_list(image);
        g_assert_cmpuint(listing->entries->len, ==, 1 + count + 1 + 14 + 27 + 40);
    }
}

static void
test_deleted_entries_at_the_end_are_used_again(void)
{
    if (lacks_program("mdel"))
        return;
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    for (guint i = 0; i < 15; i++) {
        g_autofree char *path = g_strdup_printf("F%u", i);
        put_by_mtools(image, path, 600);
    }
    run_mtools(image, "mdel", "F3");
    run_mtools(image, "mdel", "F13");
    run_mtools(image, "mdel", "F14");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_file(volume, "Long name", 0);
    prepare_round(volume);
    commit_round(volume);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 13);
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    guint32 next = 0;
    g_assert_true(rub_fat_table_get(rub_fat_get_table(fat), 2, &next, NULL));
    g_assert_cmphex(next, ==, RUB_FAT_END);
}

static void
test_only_the_active_table_is_written(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    gsize size = (gsize) geometry->fat_size_sectors * 512;
    const guint8 flags[2] = {0x81, 0};
    fat_image_patch(image, 40, flags, sizeof flags);
    g_autofree guint8 *before = fat_image_read_start(image, 32 * 512 + size);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "file", 100000);
    g_autofree guint8 *after = fat_image_read_start(image, 32 * 512 + size);
    g_assert_cmpmem(after + 32 * 512, size, before + 32 * 512, size);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "file", 100000);
}

static void
test_a_damaged_folder_is_told_when_it_is_written_into(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        declare_folder(volume, "folder");
        add_one_file(volume, "folder/file", 10);
    }
    fat_image_set_entry(image, 3, 3);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint id = 0;
    guint64 writes = rub_disk_get_stats(image->disk)->writes;
    g_assert_false(rub_volume_add_file(volume, "folder/x", 1, 0, RUB_VOLUME_NONE, &id, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_assert_nonnull(strstr(error->message, "“folder”"));
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, ==, writes);
}

/* The writes of a round, to be done again one by one. */
typedef struct {
    GPtrArray *data;
    GArray *offsets;
} WriteLog;

static int
log_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    WriteLog *log = user_data;
    g_ptr_array_add(log->data, g_bytes_new(data, size_bytes));
    g_array_append_val(log->offsets, offset_bytes);
    return 0;
}

static void
write_second_round(const FatImage *image, WriteLog *log)
{
    g_autoptr(RubVolume) volume = fat_image_write(image);
    rub_disk_set_write_hook(image->disk, log_write, log);
    declare_folder(volume, "new");
    declare_folder(volume, "new/folder");
    declare_file(volume, "new/folder/file", 3000);
    declare_file(volume, "user/one more", 2000);
    for (guint i = 0; i < 40; i++) {
        g_autofree char *path = g_strdup_printf("Another name in the root %u", i);
        declare_file(volume, path, 100);
    }
    prepare_round(volume);
    write_content(volume, 0, "new/folder/file", 3000);
    write_content(volume, 1, "user/one more", 2000);
    for (guint i = 0; i < 40; i++)
        write_content(volume, 2 + i, "small", 100);
    commit_round(volume);
    rub_disk_set_write_hook(image->disk, NULL, NULL);
}

/* After a cut the volume can be read, what was there is there, and what is new is whole. */
static void
assert_survived(const FatImage *image)
{
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "user/letter", 5000);
    assert_content(image, listing, "picture", 70000);
    if (find_entry(listing, "new"))
        assert_content(image, listing, "new/folder/file", 3000);
    if (find_entry(listing, "user/one more"))
        assert_content(image, listing, "user/one more", 2000);
}

/* Free clusters hold what was deleted long ago, not zeros. */
static void
fill_with_garbage(const FatImage *image)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    g_autofree guint8 *garbage = g_malloc(MIB);
    memset(garbage, 0x41, MIB);
    fat_image_patch(image, rub_fat_get_cluster_offset(fat, 3), garbage, MIB);
}

static void
test_a_cut_at_any_sector_leaves_what_was_there(void)
{
    g_autoptr(FatImage) image = fat_image_new(34 * MIB, "-F 32 -s 1");
    fill_with_garbage(image);
    {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        declare_folder(volume, "user");
        guint first = declare_file(volume, "user/letter", 5000);
        guint second = declare_file(volume, "picture", 70000);
        prepare_round(volume);
        write_content(volume, first, "user/letter", 5000);
        write_content(volume, second, "picture", 70000);
        commit_round(volume);
    }
    g_autofree guint8 *before = fat_image_read_start(image, 34 * MIB);
    WriteLog log = {g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref),
                    g_array_new(FALSE, FALSE, sizeof(guint64))};
    write_second_round(image, &log);
    fat_image_patch(image, 0, before, 34 * MIB);
    guint cuts = 0;
    for (guint i = 0; i < log.data->len; i++) {
        gsize size = 0;
        const guint8 *data = g_bytes_get_data(g_ptr_array_index(log.data, i), &size);
        guint64 offset = g_array_index(log.offsets, guint64, i);
        for (gsize sector = 0; sector < size; sector += 512) {
            fat_image_patch(image, offset + sector, data + sector, 512);
            assert_survived(image);
            cuts++;
        }
    }
    g_test_message("%u cuts", cuts);
    g_assert_cmpuint(cuts, >, 60);
    fat_image_check(image);
    g_ptr_array_unref(log.data);
    g_array_unref(log.offsets);
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/existing/files", test_files_of_other_programs_stay);
    g_test_add_func("/fat/existing/names", test_names_that_exist_are_refused);
    g_test_add_func("/fat/existing/used-slots", test_a_listing_tells_where_new_entries_go);
    g_test_add_func("/fat/existing/folder-alias",
                    test_nothing_gets_into_a_folder_through_its_alias);
    g_test_add_func("/fat/existing/file-alias", test_nothing_is_replaced_or_moved_under_its_alias);
    g_test_add_func("/fat/existing/thousands", test_thousands_of_entries_in_the_root_are_kept);
    g_test_add_func("/fat/existing/fragmented", test_fragmented_free_space_is_used);
    g_test_add_func("/fat/existing/bad-clusters", test_bad_clusters_are_never_used);
    g_test_add_func("/fat/existing/fsinfo", test_fsinfo_that_is_wrong_is_corrected);
    g_test_add_func("/fat/existing/no-fsinfo", test_what_is_not_fsinfo_is_left_alone);
    g_test_add_func("/fat/existing/dirty", test_a_dirty_volume_stays_dirty);
    g_test_add_func("/fat/existing/garbage", test_garbage_behind_the_end_of_a_folder_never_shows);
    g_test_add_func("/fat/existing/full", test_a_folder_that_is_full_grows);
    g_test_add_func("/fat/existing/deleted", test_deleted_entries_at_the_end_are_used_again);
    g_test_add_func("/fat/existing/active-table", test_only_the_active_table_is_written);
    g_test_add_func("/fat/existing/damaged", test_a_damaged_folder_is_told_when_it_is_written_into);
    g_test_add_func("/fat/existing/cut", test_a_cut_at_any_sector_leaves_what_was_there);
    return g_test_run();
}
