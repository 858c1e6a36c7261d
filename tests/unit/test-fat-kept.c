/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Volumes as other systems and tools leave them: a user's files on them, put there by mtools, stay
 * as they are when a build adds, replaces, saves and removes files. */

#include "test-fat-image.h"
#include "volume/rub-fat-check.h"

typedef void (*Alter)(FatImage *image);

/* @is_late: it is altered when the user's files are there; mtools would not have written them then.
 * @is_beyond_fsck: fsck.fat and mtools do not know what the specification says. */
typedef struct {
    const char *name;
    guint size_mib;
    const char *options;
    Alter alter;
    gboolean is_late;
    gboolean is_beyond_fsck;
} Origin;

static RubFatGeometry
get_geometry(const FatImage *image)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    return *rub_fat_get_geometry(fat);
}

/* Windows has boot code in the sectors 2 and 8, too, and a signature at their ends. */
static void
make_windows_like(FatImage *image)
{
    static const guint sectors[] = {2, 8};
    guint8 code[512];
    memset(code, 0x90, 510);
    code[510] = 0x55;
    code[511] = 0xaa;
    for (guint i = 0; i < G_N_ELEMENTS(sectors); i++)
        fat_image_patch(image, sectors[i] * 512, code, sizeof code);
}

static void
forget_fsinfo(FatImage *image)
{
    const guint8 none[2] = {0xff, 0xff};
    fat_image_patch(image, 48, none, sizeof none);
}

static void
spoil_fsinfo(FatImage *image)
{
    const guint8 wrong[8] = {0x01, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f};
    fat_image_patch(image, 512 + 488, wrong, sizeof wrong);
}

/* Every fifth cluster from the second hundred on is bad. */
static void
mark_bad_clusters(FatImage *image)
{
    for (guint32 cluster = 100; cluster < 1000; cluster += 5)
        fat_image_set_entry(image, cluster, RUB_FAT_BAD);
}

/* The root folder need not be the first thing on a volume. */
static void
move_root(FatImage *image)
{
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    g_autofree guint8 *root = g_malloc0(geometry->cluster_bytes);
    const guint8 number[4] = {0x39, 0x05, 0, 0};
    rub_disk_read(image->disk, rub_fat_get_cluster_offset(fat, 2), root, geometry->cluster_bytes,
                  NULL);
    fat_image_patch(image, rub_fat_get_cluster_offset(fat, 0x539), root, geometry->cluster_bytes);
    fat_image_set_entry(image, 0x539, RUB_FAT_END);
    fat_image_set_entry(image, 2, 0);
    fat_image_patch(image, 44, number, sizeof number);
    fat_image_patch(image, 6 * 512 + 44, number, sizeof number);
}

/* The upper 4 bits of an entry belong to others. */
static void
set_reserved_bits(FatImage *image)
{
    for (guint32 cluster = 3; cluster < 300; cluster++)
        fat_image_set_entry(image, cluster, 0xa0000000);
}

static void
fill_root(FatImage *image)
{
    g_autoptr(RubVolume) volume = fat_image_write(image);
    for (guint i = 0; i < 4000; i++) {
        g_autofree char *path = g_strdup_printf("One of many files %u.txt", i);
        declare_file(volume, path, 0);
    }
    prepare_round(volume);
    commit_round(volume);
}

/* Free space is left in single clusters, and hardly any. */
static void
fragment(FatImage *image)
{
    RubFatGeometry geometry = get_geometry(image);
    g_autoptr(RubVolume) volume = fat_image_write(image);
    g_autoptr(GError) error = NULL;
    guint32 free_clusters = 0;
    declare_folder(volume, "dust");
    for (guint i = 0; i < 500; i++) {
        g_autofree char *path = g_strdup_printf("dust/D%u", i);
        declare_file(volume, path, geometry.cluster_bytes);
    }
    prepare_round(volume);
    for (guint i = 0; i < 500; i++)
        write_content(volume, i, "dust", geometry.cluster_bytes);
    commit_round(volume);
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, NULL);
    g_assert_true(rub_fat_count_free_clusters(fat, &free_clusters, NULL));
    add_one_file(volume, "rest", (gsize) (free_clusters - 60) * geometry.cluster_bytes);
    for (guint i = 0; i < 500; i += 2) {
        g_autofree char *path = g_strdup_printf("dust/D%u", i);
        g_assert_true(rub_volume_remove(volume, path, &error));
    }
    prepare_round(volume);
    commit_round(volume);
}

/* Only the second table counts. */
static void
activate_second_table(FatImage *image)
{
    const guint8 flags[2] = {0x81, 0};
    fat_image_patch(image, 40, flags, sizeof flags);
    fat_image_patch(image, 6 * 512 + 40, flags, sizeof flags);
}

static const Origin origins[] = {
    {"512", 40, "-F 32 -s 1", NULL},
    {"1k", 80, "-F 32 -s 2", NULL},
    {"2k", 140, "-F 32 -s 4", NULL},
    {"4k", 270, "-F 32 -s 8", NULL},
    {"8k", 540, "-F 32 -s 16", NULL},
    {"16k", 1080, "-F 32 -s 32", NULL},
    {"32k", 2200, "-F 32 -s 64", NULL},
    {"64k", 4400, "-F 32 -s 128", NULL},
    {"windows", 300, "-F 32 -s 8 -R 6294 -b 6", make_windows_like},
    {"few-reserved", 40, "-F 32 -s 1 -R 9 -b 6", NULL},
    {"no-backup", 40, "-F 32 -s 1 -R 3 -b 0", NULL, FALSE, TRUE},
    {"one-table", 40, "-F 32 -s 1 -f 1", NULL},
    {"odd-numbers", 41, "-F 32 -s 1 -h 12345 -M 0xf0 -g 7/13 -D 0", NULL},
    {"large-sectors", 300, "-F 32 -S 4096 -s 1", NULL},
    {"no-fsinfo", 40, "-F 32 -s 1", forget_fsinfo},
    {"wrong-fsinfo", 40, "-F 32 -s 1", spoil_fsinfo, TRUE, FALSE},
    {"bad-clusters", 40, "-F 32 -s 1", mark_bad_clusters},
    {"root-elsewhere", 40, "-F 32 -s 1", move_root},
    {"reserved-bits", 40, "-F 32 -s 1", set_reserved_bits},
    {"full-root", 40, "-F 32 -s 1", fill_root},
    {"fragmented", 40, "-F 32 -s 1", fragment},
    {"second-table", 40, "-F 32 -s 1", activate_second_table, TRUE, TRUE},
};

static void
put_user_files(const FatImage *image)
{
    run_mtools(image, "mmd", "Photos");
    run_mtools(image, "mmd", "efi");
    run_mtools(image, "mmd", "efi/Boot");
    put_by_mtools(image, "Photos/Holiday picture with a long name.jpeg", 70000);
    put_by_mtools(image, "LETTER.TXT", 900);
    put_by_mtools(image, "empty file", 0);
    put_by_mtools(image, "efi/Boot/BOOTX64.EFI", 3000);
    put_by_mtools(image, "Bootmgr", 1000);
}

static void
declare_replacement(RubVolume *volume, const char *path, guint64 size_bytes, guint *id)
{
    g_autoptr(GError) error = NULL;
    rub_volume_add_file(volume, path, size_bytes, 1700000000, RUB_VOLUME_REPLACE, id, &error);
    g_assert_no_error(error);
}

static void
keep(const FatImage *image)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubVolume) volume = fat_image_write(image);
    guint loader = 0;
    guint manager = 0;
    declare_folder(volume, ".builder");
    declare_folder(volume, "EFI");
    declare_folder(volume, "EFI/BOOT");
    declare_folder(volume, "sources");
    declare_replacement(volume, "EFI/BOOT/bootx64.efi", 5000, &loader);
    declare_replacement(volume, "bootmgr", 2000, &manager);
    g_assert_true(rub_volume_move(volume, "bootmgr", ".builder/1", RUB_VOLUME_NONE, &error));
    guint added = declare_file(volume, "sources/Something with a long name.wim", 9000);
    prepare_round(volume);
    write_content(volume, loader, "new loader", 5000);
    write_content(volume, manager, "new manager", 2000);
    write_content(volume, added, "sources/Something with a long name.wim", 9000);
    commit_round(volume);
    g_assert_true(rub_volume_remove(volume, "sources/Something with a long name.wim", &error));
    add_one_file(volume, "sources/manifest", 100);
}

static void
assert_bytes(const FatImage *image, const RubListing *listing, const char *path, const char *seed,
             gsize size_bytes)
{
    const RubEntry *entry = find_entry(listing, path);
    g_assert_nonnull(entry);
    g_autofree guint8 *wanted = make_content(seed, size_bytes);
    g_autofree guint8 *found = read_entry(image, entry);
    g_assert_cmpmem(found, entry->size_bytes, wanted, size_bytes);
}

static void
assert_kept(const FatImage *image)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFat) fat = rub_fat_open(image->disk, 0, image->sector_count, &error);
    g_assert_no_error(error);
    g_autoptr(RubFatCheck) check = rub_fat_check(fat, &listing, &error);
    g_assert_no_error(error);
    g_assert_null(check->fault);
    g_assert_false(check->is_dirty);
    g_assert_false(check->copies_differ);
    g_assert_cmpuint(check->lost->len, ==, 0);
    assert_content(image, listing, "Photos/Holiday picture with a long name.jpeg", 70000);
    assert_content(image, listing, "LETTER.TXT", 900);
    assert_content(image, listing, "empty file", 0);
    assert_bytes(image, listing, "efi/Boot/BOOTX64.EFI", "new loader", 5000);
    assert_bytes(image, listing, "Bootmgr", "new manager", 2000);
    assert_bytes(image, listing, ".builder/1", "Bootmgr", 1000);
    assert_bytes(image, listing, "sources/manifest", "sources/manifest", 100);
    g_assert_null(find_entry(listing, "sources/Something with a long name.wim"));
}

/* What mtools reads is what it wrote. */
static void
assert_mtools_agrees(const FatImage *image)
{
    g_autofree char *copy = g_build_filename(image->folder, "copy", NULL);
    const char *argv[] = {
        "mcopy", "-n", "-i", image->path, "::/Photos/Holiday picture with a long name.jpeg",
        copy,    NULL};
    g_autofree char *found = NULL;
    gsize size_bytes = 0;
    g_autofree guint8 *wanted = make_content("Photos/Holiday picture with a long name.jpeg", 70000);
    g_free(run_program(argv));
    g_assert_true(g_file_get_contents(copy, &found, &size_bytes, NULL));
    g_unlink(copy);
    g_assert_cmpmem(found, size_bytes, wanted, 70000);
}

static void
test_volume_of_any_origin(gconstpointer data)
{
    const Origin *origin = data;
    if (lacks_program("mcopy"))
        return;
    g_autoptr(FatImage) image = fat_image_new(origin->size_mib * MIB, origin->options);
    if (origin->alter && !origin->is_late)
        origin->alter(image);
    put_user_files(image);
    if (origin->alter && origin->is_late)
        origin->alter(image);
    RubFatGeometry geometry = get_geometry(image);
    gsize reserved_bytes = (gsize) geometry.reserved_sectors * geometry.sector_size;
    g_autofree guint8 *before = fat_image_read_start(image, reserved_bytes);
    keep(image);
    fat_image_reopen(image);
    assert_kept(image);
    if (!origin->is_beyond_fsck) {
        assert_mtools_agrees(image);
        fat_image_check(image);
    }
    /* Of the reserved sectors only two numbers in FSInfo changed. */
    g_autofree guint8 *after = fat_image_read_start(image, reserved_bytes);
    if (geometry.fsinfo_sector != 0)
        memcpy(before + geometry.fsinfo_sector * geometry.sector_size + 488,
               after + geometry.fsinfo_sector * geometry.sector_size + 488, 8);
    g_assert_cmpmem(after, reserved_bytes, before, reserved_bytes);
}

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    for (guint i = 0; i < G_N_ELEMENTS(origins); i++) {
        g_autofree char *name = g_strconcat("/fat/kept/", origins[i].name, NULL);
        g_test_add_data_func(name, &origins[i], test_volume_of_any_origin);
    }
    return g_test_run();
}
