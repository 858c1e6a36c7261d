/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of partition table lets a build add something and keep the rest. */
#include "plan-keep-tools.h"

static void
test_fixed_media_have_four_places(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    for (guint i = 1; i <= 3; i++)
        scene_add_partition(&scene, i, i * GIB, GIB);
    scene_add_gap(&scene, 5 * GIB, 3 * GIB);
    g_autoptr(RubPlan) fourth = scene_plan(&scene);
    assert_volume(fourth, RUB_PLAN_KEEP_TABLE, 4, 5 * GIB, 3 * GIB);
    scene_add_partition(&scene, 4, 4 * GIB, GIB)->is_container = TRUE;
    scene_add_partition(&scene, 5, 4 * GIB + MIB, GIB / 2)->is_logical = TRUE;
    assert_refused(&scene, "E5",
                   "The image would need a partition of its own, but all four places of the "
                   "partition table are taken.");
}

static void
test_removable_media_have_one_place(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->is_file = FALSE;
    scene.layout->is_removable = TRUE;
    scene_add_gap(&scene, 5 * GIB, 3 * GIB);
    g_autoptr(RubPlan) first = scene_plan(&scene);
    assert_volume(first, RUB_PLAN_KEEP_TABLE, 1, 5 * GIB, 3 * GIB);
    RubPartition *ntfs = scene_add_partition(&scene, 1, MIB, GIB);
    ntfs->contents.filesystem = g_strdup("ntfs");
    assert_refused(&scene, "E5",
                   "The image would need a partition of its own, but a removable stick can have "
                   "only one, and has it.");
    g_array_set_size(scene.layout->gaps, 0);
    assert_refused(&scene, "E5 E6", NULL);
}

/* Where deleting files would do, that is what is said, and not that the table is full. */
static void
test_a_full_partition_on_removable_media_is_code_6(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->is_removable = TRUE;
    scene_add_fat(&scene, 1, MIB, 8 * GIB - MIB, 100 * MIB);
    assert_refused(&scene, "E6", NULL);
    scene_add_gap(&scene, 5 * GIB, 3 * GIB);
    assert_refused(&scene, "E5 E6", NULL);
    scene.layout->is_removable = FALSE;
    g_autoptr(RubPlan) fixed = scene_plan(&scene);
    g_assert_cmpint(fixed->mode, ==, RUB_PLAN_KEEP_TABLE);
}

static void
test_a_blank_disk_is_initialised(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->table = RUB_TABLE_NONE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_volume(plan, RUB_PLAN_KEEP_BLANK, 1, MIB, 8 * GIB - MIB);
    g_assert_cmphex(plan->volume.disk_signature, ==, 0x12345678);
    g_assert_true(plan->volume.is_active);
    assert_owned_string(list_steps(plan),
                        "New FAT32 filesystem \"PE_X64\" in 8.6 GB of free space\n"
                        "New MBR partition table with it, active\n"
                        "Copy 1 file, 314.6 MB\n"
                        "Boot code for BIOS\n"
                        "Read everything back");
    scene.layout->size_bytes = 256 * MIB;
    g_autoptr(RubPlan) small = scene_plan(&scene);
    assert_owned_string(list_codes(small), "E4");
}

static void
test_a_stick_that_is_too_small_altogether_is_code_4(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->size_bytes = 256 * MIB;
    scene_add_fat(&scene, 1, MIB, 255 * MIB, 200 * MIB);
    assert_refused(&scene, "E4", NULL);
    scene.layout->table = RUB_TABLE_GPT;
    assert_refused(&scene, "E3 E4", NULL);
}

static void
test_a_filesystem_without_a_table_is_code_2(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->table = RUB_TABLE_SUPERFLOPPY;
    scene.layout->whole.filesystem = g_strdup("vfat");
    scene.layout->whole.fat_bits = 32;
    scene.layout->whole.label = g_strdup("HOLIDAY");
    assert_refused(&scene, "E2",
                   "Keeping its files needs a partition table; on this stick a filesystem "
                   "(\"HOLIDAY\") begins at the first sector.");
    g_free(scene.layout->whole.filesystem);
    scene.layout->whole.filesystem = g_strdup("iso9660");
    assert_refused(&scene, "E2",
                   "The image of a disc (\"HOLIDAY\") was written to this stick byte by byte, and "
                   "nothing can be added to that.");
}

static void
test_tables_of_other_kinds_are_code_3(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->table = RUB_TABLE_HYBRID_ISO;
    scene.layout->whole.filesystem = g_strdup("iso9660");
    scene.layout->whole.label = g_strdup("Debian 12");
    assert_refused(&scene, "E3",
                   "The image of a disc (\"Debian 12\") was written to this stick byte by byte, "
                   "and nothing can be added to that.");
    rub_contents_clear(&scene.layout->whole);
    scene.layout->table = RUB_TABLE_OTHER;
    g_free(scene.layout->table_name);
    scene.layout->table_name = g_strdup("sun");
    assert_refused(&scene, "E3",
                   "Keeping its files needs an MBR partition table; this stick has one of another "
                   "kind (sun).");
    g_free(scene.layout->table_name);
    scene.layout->table_name = g_strdup("dos");
    assert_refused(&scene, "E3",
                   "What is on this stick is not known, so nothing can be added to it.");
    g_clear_pointer(&scene.layout->table_name, g_free);
    assert_refused(&scene, "E3",
                   "What is on this stick is not known, so nothing can be added to it.");
}

static void
test_gpt_is_code_3(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->table = RUB_TABLE_GPT;
    assert_refused(&scene, "E3",
                   "Keeping its files needs an MBR partition table; this stick has GPT with 0 "
                   "partitions.");
    RubPartition *fat = scene_add_fat(&scene, 1, MIB, GIB, 10 * MIB);
    scene_add_partition(&scene, 2, 2 * GIB, GIB);
    assert_refused(&scene, "E3",
                   "Keeping its files needs an MBR partition table; this stick has GPT with 2 "
                   "partitions.");
    g_autoptr(RubPlan) no_room = scene_plan(&scene);
    assert_remedy_has(no_room, "UEFI only", FALSE);
    fat->contents.kept->free_clusters = 1000 * 1000;
    g_autoptr(RubPlan) has_room = scene_plan(&scene);
    assert_owned_string(list_codes(has_room), "E3");
    assert_remedy_has(has_room, "UEFI only", TRUE);
}

static void
test_uefi_may_use_a_partition_of_a_gpt(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->table = RUB_TABLE_GPT;
    scene.options.firmware = UEFI;
    assert_refused(&scene, "E3", NULL);
    RubPartition *fat = scene_add_fat(&scene, 7, MIB, GIB, GIB / 2);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W3");
    assert_volume(plan, RUB_PLAN_KEEP_VOLUME, 7, MIB, GIB);
    g_assert_false(plan->volume.is_active);
    fat->contents.kept->damage = rub_text_new("it is dirty", NULL);
    assert_refused(&scene, "E25", NULL);
}

static void
test_a_table_that_contradicts_itself_is_code_3(void)
{
    static const struct {
        guint64 start_lba;
        guint64 sector_count;
        const char *meaning;
    } cases[] = {
        {4096, 8, "The partition table contradicts itself: partitions 1 and 2 overlap."},
        {2048, 4 * MIB, "The partition table contradicts itself: partitions 1 and 2 overlap."},
        {2, 2047, "The partition table contradicts itself: partitions 1 and 2 overlap."},
        {8 * GIB / 512 - 8, 9,
         "The partition table contradicts itself: partition 2 does not lie on the stick as a "
         "whole."},
        {G_MAXUINT32, G_MAXUINT32,
         "The partition table contradicts itself: partition 2 does not lie on the stick as a "
         "whole."},
        {0, 2048,
         "The partition table contradicts itself: partition 2 does not lie on the stick as a "
         "whole."},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        keep_scene_init(&scene);
        scene_add_fat(&scene, 1, MIB, GIB, GIB);
        RubPartition *second = scene_add_partition(&scene, 2, 0, 0);
        second->start_lba = cases[i].start_lba;
        second->sector_count = cases[i].sector_count;
        assert_refused(&scene, "E3", cases[i].meaning);
    }
}

static void
test_logical_partitions_lie_inside_another(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB);
    scene_add_partition(&scene, 2, 2 * GIB, 2 * GIB)->is_container = TRUE;
    scene_add_partition(&scene, 5, 2 * GIB + MIB, GIB)->is_logical = TRUE;
    RubPartition *logical = scene_add_partition(&scene, 6, 3 * GIB + MIB, GIB / 2);
    logical->is_logical = TRUE;
    assert_kept_number(&scene, 1);
    logical->start_lba -= 4096;
    assert_refused(&scene, "E3",
                   "The partition table contradicts itself: partitions 5 and 6 overlap.");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/plan-keep-table/" name, function)
    ADD("fixed", test_fixed_media_have_four_places);
    ADD("removable", test_removable_media_have_one_place);
    ADD("full-partition", test_a_full_partition_on_removable_media_is_code_6);
    ADD("none", test_a_blank_disk_is_initialised);
    ADD("superfloppy", test_a_filesystem_without_a_table_is_code_2);
    ADD("other", test_tables_of_other_kinds_are_code_3);
    ADD("gpt", test_gpt_is_code_3);
    ADD("gpt-uefi", test_uefi_may_use_a_partition_of_a_gpt);
    ADD("contradiction", test_a_table_that_contradicts_itself_is_code_3);
    ADD("logical", test_logical_partitions_lie_inside_another);
    ADD("too-small", test_a_stick_that_is_too_small_altogether_is_code_4);
    return g_test_run();
}
