/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what is really on a stick is what the user has agreed to. */
#include "menu-tools.h"
#include "plan-keep-tools.h"
#include "plan/rub-plan-agree.h"

typedef struct {
    Scene scene;
    RubPartition *fat;
} Stick;

/* A stick with a file of the image's name, and room beside its partition. */
static void
stick_init(Stick *self)
{
    keep_scene_init(&self->scene);
    self->fat = scene_add_fat(&self->scene, 1, MIB, 4 * GIB, GIB);
    put_on(self->fat, "BOOT.WIM");
    scene_add_gap(&self->scene, 5 * GIB, 3 * GIB);
}

static void
stick_clear(Stick *self)
{
    scene_clear(&self->scene);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stick, stick_clear)

static void
assert_differs(const Stick *reviewed, const Stick *actual, RubCode code, const char *words)
{
    g_autoptr(RubPlan) reviewed_plan = scene_plan(&reviewed->scene);
    g_autoptr(RubPlan) actual_plan = scene_plan(&actual->scene);
    g_autoptr(GError) error = NULL;
    g_assert_false(rub_plan_agrees(reviewed_plan, actual_plan, &error));
    g_assert_error(error, RUB_ERROR, (int) code);
    g_assert_nonnull(strstr(error->message, words));
}

static void
test_an_outline_agrees_with_the_disk_it_is_of(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    reviewed.scene.layout->is_outline = TRUE;
    reviewed.fat->contents.kept->fits_boot_record = FALSE;
    actual.scene.layout->has_boot_code = TRUE;
    g_autoptr(RubPlan) reviewed_plan = scene_plan(&reviewed.scene);
    g_autoptr(RubPlan) actual_plan = scene_plan(&actual.scene);
    g_autoptr(GError) error = NULL;
    g_assert_true(rub_plan_agrees(reviewed_plan, actual_plan, &error));
    g_assert_no_error(error);
}

static void
test_short_names_may_be_spelled_in_either_case(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    RubEntry *entry = g_ptr_array_index(actual.fat->contents.kept->listing->entries, 0);
    g_free(entry->path);
    entry->path = g_strdup("boot.wim");
    g_autoptr(RubPlan) reviewed_plan = scene_plan(&reviewed.scene);
    g_autoptr(RubPlan) actual_plan = scene_plan(&actual.scene);
    g_assert_true(rub_plan_agrees(reviewed_plan, actual_plan, NULL));
}

static void
test_another_place_is_told(void)
{
    g_auto(Stick) reviewed, moved, other_mode;
    stick_init(&reviewed);
    stick_init(&moved);
    stick_init(&other_mode);
    moved.fat->start_lba += 2048;
    assert_differs(&reviewed, &moved, RUB_CODE_DEVICE_CHANGED, "another place");
    other_mode.fat->contents.kept->free_clusters = 3;
    assert_differs(&reviewed, &other_mode, RUB_CODE_DEVICE_CHANGED, "another place");
}

static void
test_another_access_is_told(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    reviewed.scene.options.firmware = UEFI;
    actual.scene.options.firmware = UEFI;
    actual.scene.layout->can_mount = TRUE;
    assert_differs(&reviewed, &actual, RUB_CODE_DEVICE_CHANGED, "another place");
}

static void
test_other_files_that_would_be_replaced_are_told(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    scene_add_file(&reviewed.scene, "notes.txt", KIB);
    scene_add_file(&actual.scene, "notes.txt", KIB);
    put_on(actual.fat, "notes.txt");
    assert_differs(&reviewed, &actual, RUB_CODE_DEVICE_CHANGED, "other files");
}

static void
test_fewer_files_that_would_be_replaced_are_agreed_to(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    scene_add_file(&reviewed.scene, "notes.txt", KIB);
    scene_add_file(&actual.scene, "notes.txt", KIB);
    put_on(reviewed.fat, "notes.txt");
    g_autoptr(RubPlan) reviewed_plan = scene_plan(&reviewed.scene);
    g_autoptr(RubPlan) actual_plan = scene_plan(&actual.scene);
    g_assert_cmpuint(reviewed_plan->replaced->len, ==, actual_plan->replaced->len + 1);
    g_assert_true(rub_plan_agrees(reviewed_plan, actual_plan, NULL));
}

static void
test_other_steps_are_told(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    actual.scene.options.skip_verify = TRUE;
    assert_differs(&reviewed, &actual, RUB_CODE_DEVICE_CHANGED, "other steps");
    actual.scene.options.skip_verify = FALSE;
    actual.scene.options.firmware = UEFI;
    assert_differs(&reviewed, &actual, RUB_CODE_DEVICE_CHANGED, "other steps");
}

/* The image has a boot menu that looks for the volume by a name that the stick does not have. */
static void
call_stick(Stick *self, const char *label)
{
    static const char text[] = "search --label 'live-12'\n";
    RubEntry *entry = menu_entry_new("boot/grub/grub.cfg", text, strlen(text));
    scene_add_all(&self->scene, "boot/ boot/grub/");
    g_ptr_array_add(self->scene.listing->entries, entry);
    g_ptr_array_add(self->scene.info.label_menus, menu_new(entry, text, "live-12"));
    g_free(self->fat->contents.label);
    self->fat->contents.label = g_strdup(label);
}

static void
test_boot_menus_that_would_be_changed_otherwise_are_told(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    call_stick(&reviewed, "HOLIDAY");
    call_stick(&actual, "SUMMERS");
    assert_differs(&reviewed, &actual, RUB_CODE_DEVICE_CHANGED, "boot menus");
    g_autoptr(RubPlan) reviewed_plan = scene_plan(&reviewed.scene);
    g_autoptr(RubPlan) same_plan = scene_plan(&reviewed.scene);
    g_assert_cmpuint(reviewed_plan->changed_menus->len, ==, 1);
    g_assert_true(rub_plan_agrees(reviewed_plan, same_plan, NULL));
}

static void
test_other_machines_that_it_would_start_are_told(void)
{
    g_auto(Stick) reviewed, actual;
    stick_init(&reviewed);
    stick_init(&actual);
    actual.scene.info.uefi_machines |= RUB_MACHINE_ARM64;
    assert_differs(&reviewed, &actual, RUB_CODE_DEVICE_CHANGED, "other steps");
}

static void
test_an_obstacle_that_only_the_disk_shows_has_its_own_code(void)
{
    g_auto(Stick) reviewed, damaged, full_record;
    stick_init(&reviewed);
    stick_init(&damaged);
    stick_init(&full_record);
    damaged.fat->contents.kept->damage = rub_text_new("its chain loops", NULL);
    g_array_set_size(damaged.scene.layout->gaps, 0);
    assert_differs(&reviewed, &damaged, RUB_CODE_VOLUME_DAMAGED, "its chain loops");
    full_record.fat->contents.kept->fits_boot_record = FALSE;
    g_array_set_size(full_record.scene.layout->gaps, 0);
    assert_differs(&reviewed, &full_record, RUB_CODE_FIRMWARE_LIMITED, "boot code");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/plan-agree/" name, function)
    ADD("same", test_an_outline_agrees_with_the_disk_it_is_of);
    ADD("case", test_short_names_may_be_spelled_in_either_case);
    ADD("place", test_another_place_is_told);
    ADD("access", test_another_access_is_told);
    ADD("replaced", test_other_files_that_would_be_replaced_are_told);
    ADD("fewer replaced", test_fewer_files_that_would_be_replaced_are_agreed_to);
    ADD("steps", test_other_steps_are_told);
    ADD("menus", test_boot_menus_that_would_be_changed_otherwise_are_told);
    ADD("machines", test_other_machines_that_it_would_start_are_told);
    ADD("obstacle", test_an_obstacle_that_only_the_disk_shows_has_its_own_code);
    return g_test_run();
}
