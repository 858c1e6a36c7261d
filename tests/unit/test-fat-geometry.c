/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "test-fat-image.h"
#include "volume/rub-fat-geometry.h"

/* A FAT32 boot sector as the Microsoft FAT specification describes it. */
static void
make_fat32(guint8 *boot)
{
    memset(boot, 0, 512);
    boot[0] = 0xeb;
    rub_put_u16le(boot + 11, 512);
    boot[13] = 8;
    rub_put_u16le(boot + 14, 32);
    boot[16] = 2;
    boot[21] = 0xf8;
    rub_put_u32le(boot + 28, 2048);
    rub_put_u32le(boot + 32, 32 + 2 * 1000 + 8 * 100000);
    rub_put_u32le(boot + 36, 1000);
    rub_put_u32le(boot + 44, 2);
    rub_put_u16le(boot + 48, 1);
    rub_put_u16le(boot + 50, 6);
    boot[66] = 0x29;
    rub_put_u32le(boot + 67, 0x1234abcd);
    memcpy(boot + 71, "HOLIDAY    ", 11);
    rub_put_u16le(boot + 510, 0xaa55);
}

static const guint64 fat32_bytes = 512 * (32 + 2 * 1000 + 8 * 100000);

static void
test_all_fields_of_a_fat32_volume_are_read(void)
{
    guint8 boot[512];
    RubFatGeometry geometry;
    g_autoptr(GError) error = NULL;
    make_fat32(boot);
    g_assert_true(rub_fat_geometry_parse(&geometry, boot, sizeof boot, fat32_bytes, &error));
    g_assert_cmpint(geometry.type, ==, RUB_FAT_32);
    g_assert_cmpuint(geometry.cluster_bytes, ==, 4096);
    g_assert_cmpuint(geometry.cluster_count, ==, 100000);
    g_assert_cmpuint(geometry.data_start_sector, ==, 2032);
    g_assert_cmpuint(geometry.root_cluster, ==, 2);
    g_assert_cmpuint(geometry.hidden_sectors, ==, 2048);
    g_assert_cmpuint(geometry.fsinfo_sector, ==, 1);
    g_assert_cmpuint(geometry.backup_sector, ==, 6);
    g_assert_cmphex(geometry.volume_id, ==, 0x1234abcd);
    g_assert_cmpstr(geometry.label, ==, "HOLIDAY    ");
    g_assert_true(geometry.is_mirrored);
    g_assert_false(geometry.was_unclean);
    g_assert_cmpuint(rub_fat_geometry_get_cluster_offset(&geometry, 3), ==, 2032 * 512 + 4096);
    g_assert_false(rub_fat_geometry_has_cluster(&geometry, 1));
    g_assert_true(rub_fat_geometry_has_cluster(&geometry, 100001));
    g_assert_false(rub_fat_geometry_has_cluster(&geometry, 100002));
}

typedef struct {
    const char *what;
    gsize offset;
    guint size;
    guint32 value;
} Change;

static void
apply(guint8 *boot, const Change *change)
{
    if (change->size == 1)
        boot[change->offset] = (guint8) change->value;
    else if (change->size == 2)
        rub_put_u16le(boot + change->offset, (guint16) change->value);
    else
        rub_put_u32le(boot + change->offset, change->value);
}

static void
test_odd_but_valid_volumes_are_accepted(void)
{
    static const Change changes[] = {
        {"no FSInfo", 48, 2, 0xffff},
        {"FSInfo outside the reserved sectors", 48, 2, 40},
        {"no backup", 50, 2, 0},
        {"removable media", 21, 1, 0xf0},
        {"root folder elsewhere", 44, 4, 100001},
        {"no extended signature", 66, 1, 0},
        {"only the second table is used", 40, 2, 0x81},
        {"no jump", 0, 1, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        guint8 boot[512];
        RubFatGeometry geometry;
        g_autoptr(GError) error = NULL;
        g_test_message("%s", changes[i].what);
        make_fat32(boot);
        apply(boot, &changes[i]);
        rub_fat_geometry_parse(&geometry, boot, sizeof boot, fat32_bytes, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(geometry.fsinfo_sector, <, 32);
        g_assert_cmpuint(geometry.active_fat, ==, changes[i].offset == 40 ? 1 : 0);
    }
}

static void
test_contradictions_are_refused(void)
{
    static const Change changes[] = {
        {"no signature", 510, 2, 0},
        {"sectors of 0 bytes", 11, 2, 0},
        {"sectors of 513 bytes", 11, 2, 513},
        {"sectors of 256 bytes", 11, 2, 256},
        {"sectors of 8192 bytes", 11, 2, 8192},
        {"no sectors in a cluster", 13, 1, 0},
        {"3 sectors in a cluster", 13, 1, 3},
        {"no reserved sectors", 14, 2, 0},
        {"no table", 16, 1, 0},
        {"impossible media", 21, 1, 0xf7},
        {"no sectors", 32, 4, 0},
        {"more sectors than the partition", 32, 4, 32 + 2 * 1000 + 8 * 100000 + 1},
        {"4 G sectors", 32, 4, 0xffffffff},
        {"no room for data", 32, 4, 2032},
        {"no cluster", 32, 4, 2039},
        {"no table sectors", 36, 4, 0},
        {"table of 4 G sectors", 36, 4, 0xffffffff},
        {"table too small", 36, 4, 700},
        {"unknown version", 42, 2, 1},
        {"a fixed root folder", 17, 2, 512},
        {"root folder at cluster 0", 44, 4, 0},
        {"root folder at cluster 1", 44, 4, 1},
        {"root folder behind the end", 44, 4, 100002},
        {"table 3 of 2 is active", 40, 2, 0x82},
    };
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        guint8 boot[512];
        RubFatGeometry geometry;
        g_autoptr(GError) error = NULL;
        g_test_message("%s", changes[i].what);
        make_fat32(boot);
        apply(boot, &changes[i]);
        g_assert_false(rub_fat_geometry_parse(&geometry, boot, sizeof boot, fat32_bytes, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    }
}

static void
test_a_boot_sector_that_is_cut_off_is_refused(void)
{
    guint8 boot[512];
    make_fat32(boot);
    for (gsize size = 0; size < sizeof boot; size++) {
        g_autoptr(GError) error = NULL;
        RubFatGeometry geometry;
        g_autofree guint8 *part = g_memdup2(boot, size);
        g_assert_false(rub_fat_geometry_parse(&geometry, part, size, fat32_bytes, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED);
    }
}

static void
test_an_unclean_volume_is_noticed(void)
{
    guint8 boot[512];
    RubFatGeometry geometry;
    make_fat32(boot);
    boot[65] = 1;
    g_assert_true(rub_fat_geometry_parse(&geometry, boot, sizeof boot, fat32_bytes, NULL));
    g_assert_true(geometry.was_unclean);
}

static RubFatGeometry
read_geometry(const FatImage *image)
{
    guint8 boot[512];
    RubFatGeometry geometry;
    g_autoptr(GError) error = NULL;
    rub_disk_read(image->disk, 0, boot, sizeof boot, &error);
    g_assert_no_error(error);
    rub_fat_geometry_parse(&geometry, boot, sizeof boot, image->sector_count * 512, &error);
    g_assert_no_error(error);
    return geometry;
}

static void
test_fat12_and_fat16_are_told_apart(void)
{
    g_autoptr(FatImage) floppy = fat_image_new(1440 * 1024, "-F 12");
    g_autoptr(FatImage) small = fat_image_new(32 * MIB, "-F 16");
    RubFatGeometry geometry = read_geometry(floppy);
    g_assert_cmpint(geometry.type, ==, RUB_FAT_12);
    g_assert_cmpuint(geometry.cluster_count, ==, 2847);
    g_assert_cmpuint(geometry.root_start_sector, ==, 19);
    g_assert_cmpuint(geometry.data_start_sector, ==, 33);
    geometry = read_geometry(small);
    g_assert_cmpint(geometry.type, ==, RUB_FAT_16);
    g_assert_cmphex(geometry.volume_id, ==, 0x1234abcd);
    g_assert_cmpstr(geometry.label, ==, "TESTVOL    ");
}

/* The prediction must never promise more than mkfs.fat makes, and at most a track less. */
static void
assert_prediction(guint64 volume_bytes, guint sector_size)
{
    RubFatGeometry predicted;
    g_test_message("%" G_GUINT64_FORMAT " bytes, sectors of %u", volume_bytes, sector_size);
    g_assert_true(rub_fat_geometry_for_new(&predicted, volume_bytes, sector_size));
    g_assert_cmpuint(predicted.cluster_bytes, <=, 32768);
    g_assert_cmpuint(predicted.cluster_count, >=, RUB_FAT_MIN_FAT32_CLUSTERS + 16);
    g_autofree char *options =
        g_strdup_printf("-F 32 -S %u -s %u", sector_size, predicted.sectors_per_cluster);
    g_autoptr(FatImage) image = fat_image_new(volume_bytes, options);
    RubFatGeometry made = read_geometry(image);
    g_assert_cmpuint(made.type, ==, RUB_FAT_32);
    g_assert_cmpuint(made.cluster_bytes, ==, predicted.cluster_bytes);
    g_assert_cmpuint(predicted.cluster_count, <=, made.cluster_count);
    g_assert_cmpuint(made.cluster_count - predicted.cluster_count, <=,
                     64 / predicted.sectors_per_cluster + 1);
}

static void
test_predictions_hold_for_what_mkfs_makes(void)
{
    static const guint64 sizes[] = {
        34 * MIB,         63 * MIB,           64 * MIB,       100 * MIB,
        127 * MIB,        129 * MIB,          255 * MIB,      256 * MIB,
        257 * MIB,        260 * MIB,          300 * MIB,      512 * MIB,
        1000 * MIB,       2 * GIB - MIB,      4 * GIB + 5120, 8 * GIB - MIB,
        8 * GIB,          16 * GIB - MIB,     16 * GIB,       32 * GIB - MIB,
        32 * GIB,         59 * GIB + 3 * MIB, 128 * GIB,      500 * GIB,
        2048 * GIB - MIB,
    };
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        assert_prediction(sizes[i], 512);
    static const guint64 large_sector_sizes[] = {300 * MIB, GIB, 8 * GIB, 40 * GIB};
    for (guint i = 0; i < G_N_ELEMENTS(large_sector_sizes); i++)
        assert_prediction(large_sector_sizes[i], 4096);
}

static void
assert_default(guint64 volume_bytes, guint sector_size)
{
    RubFatGeometry predicted;
    g_test_message("%" G_GUINT64_FORMAT " bytes, sectors of %u", volume_bytes, sector_size);
    g_assert_true(rub_fat_geometry_for_default(&predicted, volume_bytes, sector_size));
    g_autofree char *options = g_strdup_printf("-S %u", sector_size);
    g_autoptr(FatImage) image = fat_image_new(volume_bytes, options);
    RubFatGeometry made = read_geometry(image);
    g_assert_cmpint(predicted.type, ==, made.type);
    g_assert_cmpuint(predicted.cluster_bytes, ==, made.cluster_bytes);
    g_assert_cmpuint(predicted.cluster_count, <=, made.cluster_count);
    g_assert_cmpuint(made.cluster_count - predicted.cluster_count, <=,
                     64 / predicted.sectors_per_cluster + 2);
}

/* What the system's services make, which call mkfs.fat without any options. */
static void
test_predictions_hold_for_what_mkfs_chooses_itself(void)
{
    static const guint64 sizes[] = {
        MIB,       4 * MIB,   8 * MIB,        9 * MIB,   16 * MIB,       64 * MIB,  100 * MIB,
        127 * MIB, 128 * MIB, 129 * MIB,      200 * MIB, 256 * MIB,      257 * MIB, 300 * MIB,
        400 * MIB, 511 * MIB, 512 * MIB,      513 * MIB, 2 * GIB - MIB,  4 * GIB,   8 * GIB,
        9 * GIB,   16 * GIB,  16 * GIB + MIB, 32 * GIB,  32 * GIB + MIB, 59 * GIB,  256 * GIB,
    };
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        assert_default(sizes[i], 512);
    static const guint64 large_sector_sizes[] = {
        16 * MIB,   100 * MIB, 511 * MIB,     512 * MIB, 2080 * MIB,
        2081 * MIB, 8 * GIB,   8 * GIB + MIB, 64 * GIB,  64 * GIB + MIB,
    };
    for (guint i = 0; i < G_N_ELEMENTS(large_sector_sizes); i++)
        assert_default(large_sector_sizes[i], 4096);
    RubFatGeometry geometry;
    g_assert_false(rub_fat_geometry_for_default(&geometry, 0, 512));
    g_assert_false(rub_fat_geometry_for_default(&geometry, 32 * 512, 512));
    g_assert_false(rub_fat_geometry_for_default(&geometry, 2048 * GIB + GIB, 512));
}

static void
test_cluster_sizes_follow_the_size_of_the_volume(void)
{
    static const struct {
        guint64 volume_bytes;
        guint cluster_bytes;
    } sizes[] = {
        {63 * MIB, 512},   {100 * MIB, 1024},       {200 * MIB, 2048},   {300 * MIB, 4096},
        {8 * GIB, 4096},   {8 * GIB + MIB, 8192},   {16 * GIB, 8192},    {16 * GIB + MIB, 16384},
        {32 * GIB, 16384}, {32 * GIB + MIB, 32768}, {2047 * GIB, 32768},
    };
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        RubFatGeometry geometry;
        g_assert_true(rub_fat_geometry_for_new(&geometry, sizes[i].volume_bytes, 512));
        g_assert_cmpuint(geometry.cluster_bytes, ==, sizes[i].cluster_bytes);
    }
}

static void
test_what_is_too_small_or_too_large_for_fat32_is_refused(void)
{
    RubFatGeometry geometry;
    g_assert_false(rub_fat_geometry_for_new(&geometry, 0, 512));
    g_assert_false(rub_fat_geometry_for_new(&geometry, 100 * 512, 512));
    g_assert_false(rub_fat_geometry_for_new(&geometry, 32 * MIB, 512));
    g_assert_false(rub_fat_geometry_for_new(&geometry, 200 * MIB, 4096));
    g_assert_false(rub_fat_geometry_for_new(&geometry, 2048 * GIB + GIB, 512));
    g_assert_false(rub_fat_geometry_for_new(&geometry, G_MAXUINT64, 512));
    g_assert_true(rub_fat_geometry_for_new(&geometry, 34 * MIB, 512));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_system_folders_to_path();
    g_test_add_func("/fat/geometry/fat32", test_all_fields_of_a_fat32_volume_are_read);
    g_test_add_func("/fat/geometry/odd", test_odd_but_valid_volumes_are_accepted);
    g_test_add_func("/fat/geometry/contradictions", test_contradictions_are_refused);
    g_test_add_func("/fat/geometry/cut-off", test_a_boot_sector_that_is_cut_off_is_refused);
    g_test_add_func("/fat/geometry/unclean", test_an_unclean_volume_is_noticed);
    g_test_add_func("/fat/geometry/types", test_fat12_and_fat16_are_told_apart);
    g_test_add_func("/fat/geometry/cluster-sizes",
                    test_cluster_sizes_follow_the_size_of_the_volume);
    g_test_add_func("/fat/geometry/limits",
                    test_what_is_too_small_or_too_large_for_fat32_is_refused);
    g_test_add_func("/fat/geometry/prediction", test_predictions_hold_for_what_mkfs_makes);
    g_test_add_func("/fat/geometry/default", test_predictions_hold_for_what_mkfs_chooses_itself);
    return g_test_run();
}
