/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "test-fat-image.h"
#include "volume/rub-fat-demand.h"

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
    {"A folder with a long name/Äpfel und Birnen ☃.txt", 4097},
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
    g_assert_cmpuint(listing->entries->len, ==,
                     G_N_ELEMENTS(tree_files) + G_N_ELEMENTS(tree_folders));
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

/* Copies everything off the volume with mtools and compares it. */
static void
assert_tree_by_mtools(const FatImage *image)
{
    if (lacks_program("mcopy"))
        return;
    g_autofree char *drive =
        g_strdup_printf("%s@@%" G_GUINT64_FORMAT, image->path, image->start_lba * 512);
    g_autofree char *target = g_build_filename(image->folder, "out", NULL);
    const char *copy[] = {"mcopy", "-s", "-n", "-i", drive, "::/", target, NULL};
    g_free(run_program(copy));
    for (guint i = 0; i < G_N_ELEMENTS(tree_files); i++) {
        g_autofree char *path = g_build_filename(target, tree_files[i].path, NULL);
        g_autofree char *found = NULL;
        gsize size = 0;
        g_autoptr(GError) error = NULL;
        g_file_get_contents(path, &found, &size, &error);
        g_assert_no_error(error);
        g_autofree guint8 *wanted = make_content(tree_files[i].path, tree_files[i].size_bytes);
        g_assert_cmpmem(found, size, wanted, tree_files[i].size_bytes);
    }
    const char *clean_up[] = {"rm", "-r", target, NULL};
    g_free(run_program(clean_up));
}

static void
check_tree_with(guint64 size_bytes, const char *options)
{
    g_test_message("%s", options);
    g_autoptr(FatImage) image = fat_image_new(size_bytes, options);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    write_tree(volume);
    fat_image_check(image);
    fat_image_reopen(image);
    assert_tree(image);
    assert_tree_by_mtools(image);
}

static void
test_a_tree_comes_back_from_every_size_of_cluster(void)
{
    check_tree_with(64 * MIB, "-F 32 -s 1");
    check_tree_with(128 * MIB, "-F 32 -s 2 -f 1");
    check_tree_with(300 * MIB, "-F 32 -s 8");
    check_tree_with(1200 * MIB, "-F 32 -s 32 -R 200");
    check_tree_with(2200 * MIB, "-F 32 -s 64 -a");
    check_tree_with(5 * GIB, "-F 32 -s 128");
    check_tree_with(600 * MIB, "-F 32 -s 1 -S 4096");
}

static void
test_a_volume_in_a_partition_is_written_where_it_is(void)
{
    g_autoptr(FatImage) image = fat_image_new_at(301 * MIB, 2048, "-F 32 -s 8 -h 2048");
    g_autofree guint8 *before = g_malloc0(MIB);
    g_autofree guint8 *found = g_malloc(MIB);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    write_tree(volume);
    fat_image_reopen(image);
    assert_tree(image);
    assert_tree_by_mtools(image);
    g_assert_true(rub_disk_read(image->disk, 0, found, MIB, NULL));
    g_assert_cmpmem(found, MIB, before, MIB);
}

static guint32
count_used(const FatImage *image)
{
    g_autoptr(GError) error = NULL;
    guint32 free_clusters = 0;
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, &error);
    g_assert_no_error(error);
    g_assert_true(rub_fat_count_free_clusters(fat, &free_clusters, &error));
    return rub_fat_get_geometry(fat)->cluster_count - free_clusters;
}

/* The path of file @i; every shape of name and depth occurs. */
static char *
make_path(guint i)
{
    static const char *const shapes[] = {"file%u", "FILE%u.TXT", "A longer name %u.text",
                                         "Ünïcödé 🍐 name with many parts %u"};
    g_autofree char *format = g_strdup(shapes[i % G_N_ELEMENTS(shapes)]);
    g_autofree char *number = g_strdup_printf("%u", i);
    g_auto(GStrv) parts = g_strsplit(format, "%u", 2);
    g_autofree char *name = g_strconcat(parts[0], number, parts[1], NULL);
    return g_strdup_printf("folder%u/Sub folder %u/%s", i % 3, i % 7, name);
}

static void
test_the_demand_is_what_is_allocated(void)
{
    static const guint sectors_per_cluster[] = {1, 4, 8, 64};
    for (guint s = 0; s < G_N_ELEMENTS(sectors_per_cluster); s++) {
        guint cluster_bytes = 512 * sectors_per_cluster[s];
        g_autofree char *options = g_strdup_printf("-F 32 -s %u", sectors_per_cluster[s]);
        g_autoptr(FatImage) image = fat_image_new(70000 * (guint64) cluster_bytes, options);
        g_autoptr(RubVolume) volume = fat_image_write(image);
        g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
        for (guint i = 0; i < 21; i++) {
            g_autofree char *path = g_strdup_printf("folder%u/Sub folder %u", i % 3, i % 7);
            g_autofree char *parent = g_path_get_dirname(path);
            declare_folder(volume, parent);
            declare_folder(volume, path);
            g_assert_true(rub_fat_demand_add_folder(demand, parent, NULL));
            g_assert_true(rub_fat_demand_add_folder(demand, path, NULL));
        }
        for (guint i = 0; i < 2000; i++) {
            g_autofree char *path = make_path(i);
            declare_file(volume, path, i * 37 % 5000);
            g_assert_true(rub_fat_demand_add_file(demand, path, i * 37 % 5000, NULL));
        }
        prepare_round(volume);
        for (guint i = 0; i < 2000; i++) {
            g_autofree char *path = make_path(i);
            write_content(volume, i, path, i * 37 % 5000);
        }
        commit_round(volume);
        fat_image_check(image);
        g_assert_cmpuint(count_used(image), ==, rub_fat_demand_get_clusters(demand, cluster_bytes));
    }
}

static void
test_files_lie_in_the_order_in_which_they_are_declared(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 8");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    write_tree(volume);
    g_autoptr(RubListing) listing = fat_image_list(image);
    guint64 next = 0;
    for (guint i = 0; i < G_N_ELEMENTS(tree_files); i++) {
        const RubEntry *entry = find_entry(listing, tree_files[i].path);
        if (entry->size_bytes == 0)
            continue;
        g_assert_cmpuint(entry->extents->len, ==, 1);
        guint64 first = rub_entry_get_first_byte(entry);
        if (next != 0)
            g_assert_cmpuint(first, ==, next);
        next = first + (entry->size_bytes + 4095) / 4096 * 4096;
    }
}

static void
test_large_files_go_out_in_large_writes(void)
{
    const gsize size_bytes = 200 * MIB + 4711;
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 8");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint8 *piece = g_aligned_alloc0(4, MIB, 4096);
    guint first = declare_file(volume, "small", 5000);
    guint second = declare_file(volume, "large", size_bytes);
    guint third = declare_file(volume, "large and not aligned", 50 * MIB);
    prepare_round(volume);
    rub_volume_write(volume, first, piece, 5000, &error);
    for (gsize done = 0; done < size_bytes; done += 4 * MIB)
        rub_volume_write(volume, second, piece, MIN(4 * MIB, size_bytes - done), &error);
    for (gsize done = 0; done < 50 * MIB; done += 2 * MIB)
        rub_volume_write(volume, third, piece + 1, 2 * MIB, &error);
    g_assert_no_error(error);
    commit_round(volume);
    g_aligned_free(piece);
    const RubDiskStats *stats = rub_disk_get_stats(image->disk);
    g_test_message("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes in large writes",
                   stats->large_written_bytes, stats->written_bytes);
    g_assert_cmpuint(stats->large_written_bytes * 100, >=, stats->written_bytes * 99);
    g_assert_cmpuint(stats->writes, <, 100);
}

typedef struct {
    guint64 writes;
    guint64 written_bytes;
} Cost;

/* What it costs to write many small files into one folder. */
static Cost
write_many(guint count)
{
    g_autoptr(FatImage) image = fat_image_new(600 * MIB, "-F 32 -s 8");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_folder(volume, "many");
    for (guint i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("many/A file with number %u.data", i);
        declare_file(volume, path, 3000);
    }
    prepare_round(volume);
    for (guint i = 0; i < count; i++)
        write_content(volume, i, "same", 3000);
    commit_round(volume);
    fat_image_check(image);
    const RubDiskStats *stats = rub_disk_get_stats(image->disk);
    return (Cost){stats->writes, stats->written_bytes};
}

static void
test_small_files_go_out_together_and_cost_grows_with_their_number(void)
{
    Cost half = write_many(5000);
    Cost full = write_many(10000);
    g_test_message("%" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " writes", half.writes,
                   full.writes);
    g_assert_cmpuint(full.writes, <, 10000 * 4096 / (4 * MIB) + 16);
    g_assert_cmpuint(full.writes, <=, 2 * half.writes);
    g_assert_cmpuint(full.written_bytes, <=, 2 * half.written_bytes);
}

static guint32
count_free(const FatImage *image)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    guint32 free_clusters = 0;
    g_assert_true(rub_fat_count_free_clusters(fat, &free_clusters, NULL));
    return free_clusters;
}

static void
test_a_volume_can_be_filled_to_the_last_cluster(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    guint32 free_clusters = count_free(image);
    add_one_file(volume, "fill", (gsize) free_clusters * 512);
    g_assert_cmpuint(count_free(image), ==, 0);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "fill", (gsize) free_clusters * 512);
}

static void
test_what_does_not_fit_is_refused_before_anything_is_written(void)
{
    g_autoptr(FatImage) image = fat_image_new(40 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint32 free_clusters = count_free(image);
    declare_file(volume, "fill", (guint64) free_clusters * 512);
    declare_folder(volume, "one");
    declare_file(volume, "two", 1);
    g_assert_false(rub_volume_prepare(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_assert_nonnull(strstr(error->message, "1024 bytes"));
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, ==, 0);
}

static void
test_a_file_that_is_not_whole_stops_the_round(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint first = declare_file(volume, "first", 1000);
    guint second = declare_file(volume, "second", 1000);
    prepare_round(volume);
    write_content(volume, first, "first", 999);
    g_assert_false(rub_volume_write(volume, second, "x", 1, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    g_assert_nonnull(strstr(error->message, "“first”"));
    g_clear_error(&error);
    g_assert_false(rub_volume_commit(volume, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 0);
}

/* Hands a file over in pieces of every size. */
static void
test_bytes_may_come_in_any_pieces(void)
{
    const gsize size_bytes = 7 * MIB + 123;
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *content = make_content("file", size_bytes);
    guint id = declare_file(volume, "file", size_bytes);
    guint last = declare_file(volume, "last", 600);
    prepare_round(volume);
    for (gsize done = 0, piece = 1; done < size_bytes; done += piece, piece = piece * 5 / 3 + 1) {
        piece = MIN(piece, size_bytes - done);
        rub_volume_write(volume, id, content + done, piece, &error);
        rub_volume_write(volume, id, content, 0, &error);
    }
    g_assert_no_error(error);
    write_content(volume, last, "last", 600);
    commit_round(volume);
    fat_image_check(image);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "file", size_bytes);
    assert_content(image, listing, "last", 600);
}

/* The rest of the last cluster must not show what was there before. */
static void
test_the_rest_of_a_cluster_is_cleared(void)
{
    g_autoptr(FatImage) image = fat_image_new(300 * MIB, "-F 32 -s 8");
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *garbage = g_malloc(100 * MIB);
    memset(garbage, 0xee, 100 * MIB);
    rub_disk_write(image->disk, 2 * MIB, garbage, 100 * MIB, &error);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_folder(volume, "folder");
    add_one_file(volume, "folder/file", 100);
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 2);
    guint64 first = rub_entry_get_first_byte(find_entry(listing, "folder/file"));
    guint8 cluster[4096];
    const guint8 zeros[4096] = {0};
    rub_disk_read(image->disk, first, cluster, sizeof cluster, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(cluster + 100, 3996, zeros, 3996);
}

static void
test_another_round_may_follow(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    declare_folder(volume, "folder");
    add_one_file(volume, "folder/file 0", 100);
    for (guint round = 1; round < 40; round++) {
        g_autofree char *path = g_strdup_printf("folder/file %u", round);
        g_autofree char *other = g_strdup_printf("name in the root %u", round);
        declare_folder(volume, "FOLDER");
        declare_file(volume, other, 0);
        guint id = declare_file(volume, path, round * 100);
        prepare_round(volume);
        write_content(volume, id, path, round * 100);
        commit_round(volume);
        fat_image_check(image);
    }
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 40 + 39 + 1);
    for (guint round = 1; round < 40; round++) {
        g_autofree char *path = g_strdup_printf("folder/file %u", round);
        assert_content(image, listing, path, round * 100);
    }
}

typedef struct {
    guint64 fat_bytes;
    guint64 data_bytes;
    guint64 fsinfo_bytes;
    GString *order;
    gboolean is_marked_dirty;
} Order;

/* Spells the order of writes: d(ata), f(at), i(nfo). */
static int
note_order(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Order *self = user_data;
    char what = offset_bytes >= self->data_bytes  ? 'd'
                : offset_bytes >= self->fat_bytes ? 'f'
                                                  : 'i';
    if (self->order->len == 0 || self->order->str[self->order->len - 1] != what)
        g_string_append_c(self->order, what);
    if (offset_bytes == self->fat_bytes) {
        RubBytes bytes = rub_bytes(data, size_bytes);
        self->is_marked_dirty |= (rub_bytes_u32le(&bytes, 4) & 0x08000000) == 0;
    }
    return 0;
}

static void
test_data_comes_before_tables_and_names(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    g_autoptr(GString) spelled = g_string_new(NULL);
    Order order = {.fat_bytes = geometry->reserved_sectors * 512,
                   .data_bytes = geometry->data_start_sector * 512,
                   .order = spelled};
    g_autoptr(RubVolume) volume = fat_image_write(image);
    rub_disk_set_write_hook(image->disk, note_order, &order);
    declare_folder(volume, "folder");
    add_one_file(volume, "folder/file", 10000);
    g_assert_cmpstr(spelled->str, ==, "dfdif");
    g_assert_true(order.is_marked_dirty);
    g_autoptr(RubFat) after = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    g_assert_false(rub_fat_is_dirty(after));
}

static int
fail_late(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    guint *left = user_data;
    return (*left)-- == 0 ? EIO : 0;
}

static void
test_a_write_that_fails_is_told(void)
{
    for (guint good_writes = 0; good_writes < 4; good_writes++) {
        g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
        g_autoptr(RubVolume) volume = fat_image_write(image);
        g_autoptr(GError) error = NULL;
        guint left = good_writes;
        rub_disk_set_write_hook(image->disk, fail_late, &left);
        guint id = declare_file(volume, "file", 5 * MIB);
        prepare_round(volume);
        g_autofree guint8 *content = make_content("file", 5 * MIB);
        g_assert_false(rub_volume_write(volume, id, content, 5 * MIB, &error) &&
                       rub_volume_commit(volume, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
    }
}

static void
test_only_fat32_is_written(void)
{
    g_autoptr(FatImage) image = fat_image_new(32 * MIB, "-F 16");
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_fat_writer_new(image->disk, 0, image->sector_count, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_SMALL_FAT);
}

/* A volume of the largest size: only what is touched costs anything. */
static void
test_the_largest_volume_is_written_too(void)
{
    g_autoptr(FatImage) image = fat_image_new(2048 * GIB - MIB, "-F 32 -s 64");
    g_autoptr(RubVolume) volume = fat_image_write(image);
    add_one_file(volume, "file", 100000);
    g_autoptr(RubListing) listing = fat_image_list(image);
    assert_content(image, listing, "file", 100000);
    g_assert_cmpuint(rub_disk_get_stats(image->disk)->writes, <, 16);
}

static int
assert_aligned(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    g_assert_cmpuint((offset_bytes | size_bytes | (gsize) data) % 512, ==, 0);
    return 0;
}

/* Unbuffered I/O, as on a drive, fails where an address or an offset is not a sector's. */
static void
test_everything_is_fit_for_unbuffered_io(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    int fd = g_open(image->path, O_RDWR | O_CLOEXEC | O_DIRECT, 0);
    if (fd < 0) {
        g_test_skip("this filesystem has no unbuffered I/O");
        return;
    }
    rub_disk_unref(image->disk);
    image->disk = rub_disk_new(fd, 64 * MIB, 512, "test.img");
    rub_disk_set_write_hook(image->disk, assert_aligned, NULL);
    for (guint round = 0; round < 3; round++) {
        g_autoptr(RubVolume) volume = fat_image_write(image);
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_strdup_printf("folder/A file of round %u", round);
        g_autofree guint8 *content = make_content(path, 3 * MIB + 77);
        declare_folder(volume, "folder");
        guint id = declare_file(volume, path, 3 * MIB + 77);
        prepare_round(volume);
        rub_volume_write(volume, id, content, 100, &error);
        rub_volume_write(volume, id, content + 100, 3 * MIB - 23, &error);
        g_assert_no_error(error);
        commit_round(volume);
    }
    g_autoptr(RubListing) listing = fat_image_list(image);
    g_assert_cmpuint(listing->entries->len, ==, 4);
    fat_image_check(image);
    fat_image_reopen(image);
    assert_content(image, listing, "folder/A file of round 2", 3 * MIB + 77);
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/writer/tree", test_a_tree_comes_back_from_every_size_of_cluster);
    g_test_add_func("/fat/writer/partition", test_a_volume_in_a_partition_is_written_where_it_is);
    g_test_add_func("/fat/writer/demand", test_the_demand_is_what_is_allocated);
    g_test_add_func("/fat/writer/order", test_files_lie_in_the_order_in_which_they_are_declared);
    g_test_add_func("/fat/writer/large", test_large_files_go_out_in_large_writes);
    g_test_add_func("/fat/writer/small",
                    test_small_files_go_out_together_and_cost_grows_with_their_number);
    g_test_add_func("/fat/writer/fill", test_a_volume_can_be_filled_to_the_last_cluster);
    g_test_add_func("/fat/writer/too-small",
                    test_what_does_not_fit_is_refused_before_anything_is_written);
    g_test_add_func("/fat/writer/not-whole", test_a_file_that_is_not_whole_stops_the_round);
    g_test_add_func("/fat/writer/pieces", test_bytes_may_come_in_any_pieces);
    g_test_add_func("/fat/writer/slack", test_the_rest_of_a_cluster_is_cleared);
    g_test_add_func("/fat/writer/rounds", test_another_round_may_follow);
    g_test_add_func("/fat/writer/crash-order", test_data_comes_before_tables_and_names);
    g_test_add_func("/fat/writer/fails", test_a_write_that_fails_is_told);
    g_test_add_func("/fat/writer/fat16", test_only_fat32_is_written);
    g_test_add_func("/fat/writer/unbuffered", test_everything_is_fit_for_unbuffered_io);
    g_test_add_func("/fat/writer/largest", test_the_largest_volume_is_written_too);
    return g_test_run();
}
