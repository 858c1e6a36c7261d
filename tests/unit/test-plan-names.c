/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan-tools.h"

/* What is in the image, and what the stick gets. */
static const struct {
    const char *name;
    const char *image;
    const char *folders;
    const char *files;
    const char *codes;
    const char *meaning; /* of the first finding; NULL where there is none */
} cases[] = {
    {"plain names stay", "EFI/ EFI/BOOT/ EFI/BOOT/BOOTX64.EFI bootmgr", "EFI EFI/BOOT",
     "EFI/BOOT/BOOTX64.EFI bootmgr", "", NULL},
    {"empty folders survive", "empty/ full/ full/file full/empty/", "empty full full/empty",
     "full/file", "", NULL},
    {"a name FAT cannot hold is changed", "docs/ docs/a:b.txt", "docs", "docs/a_b.txt", "W21",
     "1 name is changed, because FAT cannot hold it: docs/a:b.txt → docs/a_b.txt."},
    {"so is a folder's, with what is in it", "docs/ docs/a?/ docs/a?/x docs/a?/y", "docs docs/a_",
     "docs/a_/x docs/a_/y", "W21",
     "1 name is changed, because FAT cannot hold it: docs/a? → docs/a_."},
    {"a device's name is changed", "docs/ docs/aux.c docs/NUL", "docs", "docs/aux_.c docs/NUL_",
     "W21",
     "2 names are changed, because FAT cannot hold them: docs/aux.c → docs/aux_.c; docs/NUL → "
     "docs/NUL_."},
    {"starting depends on the root", "a:b", "", "", "E21",
     "FAT cannot hold 1 name, on which starting may depend: a:b (the name has a character that "
     "Windows does not allow)."},
    {"and on boot folders", "EFI/ EFI/a:b EFI/c. EFI/d| EFI/e*", "EFI", "", "E21",
     "FAT cannot hold 4 names, on which starting may depend: EFI/a:b (the name has a character "
     "that Windows does not allow); EFI/c. (the name ends with a dot or a space); EFI/d| (the name "
     "has a character that Windows does not allow); …."},
    {"a refused folder refuses once", "a:b/ a:b/x a:b/c/ a:b/c/y z", "", "z", "E21",
     "FAT cannot hold 1 name, on which starting may depend: a:b (the name has a character that "
     "Windows does not allow)."},
    {"invalid UTF-8", "docs/ docs/\xff", "docs", "docs/_", "W21",
     "1 name is changed, because FAT cannot hold it: docs/\xef\xbf\xbd → docs/_."},
    {"twins: the second is changed", "docs/ docs/a docs/A", "docs", "docs/a docs/A (2)", "W21",
     "1 name is changed, because FAT cannot hold it: docs/A → docs/A (2)."},
    {"and the third", "docs/ docs/a.txt docs/A.txt docs/A.TXT", "docs",
     "docs/a.txt docs/A (2).txt docs/A (3).TXT", "W21",
     "2 names are changed, because FAT cannot hold them: docs/A.txt → docs/A (2).txt; docs/A.TXT "
     "→ docs/A (3).TXT."},
    {"twins that starting depends on", "boot/ boot/bcd boot/BCD bootmgr BOOTMGR", "boot",
     "boot/bcd bootmgr", "E21",
     "2 pairs of names differ only by case, which FAT does not tell apart: boot/bcd and boot/BCD; "
     "bootmgr and BOOTMGR."},
    {"twins beyond ASCII", "docs/ docs/\xc3\xbc docs/\xc3\x9c", "docs",
     "docs/\xc3\xbc docs/\xc3\x9c (2)", "W21",
     "1 name is changed, because FAT cannot hold it: docs/\xc3\x9c → docs/\xc3\x9c (2)."},
    {"a changed name finds a twin", "docs/ docs/a_b docs/a:b", "docs", "docs/a_b docs/a_b (2)",
     "W21", "1 name is changed, because FAT cannot hold it: docs/a:b → docs/a_b (2)."},
    {"folders that differ by case become one", "efi/ efi/a EFI/ EFI/b EFI/sub/ EFI/sub/c",
     "efi efi/sub", "efi/a efi/b efi/sub/c", "", NULL},
    {"and their files may be twins", "efi/ efi/a EFI/ EFI/A", "efi", "efi/a", "E21",
     "1 pair of names differs only by case, which FAT does not tell apart: efi/a and EFI/A."},
    {"a folder and a file", "docs/ docs/x docs/X/ docs/X/y", "docs docs/X (2)",
     "docs/x docs/X (2)/y", "W21",
     "1 name is changed, because FAT cannot hold it: docs/X → docs/X (2)."},
    {"a folder and a file of the root", "x X/ X/y", "", "x", "E21",
     "1 pair of names differs only by case, which FAT does not tell apart: x and X."},
    {"a link to a file is its copy",
     "docs/ docs/file docs/link>file other>docs/file "
     "rooted>/docs/file docs/up>../docs/./file",
     "docs", "docs/file docs/link other rooted docs/up", "", NULL},
    {"a link to a link too", "a>b b>c c", "", "a b c", "", NULL},
    {"links to folders, to nothing and out are left out",
     "docs/ l>docs m>missing n>../../etc/passwd", "docs", "", "W21",
     "3 symbolic links do not lead to a file in the image and are left out: l → docs; m → "
     "missing; n → ../../etc/passwd."},
    {"a loop ends", "a>b b>a", "", "", "W21",
     "2 symbolic links do not lead to a file in the image and are left out: a → b; b → a."},
    {"a link to its own twin is the file", "readme README>readme", "", "readme", "", NULL},
    {"whichever comes first", "README>readme readme", "", "README", "", NULL},
    {"our own folder of another stick",
     ".rescue-usb-builder/ .rescue-usb-builder/manifest.json .rescue-usb-builder/undo/ x", "", "x",
     "W21",
     "\".rescue-usb-builder\" in the image is left out: it holds the records of another stick, "
     "and this program keeps those of this one there."},
    {"in any case", ".Rescue-USB-Builder/ .Rescue-USB-Builder/x", "", "", "W21",
     "\".Rescue-USB-Builder\" in the image is left out: it holds the records of another stick, "
     "and this program keeps those of this one there."},
    {"a file without its folder is not lost in silence", "docs/x", "", "", "E21",
     "FAT cannot hold 1 name, on which starting may depend: docs/x (its folder is not listed)."},
};

static void
test_names(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        scene_init(&scene);
        scene_add_all(&scene, cases[i].image);
        g_test_message("%s", cases[i].name);
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), cases[i].codes);
        assert_owned_string(list_paths(plan->folders), cases[i].folders);
        g_autofree char *meaning = plan->findings->len > 0 ? get_meaning(plan, 0) : NULL;
        g_assert_cmpstr(meaning, ==, cases[i].meaning);
        g_autofree char *files = list_paths(plan->files);
        g_auto(GStrv) wanted = g_strsplit(cases[i].files, " ", -1);
        g_assert_cmpuint(strlen(files), ==, strlen(cases[i].files));
        for (guint j = 0; wanted[j]; j++)
            g_assert_nonnull(strstr(files, wanted[j]));
    }
}

/* NTFS is named where it is NTFS; its own files in the root are nobody else's. */
static void
test_names_on_ntfs(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.options.filesystem = RUB_CHOICE_NTFS;
    scene.options.firmware = RUB_FIRMWARE_BIOS;
    scene_add_all(&scene, "docs/ docs/$MFT docs/a:b $Extend/ $Extend/x $mft $Bootmgr $BOOT");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(get_meaning(plan, 0),
                        "NTFS cannot hold 3 names, on which starting may depend: $Extend (NTFS "
                        "keeps its own data under this name); $mft (NTFS keeps its own data under "
                        "this name); $BOOT (NTFS keeps its own data under this name).");
    assert_owned_string(get_meaning(plan, 1),
                        "1 name is changed, because NTFS cannot hold it: docs/a:b → docs/a_b.");
    assert_owned_string(list_paths(plan->files), "docs/$MFT docs/a_b $Bootmgr");
    scene.options.filesystem = RUB_CHOICE_FAT32;
    g_autoptr(RubPlan) fat = scene_plan(&scene);
    g_assert_null(rub_plan_get_obstacle(fat));
}

static void
test_files_come_in_the_order_of_the_images_bytes(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.next_byte = 50 * MIB;
    scene_add_all(&scene, "late docs/ docs/later");
    scene.next_byte = 10 * MIB;
    scene_add_all(&scene, "early docs/early");
    scene_add_file(&scene, "empty", 0);
    scene_add_link(&scene, "link", "late");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_paths(plan->files), "empty early docs/early late link docs/later");
    g_assert_cmpuint(plan->copy_bytes, ==, 5 * KIB);
}

static void
test_a_link_has_the_bytes_of_its_file_and_a_time_of_its_own(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_all(&scene, "link>file file");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    const RubPlanItem *link = g_ptr_array_index(plan->files, 0);
    g_assert_cmpstr(link->path, ==, "link");
    g_assert_true(link->entry == g_ptr_array_index(scene.listing->entries, 0));
    g_assert_true(link->content == g_ptr_array_index(scene.listing->entries, 1));
}

static void
test_all_the_names_are_in_the_finding(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_all(&scene, "docs/ docs/1: docs/2: docs/3: docs/4: docs/5:");
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W21");
    const RubFinding *finding = g_ptr_array_index(plan->findings, 0);
    g_assert_cmpuint(g_strv_length(finding->files), ==, 5);
    g_assert_cmpstr(finding->files[4], ==, "docs/5:");
    g_assert_cmpuint(finding->notes->len, ==, 5);
    assert_owned_string(rub_finding_get_note(finding, 4, NULL), "→ docs/5_");
    assert_owned_string(rub_finding_get_line(finding, 4, NULL), "docs/5: → docs/5_");
}

static void
test_what_is_neither_file_nor_folder_is_told(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_all(&scene, "bootmgr");
    g_ptr_array_add(scene.listing->specials, g_strdup("dev/null"));
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W21");
    assert_owned_string(get_meaning(plan, 0),
                        "1 name of the image is a device node, FIFO or socket, which FAT cannot "
                        "hold, and is left out: dev/null.");
    const RubFinding *finding = g_ptr_array_index(plan->findings, 0);
    g_assert_cmpstr(finding->files[0], ==, "dev/null");
    assert_owned_string(list_paths(plan->files), "bootmgr");
    scene.options.filesystem = RUB_CHOICE_NTFS;
    g_ptr_array_add(scene.listing->specials, g_strdup("run/socket"));
    g_autoptr(RubPlan) ntfs = scene_plan(&scene);
    g_autofree char *findings = list_codes(ntfs);
    g_assert_nonnull(strstr(findings, "W21"));
}

static void
test_many_large_files_make_one_finding(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.layout->size_bytes = 64 * GIB;
    scene_add_file(&scene, "fits", 4 * GIB - 1);
    g_autoptr(RubPlan) fits = scene_plan(&scene);
    assert_owned_string(list_codes(fits), "");
    scene_add_file(&scene, "one", 4 * GIB);
    scene_add_file(&scene, "two", 5 * GIB);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "E20");
    assert_owned_string(get_meaning(plan, 0),
                        "2 files of up to 5.4 GB are larger than the 4 GiB - 1 that FAT32 can "
                        "hold: one; two.");
}

static void
test_names_too_long_and_folders_too_full_are_found_before_writing(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene_add_all(&scene, "docs/");
    g_autofree char *longest = g_strnfill(255, 'a');
    g_autofree char *path = g_strconcat("docs/", longest, NULL);
    g_autofree char *too_long = g_strconcat("docs/b", longest, ".txt", NULL);
    scene_add_file(&scene, path, 1);
    scene_add_file(&scene, too_long, 1);
    g_autoptr(RubPlan) plan = scene_plan(&scene);
    assert_owned_string(list_codes(plan), "W21");
    for (guint i = 0; i < 65536; i++) {
        g_autofree char *name = g_strdup_printf("docs/%u", i);
        scene_add_file(&scene, name, 0);
    }
    g_autoptr(RubPlan) full = scene_plan(&scene);
    assert_owned_string(list_codes(full), "E21 W21");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan-names/table", test_names);
    g_test_add_func("/plan-names/ntfs", test_names_on_ntfs);
    g_test_add_func("/plan-names/order", test_files_come_in_the_order_of_the_images_bytes);
    g_test_add_func("/plan-names/link",
                    test_a_link_has_the_bytes_of_its_file_and_a_time_of_its_own);
    g_test_add_func("/plan-names/all", test_all_the_names_are_in_the_finding);
    g_test_add_func("/plan-names/specials", test_what_is_neither_file_nor_folder_is_told);
    g_test_add_func("/plan-names/large", test_many_large_files_make_one_finding);
    g_test_add_func("/plan-names/limits",
                    test_names_too_long_and_folders_too_full_are_found_before_writing);
    return g_test_run();
}
