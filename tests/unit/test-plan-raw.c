/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When an image is written byte by byte, and what is told of that. */
#include "plan-keep-tools.h"

/* A Linux image of 300 MiB that starts on both firmwares as it is, and on UEFI by its files. */
static void
hybrid_scene_init(Scene *scene)
{
    scene_init(scene);
    scene_add_file(scene, "live.img", 200 * MIB);
    scene->info.kind = RUB_IMAGE_LINUX;
    scene->info.size_bytes = 300 * MIB;
    scene->info.boots_bios = FALSE;
    scene->info.is_hybrid = TRUE;
    scene->info.raw_starts_bios = TRUE;
    scene->info.raw_uefi_machines = RUB_MACHINE_X64 | RUB_MACHINE_X86;
}

static RubAction
get_action(const RubPlan *plan)
{
    g_assert_cmpuint(plan->findings->len, >=, 1);
    return ((const RubFinding *) plan->findings->pdata[0])->action;
}

static void
test_hybrid_images_go_as_they_are_unless_told_otherwise(void)
{
    static const struct {
        RubMethod method;
        gboolean keep;
        RubPlanMode mode;
    } cases[] = {
        {RUB_METHOD_AUTO, FALSE, RUB_PLAN_RAW},
        {RUB_METHOD_RAW, FALSE, RUB_PLAN_RAW},
        {RUB_METHOD_FILES, FALSE, RUB_PLAN_ERASE},
        {RUB_METHOD_AUTO, TRUE, RUB_PLAN_KEEP_VOLUME},
        {RUB_METHOD_FILES, TRUE, RUB_PLAN_KEEP_VOLUME},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        hybrid_scene_init(&scene);
        if (cases[i].keep) {
            scene_keep(&scene);
            scene_add_fat(&scene, 1, MIB, 7 * GIB, 6 * GIB);
        }
        scene.options.method = cases[i].method;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        g_assert_cmpint(plan->mode, ==, cases[i].mode);
        g_assert_null(rub_plan_get_obstacle(plan));
    }
}

static void
test_a_name_that_was_chosen_is_told_to_be_of_no_use(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.options.label = (char *) "MINE";
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_RAW);
    g_assert_cmpuint(plan->notes->len, ==, 1);
    assert_owned_string(format_text(plan->notes->pdata[0]),
                        "The name MINE is not used: written byte by byte, the image brings its "
                        "own.");
}

static void
test_what_is_written_is_the_image_alone(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_owned_string(list_steps(plan), "Write the image as it is, byte by byte, 314.6 MB\n"
                                          "Read everything back");
    g_assert_cmpuint(plan->copy_bytes, ==, 300 * MIB);
    g_assert_cmpuint(plan->files->len + plan->folders->len, ==, 0);
    g_assert_cmpuint(plan->volume.sector_count, ==, 0);
    g_assert_false(plan->installs_boot_code);
    g_assert_true(rub_plan_erases(plan));
    g_assert_cmpint(plan->starts_on, ==, MULTI);
    g_assert_cmpint(plan->starts_on_machines, ==, RUB_MACHINE_X64 | RUB_MACHINE_X86);
    scene.options.skip_verify = TRUE;
    g_autoptr(RubPlan) unverified = scene_plan(&scene);
    g_assert_cmpuint(unverified->steps->len, ==, 1);
}

static void
test_the_drive_itself_is_written_with_a_password(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.layout->is_outline = scene.layout->is_removable = scene.layout->can_mount = TRUE;
    scene.layout->password = RUB_PASSWORD_NEEDED;
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_RAW);
    g_assert_cmpint(plan->access, ==, RUB_ACCESS_RAW);
    g_assert_cmpint(plan->password, ==, RUB_PASSWORD_NEEDED);
    g_assert_nonnull(plan->password_reason);
    scene.layout->password = RUB_PASSWORD_REFUSED;
    g_autoptr(RubPlan) poor = scene_plan(&scene);
    g_assert_cmpint(rub_plan_get_obstacle(poor)->code, ==, RUB_CODE_NOT_AUTHORIZED);
    g_assert_cmpint(get_action(poor), ==, RUB_ACTION_BY_FILES);
    scene.options.method = RUB_METHOD_FILES;
    g_autoptr(RubPlan) by_files = scene_plan(&scene);
    assert_owned_string(list_codes(by_files), "");
    g_assert_cmpint(by_files->access, ==, RUB_ACCESS_MOUNTED);
}

static void
test_windows_is_refused_by_its_name(void)
{
    static const RubImageKind kinds[] = {RUB_IMAGE_WINDOWS_PE, RUB_IMAGE_WINDOWS_SETUP};
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_auto(Scene) scene;
        hybrid_scene_init(&scene);
        scene.info.kind = kinds[i];
        scene.info.raw_starts_bios = FALSE;
        scene.info.raw_uefi_machines = RUB_MACHINE_NONE;
        scene.options.method = RUB_METHOD_RAW;
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), "E12");
        assert_owned_string(get_meaning(plan, 0),
                            "rescue.iso is a Windows image, which starts nothing when it is "
                            "written byte by byte.");
        g_assert_cmpint(get_action(plan), ==, RUB_ACTION_BY_FILES);
        scene.options.method = RUB_METHOD_AUTO;
        g_autoptr(RubPlan) other = scene_plan(&scene);
        g_assert_cmpint(other->mode, ==, RUB_PLAN_ERASE);
    }
}

static void
test_an_image_that_was_not_made_for_it_is_refused(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.info.is_hybrid = scene.info.raw_starts_bios = FALSE;
    scene.info.raw_uefi_machines = RUB_MACHINE_NONE;
    scene.options.method = RUB_METHOD_RAW;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E12");
    assert_owned_string(get_meaning(plan, 0),
                        "rescue.iso was not made to be written byte by byte: nothing in it would "
                        "start from a stick.");
}

static void
test_a_stick_that_is_too_small_is_refused_with_what_is_missing(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.info.size_bytes = scene.layout->size_bytes;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    scene.info.size_bytes += 1;
    g_autoptr(RubPlan) small = scene_plan(&scene);
    assert_owned_string(list_codes(small), "E4");
    assert_owned_string(get_meaning(small, 0), "The image needs a stick of 8.6 GB; this one has "
                                               "8.6 GB. 1 byte is missing.");
}

static void
test_large_sectors_lead_its_tables_astray(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.layout->sector_size = 4096;
    scene.options.method = RUB_METHOD_RAW;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E23");
    g_assert_cmpint(get_action(plan), ==, RUB_ACTION_BY_FILES);
    scene.options.method = RUB_METHOD_AUTO;
    g_autoptr(RubPlan) by_files = scene_plan(&scene);
    g_assert_cmpint(by_files->mode, ==, RUB_PLAN_ERASE);
    assert_owned_string(list_codes(by_files), "W23");
    g_assert_cmpint(get_action(by_files), ==, RUB_ACTION_NONE);
}

static void
test_what_it_does_not_start_on_is_told(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.info.raw_uefi_machines = RUB_MACHINE_NONE;
    g_autoptr(RubPlan) bios_only = scene_plan(&scene);
    g_assert_cmpint(bios_only->mode, ==, RUB_PLAN_RAW);
    assert_owned_string(list_codes(bios_only), "W23");
    assert_owned_string(get_meaning(bios_only, 0), "It will start on BIOS only: the image has "
                                                   "nothing for UEFI to start from a stick.");
    g_assert_cmpint(get_action(bios_only), ==, RUB_ACTION_BY_FILES);
    scene.info.uefi_machines = RUB_MACHINE_NONE;
    g_autoptr(RubPlan) neither = scene_plan(&scene);
    g_assert_cmpint(get_action(neither), ==, RUB_ACTION_NONE);
    scene.info.raw_starts_bios = FALSE;
    scene.info.raw_uefi_machines = RUB_MACHINE_X64;
    g_autoptr(RubPlan) uefi_only = scene_plan(&scene);
    assert_owned_string(get_meaning(uefi_only, 0), "It will start on UEFI only: the image has "
                                                   "nothing for BIOS to start from a stick.");
    g_assert_cmpint(get_action(uefi_only), ==, RUB_ACTION_NONE);
}

/* Some images start BIOS as they are and UEFI by their files: iPXE's. */
static void
test_the_way_that_starts_what_is_wanted_is_taken(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.info.raw_uefi_machines = RUB_MACHINE_NONE;
    scene.options.firmware = UEFI;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_ERASE);
    scene.options.method = RUB_METHOD_RAW;
    g_autoptr(RubPlan) raw = scene_plan(&scene);
    assert_owned_string(list_codes(raw), "E12");
    assert_owned_string(get_meaning(raw, 0),
                        "Written byte by byte, rescue.iso would start on BIOS only.");
    g_assert_cmpint(get_action(raw), ==, RUB_ACTION_BY_FILES);
}

static void
test_it_is_offered_where_files_start_less(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.options.method = RUB_METHOD_FILES;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    g_assert_cmpint(get_action(plan), ==, RUB_ACTION_RAW);
    scene.info.raw_starts_bios = FALSE;
    g_autoptr(RubPlan) no_more = scene_plan(&scene);
    assert_owned_string(list_codes(no_more), "W23");
    g_assert_cmpint(get_action(no_more), ==, RUB_ACTION_NONE);
    scene.info.uefi_machines = RUB_MACHINE_NONE;
    g_autoptr(RubPlan) nothing = scene_plan(&scene);
    assert_owned_string(list_codes(nothing), "E12");
    g_assert_cmpint(get_action(nothing), ==, RUB_ACTION_RAW);
}

static void
test_it_is_offered_where_files_do_not_fit_fat(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene.options.method = RUB_METHOD_FILES;
    scene.options.firmware = UEFI;
    scene_add_link(&scene, "home", "/nowhere");
    g_autoptr(RubPlan) links = scene_plan(&scene);
    assert_owned_string(list_codes(links), "W21");
    g_assert_cmpint(get_action(links), ==, RUB_ACTION_RAW);
    scene_add_file(&scene, "root.img", 4 * GIB);
    g_autoptr(RubPlan) large = scene_plan(&scene);
    assert_owned_string(list_codes(large), "E20 W21");
    g_assert_cmpint(get_action(large), ==, RUB_ACTION_RAW);
    scene.options.method = RUB_METHOD_AUTO;
    g_autoptr(RubPlan) raw = scene_plan(&scene);
    assert_owned_string(list_codes(raw), "");
}

static void
test_what_is_on_the_stick_is_lost(void)
{
    g_auto(Scene) scene;
    hybrid_scene_init(&scene);
    scene_add_fat(&scene, 1, MIB, 7 * GIB, 6 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_RAW);
    g_assert_cmpuint(plan->lost->len, ==, 1);
    scene.layout->is_read_only = TRUE;
    g_autoptr(RubPlan) read_only = scene_plan(&scene);
    assert_owned_string(list_codes(read_only), "E1");
}

#define ADD(name, function) g_test_add_func("/plan-raw/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("hybrid images go as they are unless told otherwise",
        test_hybrid_images_go_as_they_are_unless_told_otherwise);
    ADD("what is written is the image alone", test_what_is_written_is_the_image_alone);
    ADD("a name that was chosen is told to be of no use",
        test_a_name_that_was_chosen_is_told_to_be_of_no_use);
    ADD("the drive itself is written with a password",
        test_the_drive_itself_is_written_with_a_password);
    ADD("Windows is refused by its name", test_windows_is_refused_by_its_name);
    ADD("an image that was not made for it is refused",
        test_an_image_that_was_not_made_for_it_is_refused);
    ADD("a stick that is too small is refused with what is missing",
        test_a_stick_that_is_too_small_is_refused_with_what_is_missing);
    ADD("large sectors lead its tables astray", test_large_sectors_lead_its_tables_astray);
    ADD("what it does not start on is told", test_what_it_does_not_start_on_is_told);
    ADD("the way that starts what is wanted is taken",
        test_the_way_that_starts_what_is_wanted_is_taken);
    ADD("it is offered where files start less", test_it_is_offered_where_files_start_less);
    ADD("it is offered where files do not fit FAT", test_it_is_offered_where_files_do_not_fit_fat);
    ADD("what is on the stick is lost", test_what_is_on_the_stick_is_lost);
    return g_test_run();
}
