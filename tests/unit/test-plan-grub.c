/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systems other than Windows that BIOS starts from copied files, through a GRUB beside them. */
#include "plan-keep-tools.h"

/* An image of Linux with a boot menu, and this computer's GRUB for it. */
static RubEntry *
grub_scene_init(Scene *scene)
{
    scene_init(scene);
    scene_add_all(scene, "boot/ boot/grub/ boot/grub/grub.cfg live/ live/vmlinuz");
    scene->info.kind = RUB_IMAGE_LINUX;
    scene->info.boots_bios = FALSE;
    scene->info.bios_menu = (char *) "boot/grub/grub.cfg";
    RubEntry *grub = rub_entry_new(RUB_ENTRY_FILE, g_strdup("bootmgr"));
    rub_entry_add_memory(grub, "GRUB", 4);
    grub->size_bytes = 4;
    scene->options.grub = grub;
    return grub;
}

static void
assert_without_grub(const RubPlan *plan, const char *codes)
{
    assert_owned_string(list_codes(plan), codes);
    g_assert_false(plan->uses_grub);
    g_assert_false(plan->installs_boot_code);
    g_autofree char *paths = list_paths(plan->files);
    g_assert_null(strstr(paths, "bootmgr"));
}

static void
test_bios_starts_it_through_the_grub_of_this_computer(void)
{
    g_auto(Scene) scene;
    g_autoptr(RubEntry) grub = grub_scene_init(&scene);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpint(plan->starts_on, ==, MULTI);
    g_assert_true(plan->uses_grub && plan->installs_boot_code && plan->volume.is_active);
    assert_owned_string(list_paths(plan->files), "bootmgr boot/grub/grub.cfg live/vmlinuz");
    g_assert_cmpuint(plan->copy_bytes, ==, 2 * KIB + 4);
    assert_owned_string(list_texts(plan->notes),
                        "BIOS starts bootmgr, which is the GRUB of this computer and shows the "
                        "boot menu boot/grub/grub.cfg.");
    scene.options.firmware = BIOS;
    g_autoptr(RubPlan) bios = scene_plan(&scene);
    assert_owned_string(list_codes(bios), "");
    g_assert_cmpint(bios->starts_on, ==, BIOS);
}

static void
test_for_uefi_alone_nothing_is_added(void)
{
    g_auto(Scene) scene;
    g_autoptr(RubEntry) grub = grub_scene_init(&scene);
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_without_grub(plan, "");
    g_assert_cmpuint(plan->notes->len, ==, 0);
}

static void
test_without_grub_it_is_told_what_is_missing_and_raw_offered(void)
{
    g_auto(Scene) scene;
    g_autoptr(RubEntry) grub = grub_scene_init(&scene);
    scene.options.grub = NULL;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_without_grub(plan, "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "It will start on UEFI only: for BIOS, GRUB is needed, which is not "
                        "installed here (packages grub-common and grub-pc-bin).");
    scene.info.is_hybrid = scene.info.raw_starts_bios = TRUE;
    scene.options.method = RUB_METHOD_FILES;
    g_autoptr(RubPlan) hybrid = scene_plan(&scene);
    assert_without_grub(hybrid, "W23");
    g_assert_cmpint(((const RubFinding *) hybrid->findings->pdata[0])->action, ==, RUB_ACTION_RAW);
    scene.options.firmware = BIOS;
    g_autoptr(RubPlan) bios = scene_plan(&scene);
    assert_without_grub(bios, "E12");
    g_assert_cmpint(((const RubFinding *) bios->findings->pdata[0])->action, ==, RUB_ACTION_RAW);
}

/* The partition may be any, and a menu of somebody else may lie there. */
static void
test_beside_a_users_files_it_is_for_uefi_only(void)
{
    g_auto(Scene) scene;
    g_autoptr(RubEntry) grub = grub_scene_init(&scene);
    scene_keep(&scene);
    scene_add_fat(&scene, 1, MIB, 7 * GIB, 4 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_without_grub(plan, "W23");
    g_autofree char *meaning = get_meaning(plan, 0);
    g_assert_nonnull(strstr(meaning, "if the stick is erased"));
}

static void
test_large_sectors_are_for_uefi_only(void)
{
    g_auto(Scene) scene;
    g_autoptr(RubEntry) grub = grub_scene_init(&scene);
    scene.layout->sector_size = 4096;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_without_grub(plan, "W23");
    g_autofree char *meaning = get_meaning(plan, 0);
    g_assert_nonnull(strstr(meaning, "sectors of 4096 bytes"));
}

static void
test_windows_has_its_own(void)
{
    g_auto(Scene) scene;
    g_autoptr(RubEntry) grub = grub_scene_init(&scene);
    scene.info.kind = RUB_IMAGE_WINDOWS_PE;
    scene.info.boots_bios = TRUE;
    scene.info.bios_menu = NULL;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_true(plan->installs_boot_code);
    g_assert_false(plan->uses_grub);
    assert_owned_string(list_paths(plan->files), "boot/grub/grub.cfg live/vmlinuz");
}

#define ADD(name, function) g_test_add_func("/plan-grub/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("BIOS starts it through the GRUB of this computer",
        test_bios_starts_it_through_the_grub_of_this_computer);
    ADD("for UEFI alone nothing is added", test_for_uefi_alone_nothing_is_added);
    ADD("without GRUB it is told what is missing and raw offered",
        test_without_grub_it_is_told_what_is_missing_and_raw_offered);
    ADD("beside a user's files it is for UEFI only", test_beside_a_users_files_it_is_for_uefi_only);
    ADD("large sectors are for UEFI only", test_large_sectors_are_for_uefi_only);
    ADD("Windows has its own", test_windows_has_its_own);
    return g_test_run();
}
