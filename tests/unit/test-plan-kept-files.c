/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the image's files meet those that are on the stick, and what it starts so far. */
#include "plan-tools.h"

#define UEFI RUB_FIRMWARE_UEFI
#define MULTI RUB_FIRMWARE_MULTI

/* A stick with one suitable partition; what @line lists is in the image. */
static RubPartition *
meeting_init(Scene *scene, const char *line)
{
    scene_init(scene);
    scene_keep(scene);
    scene_add_all(scene, line);
    return scene_add_fat(scene, 1, MIB, 4 * GIB, GIB);
}

static char *
join_lines(char **lines)
{
    return lines ? g_strjoinv("|", lines) : g_strdup("");
}

static const RubFinding *
get_finding(const RubPlan *plan, guint n)
{
    g_assert_cmpuint(n, <, plan->findings->len);
    return g_ptr_array_index(plan->findings, n);
}

static char *
list_replaced(const RubPlan *plan)
{
    GString *paths = g_string_new(NULL);
    for (guint i = 0; i < plan->replaced->len; i++)
        g_string_append_printf(paths, "%s%s", i > 0 ? "|" : "",
                               (char *) g_ptr_array_index(plan->replaced, i));
    return join(paths);
}

static void
test_files_beside_ours_are_no_finding(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "bootmgr efi/ efi/boot/ efi/boot/bootx64.efi");
    put_on(fat, "photos/");
    put_on(fat, "photos/bootmgr");
    put_on(fat, "bootmgr2");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpuint(plan->replaced->len, ==, 0);
    assert_owned_string(list_paths(plan->folders), "efi efi/boot");
}

static void
test_files_of_the_same_name_are_listed(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "bootmgr sources/ sources/boot.wim readme.txt");
    put_on(fat, "bootmgr");
    put_on(fat, "sources/");
    put_on(fat, "sources/boot.wim");
    put_on(fat, "photo.jpg");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W24");
    assert_owned_string(get_meaning(plan, 0), "2 files on the stick will be replaced by those of "
                                              "the same names: bootmgr; sources/boot.wim.");
    assert_owned_string(join_lines(get_finding(plan, 0)->files), "bootmgr|sources/boot.wim");
    assert_owned_string(list_replaced(plan), "bootmgr|sources/boot.wim");
    assert_owned_string(list_paths(plan->files), "bootmgr sources/boot.wim readme.txt");
    g_assert_cmpuint(plan->lost->len, ==, 0);
}

static void
test_what_is_there_keeps_its_spelling(void)
{
    g_auto(Scene) scene;
    RubPartition *fat =
        meeting_init(&scene, "BOOTMGR EFI/ EFI/Boot/ EFI/Boot/BOOTX64.EFI EFI/Boot/new/ "
                             "EFI/Boot/new/Grün.txt GRÜN.TXT");
    put_on(fat, "BootMgr");
    put_on(fat, "efi/");
    put_on(fat, "efi/BOOT/");
    put_on(fat, "grün.txt");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W24");
    assert_owned_string(list_replaced(plan), "BootMgr|grün.txt");
    assert_owned_string(list_paths(plan->folders), "efi/BOOT/new");
    assert_owned_string(list_paths(plan->files),
                        "BootMgr efi/BOOT/BOOTX64.EFI efi/BOOT/new/Grün.txt grün.txt");
}

static void
test_a_file_and_a_folder_of_one_name_are_code_21(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "bootmgr boot/ boot/bcd sources/");
    put_on(fat, "Bootmgr/");
    put_on(fat, "BOOT");
    put_on(fat, "sources/");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E21");
    assert_owned_string(get_meaning(plan, 0),
                        "2 names are files' in the image and folders' on the stick, or the other "
                        "way round: BOOT; Bootmgr.");
    assert_owned_string(join_lines(get_finding(plan, 0)->files), "BOOT|Bootmgr");
}

/* A folder is named once, whatever is in it. */
static void
test_a_name_that_is_an_alias_on_the_stick_is_code_21(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "longfo~1/ longfo~1/x.txt NOTESL~1.TXT docs/ "
                                             "docs/LONGFO~1 docs/ABCDEF~1.DAT");
    put_on_with_alias(fat, "Long folder name/", "LONGFO~1");
    put_on(fat, "Long folder name/x.txt");
    put_on_with_alias(fat, "Notes long name.txt", "NOTESL~1.TXT");
    put_on(fat, "Docs/");
    put_on_with_alias(fat, "Docs/abcdefghijkl.dat", "ABCDEF~1.DAT");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E21");
    assert_owned_string(get_meaning(plan, 0),
                        "3 names in the image are also the short 8.3 names by which FAT knows "
                        "something else on the stick: longfo~1 and Long folder name; NOTESL~1.TXT "
                        "and Notes long name.txt; Docs/ABCDEF~1.DAT and Docs/abcdefghijkl.dat.");
    g_assert_cmpint(get_finding(plan, 0)->action, ==, RUB_ACTION_ERASE);
}

static void
test_an_alias_is_in_nobodys_way_elsewhere(void)
{
    g_auto(Scene) scene;
    RubPartition *fat =
        meeting_init(&scene, "Long~1/ LONGFO~2 docs/ docs/LONGFO~1 progra~1/ progra~1/x");
    put_on_with_alias(fat, "Long folder name/", "LONGFO~1");
    put_on(fat, "PROGRA~1/");
    put_on_with_alias(fat, "Program Files/", "PROGRA~2");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
}

/* Entries of two slots fill the sectors; of five, three go into one. */
static void
test_a_folder_that_gets_too_full_is_code_21(void)
{
    static const struct {
        guint used_slots;
        const char *image;
        const char *codes;
    } cases[] = {
        {65536 - 2, "sub/ sub/nine-letters", ""},
        {65536 - 1, "sub/ sub/nine-letters", "E21"},
        {65536, "sub/ sub/KEPT", "W24"},
        {65536 - 16,
         "sub/ sub/eight.too sub/a-name-of-forty-eight-letters-which-takes-5-slots1 "
         "sub/a-name-of-forty-eight-letters-which-takes-5-slots2 "
         "sub/a-name-of-forty-eight-letters-which-takes-5-slots3",
         ""},
        {65536 - 17, "sub/ sub/a-name-of-forty-eight-letters-which-takes-5-slots1", ""},
        {65536 - 5, "sub/ sub/a-name-of-forty-eight-letters-which-takes-5-slots1", ""},
        {65536 - 6, "sub/ sub/EIGHT.TOO sub/a-name-of-forty-eight-letters-which-takes-5-slots", ""},
        {65536 - 6, "sub/ sub/eight.toolong sub/a-name-of-forty-eight-letters-which-takes-5-slots",
         "E21"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        RubPartition *fat = meeting_init(&scene, cases[i].image);
        put_on(fat, "Sub/");
        put_on(fat, "Sub/kept");
        RubListing *listing = fat->contents.kept->listing;
        ((RubEntry *) listing->entries->pdata[0])->used_slots = cases[i].used_slots;
        g_test_message("case %" G_GSIZE_FORMAT, i);
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), cases[i].codes);
        if (g_str_equal(cases[i].codes, "E21"))
            assert_owned_string(get_meaning(plan, 0),
                                "1 folder would have more entries than FAT can hold: Sub.");
    }
}

/* Our records need three slots of the root. */
static void
test_a_root_that_gets_too_full_is_code_21(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "BOOTMGR");
    put_on(fat, "PHOTO.JPG");
    fat->contents.kept->listing->used_slots = 65536 - 4;
    g_autoptr(RubPlan) fits = scene_plan(&scene);
    assert_owned_string(list_codes(fits), "");
    fat->contents.kept->listing->used_slots = 65536 - 3;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E21");
    assert_owned_string(get_meaning(plan, 0),
                        "1 folder would have more entries than FAT can hold: /.");
}

/* Where the slots are not known, they are those of the names. */
static void
test_names_alone_tell_how_full_a_folder_is(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "SUB/ SUB/X");
    put_on(fat, "SUB/");
    for (guint i = 0; i < 65533; i++) {
        g_autofree char *path = g_strdup_printf("SUB/%u", i);
        put_on(fat, path);
    }
    g_autoptr(RubPlan) fits = scene_plan(&scene);
    assert_owned_string(list_codes(fits), "");
    put_on(fat, "SUB/LAST");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E21");
}

static void
test_our_own_folder_must_be_free(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "bootmgr");
    put_on(fat, ".RESCUE-USB-BUILDER");
    g_autoptr(RubPlan) file = scene_plan(&scene);
    assert_owned_string(list_codes(file), "E21");
    g_auto(Scene) again;
    fat = meeting_init(&again, "bootmgr");
    put_on(fat, ".rescue-usb-builder/");
    put_on(fat, ".rescue-usb-builder/manifest.json");
    fat->contents.kept->has_manifest = TRUE;
    g_autoptr(RubPlan) ours = scene_plan(&again);
    assert_owned_string(list_codes(ours), "");
}

/* Files that give way take room until the end, and so does the manifest of the build before. */
static void
test_replaced_files_free_nothing(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "");
    scene_add_file(&scene, "boot.wim", 300 * MIB);
    put_on(fat, "boot.wim");
    RubEntry *old = g_ptr_array_index(fat->contents.kept->listing->entries, 0);
    old->size_bytes = 300 * MIB;
    fat->contents.kept->free_clusters = 200 * MIB / (4 * KIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E6");
    fat->contents.kept->free_clusters = 301 * MIB / (4 * KIB);
    g_autoptr(RubPlan) fits = scene_plan(&scene);
    assert_owned_string(list_codes(fits), "W24");
    put_on(fat, ".rescue-usb-builder/");
    put_on(fat, ".rescue-usb-builder/manifest.json");
    RubEntry *manifest = g_ptr_array_index(fat->contents.kept->listing->entries, 2);
    manifest->size_bytes = 2 * MIB;
    g_autoptr(RubPlan) with_manifest = scene_plan(&scene);
    assert_owned_string(list_codes(with_manifest), "E6");
}

static void
test_nothing_is_replaced_in_a_new_partition(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "bootmgr");
    fat->contents.kept->free_clusters = 0;
    put_on(fat, "bootmgr");
    scene_add_gap(&scene, 5 * GIB, GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_TABLE);
}

static void
test_other_boot_code_is_told(void)
{
    static const struct {
        gboolean in_mbr;
        gboolean is_ours;
        gboolean in_record;
        const char *meaning;
    } cases[] = {
        {TRUE, FALSE, TRUE,
         "The stick has other boot code, in its MBR and in partition 1. What BIOS starts with it "
         "now will not start any more."},
        {TRUE, FALSE, FALSE,
         "The stick has other boot code in its MBR. What BIOS starts with it now will not start "
         "any more."},
        {TRUE, TRUE, TRUE,
         "Partition 1 has other boot code. What BIOS starts with it now will not start any more."},
        {FALSE, FALSE, TRUE,
         "Partition 1 has other boot code. What BIOS starts with it now will not start any more."},
        {TRUE, TRUE, FALSE, NULL},
        {FALSE, FALSE, FALSE, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        RubPartition *fat = meeting_init(&scene, "bootmgr");
        scene.layout->has_boot_code = cases[i].in_mbr;
        scene.layout->has_our_boot_code = cases[i].is_ours;
        fat->contents.kept->has_boot_code = cases[i].in_record;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), cases[i].meaning ? "W24" : "");
        if (cases[i].meaning)
            assert_owned_string(get_meaning(plan, 0), cases[i].meaning);
        scene.options.firmware = UEFI;
        g_autoptr(RubPlan) uefi = scene_plan(&scene);
        assert_owned_string(list_codes(uefi), "");
    }
}

static void
test_another_active_partition_is_told(void)
{
    g_auto(Scene) scene;
    meeting_init(&scene, "bootmgr");
    RubPartition *other = scene_add_partition(&scene, 3, 5 * GIB, GIB);
    other->is_active = TRUE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W24");
    assert_owned_string(get_meaning(plan, 0), "Partition 3 is the active one, from which BIOS "
                                              "starts, and will not be any more.");
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) uefi = scene_plan(&scene);
    assert_owned_string(list_codes(uefi), "");
}

static void
test_a_loader_that_gives_way_is_told(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "EFI/ EFI/BOOT/ EFI/BOOT/BOOTX64.EFI");
    put_on(fat, "efi/");
    put_on(fat, "efi/boot/");
    put_on(fat, "efi/boot/bootx64.efi");
    put_on(fat, "efi/boot/bootia32.efi");
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W24 W24");
    assert_owned_string(get_meaning(plan, 1), "What UEFI starts from the stick now with "
                                              "efi/boot/bootx64.efi will not start any more.");
}

static void
test_a_loader_in_another_partition_is_told(void)
{
    g_auto(Scene) scene;
    meeting_init(&scene, "bootmgr");
    RubPartition *other = scene_add_fat(&scene, 2, 5 * GIB, GIB, MIB);
    put_on(other, "EFI/");
    put_on(other, "EFI/BOOT/");
    put_on(other, "EFI/BOOT/grubx64.efi");
    g_autoptr(RubPlan) none = scene_plan(&scene);
    assert_owned_string(list_codes(none), "");
    put_on(other, "EFI/BOOT/BOOTX64.EFI");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W24");
    assert_owned_string(get_meaning(plan, 0), "UEFI may start EFI/BOOT/BOOTX64.EFI of partition 2 "
                                              "instead of the rescue image: it stays there.");
}

static void
test_erasing_tells_nothing_of_that(void)
{
    g_auto(Scene) scene;
    RubPartition *fat = meeting_init(&scene, "bootmgr");
    put_on(fat, "bootmgr");
    scene.layout->has_boot_code = TRUE;
    fat->contents.kept->has_boot_code = TRUE;
    fat->contents.kept->damage = rub_text_new("it is broken", NULL);
    scene.options.keep = FALSE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_ERASE);
    g_assert_cmpuint(plan->lost->len, ==, 1);
    g_assert_cmpuint(plan->replaced->len, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/plan-kept-files/" name, function)
    ADD("beside", test_files_beside_ours_are_no_finding);
    ADD("replaced", test_files_of_the_same_name_are_listed);
    ADD("spelling", test_what_is_there_keeps_its_spelling);
    ADD("file-and-folder", test_a_file_and_a_folder_of_one_name_are_code_21);
    ADD("alias", test_a_name_that_is_an_alias_on_the_stick_is_code_21);
    ADD("no-alias", test_an_alias_is_in_nobodys_way_elsewhere);
    ADD("full-folder", test_a_folder_that_gets_too_full_is_code_21);
    ADD("full-root", test_a_root_that_gets_too_full_is_code_21);
    ADD("full-names", test_names_alone_tell_how_full_a_folder_is);
    ADD("our-folder", test_our_own_folder_must_be_free);
    ADD("room", test_replaced_files_free_nothing);
    ADD("new-partition", test_nothing_is_replaced_in_a_new_partition);
    ADD("boot/code", test_other_boot_code_is_told);
    ADD("boot/active", test_another_active_partition_is_told);
    ADD("boot/loader", test_a_loader_that_gives_way_is_told);
    ADD("boot/other-loader", test_a_loader_in_another_partition_is_told);
    ADD("erasing", test_erasing_tells_nothing_of_that);
    return g_test_run();
}
