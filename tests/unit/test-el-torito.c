/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-el-torito.h"

#include "base/rub-error.h"
#include "made-image.h"

#define RECORD 32
#define FILE_BYTES (1024 * 1024)

typedef struct {
    guint8 bytes[MADE_SECTOR];
} Catalogue;

static void
seal(Catalogue *catalogue)
{
    guint16 sum = 0;
    rub_put_u16le(catalogue->bytes + 28, 0);
    for (guint i = 0; i < RECORD; i += 2)
        sum += catalogue->bytes[i] | catalogue->bytes[i + 1] << 8;
    rub_put_u16le(catalogue->bytes + 28, (guint16) -sum);
}

static void
put_image(Catalogue *catalogue, guint record, guint8 indicator, guint8 media, guint16 sectors,
          guint32 lba)
{
    guint8 *at = catalogue->bytes + record * RECORD;
    at[0] = indicator;
    at[1] = media;
    rub_put_u16le(at + 6, sectors);
    rub_put_u32le(at + 8, lba);
}

static void
put_section(Catalogue *catalogue, guint record, guint8 header, guint8 platform, guint16 count)
{
    guint8 *at = catalogue->bytes + record * RECORD;
    at[0] = header;
    at[1] = platform;
    rub_put_u16le(at + 2, count);
}

static void
make_catalogue(Catalogue *catalogue)
{
    memset(catalogue, 0, sizeof *catalogue);
    catalogue->bytes[0] = 1;
    memcpy(catalogue->bytes + 4, "MADE BY HAND", 12);
    rub_put_u16le(catalogue->bytes + 30, 0xaa55);
    put_image(catalogue, 1, 0x88, 0, 4, 30);
    put_section(catalogue, 2, 0x91, 0xef, 1);
    put_image(catalogue, 3, 0x88, 0, 2880, 40);
    seal(catalogue);
}

static GArray *
parse(const Catalogue *catalogue)
{
    return rub_el_torito_parse(catalogue->bytes, sizeof catalogue->bytes, FILE_BYTES);
}

static void
assert_entry(GArray *entries, guint index, guint8 platform, gboolean is_bootable, guint8 emulation,
             guint64 offset_bytes, guint sector_count)
{
    g_assert_cmpuint(index, <, entries->len);
    const RubElToritoEntry *entry = &g_array_index(entries, RubElToritoEntry, index);
    g_assert_cmphex(entry->platform, ==, platform);
    g_assert_cmpint(entry->is_bootable, ==, is_bootable);
    g_assert_cmpuint(entry->emulation, ==, emulation);
    g_assert_cmpuint(entry->offset_bytes, ==, offset_bytes);
    g_assert_cmpuint(entry->sector_count, ==, sector_count);
}

static void
test_bios_and_efi_images_are_found(void)
{
    Catalogue catalogue;
    make_catalogue(&catalogue);
    g_autoptr(GArray) entries = parse(&catalogue);
    g_assert_nonnull(entries);
    g_assert_cmpuint(entries->len, ==, 2);
    assert_entry(entries, 0, RUB_EL_TORITO_BIOS, TRUE, 0, 30 * MADE_SECTOR, 4);
    assert_entry(entries, 1, RUB_EL_TORITO_EFI, TRUE, 0, 40 * MADE_SECTOR, 2880);
}

static void
test_every_platform_and_emulation_is_told(void)
{
    Catalogue catalogue;
    make_catalogue(&catalogue);
    catalogue.bytes[1] = RUB_EL_TORITO_MAC;
    seal(&catalogue);
    put_image(&catalogue, 1, 0x00, 0x02, 1, 31);
    put_section(&catalogue, 2, 0x90, RUB_EL_TORITO_POWERPC, 2);
    put_image(&catalogue, 3, 0x88, 0x24, 7, 32);
    put_image(&catalogue, 4, 0x88, 0, 8, 33);
    put_section(&catalogue, 5, 0x91, 0xef, 1);
    put_image(&catalogue, 6, 0x88, 0, 0, 34);
    g_autoptr(GArray) entries = parse(&catalogue);
    g_assert_cmpuint(entries->len, ==, 4);
    assert_entry(entries, 0, RUB_EL_TORITO_MAC, FALSE, 2, 31 * MADE_SECTOR, 1);
    assert_entry(entries, 1, RUB_EL_TORITO_POWERPC, TRUE, 4, 32 * MADE_SECTOR, 7);
    assert_entry(entries, 2, RUB_EL_TORITO_POWERPC, TRUE, 0, 33 * MADE_SECTOR, 8);
    assert_entry(entries, 3, RUB_EL_TORITO_EFI, TRUE, 0, 34 * MADE_SECTOR, 0);
}

static void
test_extension_records_are_passed_over(void)
{
    Catalogue catalogue;
    make_catalogue(&catalogue);
    put_section(&catalogue, 2, 0x91, 0xef, 2);
    put_image(&catalogue, 3, 0x88, 0x20, 4, 40);
    catalogue.bytes[4 * RECORD] = 0x44;
    put_image(&catalogue, 5, 0x88, 0, 5, 41);
    g_autoptr(GArray) entries = parse(&catalogue);
    g_assert_cmpuint(entries->len, ==, 3);
    assert_entry(entries, 2, RUB_EL_TORITO_EFI, TRUE, 0, 41 * MADE_SECTOR, 5);
}

static void
test_a_wrong_checksum_is_no_catalogue(void)
{
    Catalogue catalogue;
    make_catalogue(&catalogue);
    catalogue.bytes[5] ^= 1;
    g_assert_null(parse(&catalogue));
    make_catalogue(&catalogue);
    catalogue.bytes[31] ^= 1;
    seal(&catalogue);
    g_assert_null(parse(&catalogue));
}

static void
test_images_outside_the_file_are_left_out(void)
{
    Catalogue catalogue;
    make_catalogue(&catalogue);
    put_image(&catalogue, 1, 0x88, 0, 4, FILE_BYTES / MADE_SECTOR);
    put_image(&catalogue, 3, 0x88, 0, 4, G_MAXUINT32);
    g_autoptr(GArray) entries = parse(&catalogue);
    g_assert_cmpuint(entries->len, ==, 0);
}

static void
test_an_endless_section_ends_with_the_catalogue(void)
{
    Catalogue catalogue;
    make_catalogue(&catalogue);
    put_section(&catalogue, 2, 0x90, 0xef, 0xffff);
    for (guint i = 3; i < MADE_SECTOR / RECORD; i++)
        put_image(&catalogue, i, 0x88, 0, 1, 50);
    g_autoptr(GArray) entries = parse(&catalogue);
    g_assert_cmpuint(entries->len, ==, 1 + MADE_SECTOR / RECORD - 3);
    for (gsize size = 0; size < MADE_SECTOR; size++) {
        g_autofree guint8 *part = g_memdup2(catalogue.bytes, size);
        g_autoptr(GArray) some = rub_el_torito_parse(part, size, FILE_BYTES);
        g_assert_true((some == NULL) == (size < 2 * RECORD));
    }
}

static GArray *
read_image(const guint8 *boot_record, guint32 catalogue_lba, guint64 size_bytes)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    Catalogue catalogue;
    make_catalogue(&catalogue);
    g_autofree guint8 *bytes = g_malloc0(FILE_BYTES);
    memcpy(bytes + 17 * MADE_SECTOR, boot_record, 64);
    rub_put_u32le(bytes + 17 * MADE_SECTOR + 0x47, catalogue_lba);
    memcpy(bytes + 25 * MADE_SECTOR, &catalogue, sizeof catalogue);
    g_autofree char *path = made_file(folder, "disc", bytes, FILE_BYTES, size_bytes);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = rub_image_file_open(path, &error);
    g_assert_no_error(error);
    GArray *entries;
    g_assert_true(rub_el_torito_read(file, &entries, &error));
    g_assert_no_error(error);
    return entries;
}

static void
test_the_boot_record_leads_to_the_catalogue(void)
{
    static const guint8 record[64] = "\0CD001\1EL TORITO SPECIFICATION";
    static const guint8 other[64] = "\0CD001\1SOMETHING ELSE";
    g_autoptr(GArray) entries = read_image(record, 25, FILE_BYTES);
    g_assert_nonnull(entries);
    g_assert_cmpuint(entries->len, ==, 2);
    g_assert_null(read_image(other, 25, FILE_BYTES));
    g_assert_null(read_image(record, 26, FILE_BYTES));
    g_assert_null(read_image(record, FILE_BYTES / MADE_SECTOR, FILE_BYTES));
    g_assert_null(read_image(record, G_MAXUINT32, FILE_BYTES));
    g_assert_null(read_image(record, 25, 17 * MADE_SECTOR + 100));
    g_autoptr(GArray) cut = read_image(record, 25, 25 * MADE_SECTOR + 64);
    g_assert_nonnull(cut);
    g_assert_cmpuint(cut->len, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/el-torito/bios-and-efi", test_bios_and_efi_images_are_found);
    g_test_add_func("/el-torito/platforms", test_every_platform_and_emulation_is_told);
    g_test_add_func("/el-torito/extension", test_extension_records_are_passed_over);
    g_test_add_func("/el-torito/checksum", test_a_wrong_checksum_is_no_catalogue);
    g_test_add_func("/el-torito/outside", test_images_outside_the_file_are_left_out);
    g_test_add_func("/el-torito/endless", test_an_endless_section_ends_with_the_catalogue);
    g_test_add_func("/el-torito/boot-record", test_the_boot_record_leads_to_the_catalogue);
    return g_test_run();
}
