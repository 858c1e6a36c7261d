/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would start from a stick that an image is written to byte by byte, and which boot menus look
 * for the image's volume by name. */
#include "base/rub-error.h"
#include "source/rub-image-info.h"

#include "made-image.h"

#define STANDIN                                                                                    \
    "python3 -c \"import struct; o=struct.pack('<HBBIIIII',0x20b,0,0,512,0,0,4096,4096)"           \
    ".ljust(68,b'\\0')+struct.pack('<H',10); o=o.ljust(112,b'\\0'); open('x64.efi','wb').write("   \
    "(b'MZ'.ljust(60,b'\\0')+struct.pack('<I',128)).ljust(128,b'\\0')+struct.pack("                \
    "'<4sHHIIIHH',b'PE\\0\\0',0x8664,0,0,0,0,len(o),0x22)+o.ljust(4000,b'\\0'))\" && "

/* A system partition with a loader, and a disc with a file. */
#define MAKE_PARTS                                                                                 \
    STANDIN "mkdir -p iso/boot/grub && head -c 4096 /dev/urandom >iso/boot/bios.img && "           \
            "PATH=$PATH:/usr/sbin:/sbin mkfs.fat -C esp.img 1440 >/dev/null && "                   \
            "mmd -i esp.img ::EFI ::EFI/BOOT && mcopy -i esp.img x64.efi ::EFI/BOOT/BOOTX64.EFI "  \
            "&& : >iso/vmlinuz && head -c 440 /dev/urandom >code.img && "

#define ESP_BYTES (1440 * 1024)

static RubImageInfo *
look_into(const MadeFolder *folder)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    g_autoptr(RubSource) source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    RubImageInfo *info = rub_image_info_new(source, NULL, &error);
    g_assert_no_error(error);
    return info;
}

static RubImageInfo *
make_image(const MadeFolder *folder, const char *options)
{
    static const char *const tools[] = {"python3", "xorriso", "mkfs.fat", "mcopy", NULL};
    if (!made_has_tools(tools))
        return NULL;
    g_autofree char *command =
        g_strconcat(MAKE_PARTS "xorriso -as mkisofs -quiet -V 'LIVE 12' -R -J -o made.iso ",
                    options, " iso 2>&1", NULL);
    made_run(folder, command);
    return look_into(folder);
}

#define BIOS_DISC "-b boot/bios.img -no-emul-boot -boot-load-size 4 -c boot.cat "
#define AND_UEFI_DISC "-eltorito-alt-boot -e --interval:appended_partition_2:all:: -no-emul-boot "

static void
test_a_system_partition_of_the_mbr_starts_uefi(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        make_image(folder, BIOS_DISC "-append_partition 2 0xef esp.img --embedded-boot code.img "
                                     "-part_like_isohybrid ");
    if (!info)
        return;
    g_assert_true(info->is_hybrid);
    g_assert_true(info->raw_starts_bios);
    g_assert_cmpint(info->raw_uefi_machines, ==, RUB_MACHINE_X64);
    g_assert_cmpuint(info->raw_uefi_loaders->len, ==, 1);
    /* Only there: the disc does not start UEFI, nor do its files. */
    g_assert_false(info->has_el_torito_efi);
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_NONE);
}

static void
test_a_system_partition_of_a_gpt_starts_uefi(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        make_image(folder, BIOS_DISC "-append_partition 2 C12A7328-F81F-11D2-BA4B-00A0C93EC93B "
                                     "esp.img -appended_part_as_gpt " AND_UEFI_DISC);
    if (!info)
        return;
    g_assert_true(info->is_hybrid);
    g_assert_false(info->raw_starts_bios);
    g_assert_cmpint(info->raw_uefi_machines, ==, RUB_MACHINE_X64);
    g_assert_cmpint(info->uefi_machines, ==, RUB_MACHINE_X64);
}

static void
test_a_table_without_code_starts_nothing(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        make_image(folder, BIOS_DISC "--protective-msdos-label -partition_offset 16 ");
    if (!info)
        return;
    g_assert_true(info->is_hybrid);
    g_assert_false(info->raw_starts_bios);
    g_assert_cmpint(info->raw_uefi_machines, ==, RUB_MACHINE_NONE);
}

static void
test_a_disc_without_table_is_no_hybrid(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = make_image(folder, BIOS_DISC);
    if (!info)
        return;
    g_assert_false(info->is_hybrid);
    g_assert_false(info->raw_starts_bios);
}

/* Overwrites bytes of the image. */
static void
put(const MadeFolder *folder, guint64 at, const void *bytes, gsize size)
{
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    FILE *file = g_fopen(path, "r+b");
    g_assert_nonnull(file);
    g_assert_cmpint(fseeko(file, (off_t) at, SEEK_SET), ==, 0);
    g_assert_cmpuint(fwrite(bytes, 1, size, file), ==, size);
    fclose(file);
}

static void
test_tables_that_lead_nowhere_start_nothing(void)
{
    static const guint8 far_away[] = {0,    0,    0,    0,    0xef, 0, 0, 0,
                                      0xff, 0xff, 0xff, 0xff, 1,    0, 0, 0};
    static const guint8 far_gpt[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
    static const guint8 many[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) whole =
        make_image(folder, "-append_partition 2 C12A7328-F81F-11D2-BA4B-00A0C93EC93B esp.img "
                           "-appended_part_as_gpt " AND_UEFI_DISC);
    if (!whole)
        return;
    put(folder, 446 + 16, far_away, sizeof far_away);
    put(folder, 512 + 72, far_gpt, sizeof far_gpt);
    g_autoptr(RubImageInfo) far_info = look_into(folder);
    g_assert_true(far_info->is_hybrid);
    g_assert_cmpint(far_info->raw_uefi_machines, ==, RUB_MACHINE_NONE);
    put(folder, 512 + 80, many, sizeof many);
    g_autoptr(RubImageInfo) many_info = look_into(folder);
    g_assert_cmpint(many_info->raw_uefi_machines, ==, RUB_MACHINE_NONE);
}

/* How far the image is read: "complete", or what is said. */
static char *
describe_end(const MadeFolder *folder)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    g_autoptr(RubSource) source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(RubImageInfo) info = rub_image_info_new(source, NULL, &error);
    if (info)
        return g_strdup("complete");
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_INCOMPLETE);
    return g_strdup(error->message);
}

static void
assert_complete(const MadeFolder *folder)
{
    g_autofree char *said = describe_end(folder);
    g_assert_cmpstr(said, ==, "complete");
}

/* The disc's own size does not count what is appended to it. */
static void
check_cuts(const MadeFolder *folder, guint64 start_bytes)
{
    static const struct {
        goffset end_bytes; /* from where the partition begins */
        const char *says;
    } cuts[] = {
        {ESP_BYTES, "complete"},     {ESP_BYTES - 1, "it lacks 1 byte of"},
        {ESP_BYTES - 2048, "(2048"}, {100000, "it lacks 1.4"},
        {512, "it lacks 1.5"},       {100, "it lacks 1.5"},
        {0, "it lacks 1.5"},
    };
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cuts); i++) {
        g_assert_cmpint(truncate(path, (goffset) start_bytes + cuts[i].end_bytes), ==, 0);
        g_autofree char *said = describe_end(folder);
        g_test_message("%s", said);
        g_assert_nonnull(strstr(said, cuts[i].says));
    }
}

static guint64
read_number(const MadeFolder *folder, goffset at, gsize size)
{
    guint64 number = 0;
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    FILE *file = g_fopen(path, "rb");
    g_assert_nonnull(file);
    g_assert_cmpint(fseeko(file, at, SEEK_SET), ==, 0);
    g_assert_cmpuint(fread(&number, 1, size, file), ==, size);
    fclose(file);
    return GUINT64_FROM_LE(number);
}

static void
test_a_cut_system_partition_of_the_mbr_is_told(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        make_image(folder, BIOS_DISC "-append_partition 2 0xef esp.img --embedded-boot code.img "
                                     "-part_like_isohybrid ");
    if (info)
        check_cuts(folder, read_number(folder, 446 + 16 + 8, 4) * 512);
}

static void
test_a_cut_system_partition_of_a_gpt_is_told(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        make_image(folder, BIOS_DISC "-append_partition 2 C12A7328-F81F-11D2-BA4B-00A0C93EC93B "
                                     "esp.img -appended_part_as_gpt ");
    if (!info)
        return;
    /* The second entry of the table in the sectors behind its head. */
    check_cuts(folder, read_number(folder, 1024 + 128 + 32, 8) * 512);
}

/* Tables round up, and images end where their data does. */
static void
test_padding_that_is_not_there_is_not_missed(void)
{
    static const guint8 large[] = {0, 0, 1, 0}, no_fat[512];
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        make_image(folder, BIOS_DISC "-append_partition 2 0xef esp.img --embedded-boot code.img "
                                     "-part_like_isohybrid ");
    if (!info)
        return;
    guint64 start_bytes = read_number(folder, 446 + 16 + 8, 4) * 512;
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    put(folder, 446 + 16 + 12, large, sizeof large);
    g_assert_cmpint(truncate(path, (goffset) start_bytes + ESP_BYTES), ==, 0);
    assert_complete(folder);
    /* No filesystem, nothing that firmware would look for. */
    put(folder, start_bytes, no_fat, sizeof no_fat);
    g_assert_cmpint(truncate(path, (goffset) start_bytes + ESP_BYTES - 4096), ==, 0);
    assert_complete(folder);
}

static void
test_a_menu_that_looks_for_the_volume_is_found(void)
{
    static const struct {
        const char *path;
        const char *line;
        gboolean is_found;
    } cases[] = {
        {"boot/grub/grub.cfg", "search --no-floppy --set=root --label \\\"LIVE 12\\\"", TRUE},
        {"boot/grub/grub.cfg", "  search --set=root -l LIVE 12", TRUE},
        {"EFI/BOOT/grub.cfg", "linux /vmlinuz root=live:CDLABEL=LIVE\\\\x2012 quiet", TRUE},
        {"loader/entries/01.conf", "options archisolabel=LIVE\\\\x2012", TRUE},
        {"isolinux/isolinux.cfg", "append root=LABEL=LIVE\\\\x2012", TRUE},
        {"isolinux/isolinux.cfg", "LABEL LIVE 12", FALSE},
        {"isolinux/isolinux.cfg", "menu title Welcome to LIVE 12", FALSE},
        {"boot/grub/grub.cfg", "# search --label LIVE 12", FALSE},
        {"boot/grub/grub.cfg", "search --set=root --label \\\"LIVE 123\\\"", FALSE},
        {"boot/grub/grub.cfg", "search --set=root --file /LIVE 12", FALSE},
        {"etc/other.conf", "LABEL=LIVE\\\\x2012", FALSE},
        {"boot/grub/grub.txt", "search --label \\\"LIVE 12\\\"", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(MadeFolder) folder = made_folder_new();
        g_autofree char *parent = g_path_get_dirname(cases[i].path);
        g_autofree char *command = g_strdup_printf("mkdir -p iso/%s && printf \"%%b\" \"%s\\n\" "
                                                   ">iso/%s",
                                                   parent, cases[i].line, cases[i].path);
        made_run(folder, command);
        g_autoptr(RubImageInfo) info = make_image(folder, "");
        if (!info)
            return;
        g_assert_cmpuint(info->label_menus->len, ==, cases[i].is_found ? 1 : 0);
        const RubBootMenu *menu = cases[i].is_found ? info->label_menus->pdata[0] : NULL;
        g_assert_cmpstr(menu ? menu->entry->path : NULL, ==,
                        cases[i].is_found ? cases[i].path : NULL);
    }
}

/* Makes an image of the files that a shell's commands make in iso/. */
static RubImageInfo *
make_image_of(const MadeFolder *folder, const char *commands)
{
    made_run(folder, "mkdir -p iso/boot/grub iso/EFI/BOOT");
    made_run(folder, commands);
    return make_image(folder, "");
}

static guint
count_menus(const RubImageInfo *info, RubBootMenuState state)
{
    guint count = 0;
    for (guint i = 0; i < info->label_menus->len; i++)
        count += ((const RubBootMenu *) info->label_menus->pdata[i])->state == state;
    return count;
}

/* Of a volume, and of what is beside the label in a menu. */
static void
test_menus_that_look_for_a_uuid_are_found(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    made_run(folder,
             "mkdir -p iso/boot/grub iso/loader iso/EFI/BOOT && "
             "echo 'search --fs-uuid 2024-01-31-12-00-00-00; search --label \"LIVE 12\"' "
             ">iso/boot/grub/grub.cfg && "
             "echo 'options archisosearchuuid=2024-01-31-12-00-00-00' >iso/loader/a.conf && "
             "echo 'search --fs-uuid 2023-01-31-12-00-00-00' >iso/boot/grub/other.cfg && "
             "echo 'search --file /.disk/2024-01-31-12-00-00-00.uuid' "
             ">iso/boot/grub/file.cfg && "
             "head -c 1048570 /dev/zero >iso/EFI/BOOT/a.efi && "
             "echo ' search --fs-uuid 2024-01-31-12-00-00-00' >>iso/EFI/BOOT/a.efi");
    g_autoptr(RubImageInfo) info = make_image(folder, "--modification-date=2024013112000000");
    if (!info)
        return;
    g_assert_cmpuint(info->label_menus->len, ==, 4);
    g_assert_cmpuint(count_menus(info, RUB_BOOT_MENU_PLAIN), ==, 1);
    g_assert_cmpuint(count_menus(info, RUB_BOOT_MENU_BY_UUID), ==, 3);
}

/* However many others are before it. */
static void
test_no_menu_is_left_out_for_their_number(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = make_image_of(
        folder, "for i in $(seq 300); do echo 'set x=y' >iso/boot/grub/a$i.cfg; done; "
                "echo 'search --label \"LIVE 12\"' >iso/boot/grub/z.cfg");
    if (!info)
        return;
    g_assert_cmpuint(info->label_menus->len, ==, 1);
    g_assert_cmpuint(count_menus(info, RUB_BOOT_MENU_PLAIN), ==, 1);
}

/* What is beyond is known by name; menus come before programs. */
static void
test_what_is_too_much_to_read_is_told(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = make_image_of(
        folder, "truncate -s 16M iso/EFI/BOOT/a.efi; "
                "for i in $(seq 9); do ln iso/EFI/BOOT/a.efi iso/EFI/BOOT/b$i.efi; done; "
                "echo 'search --label \"LIVE 12\"' >iso/boot/grub/z.cfg; "
                "truncate -s 17M iso/EFI/BOOT/large.efi; "
                "truncate -s 257K iso/boot/grub/large.cfg");
    if (!info)
        return;
    g_assert_cmpuint(count_menus(info, RUB_BOOT_MENU_PLAIN), ==, 1);
    g_assert_cmpuint(count_menus(info, RUB_BOOT_MENU_ONE_TOO_MANY), ==, 4);
    g_assert_cmpuint(count_menus(info, RUB_BOOT_MENU_TOO_LARGE), ==, 1);
}

/* The label is across the border of what is held at a time, and behind the end of it. */
static void
test_all_of_a_large_loader_is_looked_at(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info =
        make_image_of(folder, "head -c 1048560 /dev/zero >iso/EFI/BOOT/a.efi; "
                              "echo 'xx search --label \"LIVE 12\"' >>iso/EFI/BOOT/a.efi; "
                              "head -c 1048560 /dev/zero | tr '\\0' '\\n' >iso/EFI/BOOT/b.efi; "
                              "echo 'xx search --label \"LIVE 12\"' >>iso/EFI/BOOT/b.efi; "
                              "truncate -s 20M iso/EFI/BOOT/b.efi iso/EFI/BOOT/d.efi; "
                              "head -c 3000000 /dev/zero | tr '\\0' x >iso/EFI/BOOT/c.efi; "
                              "echo ' archisolabel=LIVE 12' >>iso/EFI/BOOT/c.efi");
    if (!info)
        return;
    g_assert_cmpuint(info->label_menus->len, ==, 3);
    g_assert_cmpuint(count_menus(info, RUB_BOOT_MENU_IN_PROGRAM), ==, 3);
}

/* Before it reads the first menu. */
static void
test_the_search_can_be_stopped(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubImageInfo) info = make_image_of(folder, "echo 'set x=y' >iso/boot/grub/a.cfg");
    if (!info)
        return;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    g_autoptr(RubSource) source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    g_assert_null(rub_image_info_new(source, cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
}

/* Of an image with these files, all with the same text. */
static void
assert_bios_menu(const char *paths, const char *text, const char *options, const char *expected)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autofree char *command =
        g_strdup_printf("for path in %s; do mkdir -p iso/$(dirname $path) && "
                        "printf '%%s\\n' '%s' >iso/$path; done",
                        paths, text);
    made_run(folder, command);
    g_autoptr(RubImageInfo) info = make_image(folder, options);
    if (info)
        g_assert_cmpstr(info->bios_menu, ==, expected);
}

static void
test_the_menu_for_bios_is_one_that_grub_reads(void)
{
    static const char linux_line[] = "linux /vmlinuz";
    assert_bios_menu("isolinux/isolinux.cfg boot/grub/grub.cfg", linux_line, BIOS_DISC,
                     "boot/grub/grub.cfg");
    assert_bios_menu("isolinux/isolinux.cfg", linux_line, BIOS_DISC, "isolinux/isolinux.cfg");
    assert_bios_menu("BOOT/SYSLINUX/SYSLINUX.CFG", linux_line, BIOS_DISC,
                     "BOOT/SYSLINUX/SYSLINUX.CFG");
    assert_bios_menu("EFI/BOOT/grub.cfg", linux_line, BIOS_DISC, NULL);
    /* Commands for UEFI only, a disc for UEFI only, a bootmgr of its own. */
    assert_bios_menu("boot/grub/grub.cfg", "linuxefi /vmlinuz", BIOS_DISC, NULL);
    assert_bios_menu("boot/grub/grub.cfg", linux_line, "", NULL);
    assert_bios_menu("boot/grub/grub.cfg bootmgr", linux_line, BIOS_DISC, NULL);
}

#define ADD(name, function) g_test_add_func("/image-info-hybrid/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("a system partition of the MBR starts UEFI",
        test_a_system_partition_of_the_mbr_starts_uefi);
    ADD("a system partition of a GPT starts UEFI", test_a_system_partition_of_a_gpt_starts_uefi);
    ADD("a table without code starts nothing", test_a_table_without_code_starts_nothing);
    ADD("a disc without table is no hybrid", test_a_disc_without_table_is_no_hybrid);
    ADD("tables that lead nowhere start nothing", test_tables_that_lead_nowhere_start_nothing);
    ADD("a cut system partition of the MBR is told",
        test_a_cut_system_partition_of_the_mbr_is_told);
    ADD("a cut system partition of a GPT is told", test_a_cut_system_partition_of_a_gpt_is_told);
    ADD("padding that is not there is not missed", test_padding_that_is_not_there_is_not_missed);
    ADD("a menu that looks for the volume is found",
        test_a_menu_that_looks_for_the_volume_is_found);
    ADD("menus that look for a UUID are found", test_menus_that_look_for_a_uuid_are_found);
    ADD("no menu is left out for their number", test_no_menu_is_left_out_for_their_number);
    ADD("what is too much to read is told", test_what_is_too_much_to_read_is_told);
    ADD("all of a large loader is looked at", test_all_of_a_large_loader_is_looked_at);
    ADD("the search can be stopped", test_the_search_can_be_stopped);
    ADD("the menu for BIOS is one that GRUB reads", test_the_menu_for_bios_is_one_that_grub_reads);
    return g_test_run();
}
