/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plan says about Secure Boot. */
#include "plan-tools.h"

#define OLD "Microsoft Corporation UEFI CA 2011"
#define OLD_WINDOWS "Microsoft Windows Production PCA 2011"
#define NEW "Microsoft UEFI CA 2023"
#define NEW_WINDOWS "Windows UEFI CA 2023"

#define SAYS_OLD                                                                                   \
    "starts on PCs that trust the 2011 Microsoft CA; new or fully updated ones may refuse it"
#define SAYS_NEW                                                                                   \
    "starts on PCs that trust the 2023 Microsoft CA; older ones may need Secure Boot turned off"
#define SAYS_BOTH                                                                                  \
    "starts on PCs that trust the 2011 or the 2023 Microsoft CA, unless they revoked its loader"
#define SAYS_UNSIGNED "EFI/BOOT/BOOTX64.EFI is not signed: turn Secure Boot off"

static void
free_loader(gpointer data)
{
    RubUefiLoader *loader = data;
    g_clear_pointer(&loader->signature, rub_pe_signature_free);
    g_free(loader->path);
    g_free(loader);
}

static void
signed_scene_init(Scene *scene)
{
    scene_init(scene);
    g_ptr_array_set_free_func(scene->info.uefi_loaders, free_loader);
    g_ptr_array_set_free_func(scene->info.raw_uefi_loaders, free_loader);
}

/* @issuers are parted by "|"; "" is a program that is not signed. */
static RubUefiLoader *
make_loader(const char *name, RubMachine machine, const char *issuers)
{
    RubUefiLoader *loader = g_new0(RubUefiLoader, 1);
    loader->path = g_strconcat("EFI/BOOT/", name, NULL);
    loader->machine = loader->named_for = machine;
    loader->signature = g_new0(RubPeSignature, 1);
    loader->signature->issuers = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) names = g_strsplit(issuers, "|", -1);
    for (guint i = 0; *issuers && names[i]; i++)
        g_ptr_array_add(loader->signature->issuers, g_strdup(names[i]));
    loader->signature->is_signed = *issuers != '\0';
    return loader;
}

static void
add(GPtrArray *loaders, const char *name, RubMachine machine, const char *issuers)
{
    g_ptr_array_add(loaders, make_loader(name, machine, issuers));
}

static void
assert_says(const Scene *scene, const char *expected)
{
    g_autoptr(RubPlan) plan = scene_plan(scene);
    g_autofree char *text = plan->secure_boot ? format_text(plan->secure_boot) : NULL;
    g_assert_cmpstr(text, ==, expected);
}

static void
test_the_authority_decides(void)
{
    static const struct {
        const char *issuers;
        const char *says;
    } cases[] = {
        {"", SAYS_UNSIGNED},
        {OLD, SAYS_OLD},
        {OLD_WINDOWS, SAYS_OLD},
        {NEW, SAYS_NEW},
        {NEW_WINDOWS, SAYS_NEW},
        {OLD "|" NEW, SAYS_BOTH},
        {OLD_WINDOWS "|" NEW_WINDOWS, SAYS_BOTH},
        {"Some CA|" OLD, SAYS_OLD},
        {"Some CA", "EFI/BOOT/BOOTX64.EFI is signed by \"Some CA\", which PCs do not trust by "
                    "themselves: turn Secure Boot off, or enrol its key"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Scene) scene;
        signed_scene_init(&scene);
        add(scene.info.uefi_loaders, "BOOTX64.EFI", RUB_MACHINE_X64, cases[i].issuers);
        assert_says(&scene, cases[i].says);
        g_autoptr(RubPlan) plan = scene_plan(&scene);
        assert_owned_string(list_codes(plan), "");
    }
}

static void
test_the_weakest_loader_decides(void)
{
    g_auto(Scene) scene;
    signed_scene_init(&scene);
    add(scene.info.uefi_loaders, "BOOTIA32.EFI", RUB_MACHINE_X86, OLD "|" NEW);
    add(scene.info.uefi_loaders, "BOOTAA64.EFI", RUB_MACHINE_ARM64, NEW);
    assert_says(&scene, SAYS_NEW);
    add(scene.info.uefi_loaders, "BOOTX64.EFI", RUB_MACHINE_X64, "");
    assert_says(&scene, SAYS_UNSIGNED);
}

static void
test_what_firmware_does_not_start_does_not_count(void)
{
    g_auto(Scene) scene;
    signed_scene_init(&scene);
    add(scene.info.uefi_loaders, "BOOTX64.EFI", RUB_MACHINE_X64, OLD);
    add(scene.info.uefi_loaders, "grubx64.efi", RUB_MACHINE_NONE, "Debian Secure Boot CA");
    RubUefiLoader *broken = make_loader("BOOTIA32.EFI", RUB_MACHINE_X86, "");
    broken->state = RUB_LOADER_NOT_A_PROGRAM;
    g_ptr_array_add(scene.info.uefi_loaders, broken);
    assert_says(&scene, SAYS_OLD);
    scene.options.firmware = RUB_FIRMWARE_BIOS;
    assert_says(&scene, NULL);
}

static void
test_written_byte_by_byte_the_system_partition_decides(void)
{
    g_auto(Scene) scene;
    signed_scene_init(&scene);
    scene.info.kind = RUB_IMAGE_LINUX;
    scene.info.is_hybrid = scene.info.raw_starts_bios = TRUE;
    scene.info.raw_uefi_machines = RUB_MACHINE_X64;
    add(scene.info.uefi_loaders, "BOOTX64.EFI", RUB_MACHINE_X64, OLD);
    add(scene.info.raw_uefi_loaders, "BOOTX64.EFI", RUB_MACHINE_X64, "");
    assert_says(&scene, SAYS_UNSIGNED);
    scene.options.method = RUB_METHOD_FILES;
    assert_says(&scene, SAYS_OLD);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan-secure-boot/the authority decides", test_the_authority_decides);
    g_test_add_func("/plan-secure-boot/the weakest loader decides",
                    test_the_weakest_loader_decides);
    g_test_add_func("/plan-secure-boot/what firmware does not start does not count",
                    test_what_firmware_does_not_start_does_not_count);
    g_test_add_func("/plan-secure-boot/written byte by byte, the system partition decides",
                    test_written_byte_by_byte_the_system_partition_decides);
    return g_test_run();
}
