/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boot menus that look for the volume of their system by name. */
#include "menu-tools.h"
#include "plan-keep-tools.h"

#define GRUB_CFG "boot/grub/grub.cfg"

/* Adds a boot menu to an image of Linux whose volume is called @name; that goes where the pattern
 * has an @. */
static RubBootMenu *
add_menu(Scene *scene, const char *path, const char *name, const char *pattern)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "@", -1);
    g_autofree char *text = g_strjoinv(name, parts);
    RubEntry *entry = menu_entry_new(path, text, strlen(text));
    g_ptr_array_add(scene->listing->entries, entry);
    RubBootMenu *menu = menu_new(entry, text, name);
    g_ptr_array_add(scene->info.label_menus, menu);
    return menu;
}

static void
linux_scene_init(Scene *scene, const char *name)
{
    scene_init(scene);
    scene_add_all(scene, "boot/ boot/grub/ live/ live/vmlinuz");
    scene->info.kind = RUB_IMAGE_LINUX;
    scene->info.boots_bios = FALSE;
    scene->info.volume_name = (char *) name;
    scene->options.firmware = RUB_FIRMWARE_UEFI;
    add_menu(scene, GRUB_CFG, name, "search --label '@'\n");
}

static const RubPlanItem *
find_item(const RubPlan *plan, const char *path)
{
    for (guint i = 0; i < plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->files, i);
        if (g_str_equal(item->path, path))
            return item;
    }
    g_assert_not_reached();
}

static void
assert_menu(const RubPlan *plan, const char *path, const char *expected)
{
    assert_owned_string(menu_entry_read(find_item(plan, path)->content), expected);
}

/* The sizes of all files, added up again. */
static void
assert_copy_bytes(const RubPlan *plan)
{
    guint64 size_bytes = 0;
    for (guint i = 0; i < plan->files->len; i++)
        size_bytes += ((const RubPlanItem *) plan->files->pdata[i])->content->size_bytes;
    g_assert_cmpuint(plan->copy_bytes, ==, size_bytes);
}

static void
test_a_label_that_fits_is_told_and_nothing_changed(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "RESCUE 12");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_owned_string(list_texts(plan->notes),
                        "The volume is called \"RESCUE 12\", because boot/grub/grub.cfg looks for "
                        "it by that name.");
    g_assert_cmpuint(plan->changed_menus->len, ==, 0);
    assert_menu(plan, GRUB_CFG, "search --label 'RESCUE 12'\n");
}

static void
test_a_menu_that_looks_for_a_long_label_is_changed(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Fedora-WS-Live-40");
    add_menu(&scene, "boot/grub/other.cfg", "Fedora-WS-Live-40", "linux root=live:CDLABEL=@");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpstr(plan->volume.label, ==, "FEDORA-WS-L");
    assert_owned_string(list_texts(plan->notes),
                        "2 boot menus look for a volume called \"Fedora-WS-Live-40\" and are "
                        "changed to look for \"FEDORA-WS-L\", as the stick is called: "
                        "boot/grub/grub.cfg; boot/grub/other.cfg.");
    g_assert_cmpuint(plan->changed_menus->len, ==, 2);
    const RubMenuChange *change = plan->changed_menus->pdata[0];
    g_assert_cmpstr(change->path, ==, GRUB_CFG);
    g_assert_cmpstr(change->old_label, ==, "Fedora-WS-Live-40");
    g_assert_cmpstr(change->new_label, ==, "FEDORA-WS-L");
    assert_menu(plan, GRUB_CFG, "search --label 'FEDORA-WS-L'\n");
    assert_menu(plan, "boot/grub/other.cfg", "linux root=live:CDLABEL=FEDORA-WS-L");
    assert_copy_bytes(plan);
}

/* FAT's labels are in upper case, and searches tell that apart. */
static void
test_a_short_label_in_lower_case_is_one_too(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "live 12");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    g_assert_cmpstr(plan->volume.label, ==, "LIVE_12");
    assert_menu(plan, GRUB_CFG, "search --label 'LIVE_12'\n");
}

static void
test_links_to_a_changed_menu_are_changed_with_it(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Fedora-WS-Live-40");
    scene_add_all(&scene, "EFI/ EFI/BOOT/ EFI/BOOT/grub.cfg>../../" GRUB_CFG);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpuint(plan->changed_menus->len, ==, 1);
    g_assert_true(find_item(plan, GRUB_CFG)->content ==
                  find_item(plan, "EFI/BOOT/grub.cfg")->content);
    assert_copy_bytes(plan);
}

static void
test_the_label_that_the_user_wants_counts(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "RESCUE");
    scene.options.label = "My Own";
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_menu(plan, GRUB_CFG, "search --label 'MY OWN'\n");
    scene.options.label = "A&B";
    g_autoptr(RubPlan) odd = scene_plan(&scene);
    assert_owned_string(list_codes(odd), "W23");
    assert_owned_string(get_meaning(odd, 0),
                        "It may stop halfway: boot/grub/grub.cfg looks for a volume called "
                        "\"RESCUE\", but that of the stick is called \"A&B\".");
    assert_remedy_has(odd, "at most 11 letters and digits", TRUE);
    assert_menu(odd, GRUB_CFG, "search --label 'RESCUE'\n");
    g_assert_cmpuint(odd->changed_menus->len, ==, 0);
}

static void
test_a_signed_menu_stays_and_is_a_warning(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Fedora-WS-Live-40");
    add_menu(&scene, "boot/grub/other.cfg", "Fedora-WS-Live-40", "root=LABEL=@")->state =
        RUB_BOOT_MENU_SIGNED;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    const RubFinding *finding = plan->findings->pdata[0];
    g_assert_cmpuint(g_strv_length(finding->files), ==, 1);
    assert_owned_string(get_meaning(plan, 0),
                        "It may stop halfway: boot/grub/other.cfg looks for a volume called "
                        "\"Fedora-WS-Live-40\", and it is signed, so that it cannot be changed to "
                        "look for \"FEDORA-WS-L\".");
    g_assert_cmpint(finding->action, ==, RUB_ACTION_NONE);
    g_assert_cmpuint(plan->changed_menus->len, ==, 1);
    assert_menu(plan, "boot/grub/other.cfg", "root=LABEL=Fedora-WS-Live-40");
}

static void
test_a_menu_within_a_program_is_a_warning(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Live-12");
    scene_add_all(&scene, "EFI/ EFI/BOOT/");
    add_menu(&scene, "EFI/BOOT/BOOTX64.EFI", "Live-12", "MZ search --label @\n")->state =
        RUB_BOOT_MENU_IN_PROGRAM;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "It may stop halfway: the program EFI/BOOT/BOOTX64.EFI looks for a volume "
                        "called \"Live-12\", and not for \"LIVE-12\"; programs are not changed.");
    assert_menu(plan, "EFI/BOOT/BOOTX64.EFI", "MZ search --label Live-12\n");
    g_assert_cmpuint(plan->changed_menus->len, ==, 1);
}

/* Beside that it may look for a label, which is changed. */
static void
test_a_menu_that_looks_for_the_disc_itself_is_a_warning(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Live-12");
    RubBootMenu *first = scene.info.label_menus->pdata[0];
    RubBootMenu *menu = g_new0(RubBootMenu, 1);
    menu->entry = rub_entry_copy(first->entry, g_strdup(first->entry->path));
    menu->label = g_strdup("2024-01-31-12-00-00-00");
    menu->uses = g_array_new(FALSE, FALSE, sizeof(RubLabelUse));
    menu->state = RUB_BOOT_MENU_BY_UUID;
    g_ptr_array_insert(scene.info.label_menus, 0, menu);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "It may stop halfway: boot/grub/grub.cfg looks for a volume with the UUID "
                        "2024-01-31-12-00-00-00, which is that of the disc; the volume of the "
                        "stick has another one.");
    const RubFinding *finding = plan->findings->pdata[0];
    g_assert_cmpstr(finding->files[0], ==, GRUB_CFG);
    g_assert_cmpint(finding->action, ==, RUB_ACTION_NONE);
    assert_menu(plan, GRUB_CFG, "search --label 'LIVE-12'\n");
    scene.info.raw_uefi_machines = RUB_MACHINE_X64;
    g_autoptr(RubPlan) hybrid = scene_plan(&scene);
    g_assert_cmpint(((const RubFinding *) hybrid->findings->pdata[0])->action, ==, RUB_ACTION_RAW);
}

static void
test_what_cannot_be_changed_may_go_byte_by_byte(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Fedora-WS-Live-40");
    RubBootMenu *menu = scene.info.label_menus->pdata[0];
    menu->state = RUB_BOOT_MENU_TOO_LARGE;
    scene.info.is_hybrid = scene.info.raw_starts_bios = TRUE;
    scene.info.raw_uefi_machines = RUB_MACHINE_X64;
    scene.options.method = RUB_METHOD_FILES;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    const RubFinding *finding = plan->findings->pdata[0];
    g_assert_cmpint(finding->action, ==, RUB_ACTION_RAW);
    scene.info.volume_name = menu->label = (g_free(menu->label), g_strdup("FITS"));
    g_autoptr(RubPlan) fitting = scene_plan(&scene);
    assert_owned_string(list_codes(fitting), "");
    g_assert_cmpuint(fitting->notes->len, ==, 0);
}

/* What a variable is used for is not known. */
static void
test_a_menu_that_cannot_have_a_space_stays_and_is_a_warning(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "RESCUE");
    add_menu(&scene, "boot/grub/other.cfg", "RESCUE", "set isolabel=@\n");
    scene.options.label = "My Own";
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "It may stop halfway: boot/grub/other.cfg looks for a volume called "
                        "\"RESCUE\", but that of the stick is called \"MY OWN\".");
    assert_remedy_has(plan, "at most 11 letters and digits", TRUE);
    assert_menu(plan, GRUB_CFG, "search --label 'MY OWN'\n");
    assert_menu(plan, "boot/grub/other.cfg", "set isolabel=RESCUE\n");
    assert_copy_bytes(plan);
    scene.options.label = "MyOwn";
    g_autoptr(RubPlan) other = scene_plan(&scene);
    assert_owned_string(list_codes(other), "");
    assert_menu(other, "boot/grub/other.cfg", "set isolabel=MYOWN\n");
}

/* Where there are more than are looked at. */
static void
test_menus_that_were_not_looked_at_are_a_warning(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Fedora-WS-Live-40");
    for (guint i = 0; i < 2; i++) {
        const char *path = i == 0 ? "boot/grub/a.cfg" : "boot/grub/b.cfg";
        add_menu(&scene, path, "Fedora-WS-Live-40", "root=LABEL=@")->state =
            RUB_BOOT_MENU_ONE_TOO_MANY;
    }
    scene.info.is_hybrid = scene.info.raw_starts_bios = TRUE;
    scene.info.raw_uefi_machines = RUB_MACHINE_X64;
    scene.options.method = RUB_METHOD_FILES;
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W23");
    assert_owned_string(get_meaning(plan, 0),
                        "It may stop halfway: the image has more boot menus than are looked at. "
                        "boot/grub/a.cfg is one of those that were not, and may look for a volume "
                        "called \"Fedora-WS-Live-40\" and not \"FEDORA-WS-L\".");
    const RubFinding *finding = plan->findings->pdata[0];
    g_assert_cmpuint(g_strv_length(finding->files), ==, 2);
    g_assert_cmpint(finding->action, ==, RUB_ACTION_RAW);
    g_assert_cmpuint(plan->changed_menus->len, ==, 1);
    g_ptr_array_set_size(scene.info.label_menus, 1);
    add_menu(&scene, "boot/grub/c.cfg", "FITS", "root=LABEL=@")->state = RUB_BOOT_MENU_ONE_TOO_MANY;
    scene.options.label = "FITS";
    g_autoptr(RubPlan) fitting = scene_plan(&scene);
    assert_owned_string(list_codes(fitting), "");
}

static void
test_a_list_of_checksums_is_told_of(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "Fedora-WS-Live-40");
    scene_add_all(&scene, "live/md5sum.txt MD5SUM.TXT");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpuint(plan->notes->len, ==, 2);
    assert_owned_string(format_text(plan->notes->pdata[1]),
                        "A check of the files by MD5SUM.TXT will name the changed boot menus; all "
                        "the others are as they were.");
}

static void
test_the_label_of_a_kept_volume_counts(void)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "HOLIDAY");
    scene_keep(&scene);
    RubPartition *kept = scene_add_fat(&scene, 1, MIB, 7 * GIB, 4 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "");
    assert_menu(plan, GRUB_CFG, "search --label 'HOLIDAY'\n");
    g_free(kept->contents.label);
    kept->contents.label = g_strdup("OUR TRIP");
    g_autoptr(RubPlan) other = scene_plan(&scene);
    assert_owned_string(list_codes(other), "");
    assert_menu(other, GRUB_CFG, "search --label 'OUR TRIP'\n");
    assert_copy_bytes(other);
    g_clear_pointer(&kept->contents.label, g_free);
    g_autoptr(RubPlan) nameless = scene_plan(&scene);
    assert_owned_string(list_codes(nameless), "W23");
    assert_remedy_has(nameless, "Give the stick's volume a name", TRUE);
    assert_menu(nameless, GRUB_CFG, "search --label 'HOLIDAY'\n");
    assert_copy_bytes(nameless);
}

/* How many clusters have to be free for a plan that can be carried out. */
static guint32
find_needed_clusters(const Scene *scene, RubPartition *kept)
{
    for (guint32 count = 1; count < 1000; count++) {
        kept->contents.kept->free_clusters = count;
        g_autoptr(RubPlan) plan = scene_plan(scene);
        if (!rub_plan_get_obstacle(plan))
            return count;
    }
    g_assert_not_reached();
}

/* A menu may grow by a cluster, and the label is not known before the place is chosen. */
static void
assert_room_is_counted(const char *pattern, const char *label)
{
    g_auto(Scene) scene;
    linux_scene_init(&scene, "A");
    scene_keep(&scene);
    g_autofree char *padding = g_strnfill(4 * KIB - strlen(pattern), '#');
    g_autofree char *full = g_strconcat(pattern, padding, NULL);
    add_menu(&scene, "boot/grub/full.cfg", "A", full);
    RubPartition *kept = scene_add_fat(&scene, 1, MIB, 7 * GIB, 4 * GIB);
    g_free(kept->contents.label);
    kept->contents.label = g_strdup(label);
    guint32 needed = find_needed_clusters(&scene, kept);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    g_assert_cmpuint(find_item(plan, "boot/grub/full.cfg")->content->size_bytes, >, 4 * KIB);
    assert_copy_bytes(plan);
    g_ptr_array_set_size(scene.info.label_menus, 0);
    g_assert_cmpuint(needed, ==, find_needed_clusters(&scene, kept) + 1);
}

static void
test_room_is_counted_for_the_changed_menus(void)
{
    assert_room_is_counted("root=LABEL=@ ", "B C D E F G");
    assert_room_is_counted("set isolabel=@ ", "BCDEFG");
}

#define ADD(name, function) g_test_add_func("/plan-label/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("a label that fits is told and nothing changed",
        test_a_label_that_fits_is_told_and_nothing_changed);
    ADD("a menu that looks for a long label is changed",
        test_a_menu_that_looks_for_a_long_label_is_changed);
    ADD("a short label in lower case is one too", test_a_short_label_in_lower_case_is_one_too);
    ADD("links to a changed menu are changed with it",
        test_links_to_a_changed_menu_are_changed_with_it);
    ADD("the label that the user wants counts", test_the_label_that_the_user_wants_counts);
    ADD("a signed menu stays and is a warning", test_a_signed_menu_stays_and_is_a_warning);
    ADD("a menu within a program is a warning", test_a_menu_within_a_program_is_a_warning);
    ADD("a menu that looks for the disc itself is a warning",
        test_a_menu_that_looks_for_the_disc_itself_is_a_warning);
    ADD("what cannot be changed may go byte by byte",
        test_what_cannot_be_changed_may_go_byte_by_byte);
    ADD("a menu that cannot have a space stays and is a warning",
        test_a_menu_that_cannot_have_a_space_stays_and_is_a_warning);
    ADD("menus that were not looked at are a warning",
        test_menus_that_were_not_looked_at_are_a_warning);
    ADD("a list of checksums is told of", test_a_list_of_checksums_is_told_of);
    ADD("the label of a kept volume counts", test_the_label_of_a_kept_volume_counts);
    ADD("room is counted for the changed menus", test_room_is_counted_for_the_changed_menus);
    return g_test_run();
}
