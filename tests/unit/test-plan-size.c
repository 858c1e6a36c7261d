/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan-tools.h"
#include "volume/rub-fat-geometry.h"

static void
assert_codes(const Scene *scene, guint64 disk_bytes, const char *codes)
{
    scene->layout->size_bytes = disk_bytes;
    g_autoptr(RubPlan) plan = scene_plan(scene);
    assert_owned_string(list_codes(plan), codes);
}

/* The figure behind "{missing}" of code 4, as a user reads it. */
static guint64
read_missing_bytes(const Scene *scene, guint64 disk_bytes)
{
    scene->layout->size_bytes = disk_bytes;
    g_autoptr(RubPlan) plan = scene_plan(scene);
    assert_owned_string(list_codes(plan), "E4");
    g_autofree char *meaning = get_meaning(plan, 0);
    const char *at = strstr(meaning, " are missing.");
    g_assert_nonnull(at);
    while (at[-1] != '(')
        at--;
    GString *digits = g_string_new(NULL);
    for (; *at != ' ' && *at != ')'; at++) {
        if (g_ascii_isdigit(*at))
            g_string_append_c(digits, *at);
    }
    g_autofree char *text = g_string_free(digits, FALSE);
    return g_ascii_strtoull(text, NULL, 10);
}

/* A stick that is larger by what is missing is accepted, one that has a MiB less is not. */
static void
assert_missing_bytes_are_right(const Scene *scene, guint64 disk_bytes)
{
    guint64 missing_bytes = read_missing_bytes(scene, disk_bytes);
    g_assert_cmpuint((disk_bytes + missing_bytes) % MIB, ==, 0);
    assert_codes(scene, disk_bytes + missing_bytes, "");
    if (missing_bytes > MIB)
        assert_codes(scene, disk_bytes + missing_bytes - MIB, "E4");
}

static void
test_the_missing_bytes_are_right_for_large_files(void)
{
    static const guint64 disk_sizes[] = {0,         MIB, 5 * MIB, 64 * MIB, 100 * MIB + 512,
                                         500 * MIB, GIB};
    static const guint64 file_sizes[] = {1500 * MIB, 3 * GIB};
    for (gsize i = 0; i < G_N_ELEMENTS(file_sizes); i++) {
        g_auto(Scene) scene;
        scene_init(&scene);
        scene_add_file(&scene, "boot.wim", file_sizes[i]);
        for (gsize j = 0; j < G_N_ELEMENTS(disk_sizes); j++)
            assert_missing_bytes_are_right(&scene, disk_sizes[j]);
    }
}

static void
test_the_missing_bytes_are_right_for_small_files(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_all(&scene, "docs0/ docs1/ docs2/");
    for (guint i = 0; i < 75000; i++) {
        g_autofree char *path = g_strdup_printf("docs%u/number %u", i % 3, i);
        scene_add_file(&scene, path, 1);
    }
    assert_missing_bytes_are_right(&scene, 40 * MIB);
}

/* At 8 GiB clusters double: a disk that is a little larger may hold less. */
static void
test_the_missing_bytes_are_right_where_clusters_grow(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_file(&scene, "a", 4 * GIB - 1);
    scene_add_file(&scene, "b", 4 * GIB - 32 * MIB);
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *path = g_strdup_printf("%u", i);
        scene_add_file(&scene, path, 1);
    }
    assert_missing_bytes_are_right(&scene, 7 * GIB);
    guint64 disk_bytes = 8 * GIB - 16 * MIB;
    for (; disk_bytes < 8 * GIB + 16 * MIB; disk_bytes += MIB) {
        scene.layout->size_bytes = disk_bytes;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        if (plan->findings->len > 0)
            assert_missing_bytes_are_right(&scene, disk_bytes);
    }
}

static void
test_code_4_says_how_much(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_file(&scene, "boot.wim", 300 * MIB);
    scene.layout->size_bytes = 256 * MIB;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E4");
    assert_owned_string(get_meaning(plan, 0),
                        "The image needs a stick of 316.7 MB; this one has 268.4 MB. 48.2 MB "
                        "(48234496 bytes) are missing.");
}

static void
test_an_image_for_no_stick_at_all(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    for (guint i = 0; i < 520; i++) {
        g_autofree char *path = g_strdup_printf("%u", i);
        scene_add_file(&scene, path, 4 * GIB - 1);
    }
    scene.layout->size_bytes = 4 * TIB;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E4");
    assert_owned_string(get_meaning(plan, 0),
                        "The image needs more than the largest FAT32 partition can hold.");
}

static const struct {
    guint64 disk_bytes;
    guint sector_size;
    guint64 end_bytes;
    const char *step;
} volume_cases[] = {
    {64 * MIB, 512, 64 * MIB, "One FAT32 partition \"PE_X64\", 66.1 MB, active"},
    {64 * MIB + 512, 512, 64 * MIB, "One FAT32 partition \"PE_X64\", 66.1 MB, active"},
    {65 * MIB - 512, 512, 64 * MIB, "One FAT32 partition \"PE_X64\", 66.1 MB, active"},
    {31 * GIB, 512, 31 * GIB, "One FAT32 partition \"PE_X64\", 33.3 GB, active"},
    {2 * TIB, 512, 2 * TIB, "One FAT32 partition \"PE_X64\", 2.2 TB, active"},
    {2 * TIB + 512, 512, 2 * TIB,
     "One FAT32 partition \"PE_X64\", active, of 2.2 TB, the most that is possible, of the stick's "
     "2.2 TB"},
    {8 * TIB, 512, 2 * TIB,
     "One FAT32 partition \"PE_X64\", active, of 2.2 TB, the most that is possible, of the stick's "
     "8.8 TB"},
    {512 * MIB, 4096, 512 * MIB, "One FAT32 partition \"PE_X64\", 535.8 MB, active"},
    {16 * TIB, 4096, 2 * TIB,
     "One FAT32 partition \"PE_X64\", active, of 2.2 TB, the most that is possible, of the stick's "
     "17.6 TB"},
};

static void
test_the_partition_reaches_from_1_mib_to_the_last_one(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(volume_cases); i++) {
        g_auto(Scene) scene;
        scene_init(&scene);
        scene_add_file(&scene, "bootmgr", MIB);
        scene.layout->sector_size = volume_cases[i].sector_size;
        scene.layout->size_bytes = volume_cases[i].disk_bytes;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        g_assert_null(rub_plan_get_obstacle(plan));
        guint64 start_bytes = plan->volume.start_lba * volume_cases[i].sector_size;
        guint64 size_bytes = plan->volume.sector_count * volume_cases[i].sector_size;
        g_assert_cmpuint(start_bytes, ==, MIB);
        g_assert_cmpuint(start_bytes + size_bytes, ==, volume_cases[i].end_bytes);
        g_assert_cmpuint(plan->volume.sector_count, <=, G_MAXUINT32);
        guint cluster_bytes = plan->volume.sectors_per_cluster * volume_cases[i].sector_size;
        g_assert_cmpuint(cluster_bytes, >, 0);
        g_assert_cmpuint(cluster_bytes, <=, 32 * KIB);
        g_autofree char *steps = list_steps(plan);
        g_auto(GStrv) lines = g_strsplit(steps, "\n", -1);
        g_assert_cmpstr(lines[1], ==, volume_cases[i].step);
    }
}

static void
assert_step(const Scene *scene, guint n, const char *expected)
{
    g_autoptr(RubPlan) plan = scene_plan(scene);
    g_assert_null(rub_plan_get_obstacle(plan));
    g_autofree char *steps = list_steps(plan);
    g_auto(GStrv) lines = g_strsplit(steps, "\n", -1);
    g_assert_cmpstr(lines[n], ==, expected);
}

/* Whatever becomes of the disk: beyond 2 TiB an MBR tells of nothing. */
static void
test_what_no_partition_can_reach_is_told(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_file(&scene, "bootmgr", MIB);
    scene.layout->size_bytes = 3 * TIB;
    scene.options.firmware = RUB_FIRMWARE_BIOS;
    scene.options.filesystem = RUB_CHOICE_NTFS;
    assert_step(&scene, 1,
                "One NTFS partition \"PE_X64\", active, of 2.2 TB, the most that is possible, of "
                "the stick's 3.3 TB");
    scene.options.filesystem = RUB_CHOICE_AUTO;
    scene.options.keep = TRUE;
    scene.layout->table = RUB_TABLE_NONE;
    assert_step(&scene, 0,
                "New FAT32 filesystem \"PE_X64\" in 2.2 TB of free space, the most that is "
                "possible of the stick's 3.3 TB");
    scene.layout->table = RUB_TABLE_MBR;
    RubGap gap = {.start_lba = 2048, .sector_count = G_MAXUINT32 - 2048};
    g_array_append_val(scene.layout->gaps, gap);
    assert_step(&scene, 0,
                "New FAT32 filesystem \"PE_X64\" in 2.2 TB of free space, the most that is "
                "possible of the stick's 3.3 TB");
    g_array_index(scene.layout->gaps, RubGap, 0).sector_count = 1 << 30;
    assert_step(&scene, 0, "New FAT32 filesystem \"PE_X64\" in 549.8 GB of free space");
}

static void
test_disks_too_small_for_any_fat32_are_refused(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    assert_codes(&scene, 0, "E4");
    assert_codes(&scene, 512, "E4");
    assert_codes(&scene, MIB, "E4");
    assert_codes(&scene, 32 * MIB, "E4");
    assert_codes(&scene, 64 * MIB, "");
    assert_missing_bytes_are_right(&scene, 0);
}

/* What the plan says fits must fit, to the last cluster. */
static void
test_the_manifest_and_every_folder_are_counted(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.layout->size_bytes = 64 * MIB;
    RubFatGeometry geometry;
    g_assert_true(rub_fat_geometry_for_new(&geometry, 63 * MIB, 512));
    guint64 data_bytes = (guint64) geometry.cluster_count * geometry.cluster_bytes;
    RubEntry *file = scene_add_file(&scene, "boot.wim", data_bytes);
    assert_codes(&scene, 64 * MIB, "E4");
    file->size_bytes = data_bytes - MIB;
    assert_codes(&scene, 64 * MIB, "");
    for (guint i = 0; i < 4000; i++) {
        g_autofree char *path = g_strdup_printf("folder %u", i);
        scene_add(&scene, RUB_ENTRY_FOLDER, path);
    }
    assert_codes(&scene, 64 * MIB, "E4");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan-size/large-files", test_the_missing_bytes_are_right_for_large_files);
    g_test_add_func("/plan-size/small-files", test_the_missing_bytes_are_right_for_small_files);
    g_test_add_func("/plan-size/clusters", test_the_missing_bytes_are_right_where_clusters_grow);
    g_test_add_func("/plan-size/says", test_code_4_says_how_much);
    g_test_add_func("/plan-size/no-stick", test_an_image_for_no_stick_at_all);
    g_test_add_func("/plan-size/partition", test_the_partition_reaches_from_1_mib_to_the_last_one);
    g_test_add_func("/plan-size/capped", test_what_no_partition_can_reach_is_told);
    g_test_add_func("/plan-size/tiny", test_disks_too_small_for_any_fat32_are_refused);
    g_test_add_func("/plan-size/counted", test_the_manifest_and_every_folder_are_counted);
    return g_test_run();
}
