/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-pe-signature.h"

#include "made-image.h"
#include "source/rub-pe-resource.h"

#define GRUB "/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi"

/* An authority called @name, and a signer whose certificate it issued. */
#define MAKE_SIGNER(name)                                                                          \
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj '/CN=" name        \
    "' -days 30 2>/dev/null && openssl req -newkey rsa:2048 -nodes -keyout signer.key "            \
    "-out signer.csr -subj '/CN=Some Signer' 2>/dev/null && openssl x509 -req -in signer.csr "     \
    "-CA ca.crt -CAkey ca.key -CAcreateserial -out signer.crt -days 30 2>/dev/null && "

#define SIGN "sbsign --key signer.key --cert signer.crt --output program.efi program.efi && "

static RubPeSignature *
look_at(const MadeFolder *folder, gsize cut_bytes)
{
    g_autofree char *path = g_build_filename(folder, "program.efi", NULL);
    g_autofree char *data = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    return rub_pe_signature_new((guint8 *) data, size - cut_bytes);
}

static gboolean
make_program(const MadeFolder *folder, const char *signing)
{
    static const char *const tools[] = {"openssl", "sbsign", NULL};
    if (!made_has_tools(tools))
        return FALSE;
    if (!g_file_test(GRUB, G_FILE_TEST_EXISTS)) {
        g_test_skip("GRUB for UEFI is not installed");
        return FALSE;
    }
    g_autofree char *command = g_strconcat("cp " GRUB " program.efi && ", signing, "true", NULL);
    made_run(folder, command);
    return TRUE;
}

static void
test_a_program_without_signature_has_none(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    if (!make_program(folder, ""))
        return;
    g_autoptr(RubPeSignature) signature = look_at(folder, 0);
    g_assert_false(signature->is_signed);
    g_assert_cmpuint(signature->issuers->len, ==, 0);
    g_assert_false(signature->has_security_version);
}

static void
test_the_authority_of_the_signer_is_told(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    if (!make_program(folder, MAKE_SIGNER("Some UEFI CA 2023") SIGN))
        return;
    g_autoptr(RubPeSignature) signature = look_at(folder, 0);
    g_assert_true(signature->is_signed);
    g_assert_cmpuint(signature->issuers->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(signature->issuers, 0), ==, "Some UEFI CA 2023");
}

static void
test_every_entry_of_the_table_counts(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    if (!make_program(folder, MAKE_SIGNER("First CA") SIGN SIGN MAKE_SIGNER("Second CA") SIGN))
        return;
    g_autoptr(RubPeSignature) signature = look_at(folder, 0);
    g_assert_cmpuint(signature->issuers->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(signature->issuers, 0), ==, "First CA");
    g_assert_cmpstr(g_ptr_array_index(signature->issuers, 1), ==, "Second CA");
}

/* The one program that Microsoft signed and Debian has: by two authorities, and with padding. */
static void
test_the_authorities_of_shim_are_microsofts(void)
{
    static const char path[] = "/usr/lib/shim/shimx64.efi.signed";
    g_autofree char *data = NULL;
    gsize size;
    if (!g_file_get_contents(path, &data, &size, NULL)) {
        g_test_skip("shim-signed is not installed");
        return;
    }
    g_autoptr(RubPeSignature) signature = rub_pe_signature_new((guint8 *) data, size);
    g_assert_true(signature->is_signed);
    g_assert_true(g_ptr_array_find_with_equal_func(
        signature->issuers, "Microsoft Corporation UEFI CA 2011", g_str_equal, NULL));
    g_assert_true(g_str_has_prefix(signature->sbat, "shim "));
}

static void
test_a_table_that_is_cut_off_counts_for_nothing(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    if (!make_program(folder, MAKE_SIGNER("Some CA") SIGN))
        return;
    g_autoptr(RubPeSignature) signature = look_at(folder, 8);
    g_assert_false(signature->is_signed);
}

/* A program of two sections: the generations of its components, and resources. */
#define HEADER_AT 0x40
#define OPTIONAL_BYTES 240
#define SBAT_AT 0x400
#define RESOURCES_AT 0x600
#define RESOURCES_ADDRESS 0x2000
#define PROGRAM_BYTES 0x800

static void
put_section(guint8 *at, const char *name, guint32 address, guint32 raw_at, guint32 raw_bytes)
{
    memcpy(at, name, strlen(name));
    rub_put_u32le(at + 12, address);
    rub_put_u32le(at + 16, raw_bytes);
    rub_put_u32le(at + 20, raw_at);
}

/* A folder with one entry that leads to the next one. */
static void
put_folder(guint8 *at, gboolean is_named, guint32 key, guint32 place)
{
    rub_put_u16le(at + (is_named ? 12 : 14), 1);
    rub_put_u32le(at + 16, key);
    rub_put_u32le(at + 20, place);
}

static void
put_resources(guint8 *at)
{
    static const char name[] = "BOOTMGRSECURITYVERSIONNUMBER";
    const guint32 is_folder = 0x80000000, name_at = 0x60, entry_at = 0x48, data_at = 0x58;
    put_folder(at, FALSE, 10, is_folder | 0x18);
    put_folder(at + 0x18, TRUE, is_folder | name_at, is_folder | 0x30);
    put_folder(at + 0x30, FALSE, 1033, entry_at);
    rub_put_u32le(at + entry_at, RESOURCES_ADDRESS + data_at);
    rub_put_u32le(at + entry_at + 4, 4);
    rub_put_u16le(at + data_at, 3);
    rub_put_u16le(at + data_at + 2, 7);
    rub_put_u16le(at + name_at, strlen(name));
    for (guint i = 0; name[i]; i++)
        at[name_at + 2 + 2 * i] = (guint8) name[i];
}

static void
put_program(guint8 *program)
{
    static const char sbat[] = "sbat,1,SBAT Version,sbat,1,https://example.org\n"
                               "shim,4,UEFI shim,shim,1,https://example.org\n"
                               "grub,5,Free Software Foundation,grub,2.12,https://example.org\n";
    guint8 *optional = program + HEADER_AT + 24;
    memset(program, 0, PROGRAM_BYTES);
    memcpy(program, "MZ", 2);
    rub_put_u32le(program + 0x3c, HEADER_AT);
    memcpy(program + HEADER_AT, "PE\0\0", 4);
    rub_put_u16le(program + HEADER_AT + 6, 2);
    rub_put_u16le(program + HEADER_AT + 20, OPTIONAL_BYTES);
    rub_put_u16le(optional, 0x20b);
    rub_put_u32le(optional + 108, 16);
    rub_put_u32le(optional + 112 + 2 * 8, RESOURCES_ADDRESS);
    rub_put_u32le(optional + 112 + 2 * 8 + 4, 0x200);
    put_section(optional + OPTIONAL_BYTES, ".sbat", 0x1000, SBAT_AT, sizeof sbat);
    put_section(optional + OPTIONAL_BYTES + 40, ".rsrc", RESOURCES_ADDRESS, RESOURCES_AT, 0x200);
    memcpy(program + SBAT_AT, sbat, sizeof sbat);
    put_resources(program + RESOURCES_AT);
}

static void
test_what_revocation_counts_is_told(void)
{
    guint8 program[PROGRAM_BYTES];
    put_program(program);
    g_autoptr(RubPeSignature) signature = rub_pe_signature_new(program, sizeof program);
    g_assert_cmpstr(signature->sbat, ==, "shim 4, grub 5");
    g_assert_true(signature->has_security_version);
    g_assert_cmpuint(signature->security_version_major, ==, 7);
    g_assert_cmpuint(signature->security_version_minor, ==, 3);
}

static void
test_other_resources_are_not_taken_for_it(void)
{
    guint8 program[PROGRAM_BYTES];
    gsize size;
    put_program(program);
    g_assert_nonnull(
        rub_pe_resource_find(program, sizeof program, "BOOTMGRSECURITYVERSIONNUMBER", &size));
    g_assert_cmpuint(size, ==, 4);
    g_assert_null(
        rub_pe_resource_find(program, sizeof program, "BOOTMGRSECURITYVERSIONNUMBE", &size));
}

/* Whatever byte is wrong, and wherever the file ends, nothing outside of it is looked at. */
static void
test_hostile_bytes_do_no_harm(void)
{
    static const guint8 values[] = {0x00, 0x7f, 0x80, 0xff};
    guint8 program[PROGRAM_BYTES];
    put_program(program);
    for (gsize at = 0; at < sizeof program; at++) {
        guint8 before = program[at];
        for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
            program[at] = values[i];
            g_autofree guint8 *copy = g_memdup2(program, sizeof program);
            g_autoptr(RubPeSignature) signature = rub_pe_signature_new(copy, sizeof program);
            g_assert_false(signature->is_signed);
        }
        program[at] = before;
        g_autofree guint8 *cut = g_memdup2(program, at);
        g_autoptr(RubPeSignature) signature = rub_pe_signature_new(cut, at);
        g_assert_false(signature->is_signed);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pe-signature/a program without signature has none",
                    test_a_program_without_signature_has_none);
    g_test_add_func("/pe-signature/the authority of the signer is told",
                    test_the_authority_of_the_signer_is_told);
    g_test_add_func("/pe-signature/every entry of the table counts",
                    test_every_entry_of_the_table_counts);
    g_test_add_func("/pe-signature/the authorities of shim are Microsoft's",
                    test_the_authorities_of_shim_are_microsofts);
    g_test_add_func("/pe-signature/a table that is cut off counts for nothing",
                    test_a_table_that_is_cut_off_counts_for_nothing);
    g_test_add_func("/pe-signature/what revocation counts is told",
                    test_what_revocation_counts_is_told);
    g_test_add_func("/pe-signature/other resources are not taken for it",
                    test_other_resources_are_not_taken_for_it);
    g_test_add_func("/pe-signature/hostile bytes do no harm", test_hostile_bytes_do_no_harm);
    return g_test_run();
}
