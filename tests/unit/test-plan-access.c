/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a drive is written, what that takes, and what is told of drives only. */
#include "plan-keep-tools.h"

/* A stick of 8 GiB as the system describes it to a user who may give a password. */
static void
drive_scene_init(Scene *scene)
{
    scene_init(scene);
    scene_add_file(scene, "boot.wim", 300 * MIB);
    scene->layout->is_outline = TRUE;
    scene->layout->is_removable = TRUE;
    scene->layout->can_mount = TRUE;
    scene->layout->password = RUB_PASSWORD_NEEDED;
}

static void
keep_drive_scene_init(Scene *scene)
{
    drive_scene_init(scene);
    scene_keep(scene);
}

static RubAction
get_action(const RubPlan *plan)
{
    return ((const RubFinding *) plan->findings->pdata[0])->action;
}

static void
test_uefi_needs_no_password(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpint(plan->access, ==, RUB_ACCESS_MOUNTED);
    g_assert_cmpint(plan->password, ==, RUB_PASSWORD_NOT_NEEDED);
    g_assert_null(plan->password_reason);
    g_assert_false(plan->volume.is_active);
    scene.layout->password = RUB_PASSWORD_REFUSED;
    g_autoptr(RubPlan) poor = scene_plan(&scene);
    assert_owned_string(list_codes(poor), "");
}

static void
test_bios_needs_a_password_and_says_why(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    g_autoptr(RubPlan) multi = scene_plan(&scene);
    assert_owned_string(list_codes(multi), "");
    g_assert_cmpint(multi->access, ==, RUB_ACCESS_RAW);
    g_assert_cmpint(multi->password, ==, RUB_PASSWORD_NEEDED);
    assert_owned_string(format_text(multi->password_reason),
                        "An administrator's password will be asked for: boot code for BIOS is "
                        "written to the drive itself. Building only for UEFI needs no "
                        "password.");
    scene.options.firmware = BIOS;
    g_autoptr(RubPlan) bios = scene_plan(&scene);
    assert_owned_string(format_text(bios->password_reason),
                        "An administrator's password will be asked for: boot code for BIOS is "
                        "written to the drive itself.");
}

static void
test_nothing_is_asked_of_those_who_may_write(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.layout->password = RUB_PASSWORD_NOT_NEEDED;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(plan->access, ==, RUB_ACCESS_RAW);
    g_assert_null(plan->password_reason);
}

static void
test_a_drive_that_cannot_be_mounted_is_written_directly(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.options.firmware = UEFI;
    scene.layout->can_mount = FALSE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(plan->access, ==, RUB_ACCESS_RAW);
    assert_owned_string(format_text(plan->password_reason),
                        "An administrator's password will be asked for: this drive cannot be "
                        "mounted here, so it is written directly.");
    scene.layout->password = RUB_PASSWORD_REFUSED;
    g_autoptr(RubPlan) refused = scene_plan(&scene);
    assert_owned_string(list_codes(refused), "E15");
    assert_remedy_has(refused, "UEFI", FALSE);
    g_assert_cmpint(get_action(refused), ==, RUB_ACTION_NONE);
}

static void
test_a_refused_password_is_code_15_where_it_would_be_needed(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.layout->password = RUB_PASSWORD_REFUSED;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E15");
    assert_remedy_has(plan, "UEFI only", TRUE);
    g_assert_cmpint(get_action(plan), ==, RUB_ACTION_UEFI_ONLY);
    g_assert_null(plan->password_reason);
    scene.options.firmware = BIOS;
    g_autoptr(RubPlan) bios = scene_plan(&scene);
    assert_owned_string(list_codes(bios), "E15");
    assert_remedy_has(bios, "UEFI only", FALSE);
}

/* Whatever stands in the way of all builds hides what else would. */
static void
test_a_refused_drive_has_its_code_and_no_steps(void)
{
    static const RubCode codes[] = {RUB_CODE_SYSTEM_DISK, RUB_CODE_DEVICE_BUSY,
                                    RUB_CODE_DEVICE_GONE, RUB_CODE_TRACK_0_NOT_WRITABLE};
    for (guint i = 0; i < 2 * G_N_ELEMENTS(codes); i++) {
        g_auto(Scene) scene;
        drive_scene_init(&scene);
        scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
        scene.options.keep = i % 2;
        scene.layout->table = RUB_TABLE_MBR;
        scene.layout->size_bytes = MIB;
        scene.layout->is_read_only = TRUE;
        scene.layout->password = RUB_PASSWORD_REFUSED;
        scene.layout->refusal = rub_text_new("It holds the running system.", NULL);
        scene.layout->refusal_code = codes[i / 2];
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        g_autofree char *expected = g_strdup_printf("E%d", codes[i / 2]);
        assert_owned_string(list_codes(plan), expected);
        assert_owned_string(get_meaning(plan, 0), "It holds the running system.");
        g_assert_cmpuint(plan->steps->len, ==, 0);
        g_assert_cmpuint(plan->lost->len, ==, 0);
        g_assert_null(plan->password_reason);
    }
}

/* The folder is a place only as a whole: beside it is elsewhere. */
static void
test_a_stick_that_holds_the_image_is_refused(void)
{
    for (guint i = 0; i < 2; i++) {
        g_auto(Scene) scene;
        drive_scene_init(&scene);
        scene.options.keep = i == 1;
        scene.layout->mount_points = g_strsplit("/media/me/FILMS:/media/me/HOLIDAY", ":", -1);
        scene.info.real_path = (char *) "/media/me/HOLIDAY/iso/rescue.iso";
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), "E14");
        assert_owned_string(get_meaning(plan, 0),
                            "The rescue image lies on this stick itself, and it is read while the "
                            "stick is written: /media/me/HOLIDAY/iso/rescue.iso.");
        g_assert_cmpint(get_action(plan), ==, RUB_ACTION_CHOOSE_IMAGE);
        g_assert_cmpuint(plan->steps->len, ==, 0);
        g_assert_cmpuint(plan->lost->len, ==, 0);
        g_assert_null(plan->password_reason);
        scene.info.real_path = (char *) "/media/me/HOLIDAY 2/rescue.iso";
        g_autoptr(RubPlan) other = scene_plan(&scene);
        g_autofree char *codes = list_codes(other);
        g_assert_null(strstr(codes, "E14"));
    }
}

static void
test_what_is_wrong_with_the_image_comes_before_a_refused_drive(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.info.boots_bios = FALSE;
    scene.info.uefi_machines = RUB_MACHINE_NONE;
    scene.layout->refusal = rub_text_new("It holds the running system.", NULL);
    scene.layout->refusal_code = RUB_CODE_SYSTEM_DISK;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E12 E19");
}

/* BIOS does not start from such sectors, so nothing needs to be written to the drive itself. */
static void
test_sectors_of_4096_bytes_need_no_password(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.layout->sector_size = 4096;
    g_autoptr(RubPlan) multi = scene_plan(&scene);
    assert_owned_string(list_codes(multi), "W23");
    g_assert_cmpint(multi->access, ==, RUB_ACCESS_MOUNTED);
    g_assert_null(multi->password_reason);
    g_assert_false(multi->volume.is_active);
    scene.options.firmware = BIOS;
    g_autoptr(RubPlan) bios = scene_plan(&scene);
    assert_owned_string(list_codes(bios), "E23");
    g_assert_cmpint(get_action(bios), ==, RUB_ACTION_UEFI_ONLY);
}

/* Below 512 MiB the system makes FAT16. */
static void
test_a_small_drive_becomes_fat16_for_uefi(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.options.firmware = UEFI;
    scene.layout->size_bytes = 512 * MIB;
    g_autoptr(RubPlan) small = scene_plan(&scene);
    assert_owned_string(list_codes(small), "W98");
    assert_owned_string(get_meaning(small, 0),
                        "The new partition of 535.8 MB becomes FAT16, because the system makes "
                        "FAT32 only from 536.9 MB on: UEFI starts from it, BIOS would not.");
    g_autofree char *steps = list_steps(small);
    g_assert_nonnull(strstr(steps, "One FAT16 partition \"PE_X64\", 535.8 MB"));
    g_assert_cmpuint(small->volume.sectors_per_cluster, ==, 16);
    scene.layout->size_bytes = 513 * MIB;
    g_autoptr(RubPlan) large = scene_plan(&scene);
    assert_owned_string(list_codes(large), "");
    scene.layout->size_bytes = 512 * MIB;
    scene.options.firmware = MULTI;
    g_autoptr(RubPlan) multi = scene_plan(&scene);
    assert_owned_string(list_codes(multi), "");
}

/* Clusters of FAT16 are larger, and so is what many small files take. */
static void
test_room_is_counted_in_the_clusters_that_will_be_made(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.layout->can_mount = TRUE;
    scene.layout->size_bytes = 301 * MIB;
    scene_add_all(&scene, "docs/");
    for (guint i = 0; i < 40000; i++) {
        g_autofree char *path = g_strdup_printf("docs/%u", i);
        scene_add_file(&scene, path, 1);
    }
    g_autoptr(RubPlan) raw = scene_plan(&scene);
    assert_owned_string(list_codes(raw), "");
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) mounted = scene_plan(&scene);
    assert_owned_string(list_codes(mounted), "E4 W98");
    scene.layout->can_mount = FALSE;
    g_autoptr(RubPlan) file = scene_plan(&scene);
    assert_owned_string(list_codes(file), "");
}

/* The root folder of FAT16 has 512 entries and never more. */
static void
test_a_root_folder_of_fat16_is_not_overfilled(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.layout->size_bytes = 480 * MIB;
    scene.options.firmware = UEFI;
    for (guint i = 0; i < 600; i++) {
        g_autofree char *path = g_strdup_printf("%u", i);
        scene_add_file(&scene, path, 1);
        g_autoptr(RubPlan) plan = i == 400 || i == 599 ? scene_plan(&scene) : NULL;
        if (plan)
            assert_owned_string(list_codes(plan), i == 400 ? "W98" : "E4 W98");
    }
}

static void
test_fat16_is_kept_where_the_system_writes_it(void)
{
    g_auto(Scene) scene;
    keep_drive_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.fat_bits = 16;
    assert_refused(&scene, "E98", NULL);
    g_autoptr(RubPlan) refused = scene_plan(&scene);
    g_assert_cmpint(get_action(refused), ==, RUB_ACTION_UEFI_ONLY);
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W98");
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_VOLUME);
}

/* Through the system's driver, a file that gives way is copied first; then its place is free for
 * the new one. So there has to be room for the larger of the two. */
static void
test_replaced_files_need_room_where_they_are_copied(void)
{
    g_auto(Scene) scene;
    keep_drive_scene_init(&scene);
    RubPartition *fat = scene_add_fat(&scene, 1, MIB, GIB, 310 * MIB);
    put_on(fat, "boot.wim");
    RubEntry *old = g_ptr_array_index(fat->contents.kept->listing->entries, 0);
    old->size_bytes = 290 * MIB;
    scene.options.firmware = UEFI;
    assert_kept_number(&scene, 1);
    old->size_bytes = 320 * MIB;
    assert_refused(&scene, "E6", NULL);
    scene.options.firmware = MULTI;
    g_autoptr(RubPlan) raw = scene_plan(&scene);
    g_assert_null(rub_plan_get_obstacle(raw));
    scene.options.firmware = UEFI;
    fat->contents.kept->free_clusters = 330 * MIB / (4 * KIB);
    assert_kept_number(&scene, 1);
}

static void
test_boot_code_that_cannot_be_seen_is_told(void)
{
    g_auto(Scene) scene;
    keep_drive_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2)->contents.kept->fits_boot_record = FALSE;
    g_autoptr(RubPlan) multi = scene_plan(&scene);
    assert_owned_string(list_codes(multi), "W24");
    assert_owned_string(get_meaning(multi, 0),
                        "Any boot code for BIOS on the stick will be replaced; it is "
                        "saved, so that it can be put back.");
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) uefi = scene_plan(&scene);
    assert_owned_string(list_codes(uefi), "");
}

static void
test_a_blank_stick_has_no_boot_code(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.options.keep = TRUE;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_BLANK);
}

/* Nothing that others recognise: blank, or encrypted. Whoever opens the disk will see. */
static void
test_an_unknown_stick_is_taken_for_blank_if_it_will_be_opened(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    scene.options.keep = TRUE;
    scene.layout->table = RUB_TABLE_OTHER;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_BLANK);
    g_assert_cmpuint(plan->notes->len, ==, 1);
    assert_owned_string(format_text(plan->notes->pdata[0]),
                        "Nothing was recognised on this stick. It is looked at before anything is "
                        "written: if it is not blank, the build stops and nothing is changed.");
    scene.options.firmware = UEFI;
    assert_refused(&scene, "E3",
                   "What is on this stick is not known, so nothing can be added to it.");
    scene.options.firmware = UEFI | BIOS;
    scene.layout->table_name = g_strdup("sun");
    assert_refused(&scene, "E3",
                   "Keeping its files needs an MBR partition table; this stick has one of another "
                   "kind (sun).");
}

/* So may a table that looks empty: what lies behind it is known once the disk is open. */
static void
test_an_empty_table_is_believed_if_it_will_be_opened(void)
{
    g_auto(Scene) scene;
    keep_drive_scene_init(&scene);
    scene_add_gap(&scene, MIB, 4 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(plan->access, ==, RUB_ACCESS_RAW);
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_TABLE);
    g_assert_null(rub_plan_get_obstacle(plan));
    scene.options.firmware = UEFI;
    assert_refused(&scene, "E3",
                   "What is on this stick is not known, so nothing can be added to it.");
    scene.layout->password = RUB_PASSWORD_NOT_NEEDED;
    g_autoptr(RubPlan) looked_at = scene_plan(&scene);
    g_assert_cmpint(looked_at->mode, ==, RUB_PLAN_KEEP_TABLE);
    g_assert_null(rub_plan_get_obstacle(looked_at));
}

static void
test_a_volume_that_nobody_could_mount_is_told(void)
{
    g_auto(Scene) scene;
    keep_drive_scene_init(&scene);
    RubPartition *fat = scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    g_clear_pointer(&fat->contents.kept, rub_kept_volume_free);
    fat->contents.is_counted = FALSE;
    assert_refused(&scene, "E25",
                   "Partition 1 (\"HOLIDAY\") would suit, but it could not be mounted to see what "
                   "is on it.");
}

static void
test_gpt_is_kept_for_uefi_without_a_password(void)
{
    g_auto(Scene) scene;
    keep_drive_scene_init(&scene);
    scene.layout->table = RUB_TABLE_GPT;
    scene_add_fat(&scene, 1, MIB, GIB, GIB / 2);
    assert_refused(&scene, "E3", NULL);
    g_autoptr(RubPlan) refused = scene_plan(&scene);
    g_assert_cmpint(get_action(refused), ==, RUB_ACTION_UEFI_ONLY);
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W3");
    g_assert_cmpint(plan->access, ==, RUB_ACCESS_MOUNTED);
}

static void
test_erasing_is_offered_where_it_helps(void)
{
    g_auto(Scene) scene;
    keep_scene_init(&scene);
    scene.layout->table = RUB_TABLE_SUPERFLOPPY;
    scene.layout->whole.filesystem = g_strdup("vfat");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E2");
    g_assert_cmpint(get_action(plan), ==, RUB_ACTION_ERASE);
    scene.layout->size_bytes = 200 * MIB;
    g_autoptr(RubPlan) small = scene_plan(&scene);
    assert_owned_string(list_codes(small), "E2 E4");
    g_assert_cmpint(get_action(small), ==, RUB_ACTION_CHOOSE_TARGET);
}

static void
test_actions_have_names(void)
{
    g_assert_null(rub_action_get_id(RUB_ACTION_NONE));
    g_assert_null(rub_action_get_label(RUB_ACTION_NONE));
    g_assert_cmpstr(rub_action_get_id(RUB_ACTION_UEFI_ONLY), ==, "uefi-only");
    g_assert_cmpstr(rub_action_get_label(RUB_ACTION_ERASE), ==, "Erase the Whole Stick Instead");
}

static void
test_a_plan_keeps_its_own_copy_of_the_options(void)
{
    g_auto(Scene) scene;
    drive_scene_init(&scene);
    char label[] = "MINE";
    scene.options.label = label;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    label[0] = 'X';
    g_assert_cmpstr(plan->options.label, ==, "MINE");
    g_assert_cmpint(plan->options.firmware, ==, MULTI);
    g_assert_cmphex(plan->options.volume_id, ==, 0x9abcdef0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/plan-access/" name, function)
    ADD("uefi", test_uefi_needs_no_password);
    ADD("bios", test_bios_needs_a_password_and_says_why);
    ADD("may-write", test_nothing_is_asked_of_those_who_may_write);
    ADD("no-mount", test_a_drive_that_cannot_be_mounted_is_written_directly);
    ADD("code-15", test_a_refused_password_is_code_15_where_it_would_be_needed);
    ADD("refused", test_a_refused_drive_has_its_code_and_no_steps);
    ADD("holds-image", test_a_stick_that_holds_the_image_is_refused);
    ADD("image-first", test_what_is_wrong_with_the_image_comes_before_a_refused_drive);
    ADD("4096-bytes", test_sectors_of_4096_bytes_need_no_password);
    ADD("fat16/new", test_a_small_drive_becomes_fat16_for_uefi);
    ADD("fat16/clusters", test_room_is_counted_in_the_clusters_that_will_be_made);
    ADD("fat16/root", test_a_root_folder_of_fat16_is_not_overfilled);
    ADD("fat16/kept", test_fat16_is_kept_where_the_system_writes_it);
    ADD("replaced", test_replaced_files_need_room_where_they_are_copied);
    ADD("outline/boot-code", test_boot_code_that_cannot_be_seen_is_told);
    ADD("outline/blank", test_a_blank_stick_has_no_boot_code);
    ADD("outline/empty-table", test_an_empty_table_is_believed_if_it_will_be_opened);
    ADD("outline/unknown", test_an_unknown_stick_is_taken_for_blank_if_it_will_be_opened);
    ADD("outline/no-mount", test_a_volume_that_nobody_could_mount_is_told);
    ADD("gpt", test_gpt_is_kept_for_uefi_without_a_password);
    ADD("action/erase", test_erasing_is_offered_where_it_helps);
    ADD("action/names", test_actions_have_names);
    ADD("options", test_a_plan_keeps_its_own_copy_of_the_options);
    return g_test_run();
}
