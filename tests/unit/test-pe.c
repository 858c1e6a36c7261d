/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-pe.h"

#include "base/rub-bytes.h"

#define PE_AT 0x80
#define OPTIONAL_AT (PE_AT + 24)
#define SECTION_AT (OPTIONAL_AT + 112)
#define FILE_BYTES 8192

static void
make_pe(guint8 *head, guint16 machine, guint16 subsystem)
{
    memset(head, 0, RUB_PE_HEAD_BYTES);
    memcpy(head, "MZ", 2);
    rub_put_u32le(head + 0x3c, PE_AT);
    memcpy(head + PE_AT, "PE", 2);
    rub_put_u16le(head + PE_AT + 4, machine);
    rub_put_u16le(head + PE_AT + 6, 1);
    rub_put_u16le(head + PE_AT + 20, 112);
    rub_put_u16le(head + OPTIONAL_AT, 0x20b);
    rub_put_u16le(head + OPTIONAL_AT + 68, subsystem);
    rub_put_u32le(head + SECTION_AT + 16, 4096);
    rub_put_u32le(head + SECTION_AT + 20, 4096);
}

static void
test_every_machine_is_known(void)
{
    static const struct {
        guint16 number;
        RubMachine machine;
        const char *id;
    } machines[] = {
        {0x14c, RUB_MACHINE_X86, "x86"},      {0x8664, RUB_MACHINE_X64, "x64"},
        {0x1c2, RUB_MACHINE_ARM, "arm"},      {0xaa64, RUB_MACHINE_ARM64, "arm64"},
        {0x200, RUB_MACHINE_IA64, "ia64"},    {0x5064, RUB_MACHINE_RISCV64, "riscv64"},
        {0x1234, RUB_MACHINE_OTHER, "other"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(machines); i++) {
        guint8 head[RUB_PE_HEAD_BYTES];
        RubPe pe;
        make_pe(head, machines[i].number, 10);
        g_assert_true(rub_pe_parse(head, sizeof head, FILE_BYTES, &pe));
        g_assert_cmpint(pe.machine, ==, machines[i].machine);
        g_assert_true(pe.is_efi_application);
        g_assert_cmpstr(rub_machine_get_id(pe.machine), ==, machines[i].id);
        g_assert_nonnull(rub_machine_get_name(pe.machine));
    }
}

static void
test_only_subsystem_10_is_an_efi_application(void)
{
    guint8 head[RUB_PE_HEAD_BYTES];
    RubPe pe;
    make_pe(head, 0x8664, 11);
    g_assert_true(rub_pe_parse(head, sizeof head, FILE_BYTES, &pe));
    g_assert_false(pe.is_efi_application);
    make_pe(head, 0x14c, 2);
    rub_put_u16le(head + OPTIONAL_AT, 0x10b);
    g_assert_true(rub_pe_parse(head, sizeof head, FILE_BYTES, &pe));
    g_assert_false(pe.is_efi_application);
}

static void
test_a_cut_off_program_is_none(void)
{
    guint8 head[RUB_PE_HEAD_BYTES];
    RubPe pe;
    make_pe(head, 0x8664, 10);
    g_assert_true(rub_pe_parse(head, sizeof head, 8192, &pe));
    g_assert_false(rub_pe_parse(head, sizeof head, 8191, &pe));
    for (gsize size = 0; size < SECTION_AT + 24; size++) {
        g_autofree guint8 *part = g_memdup2(head, size);
        g_assert_false(rub_pe_parse(part, size, FILE_BYTES, &pe));
    }
}

static void
test_headers_that_lie_are_refused(void)
{
    guint8 head[RUB_PE_HEAD_BYTES];
    RubPe pe;
    static const struct {
        gsize at;
        guint32 value;
    } lies[] = {
        {0, 0x5a4e},
        {0x3c, 0},
        {0x3c, RUB_PE_HEAD_BYTES - 4},
        {0x3c, RUB_PE_HEAD_BYTES},
        {0x3c, 0xfffffffc},
        {PE_AT, 0x4550ff},
        {PE_AT + 6, 0xffff},
        {PE_AT + 20, 10},
        {PE_AT + 20, 0xffff},
        {OPTIONAL_AT, 0x107},
        {SECTION_AT + 16, 0xffffffff},
        {SECTION_AT + 20, 0xffffffff},
    };
    for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
        make_pe(head, 0x8664, 10);
        rub_put_u32le(head + lies[i].at, lies[i].value);
        g_assert_false(rub_pe_parse(head, sizeof head, FILE_BYTES, &pe));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pe/machines", test_every_machine_is_known);
    g_test_add_func("/pe/subsystem", test_only_subsystem_10_is_an_efi_application);
    g_test_add_func("/pe/cut-off", test_a_cut_off_program_is_none);
    g_test_add_func("/pe/lies", test_headers_that_lie_are_refused);
    return g_test_run();
}
