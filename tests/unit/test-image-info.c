/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-image-info.h"

#include "base/rub-error.h"
#include "made-image.h"

static RubImageInfo *
look_into(const MadeFolder *folder, const char *options)
{
    g_autofree char *path = made_windows_like(folder, options);
    if (path == NULL)
        return NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(RubSource) source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    RubImageInfo *info = rub_image_info_new(source, NULL, &error);
    g_assert_no_error(error);
    return info;
}

static void
assert_texts(GPtrArray *texts, const char *expected)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(joined, "%s%s", i > 0 ? "|" : "",
                               (const char *) g_ptr_array_index(texts, i));
    g_assert_cmpstr(joined->str, ==, expected);
}

static void
assert_described(const RubImageInfo *info, const char *expected)
{
    g_autofree char *text = rub_image_info_describe(info, NULL);
    g_assert_cmpstr(text, ==, expected);
}

static const RubUefiLoader *
get_loader(const RubImageInfo *info, guint index)
{
    g_assert_cmpuint(index, <, info->uefi_loaders->len);
    return g_ptr_array_index(info->uefi_loaders, index);
}

static void
test_windows_pe_starts_on_both(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = look_into(folder, "--many 20");
    if (info == NULL)
        return;
    g_assert_cmpint(info->kind, ==, RUB_IMAGE_WINDOWS_PE);
    assert_described(info, "Windows PE 10.0 (build 26100), 64-bit");
    g_assert_cmpstr(info->format, ==, "UDF");
    g_assert_cmpstr(info->volume_name, ==, "PE_X64");
    g_assert_cmpuint(info->file_count, ==, 33);
    g_assert_cmpuint(info->folder_count, ==, 10);
    g_assert_cmpuint(info->files_size_bytes, >, 3170304);
    g_assert_cmpuint(info->files_size_bytes, <, info->size_bytes);
    g_assert_cmpstr(info->largest_file_path, ==, "boot/boot.sdi");
    g_assert_cmpuint(info->largest_file_bytes, ==, 3170304);
    g_assert_true(info->boots_bios);
    assert_texts(info->bios_missing, "");
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_X64);
    g_assert_cmpuint(info->uefi_loaders->len, ==, 1);
    g_assert_cmpstr(get_loader(info, 0)->path, ==, "efi/boot/bootx64.efi");
    assert_texts(info->uefi_missing, "");
    assert_texts(info->windows_names, "Microsoft Windows PE (amd64)");
    g_assert_true(info->has_el_torito_bios && info->has_el_torito_efi);
    g_assert_false(info->is_hybrid);
    g_assert_cmpint(info->needs, ==, RUB_IMAGE_NEEDS_NOTHING);
}

static void
test_windows_setup_names_its_editions(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = look_into(folder, "--setup --arch arm64 --version 10.0.22631 "
                                                     "--extra-file sources/install.wim=20M");
    if (info == NULL)
        return;
    g_assert_cmpint(info->kind, ==, RUB_IMAGE_WINDOWS_SETUP);
    assert_described(info, "Windows setup 10.0 (build 22631), 64-bit ARM");
    assert_texts(info->windows_names, "Windows 11 Home|Windows 11 Professional");
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_ARM64);
    g_assert_cmpuint(info->large_files->len, ==, 0);
    g_assert_cmpint(info->needs, ==, RUB_IMAGE_NEEDS_NOTHING);
}

static void
test_what_bios_lacks_is_named(void)
{
    static const struct {
        const char *options;
        const char *missing;
    } cases[] = {
        {"--remove bootmgr", "bootmgr"},
        {"--remove boot/bcd --remove boot/boot.sdi", "boot/bcd|boot/boot.sdi"},
        {"--remove bootmgr --extra-file bootmgr=0", "bootmgr"},
        {"--remove sources/boot.wim", "sources/boot.wim"},
        {"--remove sources/boot.wim --extra-file sources/boot.wim=0", "sources/boot.wim"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(MadeFolder) folder = made_folder_new();
        g_autoptr(RubImageInfo) info = look_into(folder, cases[i].options);
        if (info == NULL)
            return;
        g_assert_false(info->boots_bios);
        assert_texts(info->bios_missing, cases[i].missing);
        g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_X64);
    }
}

static void
test_a_damaged_wim_is_named_but_counts(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        look_into(folder, "--remove sources/boot.wim --extra-file sources/boot.wim=1M");
    if (info == NULL)
        return;
    g_assert_true(info->boots_bios);
    g_assert_cmpint(info->kind, ==, RUB_IMAGE_WINDOWS_PE);
    assert_texts(info->damaged_wims, "sources/boot.wim");
}

static void
test_a_ram_disk_needs_boot_sdi_on_uefi_too(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = look_into(folder, "--remove boot/boot.sdi");
    if (info == NULL)
        return;
    assert_texts(info->bios_missing, "boot/boot.sdi");
    assert_texts(info->uefi_missing, "boot/boot.sdi");
    g_autoptr(MadeFolder) other = made_folder_new();
    g_autoptr(RubImageInfo) elsewhere =
        look_into(other, "--remove boot/boot.sdi --extra-file x64/boot/BOOT.SDI=1M");
    assert_texts(elsewhere->bios_missing, "");
    assert_texts(elsewhere->uefi_missing, "");
}

static void
test_any_wim_will_do_for_bios(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    made_run(folder, "mkdir -p extra/rescue tree && echo x > tree/x");
    static const char *const tools[] = {"wimlib-imagex", NULL};
    if (!made_has_tools(tools))
        return;
    made_run(folder, "wimlib-imagex capture tree extra/rescue/WinRE.WIM Rescue");
    g_autoptr(RubImageInfo) info = look_into(folder, "--remove sources/boot.wim --extra extra");
    if (info == NULL)
        return;
    g_assert_true(info->boots_bios);
    g_assert_cmpint(info->kind, ==, RUB_IMAGE_WINDOWS_PE);
    assert_described(info, "Windows PE, 64-bit");
}

static void
test_loaders_must_be_programs_for_their_name(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    made_run(folder, "mkdir -p extra/EFI/BOOT && cd extra/EFI/BOOT && : > bootaa64.efi && "
                     "head -c 4000 /dev/zero > bootia32.efi && echo no > readme.txt");
    g_autoptr(RubImageInfo) first = look_into(folder, "--tree tree");
    if (first == NULL)
        return;
    made_run(folder, "cd extra/EFI/BOOT && cp ../../../tree/efi/boot/bootx64.efi BOOTARM.EFI && "
                     "cp BOOTARM.EFI grubx64.efi && head -c 3000 grubx64.efi > cut.efi && "
                     "mkdir -p ../../efi && mv ../BOOT ../../efi/boot && rm -r ../../EFI");
    g_autoptr(RubImageInfo) info = look_into(folder, "--extra extra");
    g_assert_cmpuint(info->uefi_loaders->len, ==, 6);
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_X64);
    for (guint i = 0; i < info->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = get_loader(info, i);
        const char *name = strrchr(loader->path, '/') + 1;
        RubLoaderState state = strcmp(name, "bootaa64.efi") == 0   ? RUB_LOADER_EMPTY
                               : strcmp(name, "bootia32.efi") == 0 ? RUB_LOADER_NOT_A_PROGRAM
                               : strcmp(name, "cut.efi") == 0      ? RUB_LOADER_NOT_A_PROGRAM
                               : strcmp(name, "BOOTARM.EFI") == 0  ? RUB_LOADER_WRONG_MACHINE
                                                                   : RUB_LOADER_GOOD;
        g_assert_cmpint(loader->state, ==, state);
        g_assert_true((loader->named_for == RUB_MACHINE_NONE) ==
                      (strstr(name, "oot") == NULL && strstr(name, "OOT") == NULL));
    }
}

static void
test_windows_without_its_efi_menu_is_told(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        look_into(folder, "--shape plain --remove efi/microsoft/boot/bcd");
    if (info == NULL)
        return;
    assert_texts(info->uefi_missing, "efi/microsoft/boot/bcd");
    g_assert_cmpstr(info->format, ==, "Joliet");
}

static const RubExtraEntry *
assert_extra(const RubImageInfo *info, guint index, const char *path, RubEntryKind kind)
{
    g_assert_cmpuint(index, <, info->extra_entries->len);
    const RubExtraEntry *extra = g_ptr_array_index(info->extra_entries, index);
    g_assert_cmpstr(extra->entry->path, ==, path);
    g_assert_cmpint(extra->entry->kind, ==, kind);
    g_assert_cmpint(extra->origin, ==, RUB_ORIGIN_EL_TORITO);
    return extra;
}

/* Windows whose own loader becomes another one after the disc's boot image was made. */
static RubImageInfo *
look_into_changed(const MadeFolder *folder, const char *change)
{
    g_autofree char *first = made_windows_like(folder, "--tree first");
    if (!first)
        return NULL;
    g_autofree char *command = g_strconcat("mkdir -p changed/efi/boot && cd changed/efi/boot && "
                                           "cp ../../../first/efi/boot/bootx64.efi . && ",
                                           change, NULL);
    made_run(folder, command);
    return look_into(folder, "--extra changed");
}

static void
test_a_broken_loader_gives_way_to_that_of_the_boot_image(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = look_into_changed(folder, "truncate -s 700 bootx64.efi");
    if (!info)
        return;
    const RubExtraEntry *extra = assert_extra(info, 0, "efi/boot/BOOTX64.EFI", RUB_ENTRY_FILE);
    g_assert_true(extra->replaces);
    g_assert_cmpuint(info->extra_entries->len, ==, 1);
    g_assert_cmpuint(info->uefi_loaders->len, ==, 1);
    g_assert_cmpint(get_loader(info, 0)->state, ==, RUB_LOADER_GOOD);
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_X64);
    g_assert_true(info->needs & RUB_IMAGE_NEEDS_EL_TORITO_EFI);
    g_autoptr(RubSource) source = rub_source_open(info->path, NULL, NULL);
    guint8 magic[2];
    g_assert_true(rub_source_read(source, extra->entry, 0, magic, sizeof magic, NULL));
    g_assert_cmpmem(magic, sizeof magic, "MZ", 2);
}

static void
test_rivals_are_told(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = look_into_changed(folder, "printf X >>bootx64.efi");
    if (!info)
        return;
    g_assert_cmpuint(info->extra_entries->len, ==, 0);
    g_assert_cmpint(get_loader(info, 0)->origin, ==, RUB_ORIGIN_IMAGE);
    g_assert_true(get_loader(info, 0)->has_rival);
}

static void
test_the_program_that_asks_for_a_disc_key_is_no_rival(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *first = made_windows_like(folder, "--tree first");
    if (!first)
        return;
    made_run(folder, "cp first/efi/boot/bootx64.efi asking.efi && printf 'Press any key to boot "
                     "from CD or DVD' | iconv -t UTF-16LE >>asking.efi && "
                     "mkdir -p changed/efi/boot && cp first/efi/boot/bootx64.efi changed/efi/boot");
    g_autoptr(RubImageInfo) info = look_into(folder, "--efi-loader asking.efi --extra changed");
    g_assert_cmpuint(info->extra_entries->len, ==, 0);
    g_assert_false(get_loader(info, 0)->has_rival);
}

/* A Windows 7: its loader is only in the Windows that starts. */
static void
test_a_loader_is_taken_out_of_the_wim(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *first = made_windows_like(folder, "--tree first");
    if (!first)
        return;
    made_run(folder, "mkdir -p windows/Windows/Boot/EFI && "
                     "cp first/efi/boot/bootx64.efi windows/Windows/Boot/EFI/bootmgfw.efi && "
                     "head -c 5000000 /dev/urandom >windows/ballast && "
                     "wimlib-imagex capture windows seven.wim Seven --compress=LZX --boot && "
                     "printf no >no.efi");
    g_autoptr(RubImageInfo) info =
        look_into(folder, "--wim seven.wim --efi-loader no.efi --remove efi/boot/bootx64.efi");
    const RubExtraEntry *extra = g_ptr_array_index(info->extra_entries, 0);
    g_assert_cmpuint(info->extra_entries->len, ==, 1);
    g_assert_cmpint(extra->origin, ==, RUB_ORIGIN_WIM);
    g_assert_cmpstr(extra->entry->path, ==, "efi/boot/BOOTX64.EFI");
    g_assert_cmpstr(extra->origin_path, ==, "sources/boot.wim: Windows/Boot/EFI/bootmgfw.efi");
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_X64);
    g_autoptr(RubSource) source = rub_source_open(info->path, NULL, NULL);
    g_autofree guint8 *data = g_malloc(extra->entry->size_bytes);
    g_autofree char *wanted = NULL;
    gsize wanted_size;
    g_autofree char *path = g_build_filename(folder, "first/efi/boot/bootx64.efi", NULL);
    g_assert_true(g_file_get_contents(path, &wanted, &wanted_size, NULL));
    g_assert_true(rub_source_read(source, extra->entry, 0, data, extra->entry->size_bytes, NULL));
    g_assert_cmpmem(data, extra->entry->size_bytes, wanted, wanted_size);
}

static void
test_linux_keeps_its_loader_in_the_boot_image(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = look_into(folder, "--shape linux");
    if (info == NULL)
        return;
    g_assert_cmpint(info->kind, ==, RUB_IMAGE_LINUX);
    assert_described(info, "Linux, 64-bit");
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_X64);
    assert_extra(info, 0, "EFI", RUB_ENTRY_FOLDER);
    assert_extra(info, 1, "EFI/BOOT", RUB_ENTRY_FOLDER);
    assert_extra(info, 2, "EFI/BOOT/BOOTX64.EFI", RUB_ENTRY_FILE);
    g_assert_cmpuint(info->extra_entries->len, ==, 3);
    g_assert_cmpint(get_loader(info, 0)->origin, ==, RUB_ORIGIN_EL_TORITO);
    g_assert_true(info->has_el_torito_efi);
    g_assert_cmpuint(info->el_torito_efi_offset_bytes, >, 0);
    g_assert_true(info->is_hybrid);
    g_assert_cmpuint(info->symlink_count, ==, 2);
    g_assert_false(info->boots_bios);
    g_assert_cmpuint(info->bios_missing->len, ==, 4);
    g_assert_cmpint(info->needs, ==, RUB_IMAGE_NEEDS_SYMLINKS | RUB_IMAGE_NEEDS_EL_TORITO_EFI);
}

static RubImageInfo *
look_into_hand_made(const char *name)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(30, &at);
    made_iso_add_record(iso, &at, name, strlen(name), 22, 100, 0);
    g_autofree char *path = made_file(folder, "hand.iso", iso->data, iso->len, 30 * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubSource) source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    RubImageInfo *info = rub_image_info_new(source, NULL, &error);
    g_assert_no_error(error);
    return info;
}

static void
test_kinds_are_told_by_names(void)
{
    static const struct {
        const char *name;
        const char *kind;
    } cases[] = {
        {"VMLINUZ.;1", "Linux"},          {"INITRD.GZ;1", "Linux"},
        {"README.TXT;1", "Other system"}, {"BOOTMGR.;1", "Other system"},
        {"BOOT.WIM;1", "Other system"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(RubImageInfo) info = look_into_hand_made(cases[i].name);
        assert_described(info, cases[i].kind);
        g_assert_cmpuint(info->file_count, ==, 1);
        g_assert_cmpuint(info->uefi_loaders->len, ==, 0);
    }
}

/* A WIM with two resources of 2 GiB less 1 MiB, its table and its description right behind the
 * header. */
static void
put_large_wim(guint8 *wim)
{
    static const guint8 start[] = "MSWIM\0\0\0\320\0\0\0\0\15\1\0";
    const guint64 resource_bytes = 2047 * 1024 * 1024;
    const guint table_at = 208, xml_at = 400;
    memcpy(wim, start, sizeof start);
    wim[40] = wim[42] = 1;
    rub_put_u64le(wim + 48, 2 * 50);
    rub_put_u64le(wim + 56, table_at);
    rub_put_u64le(wim + 72, 16);
    rub_put_u64le(wim + 80, xml_at);
    for (guint i = 0; i < 2; i++) {
        guint8 *entry = wim + table_at + 50 * i;
        rub_put_u64le(entry, resource_bytes);
        rub_put_u64le(entry + 8, MADE_SECTOR + i * resource_bytes);
        rub_put_u16le(entry + 24, 1);
    }
}

/* Two files of 4 GiB each, in two sections, as ISO 9660 has to store them. */
static void
test_large_files_are_listed(void)
{
    const guint32 section = 0x80000000;
    const guint32 section_blocks = section / MADE_SECTOR;
    const guint32 block_count = 30 + 4 * section_blocks;
    g_autoptr(MadeFolder) folder = made_folder_new();
    gsize at;
    g_autoptr(GByteArray) iso = made_iso_new(block_count, &at);
    static const char *const names[] = {"INSTALL.WIM;1", "BACKUP.VHD;1"};
    for (guint i = 0; i < 2; i++) {
        guint32 lba = 30 + 2 * i * section_blocks;
        gsize size = strlen(names[i]);
        made_iso_add_record(iso, &at, names[i], size, lba, section, MADE_ISO_MULTI_EXTENT);
        made_iso_add_record(iso, &at, names[i], size, lba + section_blocks, section, 0);
    }
    put_large_wim(made_grow(iso, 31 * MADE_SECTOR) + 30 * MADE_SECTOR);
    g_autofree char *path =
        made_file(folder, "hand.iso", iso->data, iso->len, (guint64) block_count * MADE_SECTOR);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubSource) source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(RubImageInfo) info = rub_image_info_new(source, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(info->large_files->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        const RubLargeFile *file = g_ptr_array_index(info->large_files, i);
        g_assert_cmpuint(file->size_bytes, ==, RUB_FAT_MAX_FILE_BYTES + 1);
        guint part_count = file->parts ? file->parts->len : 0;
        g_assert_cmpuint(part_count, ==, strcmp(file->path, "INSTALL.WIM") == 0 ? 2 : 0);
    }
    g_assert_cmpint(info->needs, ==, RUB_IMAGE_NEEDS_SPLIT | RUB_IMAGE_NEEDS_LARGE_FILES);
}

static void
test_an_info_outlives_its_maker(void)
{
    g_autoptr(RubImageInfo) info = look_into_hand_made("A");
    RubImageInfo *other = rub_image_info_ref(info);
    rub_image_info_unref(info);
    info = other;
    g_assert_cmpstr(info->largest_file_path, ==, "A");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image-info/boot-sdi", test_a_ram_disk_needs_boot_sdi_on_uefi_too);
    g_test_add_func("/image-info/kinds", test_kinds_are_told_by_names);
    g_test_add_func("/image-info/refs", test_an_info_outlives_its_maker);
    g_test_add_func("/image-info/large-files", test_large_files_are_listed);
    g_test_add_func("/image-info/windows-pe", test_windows_pe_starts_on_both);
    g_test_add_func("/image-info/windows-setup", test_windows_setup_names_its_editions);
    g_test_add_func("/image-info/bios-missing", test_what_bios_lacks_is_named);
    g_test_add_func("/image-info/damaged-wim", test_a_damaged_wim_is_named_but_counts);
    g_test_add_func("/image-info/any-wim", test_any_wim_will_do_for_bios);
    g_test_add_func("/image-info/loaders", test_loaders_must_be_programs_for_their_name);
    g_test_add_func("/image-info/uefi-missing", test_windows_without_its_efi_menu_is_told);
    g_test_add_func("/image-info/linux", test_linux_keeps_its_loader_in_the_boot_image);
    g_test_add_func("/image-info/a broken loader gives way to that of the boot image",
                    test_a_broken_loader_gives_way_to_that_of_the_boot_image);
    g_test_add_func("/image-info/a loader is taken out of the WIM",
                    test_a_loader_is_taken_out_of_the_wim);
    g_test_add_func("/image-info/rivals are told", test_rivals_are_told);
    g_test_add_func("/image-info/the program that asks for a disc key is no rival",
                    test_the_program_that_asks_for_a_disc_key_is_no_rival);
    return g_test_run();
}
