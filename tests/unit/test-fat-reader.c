/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "test-fat-image.h"
#include "volume/rub-fat-slot.h"

/* A volume of FAT32 in which damage is easy to do: clusters of 512 bytes. */
typedef struct {
    FatImage *image;
    guint64 fat_bytes;
    guint64 data_bytes;
} Victim;

static Victim
victim_new(void)
{
    Victim self = {.image = fat_image_new(34 * MIB, "-F 32 -s 1 -f 1")};
    g_autoptr(RubFat) fat = rub_fat_open(self.image->disk, 0, self.image->sector_count, NULL);
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    self.fat_bytes = (guint64) geometry->reserved_sectors * 512;
    self.data_bytes = rub_fat_get_cluster_offset(fat, 0 + RUB_FAT_FIRST_CLUSTER);
    return self;
}

static void
patch(const FatImage *image, guint64 offset_bytes, const void *data, gsize size_bytes)
{
    g_autoptr(GError) error = NULL;
    rub_disk_write(image->disk, offset_bytes, data, size_bytes, &error);
    g_assert_no_error(error);
}

static void
set_entry(const Victim *self, guint32 cluster, guint32 value)
{
    guint8 entry[4];
    rub_put_u32le(entry, value);
    patch(self->image, self->fat_bytes + (guint64) cluster * 4, entry, sizeof entry);
}

/* Writes an entry into slot @slot of the folder at @cluster. */
static void
set_slot(const Victim *self, guint32 cluster, guint slot, const char *short_name, guint8 attributes,
         guint32 first_cluster, guint32 size_bytes)
{
    guint8 data[RUB_FAT_SLOT_BYTES] = {0};
    RubFatSlot entry = {.attributes = attributes,
                        .first_cluster = first_cluster,
                        .size_bytes = size_bytes,
                        .mtime_unix = 1700000000};
    memcpy(entry.short_name, short_name, 11);
    rub_fat_slot_encode(&entry, data);
    patch(self->image, self->data_bytes + (cluster - 2) * 512 + slot * RUB_FAT_SLOT_BYTES, data,
          sizeof data);
}

/* Opens and lists the volume, which must fail with these words. */
static void
assert_damaged(const Victim *self, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFat) fat = rub_fat_open(self->image->disk, 0, self->image->sector_count, &error);
    if (fat)
        listing = rub_fat_list(fat, &error);
    g_assert_null(listing);
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    g_assert_nonnull(strstr(error->message, words));
}

#define FILE_A "A          "
#define FILE_B "B          "
#define FOLDER "FOLDER     "

static void
test_files_with_impossible_chains_are_damage(void)
{
    static const struct {
        guint32 first_cluster;
        guint32 size_bytes;
        guint32 next;
        const char *words;
    } files[] = {
        {10, 512, 0, "“A”: it leads to a free cluster"},
        {10, 512, 10, "“A”: cluster 10 is used twice"},
        {10, 512, RUB_FAT_BAD, "“A”: it leads to a bad cluster"},
        {10, 512, 1, "does not exist"},
        {10, 512, 0x0fffff00, "does not exist"},
        {10, 513, RUB_FAT_END, "“A”: its clusters end too early"},
        {10, G_MAXUINT32, RUB_FAT_END, "too early"},
        {0, 1, 0, "“A”: its clusters end too early"},
        {1, 1, 0, "does not exist"},
        {2, 1, RUB_FAT_END, "cluster 2 is used twice"},
        {0x0fffffff, 0, 0, "does not exist"},
        {0xffffffff, 1, 0, "does not exist"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        Victim victim = victim_new();
        set_slot(&victim, 2, 1, FILE_A, RUB_FAT_ATTR_ARCHIVE, files[i].first_cluster,
                 files[i].size_bytes);
        set_entry(&victim, 10, files[i].next);
        assert_damaged(&victim, files[i].words);
        fat_image_free(victim.image);
    }
}

static void
test_two_files_must_not_share_clusters(void)
{
    Victim victim = victim_new();
    set_entry(&victim, 10, 12);
    set_entry(&victim, 11, 12);
    set_entry(&victim, 12, RUB_FAT_END);
    set_slot(&victim, 2, 1, FILE_A, RUB_FAT_ATTR_ARCHIVE, 10, 1024);
    set_slot(&victim, 2, 2, FILE_B, RUB_FAT_ATTR_ARCHIVE, 11, 1024);
    assert_damaged(&victim, "the file “B”: cluster 12 is used twice");
    /* Also when the file does not need the cluster. */
    set_slot(&victim, 2, 2, FILE_B, RUB_FAT_ATTR_ARCHIVE, 11, 0);
    assert_damaged(&victim, "the file “B”: cluster 12 is used twice");
    fat_image_free(victim.image);
}

static void
test_folders_that_contain_themselves_are_damage(void)
{
    static const guint32 targets[] = {2, 10, 11};
    for (guint i = 0; i < G_N_ELEMENTS(targets); i++) {
        Victim victim = victim_new();
        set_entry(&victim, 10, RUB_FAT_END);
        set_entry(&victim, 11, RUB_FAT_END);
        set_slot(&victim, 2, 1, FOLDER, RUB_FAT_ATTR_FOLDER, 10, 0);
        set_slot(&victim, 10, 0, FOLDER, RUB_FAT_ATTR_FOLDER, 11, 0);
        set_slot(&victim, 11, 0, FOLDER, RUB_FAT_ATTR_FOLDER, targets[i], 0);
        assert_damaged(&victim, "the folder “FOLDER/FOLDER/FOLDER”: cluster");
        fat_image_free(victim.image);
    }
}

static void
test_folders_without_clusters_are_damage(void)
{
    Victim victim = victim_new();
    set_slot(&victim, 2, 1, FOLDER, RUB_FAT_ATTR_FOLDER, 0, 0);
    assert_damaged(&victim, "the folder “FOLDER”: it has no clusters");
    set_slot(&victim, 2, 1, FOLDER, RUB_FAT_ATTR_FOLDER, 10, 0);
    assert_damaged(&victim, "the folder “FOLDER”: it leads to a free cluster");
    set_slot(&victim, 2, 1, FOLDER, RUB_FAT_ATTR_FOLDER, RUB_FAT_END, 0);
    assert_damaged(&victim, "does not exist");
    fat_image_free(victim.image);
}

static void
test_folders_over_2_mib_are_damage(void)
{
    Victim victim = victim_new();
    for (guint32 cluster = 10; cluster < 10 + 4096; cluster++)
        set_entry(&victim, cluster, cluster + 1);
    set_entry(&victim, 10 + 4096, RUB_FAT_END);
    set_slot(&victim, 2, 1, FOLDER, RUB_FAT_ATTR_FOLDER, 10, 0);
    assert_damaged(&victim, "the folder “FOLDER”: it has more than 4096 clusters");
    fat_image_free(victim.image);
}

static void
test_folders_nested_too_deeply_are_damage(void)
{
    Victim victim = victim_new();
    set_slot(&victim, 2, 1, FOLDER, RUB_FAT_ATTR_FOLDER, 10, 0);
    for (guint32 cluster = 10; cluster < 400; cluster++) {
        set_entry(&victim, cluster, RUB_FAT_END);
        set_slot(&victim, cluster, 0, FOLDER, RUB_FAT_ATTR_FOLDER, cluster + 1, 0);
    }
    assert_damaged(&victim, "nested too deeply");
    fat_image_free(victim.image);
}

static void
test_a_root_folder_that_loops_is_damage(void)
{
    Victim victim = victim_new();
    set_entry(&victim, 2, 2);
    assert_damaged(&victim, "the root folder: ");
    fat_image_free(victim.image);
}

static void
test_what_is_no_fat_volume_is_refused(void)
{
    g_autoptr(FatImage) image = fat_image_new_blank(8 * MIB, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_fat_open(image->disk, 0, 16384, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    static const guint64 places[][2] = {{0, 16385},       {16384, 1},       {16383, 2}, {1, 16384},
                                        {G_MAXUINT64, 1}, {1, G_MAXUINT64}, {0, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_clear_error(&error);
        g_assert_null(rub_fat_open(image->disk, places[i][0], places[i][1], &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    }
}

static void
test_sectors_smaller_than_the_drives_are_refused(void)
{
    g_autoptr(FatImage) image = fat_image_new(64 * MIB, "-F 32 -s 1");
    g_autoptr(GError) error = NULL;
    g_autoptr(RubDisk) disk =
        rub_disk_new(g_open(image->path, O_RDWR | O_CLOEXEC, 0), 64 * MIB, 4096, "drive");
    g_assert_null(rub_fat_open(disk, 0, 64 * MIB / 4096, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
}

static void
test_harmless_oddities_are_accepted(void)
{
    Victim victim = victim_new();
    /* A chain longer than the file, an empty file with a cluster, a folder with a size, dot
     * entries that lead anywhere, a second label. */
    set_entry(&victim, 10, 11);
    set_entry(&victim, 11, RUB_FAT_END);
    set_entry(&victim, 12, RUB_FAT_END);
    set_entry(&victim, 13, RUB_FAT_END);
    set_slot(&victim, 2, 1, FILE_A, RUB_FAT_ATTR_ARCHIVE, 10, 5);
    set_slot(&victim, 2, 2, FILE_B, RUB_FAT_ATTR_ARCHIVE, 12, 0);
    set_slot(&victim, 2, 3, FOLDER, RUB_FAT_ATTR_FOLDER, 13, 77);
    set_slot(&victim, 2, 4, "SECOND LABL", RUB_FAT_ATTR_LABEL, 99, 0);
    set_slot(&victim, 13, 0, ".          ", RUB_FAT_ATTR_FOLDER, 2, 0);
    set_slot(&victim, 13, 1, "..         ", RUB_FAT_ATTR_FOLDER, 13, 0);
    g_autoptr(RubListing) listing = fat_image_list(victim.image);
    g_assert_cmpuint(listing->entries->len, ==, 3);
    g_assert_cmpuint(find_entry(listing, "A")->size_bytes, ==, 5);
    g_assert_cmpuint(find_entry(listing, "FOLDER")->size_bytes, ==, 0);
    g_assert_cmpstr(listing->volume_name, ==, "TESTVOL");
    fat_image_free(victim.image);
}

static void
test_a_volume_without_a_label_has_none(void)
{
    Victim victim = victim_new();
    guint8 deleted = 0xe5;
    patch(victim.image, victim.data_bytes, &deleted, 1);
    g_autoptr(RubListing) listing = fat_image_list(victim.image);
    g_assert_null(listing->volume_name);
    g_assert_cmpuint(listing->size_bytes, ==, 34 * MIB);
    fat_image_free(victim.image);
}

static void
test_times_are_local(void)
{
    Victim victim = victim_new();
    set_slot(&victim, 2, 1, FILE_A, RUB_FAT_ATTR_ARCHIVE, 0, 0);
    g_autofree char *zone = g_strdup(g_getenv("TZ"));
    g_setenv("TZ", "UTC-3", TRUE);
    tzset();
    g_autoptr(RubListing) listing = fat_image_list(victim.image);
    g_assert_cmpint(find_entry(listing, "A")->mtime_unix, ==, 1700000000 - 3 * 3600);
    zone ? g_setenv("TZ", zone, TRUE) : g_unsetenv("TZ");
    tzset();
    fat_image_free(victim.image);
}

static void
test_fat12_and_fat16_are_listed_too(void)
{
    if (lacks_program("mcopy"))
        return;
    static const struct {
        guint64 size_bytes;
        const char *options;
    } volumes[] = {{1440 * 1024, "-F 12"},
                   {4 * MIB, "-F 12 -s 8"},
                   {32 * MIB, "-F 16 -s 4"},
                   {40 * MIB, "-F 16 -r 64"},
                   {200 * MIB, "-F 32 -s 1"}};
    for (guint i = 0; i < G_N_ELEMENTS(volumes); i++) {
        g_autoptr(FatImage) image = fat_image_new(volumes[i].size_bytes, volumes[i].options);
        g_autoptr(GError) error = NULL;
        g_autofree char *source = g_build_filename(image->folder, "source", NULL);
        g_autofree guint8 *content = make_content("EFI/A long name.efi", 600000);
        g_file_set_contents(source, (const char *) content, 600000, &error);
        g_assert_no_error(error);
        const char *make[] = {"mmd", "-i", image->path, "::/EFI", NULL};
        const char *copy[] = {"mcopy", "-i", image->path, source, "::/EFI/A long name.efi", NULL};
        g_free(run_program(make));
        g_free(run_program(copy));
        g_unlink(source);
        g_autoptr(RubListing) listing = fat_image_list(image);
        g_assert_cmpuint(listing->entries->len, ==, 2);
        assert_content(image, listing, "EFI/A long name.efi", 600000);
        g_assert_cmpstr(listing->volume_name, ==, "TESTVOL");
    }
}

/* Changes bytes at random where the structures are. Whatever the volume says, it is an error of
 * the right kind, or a listing whose files lie inside the volume. */
static void
test_random_damage_never_leads_astray(void)
{
    Victim victim = victim_new();
    {
        g_autoptr(RubVolume) volume = fat_image_write(victim.image);
        declare_folder(volume, "Folder with a name");
        declare_folder(volume, "Folder with a name/sub");
        add_one_file(volume, "Folder with a name/sub/Long name of a file", 3000);
    }
    static guint8 good[2][4096];
    guint64 places[2] = {victim.fat_bytes, victim.data_bytes};
    for (guint i = 0; i < 2; i++)
        g_assert_true(rub_disk_read(victim.image->disk, places[i], good[i], 4096, NULL));
    guint damaged = 0;
    for (guint round = 0; round < 2000; round++) {
        guint8 bad[2][4096];
        memcpy(bad, good, sizeof bad);
        for (guint n = 0; n < 3; n++)
            bad[g_test_rand_int_range(0, 2)][g_test_rand_int_range(0, 256)] =
                (guint8) g_test_rand_int_range(0, 256);
        for (guint i = 0; i < 2; i++)
            patch(victim.image, places[i], bad[i], 4096);
        g_autoptr(GError) error = NULL;
        g_autoptr(RubFat) fat =
            rub_fat_open(victim.image->disk, 0, victim.image->sector_count, &error);
        g_autoptr(RubListing) listing = fat ? rub_fat_list(fat, &error) : NULL;
        if (!listing) {
            g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
            damaged++;
            continue;
        }
        for (guint i = 0; i < listing->entries->len; i++) {
            const RubEntry *entry = g_ptr_array_index(listing->entries, i);
            if (entry->kind == RUB_ENTRY_FILE)
                g_free(read_entry(victim.image, entry));
        }
    }
    g_assert_cmpuint(damaged, >, 200);
    g_assert_cmpuint(damaged, <, 2000);
    fat_image_free(victim.image);
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/reader/chains", test_files_with_impossible_chains_are_damage);
    g_test_add_func("/fat/reader/shared", test_two_files_must_not_share_clusters);
    g_test_add_func("/fat/reader/loops", test_folders_that_contain_themselves_are_damage);
    g_test_add_func("/fat/reader/no-clusters", test_folders_without_clusters_are_damage);
    g_test_add_func("/fat/reader/too-large", test_folders_over_2_mib_are_damage);
    g_test_add_func("/fat/reader/too-deep", test_folders_nested_too_deeply_are_damage);
    g_test_add_func("/fat/reader/root", test_a_root_folder_that_loops_is_damage);
    g_test_add_func("/fat/reader/not-fat", test_what_is_no_fat_volume_is_refused);
    g_test_add_func("/fat/reader/sectors", test_sectors_smaller_than_the_drives_are_refused);
    g_test_add_func("/fat/reader/oddities", test_harmless_oddities_are_accepted);
    g_test_add_func("/fat/reader/no-label", test_a_volume_without_a_label_has_none);
    g_test_add_func("/fat/reader/times", test_times_are_local);
    g_test_add_func("/fat/reader/types", test_fat12_and_fat16_are_listed_too);
    g_test_add_func("/fat/reader/random", test_random_damage_never_leads_astray);
    return g_test_run();
}
