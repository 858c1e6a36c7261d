/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a build for BIOS keeps the files of an NTFS partition. */
#include "plan-keep-tools.h"

static RubPartition *
add_ntfs(Scene *scene, guint number, guint64 start_bytes, guint64 size_bytes, guint64 free_bytes)
{
    RubPartition *partition = scene_add_fat(scene, number, start_bytes, size_bytes, free_bytes);
    RubContents *contents = &partition->contents;
    g_free(contents->filesystem);
    g_free(contents->label);
    partition->mbr_type = 0x07;
    contents->filesystem = g_strdup("ntfs");
    contents->label = g_strdup("FILMS");
    contents->fat_bits = 0;
    return partition;
}

static void
ntfs_scene_init(Scene *scene)
{
    keep_scene_init(scene);
    scene->options.firmware = BIOS;
}

/* Which filesystem the files go to, and where: "ntfs 2"; or the codes of what is in the way. */
static char *
describe_place(const Scene *scene)
{
    g_autoptr(RubPlan) plan = scene_plan(scene);
    if (rub_plan_get_obstacle(plan))
        return list_codes(plan);
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_VOLUME);
    return g_strdup_printf("%s %u",
                           plan->volume.filesystem == RUB_FILESYSTEM_NTFS ? "ntfs" : "fat32",
                           plan->volume.number);
}

static RubAction
get_action(const Scene *scene)
{
    g_autoptr(RubPlan) plan = scene_plan(scene);
    return rub_plan_get_obstacle(plan)->action;
}

static void
test_for_bios_ntfs_comes_first(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    add_ntfs(&scene, 2, 2 * GIB, 2 * GIB, GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "It will start on BIOS only: UEFI does not start from NTFS.");
    assert_volume(plan, RUB_PLAN_KEEP_VOLUME, 2, 2 * GIB, 2 * GIB);
    g_assert_cmpint(plan->volume.filesystem, ==, RUB_FILESYSTEM_NTFS);
    g_assert_cmpint(plan->options.filesystem, ==, RUB_CHOICE_NTFS);
    g_assert_cmphex(plan->volume.mbr_type, ==, 0x07);
    g_assert_cmpint(plan->starts_on, ==, BIOS);
    g_assert_true(plan->volume.is_active);
    assert_owned_string(list_steps(plan), "Add 1 file, 314.6 MB, to the NTFS partition \"FILMS\"\n"
                                          "Boot code for BIOS, partition 2 active\n"
                                          "Read everything back");
}

static void
test_a_partition_without_a_label_goes_by_its_number(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubPartition *partition = add_ntfs(&scene, 3, MIB, 2 * GIB, GIB);
    g_clear_pointer(&partition->contents.label, g_free);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    const RubStep *step = g_ptr_array_index(plan->steps, 0);
    assert_owned_string(format_text(step->text), "Add 1 file, 314.6 MB, to the NTFS partition 3");
}

static void
test_uefi_and_fat32_leave_ntfs_alone(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    add_ntfs(&scene, 1, MIB, GIB, GIB / 2);
    scene_add_fat(&scene, 2, 2 * GIB, 2 * GIB, GIB);
    scene.options.firmware = MULTI;
    assert_owned_string(describe_place(&scene), "fat32 2");
    scene.options.firmware = UEFI;
    assert_owned_string(describe_place(&scene), "fat32 2");
    scene.options.firmware = BIOS;
    assert_owned_string(describe_place(&scene), "ntfs 1");
    scene.options.filesystem = RUB_CHOICE_FAT32;
    assert_owned_string(describe_place(&scene), "fat32 2");
}

/* What else decides between NTFS and FAT32. */
static void
test_ntfs_comes_first_only_where_it_suits(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubPartition *ntfs = add_ntfs(&scene, 1, MIB, GIB, GIB / 2);
    RubPartition *fat = scene_add_fat(&scene, 2, 2 * GIB, 2 * GIB, GIB);
    ntfs->contents.kept->fits_boot_record = FALSE;
    assert_owned_string(describe_place(&scene), "fat32 2");
    ntfs->contents.kept->fits_boot_record = TRUE;
    ntfs->contents.kept->free_clusters = 10;
    assert_owned_string(describe_place(&scene), "fat32 2");
    ntfs->contents.kept->free_clusters = 100 * 1000;
    ntfs->is_logical = TRUE;
    assert_owned_string(describe_place(&scene), "fat32 2");
    ntfs->is_logical = FALSE;
    fat->contents.kept->has_manifest = TRUE;
    assert_owned_string(describe_place(&scene), "fat32 2");
    ntfs->contents.kept->has_pending = TRUE;
    assert_owned_string(describe_place(&scene), "ntfs 1");
    ntfs->contents.kept->damage = rub_text_new("it is broken", NULL);
    assert_owned_string(describe_place(&scene), "fat32 2");
}

static void
test_damage_is_told(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubPartition *ntfs = add_ntfs(&scene, 1, MIB, GIB, GIB / 2);
    ntfs->contents.kept->damage = rub_text_new("Windows is only asleep on it", NULL);
    assert_refused(
        &scene, "E25 W23",
        "Partition 1 (\"FILMS\") would suit, but not as it is: Windows is only asleep on "
        "it.");
    scene.options.filesystem = RUB_CHOICE_NTFS;
    scene.options.firmware = MULTI;
    assert_refused(&scene, "E25 W23", NULL);
    scene_add_fat(&scene, 2, 2 * GIB, 2 * GIB, GIB);
    assert_refused(&scene, "E25 W23", NULL);
}

/* Many small files: beside others they take more than alone, but not more than the stick has. */
static void
test_what_fits_when_the_stick_is_erased_is_not_too_much_for_it(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    scene_add_all(&scene, "docs/");
    for (guint i = 0; i < 2000; i++) {
        g_autofree char *path = g_strdup_printf("docs/number %u", i);
        scene_add_file(&scene, path, 1);
    }
    scene.layout->size_bytes = 340 * MIB;
    add_ntfs(&scene, 1, MIB, 338 * MIB, 100 * MIB);
    assert_refused(&scene, "E6 W23", NULL);
    g_ptr_array_set_size(scene.layout->partitions, 0);
    add_ntfs(&scene, 1, MIB, 338 * MIB, 336 * MIB);
    assert_owned_string(describe_place(&scene), "ntfs 1");
    scene_add_file(&scene, "install.wim", 45 * MIB);
    assert_refused(&scene, "E4", NULL);
}

static void
test_what_could_not_be_mounted_is_told(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubPartition *ntfs = add_ntfs(&scene, 1, MIB, GIB, GIB / 2);
    g_clear_pointer(&ntfs->contents.kept, rub_kept_volume_free);
    ntfs->contents.is_counted = FALSE;
    scene.layout->is_outline = TRUE;
    assert_refused(&scene, "E25 W23",
                   "Partition 1 (\"FILMS\") would suit, but it could not be mounted to see what is "
                   "on it.");
}

static void
test_ntfs_has_to_be_there_already(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    scene.options.filesystem = RUB_CHOICE_NTFS;
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    scene_add_gap(&scene, 5 * GIB, 3 * GIB);
    const char *none = "No NTFS partition on this stick could take the image's files, and to keep "
                       "what is there, none is made.";
    assert_refused(&scene, "E6 W23", none);
    g_assert_cmpint(get_action(&scene), ==, RUB_ACTION_ERASE);
    scene.layout->table = RUB_TABLE_NONE;
    assert_refused(&scene, "E6 W23", none);
    scene.layout->table = RUB_TABLE_GPT;
    assert_refused(&scene, "E3 W23", NULL);
    scene.layout->table = RUB_TABLE_SUPERFLOPPY;
    scene.layout->whole.filesystem = g_strdup("ntfs");
    assert_refused(&scene, "E2 W23", NULL);
}

static void
test_a_full_partition_says_what_is_missing(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubKeptVolume *kept = add_ntfs(&scene, 1, MIB, GIB, 301 * MIB)->contents.kept;
    scene.options.filesystem = RUB_CHOICE_NTFS;
    guint64 low = 300 * MIB / (4 * KIB), high = low + 10000;
    while (high - low > 1) {
        kept->free_clusters = low + (high - low) / 2;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        if (rub_plan_get_obstacle(plan))
            low = kept->free_clusters;
        else
            high = kept->free_clusters;
    }
    g_assert_cmpuint(high, >, 300 * MIB / (4 * KIB));
    g_assert_cmpuint(high, <, 303 * MIB / (4 * KIB));
    kept->free_clusters = low;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E6 W23");
    g_autofree char *meaning = get_meaning(plan, 0);
    g_assert_nonnull(strstr(meaning, "partition 1 (\"FILMS\") has"));
    g_assert_nonnull(strstr(meaning, "4.1 kB (4096 bytes) are missing"));
}

static void
test_for_both_ntfs_is_offered_where_only_that_would_fit(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    scene.options.firmware = MULTI;
    RubPartition *ntfs = add_ntfs(&scene, 1, MIB, 8 * GIB - MIB, GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E6");
    g_assert_cmpint(rub_plan_get_obstacle(plan)->action, ==, RUB_ACTION_BIOS_ON_NTFS);
    assert_remedy_has(plan, "Build for BIOS on the NTFS partition 1", TRUE);
    scene.options.filesystem = RUB_CHOICE_NTFS;
    assert_owned_string(describe_place(&scene), "ntfs 1");
    scene.options.filesystem = RUB_CHOICE_AUTO;
    scene.layout->is_removable = TRUE;
    g_autoptr(RubPlan) removable = scene_plan(&scene);
    assert_owned_string(list_codes(removable), "E5 E6");
    g_assert_cmpint(rub_plan_get_obstacle(removable)->action, ==, RUB_ACTION_BIOS_ON_NTFS);
    ntfs->contents.kept->free_clusters = 10;
    g_assert_cmpint(get_action(&scene), !=, RUB_ACTION_BIOS_ON_NTFS);
    ntfs->contents.kept->free_clusters = 100 * 1000;
    scene.info.boots_bios = FALSE;
    g_assert_cmpint(get_action(&scene), !=, RUB_ACTION_BIOS_ON_NTFS);
    scene.options.firmware = UEFI;
    scene.info.boots_bios = TRUE;
    g_assert_cmpint(get_action(&scene), !=, RUB_ACTION_BIOS_ON_NTFS);
}

static void
test_a_large_file_goes_to_ntfs(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    scene_add_file(&scene, "install.esd", 5 * GIB);
    scene_add_fat(&scene, 1, MIB, 10 * GIB, 9 * GIB);
    add_ntfs(&scene, 2, 12 * GIB, 10 * GIB, 9 * GIB);
    scene.layout->size_bytes = 32 * GIB;
    assert_owned_string(describe_place(&scene), "ntfs 2");
    scene.options.firmware = MULTI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E20");
    g_assert_cmpint(rub_plan_get_obstacle(plan)->action, ==, RUB_ACTION_BIOS_ON_NTFS);
}

/* As Windows gives them, there too. */
static void
test_a_short_name_is_a_name(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubPartition *ntfs = add_ntfs(&scene, 1, MIB, 4 * GIB, GIB);
    scene_add_all(&scene, "LONGFO~1/ LONGFO~1/x.txt");
    put_on_with_alias(ntfs, "Long folder name/", "LONGFO~1");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E21 W23");
    assert_owned_string(get_meaning(plan, 0),
                        "1 name in the image is also the short 8.3 name by which NTFS knows "
                        "something else on the stick: LONGFO~1 and Long folder name.");
}

static void
test_what_gives_way_is_told(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubPartition *ntfs = add_ntfs(&scene, 1, MIB, 4 * GIB, GIB);
    put_on(ntfs, "Boot.WIM");
    put_on(ntfs, "films/");
    ntfs->contents.kept->has_boot_code = TRUE;
    scene_add_partition(&scene, 2, 5 * GIB, GIB)->is_active = TRUE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23 W24 W24 W24");
    g_assert_cmpuint(plan->replaced->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(plan->replaced, 0), ==, "Boot.WIM");
    assert_owned_string(list_paths(plan->files), "Boot.WIM");
    scene_add_all(&scene, "films");
    g_autoptr(RubPlan) conflict = scene_plan(&scene);
    assert_owned_string(list_codes(conflict), "E21 W23 W24 W24 W24");
}

static void
test_what_cannot_be_read_does_not_give_way(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    RubPartition *ntfs = add_ntfs(&scene, 1, MIB, 4 * GIB, GIB);
    put_on(ntfs, "letter.txt");
    put_on(ntfs, "BOOT.WIM");
    GPtrArray *entries = ntfs->contents.kept->listing->entries;
    rub_entry_add_extent(g_ptr_array_index(entries, 0), 8 * GIB, KIB);
    rub_entry_add_memory(g_ptr_array_index(entries, 1), "bytes in memory", 15);
    assert_owned_string(describe_place(&scene), "ntfs 1");
    rub_entry_add_extent(g_ptr_array_index(entries, 1), 8 * GIB, KIB);
    scene.options.filesystem = RUB_CHOICE_NTFS;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E21 W23 W24");
    assert_owned_string(get_meaning(plan, 0),
                        "1 file on the stick has the name of one in the image, but is compressed "
                        "or encrypted, and this program cannot save it: BOOT.WIM.");
}

static void
test_uefi_does_not_start_what_is_on_ntfs(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    scene.options.firmware = MULTI;
    scene_add_fat(&scene, 1, MIB, 2 * GIB, GIB);
    put_on(add_ntfs(&scene, 2, 4 * GIB, GIB, GIB / 2), "EFI/BOOT/BOOTX64.EFI");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
}

static void
test_ntfs_for_uefi_alone_names_the_way_out(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.options.filesystem = RUB_CHOICE_NTFS;
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    const RubFinding *obstacle = rub_plan_get_obstacle(plan);
    g_assert_cmpint(obstacle->code, ==, RUB_CODE_IMAGE_NOT_BOOTABLE);
    assert_owned_string(format_text(obstacle->remedy),
                        "Use FAT32, from which UEFI starts, or build for BIOS.");
}

static void
test_without_a_bios_loader_there_is_nothing_to_start(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    add_ntfs(&scene, 1, MIB, 4 * GIB, GIB);
    scene.info.boots_bios = FALSE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(rub_plan_get_obstacle(plan)->code, ==, RUB_CODE_IMAGE_NOT_BOOTABLE);
}

static void
test_large_sectors_are_refused(void)
{
    g_auto(Scene) scene;
    ntfs_scene_init(&scene);
    scene.layout->sector_size = 4096;
    add_ntfs(&scene, 1, MIB, 4 * GIB, GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(rub_plan_get_obstacle(plan)->code, ==, RUB_CODE_FIRMWARE_LIMITED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func("/plan/keep-ntfs/" path, function)
    ADD("for-bios-ntfs-comes-first", test_for_bios_ntfs_comes_first);
    ADD("a-partition-without-a-label-goes-by-its-number",
        test_a_partition_without_a_label_goes_by_its_number);
    ADD("uefi-and-fat32-leave-ntfs-alone", test_uefi_and_fat32_leave_ntfs_alone);
    ADD("ntfs-comes-first-only-where-it-suits", test_ntfs_comes_first_only_where_it_suits);
    ADD("what-fits-when-the-stick-is-erased-is-not-too-much-for-it",
        test_what_fits_when_the_stick_is_erased_is_not_too_much_for_it);
    ADD("damage-is-told", test_damage_is_told);
    ADD("what-could-not-be-mounted-is-told", test_what_could_not_be_mounted_is_told);
    ADD("ntfs-has-to-be-there-already", test_ntfs_has_to_be_there_already);
    ADD("a-full-partition-says-what-is-missing", test_a_full_partition_says_what_is_missing);
    ADD("for-both-ntfs-is-offered-where-only-that-would-fit",
        test_for_both_ntfs_is_offered_where_only_that_would_fit);
    ADD("a-large-file-goes-to-ntfs", test_a_large_file_goes_to_ntfs);
    ADD("a-short-name-is-a-name", test_a_short_name_is_a_name);
    ADD("what-gives-way-is-told", test_what_gives_way_is_told);
    ADD("ntfs-for-uefi-alone", test_ntfs_for_uefi_alone_names_the_way_out);
    ADD("what-cannot-be-read-does-not-give-way", test_what_cannot_be_read_does_not_give_way);
    ADD("uefi-does-not-start-what-is-on-ntfs", test_uefi_does_not_start_what_is_on_ntfs);
    ADD("without-a-bios-loader-there-is-nothing-to-start",
        test_without_a_bios_loader_there_is_nothing_to_start);
    ADD("large-sectors-are-refused", test_large_sectors_are_refused);
    return g_test_run();
}
