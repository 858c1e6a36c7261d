/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan-tools.h"
#include "plan/rub-catalogue.h"

#define UEFI RUB_FIRMWARE_UEFI
#define BIOS RUB_FIRMWARE_BIOS
#define MULTI RUB_FIRMWARE_MULTI
#define NOTHING ((RubFirmware) 0)

/* Every combination of what the image can, the stick can and the user wants. */
static const struct {
    const char *name;
    gboolean boots_bios;
    RubMachine uefi_machines;
    guint sector_size;
    RubFirmware wanted;
    RubFirmware starts_on;
    const char *codes;
} firmware_cases[] = {
    {"both for both", TRUE, RUB_MACHINE_X64, 512, MULTI, MULTI, ""},
    {"both for UEFI", TRUE, RUB_MACHINE_X64, 512, UEFI, UEFI, ""},
    {"both for BIOS", TRUE, RUB_MACHINE_X64, 512, BIOS, BIOS, ""},
    {"UEFI image for both", FALSE, RUB_MACHINE_X64, 512, MULTI, UEFI, "W23"},
    {"UEFI image for UEFI", FALSE, RUB_MACHINE_X64, 512, UEFI, UEFI, ""},
    {"UEFI image for BIOS", FALSE, RUB_MACHINE_X64, 512, BIOS, NOTHING, "E12"},
    {"BIOS image for both", TRUE, RUB_MACHINE_NONE, 512, MULTI, BIOS, "W23"},
    {"BIOS image for UEFI", TRUE, RUB_MACHINE_NONE, 512, UEFI, NOTHING, "E12"},
    {"BIOS image for BIOS", TRUE, RUB_MACHINE_NONE, 512, BIOS, BIOS, ""},
    {"no boot for both", FALSE, RUB_MACHINE_NONE, 512, MULTI, NOTHING, "E12"},
    {"no boot for UEFI", FALSE, RUB_MACHINE_NONE, 512, UEFI, NOTHING, "E12"},
    {"no boot for BIOS", FALSE, RUB_MACHINE_NONE, 512, BIOS, NOTHING, "E12"},
    {"large sectors, both", TRUE, RUB_MACHINE_X64, 4096, MULTI, UEFI, "W23"},
    {"large sectors, UEFI", TRUE, RUB_MACHINE_X64, 4096, UEFI, UEFI, ""},
    {"large sectors, BIOS", TRUE, RUB_MACHINE_X64, 4096, BIOS, NOTHING, "E23"},
    {"large sectors, BIOS image for both", TRUE, RUB_MACHINE_NONE, 4096, MULTI, NOTHING, "E23"},
    {"large sectors, BIOS image for UEFI", TRUE, RUB_MACHINE_NONE, 4096, UEFI, NOTHING, "E12"},
    {"large sectors, no boot", FALSE, RUB_MACHINE_NONE, 4096, MULTI, NOTHING, "E12"},
};

static void
test_what_it_starts_on(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(firmware_cases); i++) {
        g_auto(Scene) scene;
        scene_init(&scene);
        scene.info.boots_bios = firmware_cases[i].boots_bios;
        scene.info.uefi_machines = firmware_cases[i].uefi_machines;
        scene.layout->sector_size = firmware_cases[i].sector_size;
        scene.options.firmware = firmware_cases[i].wanted;
        g_test_message("%s", firmware_cases[i].name);
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), firmware_cases[i].codes);
        g_assert_cmpint(plan->starts_on, ==, firmware_cases[i].starts_on);
        g_assert_cmpint(plan->starts_on_machines, ==,
                        plan->starts_on & UEFI ? RUB_MACHINE_X64 : RUB_MACHINE_NONE);
        g_assert_cmpint(plan->installs_boot_code, ==, (plan->starts_on & BIOS) != 0);
        g_assert_cmpint(plan->volume.is_active, ==, (firmware_cases[i].wanted & BIOS) != 0);
    }
}

static void
assert_first_meaning(const Scene *scene, const char *expected)
{
    g_autoptr(RubPlan) plan = scene_plan(scene);
    assert_owned_string(get_meaning(plan, 0), expected);
}

static void
test_what_is_lacking_is_named(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.info.boots_bios = FALSE;
    g_ptr_array_add(scene.info.bios_missing, (gpointer) "bootmgr");
    g_ptr_array_add(scene.info.bios_missing, (gpointer) "boot/bcd");
    assert_first_meaning(&scene, "It will start on UEFI only: to start on BIOS, the image lacks "
                                 "bootmgr, boot/bcd.");
    scene.options.firmware = BIOS;
    assert_first_meaning(&scene, "BIOS would start none of its files: it lacks bootmgr, boot/bcd.");
    scene.info.uefi_machines = RUB_MACHINE_NONE;
    scene.options.firmware = MULTI;
    assert_first_meaning(&scene,
                         "Neither UEFI nor BIOS would start its files: for UEFI it has no loader "
                         "that works (EFI/BOOT/BOOTX64.EFI and the like), for BIOS it lacks "
                         "bootmgr, boot/bcd.");
}

static void
test_a_linux_image_is_not_blamed_for_lacking_windows_files(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.info.kind = RUB_IMAGE_LINUX;
    scene.info.boots_bios = FALSE;
    g_ptr_array_add(scene.info.bios_missing, (gpointer) "bootmgr");
    assert_first_meaning(&scene, "It will start on UEFI only: from copied files BIOS starts "
                                 "Windows, or a system whose boot menu GRUB reads if the stick is "
                                 "erased.");
    scene.options.firmware = BIOS;
    assert_first_meaning(&scene,
                         "BIOS would start none of its files: it starts Windows, or a system "
                         "whose boot menu GRUB reads if the stick is erased.");
}

static void
add_loader(Scene *scene, const char *path, RubMachine named_for, RubLoaderState state)
{
    RubUefiLoader *loader = g_new0(RubUefiLoader, 1);
    loader->path = (char *) path;
    loader->named_for = named_for;
    loader->state = state;
    g_ptr_array_add(scene->info.uefi_loaders, loader);
}

static void
test_loaders_that_will_not_start_are_named(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    add_loader(&scene, "EFI/BOOT/BOOTX64.EFI", RUB_MACHINE_X64, RUB_LOADER_GOOD);
    add_loader(&scene, "EFI/BOOT/BOOTIA32.EFI", RUB_MACHINE_X86, RUB_LOADER_EMPTY);
    add_loader(&scene, "EFI/BOOT/notes.efi", RUB_MACHINE_NONE, RUB_LOADER_NOT_A_PROGRAM);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "UEFI will not start EFI/BOOT/BOOTIA32.EFI: it is empty.");
    scene.options.firmware = BIOS;
    g_autoptr(RubPlan) bios_plan = scene_plan(&scene);
    assert_owned_string(list_codes(bios_plan), "");
}

static void
test_windows_without_its_uefi_files_is_a_warning(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    g_ptr_array_add(scene.info.uefi_missing, (gpointer) "efi/microsoft/boot/bcd");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0), "UEFI will start its loader, but Windows may not "
                                              "come up: the image lacks efi/microsoft/boot/bcd.");
}

static void
test_a_damaged_wim_is_a_warning(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    g_ptr_array_add(scene.info.damaged_wims, (gpointer) "sources/boot.wim");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "Windows may not come up: sources/boot.wim should be a Windows image, but "
                        "is not a whole one.");
}

static void
test_errors_come_first_and_the_gravest_decides(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.info.boots_bios = FALSE;
    scene.layout->is_read_only = TRUE;
    scene.layout->size_bytes = 64 * MIB;
    scene_add_all(&scene, "efi/ efi/boot efi/BOOT link>nowhere");
    scene_add_file(&scene, "install.esd", 5 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E1 E4 E20 E21 W21 W23");
    g_assert_cmpint(rub_plan_get_obstacle(plan)->code, ==, RUB_CODE_TRACK_0_NOT_WRITABLE);
    scene.info.uefi_machines = RUB_MACHINE_NONE;
    g_autoptr(RubPlan) not_bootable = scene_plan(&scene);
    g_assert_cmpint(rub_plan_get_obstacle(not_bootable)->code, ==, RUB_CODE_IMAGE_NOT_BOOTABLE);
}

static void
test_warnings_are_no_obstacle(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.info.boots_bios = FALSE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    g_assert_null(rub_plan_get_obstacle(plan));
}

static void
test_the_same_input_gives_the_same_plan(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_all(&scene, "docs/ docs/a:b docs/c:d docs/x docs/X one>nowhere two>nowhere");
    g_autoptr(RubPlan) first = scene_plan(&scene);
    g_autoptr(RubPlan) second = scene_plan(&scene);
    g_assert_cmpuint(first->findings->len, ==, 2);
    for (guint i = 0; i < first->findings->len; i++) {
        const RubFinding *a = g_ptr_array_index(first->findings, i);
        const RubFinding *b = g_ptr_array_index(second->findings, i);
        g_assert_cmpint(a->code, ==, b->code);
        g_assert_true(g_strv_equal((const char *const *) a->files, (const char *const *) b->files));
    }
    assert_owned_string(list_paths(first->files), "docs/a_b docs/c_d docs/x docs/X (2)");
    assert_owned_string(list_paths(second->files), "docs/a_b docs/c_d docs/x docs/X (2)");
}

static void
test_the_steps_say_what_will_happen(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_file(&scene, "bootmgr", 400 * 1000);
    scene_add_file(&scene, "other", 600 * 1000);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_steps(plan), "New MBR partition table\n"
                                          "One FAT32 partition \"PE_X64\", 8.6 GB, active\n"
                                          "Copy 2 files, 1.0 MB\n"
                                          "Boot code for BIOS\n"
                                          "Read everything back");
    static const char *const ids[] = {"table", "format", "copy", "boot-code", "verify"};
    for (guint i = 0; i < plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(plan->steps, i);
        g_assert_cmpstr(rub_step_kind_get_id(step->kind), ==, ids[i]);
        gboolean moves = step->kind == RUB_STEP_COPY || step->kind == RUB_STEP_VERIFY;
        g_assert_cmpuint(step->size_bytes, ==, moves ? 1000 * 1000 : 0);
    }
}

static void
test_steps_say_what_they_are_good_for(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    static const char *const purposes[] = {"Set the stick up anew", "Prepare the stick for files",
                                           NULL, "Let old computers start from the stick", NULL};
    g_assert_cmpuint(plan->steps->len, ==, G_N_ELEMENTS(purposes));
    for (guint i = 0; i < plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(plan->steps, i);
        g_autofree char *purpose = step->purpose ? format_text(step->purpose) : NULL;
        g_assert_cmpstr(purpose, ==, purposes[i]);
    }
}

static void
test_steps_that_are_not_needed_are_left_out(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.options.firmware = UEFI;
    scene.options.skip_verify = TRUE;
    scene_add_file(&scene, "one", 1000);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_false(plan->verifies);
    assert_owned_string(list_steps(plan), "New MBR partition table\n"
                                          "One FAT32 partition \"PE_X64\", 8.6 GB\n"
                                          "Copy 1 file, 1.0 kB");
}

static void
test_the_label_is_the_users_or_the_images(void)
{
    static const struct {
        const char *volume_name;
        const char *wanted;
        const char *label;
    } cases[] = {
        {"PE_X64", NULL, "PE_X64"},         {"macrium rescue pe", NULL, "MACRIUM RES"},
        {"PE_X64", "my stick", "MY STICK"}, {"", NULL, "RESCUE"},
        {"a/b:c", NULL, "A_B_C"},           {"16 characters ok", NULL, "16 CHARACTE"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        scene_init(&scene);
        scene.info.volume_name = (char *) cases[i].volume_name;
        scene.options.label = cases[i].wanted;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        g_assert_cmpstr(plan->volume.label, ==, cases[i].label);
    }
}

static void
test_the_random_numbers_are_the_callers(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmphex(plan->volume.disk_signature, ==, 0x12345678);
    g_assert_cmphex(plan->volume.volume_id, ==, 0x9abcdef0);
    g_assert_cmphex(plan->volume.mbr_type, ==, 0x0c);
}

static gboolean
speaks_of_permission(const RubPlan *plan)
{
    const RubFinding *finding = g_ptr_array_index(plan->findings, 0);
    g_autofree char *remedy = format_text(finding->remedy);
    return strstr(remedy, "permission") != NULL;
}

static void
test_a_stick_that_cannot_be_written_is_refused(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.layout->is_read_only = TRUE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E1");
    assert_owned_string(get_meaning(plan, 0), "stick.img can only be read.");
    g_assert_false(speaks_of_permission(plan));
    scene.layout->is_file = TRUE;
    g_autoptr(RubPlan) file_plan = scene_plan(&scene);
    g_assert_true(speaks_of_permission(file_plan));
}

static RubContents *
add_partition(Scene *scene, guint number, guint64 size_bytes)
{
    RubPartition *partition = rub_layout_add_partition(scene->layout);
    scene->layout->table = RUB_TABLE_MBR;
    partition->number = number;
    partition->sector_count = size_bytes / scene->layout->sector_size;
    return &partition->contents;
}

static void
test_what_will_be_lost_is_listed(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    RubContents *holiday = add_partition(&scene, 1, 4 * GIB);
    *holiday = (RubContents){.filesystem = g_strdup("vfat"),
                             .fat_bits = 32,
                             .label = g_strdup("HOLIDAY"),
                             .is_counted = TRUE,
                             .file_count = 57,
                             .used_bytes = 1200 * 1000 * 1000};
    RubContents *unnamed = add_partition(&scene, 2, GIB);
    *unnamed = (RubContents){.filesystem = g_strdup("vfat"),
                             .fat_bits = 16,
                             .is_counted = TRUE,
                             .file_count = 1,
                             .used_bytes = 5 * 1000};
    add_partition(&scene, 3, GIB)->filesystem = g_strdup("ext4");
    add_partition(&scene, 4, 2 * GIB);
    RubPartition *extended = g_ptr_array_index(scene.layout->partitions, 3);
    extended->is_container = TRUE;
    add_partition(&scene, 5, GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_texts(plan->lost), "\"HOLIDAY\": 57 files, 1.2 GB\n"
                                                "FAT16: 1 file, 5.0 kB\n"
                                                "EXT4: everything on it, 1.1 GB\n"
                                                "Partition 5: 1.1 GB of unknown contents");
}

static void
test_a_blank_stick_loses_nothing(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpuint(plan->lost->len, ==, 0);
    scene.layout->table = RUB_TABLE_MBR;
    g_autoptr(RubPlan) empty_table = scene_plan(&scene);
    g_assert_cmpuint(empty_table->lost->len, ==, 0);
}

static void
test_disks_without_a_known_table_lose_all_of_it(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.layout->table = RUB_TABLE_OTHER;
    g_autoptr(RubPlan) unknown = scene_plan(&scene);
    assert_owned_string(list_texts(unknown->lost), "The whole disk: 8.6 GB of unknown contents");
    scene.layout->table = RUB_TABLE_SUPERFLOPPY;
    scene.layout->whole.filesystem = g_strdup("exfat");
    g_autoptr(RubPlan) superfloppy = scene_plan(&scene);
    assert_owned_string(list_texts(superfloppy->lost), "EXFAT: everything on it, 8.6 GB");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan/starts-on", test_what_it_starts_on);
    g_test_add_func("/plan/lacking", test_what_is_lacking_is_named);
    g_test_add_func("/plan/linux", test_a_linux_image_is_not_blamed_for_lacking_windows_files);
    g_test_add_func("/plan/bad-loaders", test_loaders_that_will_not_start_are_named);
    g_test_add_func("/plan/uefi-files", test_windows_without_its_uefi_files_is_a_warning);
    g_test_add_func("/plan/damaged-wim", test_a_damaged_wim_is_a_warning);
    g_test_add_func("/plan/gravest", test_errors_come_first_and_the_gravest_decides);
    g_test_add_func("/plan/warnings", test_warnings_are_no_obstacle);
    g_test_add_func("/plan/same", test_the_same_input_gives_the_same_plan);
    g_test_add_func("/plan/steps", test_the_steps_say_what_will_happen);
    g_test_add_func("/plan/steps-say-what-they-are-good-for",
                    test_steps_say_what_they_are_good_for);
    g_test_add_func("/plan/fewer-steps", test_steps_that_are_not_needed_are_left_out);
    g_test_add_func("/plan/label", test_the_label_is_the_users_or_the_images);
    g_test_add_func("/plan/random", test_the_random_numbers_are_the_callers);
    g_test_add_func("/plan/read-only", test_a_stick_that_cannot_be_written_is_refused);
    g_test_add_func("/plan/lost", test_what_will_be_lost_is_listed);
    g_test_add_func("/plan/blank", test_a_blank_stick_loses_nothing);
    g_test_add_func("/plan/no-table", test_disks_without_a_known_table_lose_all_of_it);
    return g_test_run();
}
