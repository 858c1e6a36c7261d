/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that do not go as they are, and those that come from elsewhere. */
#include "plan-keep-tools.h"

typedef struct {
    Scene scene;
    RubLargeFile large;
    RubExtraEntry extras[4];
    guint extra_count;
    GPtrArray *made;
} Fixture;

static void
fixture_init(Fixture *self)
{
    *self = (Fixture){.made = g_ptr_array_new_with_free_func((GDestroyNotify) rub_entry_free)};
    scene_init(&self->scene);
    scene_add_all(&self->scene, "bootmgr sources/ sources/boot.wim");
}

static void
fixture_clear(Fixture *self)
{
    scene_clear(&self->scene);
    g_clear_pointer(&self->large.parts, g_ptr_array_unref);
    g_ptr_array_unref(self->made);
}

/* A WIM of 5 GiB, in so many parts of 1 GiB. */
static void
add_large_wim(Fixture *self, guint part_count)
{
    scene_add_file(&self->scene, "sources/install.wim", 5 * GIB);
    self->large = (RubLargeFile){(char *) "sources/install.wim", 5 * GIB, NULL};
    g_ptr_array_add(self->scene.info.large_files, &self->large);
    if (part_count == 0)
        return;
    self->large.parts = g_ptr_array_new_with_free_func((GDestroyNotify) rub_entry_free);
    for (guint i = 1; i <= part_count; i++) {
        g_autofree char *number = i == 1 ? g_strdup("") : g_strdup_printf("%u", i);
        RubEntry *part =
            rub_entry_new(RUB_ENTRY_FILE, g_strdup_printf("sources/install%s.swm", number));
        part->size_bytes = GIB;
        rub_entry_add_extent(part, self->scene.next_byte, GIB);
        self->scene.next_byte += GIB;
        g_ptr_array_add(self->large.parts, part);
    }
}

static RubEntry *
add_extra(Fixture *self, RubEntryKind kind, const char *path, RubFileOrigin origin,
          gboolean replaces)
{
    RubEntry *entry = rub_entry_new(kind, g_strdup(path));
    RubExtraEntry *extra = &self->extras[self->extra_count++];
    entry->size_bytes = kind == RUB_ENTRY_FILE ? 7 * KIB : 0;
    if (kind == RUB_ENTRY_FILE)
        rub_entry_add_extent(entry, 100, 7 * KIB);
    *extra = (RubExtraEntry){entry, origin, NULL, replaces};
    if (origin == RUB_ORIGIN_WIM)
        extra->origin_path = (char *) "sources/boot.wim: Windows/Boot/EFI/bootmgfw.efi";
    g_ptr_array_add(self->made, entry);
    g_ptr_array_add(self->scene.info.extra_entries, extra);
    return entry;
}

static void
test_a_large_wim_goes_in_parts(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    add_large_wim(&fixture, 3);
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(plan), "");
    assert_owned_string(list_paths(plan->files),
                        "bootmgr sources/boot.wim sources/install.swm sources/install2.swm "
                        "sources/install3.swm");
    g_assert_cmpuint(plan->copy_bytes, ==, 3 * GIB + 2 * KIB);
    assert_owned_string(list_texts(plan->notes),
                        "sources/install.wim, 5.4 GB, is split into 3 parts, because FAT32 holds "
                        "no file of 4 GiB; Windows Setup puts them together.");
    fixture_clear(&fixture);
}

static void
test_the_parts_count_where_files_are_kept(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    add_large_wim(&fixture, 3);
    scene_keep(&fixture.scene);
    RubPartition *kept = scene_add_fat(&fixture.scene, 1, MIB, 7 * GIB, 4 * GIB);
    put_on(kept, "sources/");
    put_on(kept, "sources/INSTALL2.SWM");
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    g_assert_null(rub_plan_get_obstacle(plan));
    g_assert_cmpuint(plan->replaced->len, ==, 1);
    g_assert_cmpstr(plan->replaced->pdata[0], ==, "sources/INSTALL2.SWM");
    g_assert_cmpuint(plan->notes->len, ==, 1);
    kept->contents.kept->free_clusters = (guint32) (3 * GIB / (4 * KIB));
    kept->contents.free_bytes = 3 * GIB;
    g_autoptr(RubPlan) full = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(full), "E6");
    fixture_clear(&fixture);
}

static void
test_a_large_wim_that_cannot_be_split_is_refused(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    add_large_wim(&fixture, 0);
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(plan), "E20");
    assert_owned_string(format_text(rub_plan_get_obstacle(plan)->remedy),
                        "Use NTFS, which holds files of any size and starts on BIOS only, or "
                        "choose an image without files over 4 GiB.");
    g_assert_cmpuint(plan->notes->len, ==, 0);
    fixture_clear(&fixture);
}

static void
test_a_part_must_not_meet_a_file_of_the_image(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    scene_add_all(&fixture.scene, "sources/INSTALL2.SWM");
    add_large_wim(&fixture, 3);
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(plan), "E21");
    assert_owned_string(get_meaning(plan, 0),
                        "1 name is needed twice, because a file that is too large for FAT is split "
                        "into parts: sources/INSTALL2.SWM (also a part of sources/install.wim).");
    fixture_clear(&fixture);
}

static void
test_a_file_behind_it_must_not_be_called_as_a_part(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    add_large_wim(&fixture, 3);
    scene_add_all(&fixture.scene, "sources/install3.swm");
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(plan), "E21");
    assert_owned_string(get_meaning(plan, 0),
                        "1 name is needed twice, because a file that is too large for FAT is split "
                        "into parts: sources/install3.swm (also a part of sources/install.wim).");
    fixture_clear(&fixture);
}

static void
test_files_of_the_boot_image_are_added(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    add_extra(&fixture, RUB_ENTRY_FOLDER, "EFI", RUB_ORIGIN_EL_TORITO, FALSE);
    add_extra(&fixture, RUB_ENTRY_FOLDER, "EFI/BOOT", RUB_ORIGIN_EL_TORITO, FALSE);
    add_extra(&fixture, RUB_ENTRY_FILE, "EFI/BOOT/BOOTX64.EFI", RUB_ORIGIN_EL_TORITO, FALSE);
    add_extra(&fixture, RUB_ENTRY_FILE, "EFI/BOOT/grub.cfg", RUB_ORIGIN_EL_TORITO, FALSE);
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(plan), "");
    assert_owned_string(list_paths(plan->folders), "sources EFI EFI/BOOT");
    assert_owned_string(list_paths(plan->files),
                        "EFI/BOOT/BOOTX64.EFI EFI/BOOT/grub.cfg bootmgr sources/boot.wim");
    assert_owned_string(list_texts(plan->notes),
                        "2 files for UEFI come from the disc's boot image: EFI/BOOT/BOOTX64.EFI; "
                        "EFI/BOOT/grub.cfg.");
    fixture_clear(&fixture);
}

/* Whatever kind the image's own is, and whatever case its name has. */
static void
test_a_broken_loader_is_replaced(void)
{
    static const char *const own[] = {"efi/boot/bootx64.efi", "efi/boot/bootx64.efi>../nowhere",
                                      "efi/boot/bootx64.efi>../../bootmgr"};
    for (guint i = 0; i < G_N_ELEMENTS(own); i++) {
        Fixture fixture;
        fixture_init(&fixture);
        scene_add_all(&fixture.scene, "efi/ efi/boot/");
        scene_add_all(&fixture.scene, own[i]);
        RubEntry *extra =
            add_extra(&fixture, RUB_ENTRY_FILE, "efi/boot/BOOTX64.EFI", RUB_ORIGIN_EL_TORITO, TRUE);
        g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
        assert_owned_string(list_codes(plan), "");
        g_assert_cmpuint(plan->files->len, ==, 3);
        const RubPlanItem *item = plan->files->pdata[0];
        g_assert_true(item->content == extra);
        g_assert_cmpstr(item->path, ==, "efi/boot/bootx64.efi");
        g_assert_cmpuint(plan->copy_bytes, ==, 9 * KIB);
        fixture_clear(&fixture);
    }
}

static void
test_a_loader_out_of_the_wim_is_told(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    scene_add_all(&fixture.scene, "EFI/ EFI/BOOT/");
    add_extra(&fixture, RUB_ENTRY_FILE, "EFI/BOOT/BOOTX64.EFI", RUB_ORIGIN_WIM, FALSE);
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    assert_owned_string(list_texts(plan->notes),
                        "EFI/BOOT/BOOTX64.EFI, without which UEFI does not start Windows, comes "
                        "from sources/boot.wim: Windows/Boot/EFI/bootmgfw.efi: the image has "
                        "none.");
    fixture.extras[0].replaces = TRUE;
    g_autoptr(RubPlan) other = scene_plan(&fixture.scene);
    g_autofree char *notes = list_texts(other->notes);
    g_assert_true(g_str_has_suffix(notes, ": the image's own would not start."));
    fixture_clear(&fixture);
}

static void
test_two_different_loaders_are_a_warning(void)
{
    Fixture fixture;
    fixture_init(&fixture);
    RubUefiLoader *loader = g_new0(RubUefiLoader, 1);
    *loader = (RubUefiLoader){.path = (char *) "EFI/BOOT/BOOTX64.EFI",
                              .machine = RUB_MACHINE_X64,
                              .named_for = RUB_MACHINE_X64,
                              .has_rival = TRUE};
    g_ptr_array_add(fixture.scene.info.uefi_loaders, loader);
    g_autoptr(RubPlan) plan = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(plan), "W23");
    g_autofree char *meaning = get_meaning(plan, 0);
    g_assert_nonnull(strstr(meaning, "two different UEFI loaders called EFI/BOOT/BOOTX64.EFI"));
    fixture.scene.options.firmware = RUB_FIRMWARE_BIOS;
    g_autoptr(RubPlan) bios = scene_plan(&fixture.scene);
    assert_owned_string(list_codes(bios), "");
    fixture_clear(&fixture);
}

#define ADD(name, function) g_test_add_func("/plan-changes/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("a large WIM goes in parts", test_a_large_wim_goes_in_parts);
    ADD("the parts count where files are kept", test_the_parts_count_where_files_are_kept);
    ADD("a large WIM that cannot be split is refused",
        test_a_large_wim_that_cannot_be_split_is_refused);
    ADD("a part must not meet a file of the image", test_a_part_must_not_meet_a_file_of_the_image);
    ADD("nor one that comes after it", test_a_file_behind_it_must_not_be_called_as_a_part);
    ADD("files of the boot image are added", test_files_of_the_boot_image_are_added);
    ADD("a broken loader is replaced", test_a_broken_loader_is_replaced);
    ADD("a loader out of the WIM is told", test_a_loader_out_of_the_wim_is_told);
    ADD("two different loaders are a warning", test_two_different_loaders_are_a_warning);
    return g_test_run();
}
