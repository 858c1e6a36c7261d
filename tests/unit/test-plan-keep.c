/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a build puts its files that keeps everything which is on the stick. */
#include "plan-keep-tools.h"

static void
test_a_partition_with_room_is_used(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 3, MIB, 4 * GIB, GIB)->mbr_type = 0x0b;
    scene_add_gap(&scene, 5 * GIB, 3 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_volume(plan, RUB_PLAN_KEEP_VOLUME, 3, MIB, 4 * GIB);
    g_assert_cmphex(plan->volume.mbr_type, ==, 0x0b);
    g_assert_cmphex(plan->volume.disk_signature, ==, 0xcafe0001);
    g_assert_true(plan->volume.is_active);
    assert_owned_string(list_steps(plan),
                        "Add 1 file, 314.6 MB, to the FAT32 partition \"HOLIDAY\"\n"
                        "Boot code for BIOS, partition 3 active\n"
                        "Read everything back");
}

static void
test_a_partition_without_a_label_goes_by_its_number(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    RubPartition *partition = scene_add_fat(&scene, 2, MIB, 4 * GIB, GIB);
    g_clear_pointer(&partition->contents.label, g_free);
    scene_add_file(&scene, "bootmgr", MIB);
    scene.options.firmware = UEFI;
    scene.options.skip_verify = TRUE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_false(plan->volume.is_active);
    assert_owned_string(list_steps(plan), "Add 2 files, 315.6 MB, to the FAT32 partition 2");
}

static void
test_without_bios_no_flag_changes(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    RubPartition *partition = scene_add_fat(&scene, 1, MIB, 4 * GIB, GIB);
    partition->is_active = TRUE;
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) active = scene_plan(&scene);
    g_assert_true(active->volume.is_active);
    g_assert_false(active->installs_boot_code);
    partition->is_active = FALSE;
    scene.options.firmware = MULTI;
    scene.info.boots_bios = FALSE;
    g_autoptr(RubPlan) no_bios = scene_plan(&scene);
    g_assert_false(no_bios->volume.is_active);
}

/* Which of two suitable partitions is taken: the first, unless something speaks for the second. */
static void
test_the_better_of_two_partitions_is_taken(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    RubPartition *first = scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    RubPartition *second = scene_add_fat(&scene, 2, 2 * GIB, 2 * GIB, 2 * GIB);
    assert_kept_number(&scene, 1);
    second->is_active = TRUE;
    assert_kept_number(&scene, 2);
    first->contents.kept->has_manifest = TRUE;
    assert_kept_number(&scene, 1);
    second->contents.kept->has_pending = TRUE;
    assert_kept_number(&scene, 2);
    second->contents.kept->free_clusters = 10;
    assert_kept_number(&scene, 1);
    first->contents.kept->damage = rub_text_new("it is broken", NULL);
    second->contents.kept->free_clusters = 1000 * 1000;
    assert_kept_number(&scene, 2);
}

static void
test_a_partition_is_filled_to_its_last_cluster(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    RubKeptVolume *kept = scene_add_fat(&scene, 1, MIB, 8 * GIB - MIB, GIB)->contents.kept;
    const guint32 file_clusters = 300 * MIB / (4 * KIB);
    guint32 low = file_clusters, high = file_clusters + 1000;
    while (high - low > 1) {
        kept->free_clusters = low + (high - low) / 2;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        if (rub_plan_get_obstacle(plan))
            low = kept->free_clusters;
        else
            high = kept->free_clusters;
    }
    /* Beside the file: the manifest, the note, the old boot sectors and their folders. */
    g_assert_cmpuint(high, >=, file_clusters + 20);
    g_assert_cmpuint(high, <=, file_clusters + 40);
    kept->free_clusters = low;
    assert_refused(&scene, "E6",
                   "The image needs 314.7 MB; partition 1 (\"HOLIDAY\") has 314.7 MB free. 4.1 kB "
                   "(4096 bytes) are missing.");
}

/* Renewing the rescue system on a stick that is nearly full. */
static void
test_code_6_remembers_that_an_earlier_build_can_be_taken_off(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    RubKeptVolume *kept = scene_add_fat(&scene, 1, MIB, GIB, 10 * MIB)->contents.kept;
    g_autoptr(RubPlan) first = scene_plan(&scene);
    kept->has_manifest = TRUE;
    g_autoptr(RubPlan) second = scene_plan(&scene);
    kept->has_manifest = FALSE;
    kept->has_pending = TRUE;
    g_autoptr(RubPlan) third = scene_plan(&scene);
    const RubFinding *finding = rub_plan_get_obstacle(first);
    assert_owned_string(format_text(finding->remedy),
                        "Delete files that are not needed, erase the whole stick, or choose "
                        "another one.");
    finding = rub_plan_get_obstacle(second);
    assert_owned_string(format_text(finding->remedy),
                        "Take the earlier build off first (undo), delete files that are not "
                        "needed, erase the whole stick, or choose another one.");
    g_autofree char *unfinished = format_text(rub_plan_get_obstacle(third)->remedy);
    assert_owned_string(format_text(finding->remedy), unfinished);
}

static void
test_code_6_names_the_partition_that_lacks_least(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, 10 * MIB);
    scene_add_fat(&scene, 2, 2 * GIB, GIB, 200 * MIB);
    scene_add_fat(&scene, 3, 4 * GIB, GIB, 100 * MIB);
    scene_add_fat(&scene, 4, 6 * GIB, 250 * MIB, 249 * MIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E6");
    g_autofree char *meaning = get_meaning(plan, 0);
    g_assert_nonnull(strstr(meaning, "partition 2 (\"HOLIDAY\") has 209.7 MB free"));
}

static void
test_what_is_not_a_primary_fat_is_left_alone(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_partition(&scene, 1, MIB, GIB)->contents.filesystem = g_strdup("ntfs");
    scene_add_partition(&scene, 2, 2 * GIB, 2 * GIB)->is_container = TRUE;
    scene_add_fat(&scene, 5, 2 * GIB + MIB, GIB, GIB)->is_logical = TRUE;
    scene_add_partition(&scene, 3, 4 * GIB, GIB);
    assert_refused(&scene, "E6",
                   "No partition suits, and the image needs 315.6 MB of space that no partition "
                   "covers; there is none. 315.6 MB (315621376 bytes) are missing.");
    scene_add_gap(&scene, 5 * GIB, 3 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_volume(plan, RUB_PLAN_KEEP_TABLE, 4, 5 * GIB, 3 * GIB);
}

static void
test_a_gap_becomes_a_partition(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_partition(&scene, 1, MIB, GIB)->contents.filesystem = g_strdup("ext4");
    scene_add_partition(&scene, 3, 2 * GIB, GIB);
    scene_add_gap(&scene, GIB + MIB, 100 * MIB);
    scene_add_gap(&scene, 3 * GIB, 4 * GIB);
    scene_add_gap(&scene, 7 * GIB + MIB, GIB - MIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_volume(plan, RUB_PLAN_KEEP_TABLE, 2, 3 * GIB, 4 * GIB);
    g_assert_cmphex(plan->volume.mbr_type, ==, 0x0c);
    g_assert_cmphex(plan->volume.disk_signature, ==, 0xcafe0001);
    g_assert_cmphex(plan->volume.volume_id, ==, 0x9abcdef0);
    g_assert_cmpstr(plan->volume.label, ==, "PE_X64");
    g_assert_cmpuint(plan->volume.sectors_per_cluster, >, 0);
    g_assert_true(plan->volume.is_active);
    /* Formatted before it is in the table, so that a cut between leaves a gap. */
    assert_owned_string(list_steps(plan),
                        "New FAT32 filesystem \"PE_X64\" in 4.3 GB of free space\n"
                        "New partition 2 for it\n"
                        "Copy 1 file, 314.6 MB\n"
                        "Boot code for BIOS, partition 2 active\n"
                        "Read everything back");
    g_assert_cmpint(((RubStep *) plan->steps->pdata[0])->kind, ==, RUB_STEP_FORMAT);
    g_assert_cmpint(((RubStep *) plan->steps->pdata[1])->kind, ==, RUB_STEP_TABLE);
}

static void
test_a_partition_of_a_gap_is_in_whole_mib(void)
{
    static const struct {
        guint64 disk_bytes;
        guint64 gap_start;
        guint64 gap_size;
        guint64 start;
        guint64 size;
    } cases[] = {
        {8 * GIB, MIB, 8 * GIB - MIB, MIB, 8 * GIB - MIB},
        {8 * GIB + 512, MIB, 8 * GIB - MIB + 512, MIB, 8 * GIB - MIB},
        {8 * GIB - 512, MIB, 8 * GIB - MIB - 512, MIB, 8 * GIB - 2 * MIB},
        {3 * TIB, GIB, 2 * TIB - GIB - 512, GIB, 2 * TIB - GIB - MIB},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        keep_scene_init(&scene);
        scene.layout->size_bytes = cases[i].disk_bytes;
        scene_add_gap(&scene, cases[i].gap_start, cases[i].gap_size);
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        g_assert_null(rub_plan_get_obstacle(plan));
        assert_volume(plan, RUB_PLAN_KEEP_TABLE, 1, cases[i].start, cases[i].size);
    }
}

/* What code 6 says is missing in a gap is right to the MiB. */
static void
test_gaps_of_every_size(void)
{
    static const guint64 gap_sizes[] = {0, 1, 32, 100, 200, 299};
    for (gsize i = 0; i < G_N_ELEMENTS(gap_sizes); i++) {
        g_auto(Scene) scene;
        keep_scene_init(&scene);
        if (gap_sizes[i] > 0)
            scene_add_gap(&scene, MIB, gap_sizes[i] * MIB);
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), "E6");
        g_autofree char *meaning = get_meaning(plan, 0);
        g_autofree char *missing = g_strdup_printf("(%" G_GUINT64_FORMAT " bytes) are missing.",
                                                   (301 - gap_sizes[i]) * MIB);
        g_assert_cmpstr(strrchr(meaning, '('), ==, missing);
        g_array_set_size(scene.layout->gaps, 0);
        scene_add_gap(&scene, MIB, 300 * MIB);
        assert_refused(&scene, "E6", NULL);
        g_array_set_size(scene.layout->gaps, 0);
        scene_add_gap(&scene, MIB, 301 * MIB);
        g_autoptr(RubPlan) fits = scene_plan(&scene);
        assert_owned_string(list_codes(fits), "");
    }
}

static void
test_an_empty_table_is_one_gap(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_gap(&scene, MIB, 8 * GIB - MIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_volume(plan, RUB_PLAN_KEEP_TABLE, 1, MIB, 8 * GIB - MIB);
}

static void
test_a_read_only_stick_is_code_1(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->is_read_only = TRUE;
    scene_add_fat(&scene, 1, MIB, 4 * GIB, GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E1");
}

static void
test_a_damaged_partition_is_code_25_where_it_would_be_used(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    RubPartition *fat = scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    fat->contents.kept->damage = rub_text_new("the file A: its chain loops", NULL);
    assert_refused(&scene, "E25",
                   "Partition 1 (\"HOLIDAY\") would suit, but not as it is: the file A: its chain "
                   "loops.");
    fat->contents.kept->free_clusters = 5;
    assert_refused(&scene, "E25", NULL);
    fat->sector_count = 100 * MIB / 512;
    fat->contents.used_bytes = 0;
    fat->contents.free_bytes = 100 * MIB;
    assert_refused(&scene, "E6", NULL);
    scene_add_gap(&scene, 5 * GIB, GIB);
    g_autoptr(RubPlan) gap = scene_plan(&scene);
    assert_owned_string(list_codes(gap), "");
    g_assert_cmpint(gap->mode, ==, RUB_PLAN_KEEP_TABLE);
}

static const char *
embrace(const char *singular, const char *plural, gulong count)
{
    g_autofree char *translated = g_strdup_printf("<%s>", singular);
    return g_intern_string(translated);
}

static void
test_damage_is_translated_with_the_sentence_it_is_in(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.kept->damage =
        rub_text_new("its chain loops", NULL);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    const RubFinding *finding = g_ptr_array_index(plan->findings, 0);
    g_autofree char *meaning = rub_text_format(finding->meaning, embrace);
    g_assert_cmpstr(meaning, ==,
                    "<Partition 1 (\"HOLIDAY\") would suit, but not as it is: <its chain loops>.>");
}

static void
test_a_partition_that_cannot_be_read_is_code_25(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    RubPartition *fat = scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    g_clear_pointer(&fat->contents.kept, rub_kept_volume_free);
    fat->contents.is_counted = FALSE;
    assert_refused(&scene, "E25", "Partition 1 (\"HOLIDAY\") would suit, but cannot be read.");
    fat->contents.kept = g_new0(RubKeptVolume, 1);
    fat->contents.kept->damage = rub_text_new("it has no boot sector", NULL);
    assert_refused(&scene, "E25", NULL);
}

static void
test_an_unfinished_build_of_ours_is_no_damage(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.kept->has_pending = TRUE;
    assert_kept_number(&scene, 1);
}

static void
test_a_small_fat_is_code_98(void)
{
    static const guint bits[] = {12, 16};
    for (gsize i = 0; i < G_N_ELEMENTS(bits); i++) {
        g_auto(Scene) scene;
        keep_scene_init(&scene);
        RubPartition *fat = scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
        fat->contents.fat_bits = bits[i];
        scene.layout->is_file = FALSE;
        scene.layout->can_mount = TRUE;
        g_autofree char *meaning =
            g_strdup_printf("Partition 1 (\"HOLIDAY\") has room, but is FAT%u: BIOS starts the "
                            "image from FAT32 only.",
                            bits[i]);
        assert_refused(&scene, "E98", meaning);
        g_autoptr(RubPlan) refused = scene_plan(&scene);
        assert_remedy_has(refused, "UEFI only", TRUE);
        scene.options.firmware = BIOS;
        assert_refused(&scene, "E98", meaning);
        scene.options.firmware = UEFI;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), "W98");
        g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_VOLUME);
        scene_add_fat(&scene, 2, 2 * GIB, GIB, GIB / 2);
        assert_kept_number(&scene, 2);
    }
}

/* Nothing but our engine writes to a drive that nobody can mount, and that writes FAT32. */
static void
test_a_small_fat_that_cannot_be_mounted_is_code_98(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.fat_bits = 16;
    scene.layout->is_file = FALSE;
    scene.options.firmware = UEFI;
    assert_refused(&scene, "E98",
                   "Partition 1 (\"HOLIDAY\") has room, but is FAT16: to a drive that cannot be "
                   "mounted, files are added on FAT32 only.");
}

/* The system's driver does not write to disk images, and our engine writes FAT32. */
static void
test_a_small_fat_of_a_disk_image_is_code_98_for_uefi_too(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.fat_bits = 16;
    scene.options.firmware = UEFI;
    assert_refused(&scene, "E98",
                   "Partition 1 (\"HOLIDAY\") has room, but is FAT16: to a disk-image file, files "
                   "are added on FAT32 only.");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_remedy_has(plan, "UEFI only", FALSE);
}

static void
test_a_small_fat_without_room_is_no_reason(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, 10 * MIB)->contents.fat_bits = 16;
    assert_refused(&scene, "E6", NULL);
}

static void
test_bios_needs_room_for_its_boot_record(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.kept->fits_boot_record = FALSE;
    assert_refused(&scene, "E23",
                   "Partition 1 (\"HOLIDAY\") has room for the files, but none for the boot code "
                   "that BIOS needs.");
    scene.options.firmware = UEFI;
    assert_kept_number(&scene, 1);
    scene.options.firmware = MULTI;
    scene_add_fat(&scene, 2, 2 * GIB, GIB, GIB / 2);
    assert_kept_number(&scene, 2);
}

static void
test_sectors_of_4096_bytes_are_for_uefi(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->sector_size = 4096;
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.kept->fits_boot_record = FALSE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    g_assert_false(plan->installs_boot_code);
    g_assert_false(plan->volume.is_active);
}

static void
test_names_that_fat_cannot_hold_are_code_21(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    scene_add_all(&scene, "con");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E21");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/plan-keep/" name, function)
    ADD("volume/used", test_a_partition_with_room_is_used);
    ADD("volume/no-label", test_a_partition_without_a_label_goes_by_its_number);
    ADD("volume/no-bios", test_without_bios_no_flag_changes);
    ADD("volume/better", test_the_better_of_two_partitions_is_taken);
    ADD("volume/last-cluster", test_a_partition_is_filled_to_its_last_cluster);
    ADD("volume/code-6", test_code_6_names_the_partition_that_lacks_least);
    ADD("volume/code-6-after-an-earlier-build",
        test_code_6_remembers_that_an_earlier_build_can_be_taken_off);
    ADD("volume/others", test_what_is_not_a_primary_fat_is_left_alone);
    ADD("volume/unfinished", test_an_unfinished_build_of_ours_is_no_damage);
    ADD("gap/partition", test_a_gap_becomes_a_partition);
    ADD("gap/whole-mib", test_a_partition_of_a_gap_is_in_whole_mib);
    ADD("gap/sizes", test_gaps_of_every_size);
    ADD("gap/empty-table", test_an_empty_table_is_one_gap);
    ADD("read-only", test_a_read_only_stick_is_code_1);
    ADD("damaged", test_a_damaged_partition_is_code_25_where_it_would_be_used);
    ADD("damaged/translated", test_damage_is_translated_with_the_sentence_it_is_in);
    ADD("unreadable", test_a_partition_that_cannot_be_read_is_code_25);
    ADD("small-fat/code-98", test_a_small_fat_is_code_98);
    ADD("small-fat/disk-image", test_a_small_fat_of_a_disk_image_is_code_98_for_uefi_too);
    ADD("small-fat/no-mount", test_a_small_fat_that_cannot_be_mounted_is_code_98);
    ADD("small-fat/no-room", test_a_small_fat_without_room_is_no_reason);
    ADD("boot-record", test_bios_needs_room_for_its_boot_record);
    ADD("4096-bytes", test_sectors_of_4096_bytes_are_for_uefi);
    ADD("names", test_names_that_fat_cannot_hold_are_code_21);
    return g_test_run();
}
