/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-pe.h"

#include "base/rub-text.h"
#include "source/rub-pe-layout.h"

static const struct {
    guint16 number;
    RubMachine machine;
} machine_numbers[] = {
    {0x014c, RUB_MACHINE_X86},  {0x8664, RUB_MACHINE_X64},     {0x01c0, RUB_MACHINE_ARM},
    {0x01c2, RUB_MACHINE_ARM},  {0x01c4, RUB_MACHINE_ARM},     {0xaa64, RUB_MACHINE_ARM64},
    {0x0200, RUB_MACHINE_IA64}, {0x5064, RUB_MACHINE_RISCV64},
};

static const struct {
    RubMachine machine;
    const char *id;
    const char *name;
} machine_names[] = {
    {RUB_MACHINE_X86, "x86", N_("32-bit")},
    {RUB_MACHINE_X64, "x64", N_("64-bit")},
    {RUB_MACHINE_ARM, "arm", N_("32-bit ARM")},
    {RUB_MACHINE_ARM64, "arm64", N_("64-bit ARM")},
    {RUB_MACHINE_IA64, "ia64", "Itanium"},
    {RUB_MACHINE_RISCV64, "riscv64", N_("64-bit RISC-V")},
};

static RubMachine
find_machine(guint16 number)
{
    for (guint i = 0; i < G_N_ELEMENTS(machine_numbers); i++) {
        if (machine_numbers[i].number == number)
            return machine_numbers[i].machine;
    }
    return RUB_MACHINE_OTHER;
}

/* EDK II's PeCoffLoaderGetPeHeader() refuses a program whose sections end behind its file: what
 * an interrupted copy of a loader looks like. */
static gboolean
sections_are_inside(RubBytes *bytes, gsize at, guint count, guint64 file_size_bytes)
{
    for (guint i = 0; i < count; i++, at += RUB_PE_SECTION_BYTES) {
        guint64 raw_size = rub_bytes_u32le(bytes, at + RUB_PE_SECTION_RAW_SIZE_AT);
        guint64 raw_start = rub_bytes_u32le(bytes, at + RUB_PE_SECTION_RAW_AT);
        if (bytes->overrun || (raw_size > 0 && raw_start + raw_size > file_size_bytes))
            return FALSE;
    }
    return TRUE;
}

gboolean
rub_pe_parse(const guint8 *head, gsize head_size, guint64 file_size_bytes, RubPe *pe)
{
    RubBytes bytes = rub_bytes(head, MIN(head_size, file_size_bytes));
    if (rub_bytes_u16le(&bytes, 0) != RUB_PE_DOS_MAGIC)
        return FALSE;
    gsize at = rub_bytes_u32le(&bytes, RUB_PE_DOS_HEADER_AT);
    if (at >= RUB_PE_HEAD_BYTES || rub_bytes_u32le(&bytes, at) != RUB_PE_MAGIC)
        return FALSE;
    guint section_count = rub_bytes_u16le(&bytes, at + RUB_PE_SECTION_COUNT_AT);
    gsize optional_size = rub_bytes_u16le(&bytes, at + RUB_PE_OPTIONAL_BYTES_AT);
    guint16 magic = rub_bytes_u16le(&bytes, at + RUB_PE_HEADER_BYTES);
    if (optional_size < RUB_PE_SUBSYSTEM_AT + 2 || (magic != RUB_PE32 && magic != RUB_PE32_PLUS))
        return FALSE;
    pe->machine = find_machine(rub_bytes_u16le(&bytes, at + RUB_PE_MACHINE_AT));
    pe->is_efi_application =
        rub_bytes_u16le(&bytes, at + RUB_PE_HEADER_BYTES + RUB_PE_SUBSYSTEM_AT) ==
        RUB_PE_SUBSYSTEM_EFI_APPLICATION;
    return !bytes.overrun && sections_are_inside(&bytes, at + RUB_PE_HEADER_BYTES + optional_size,
                                                 section_count, file_size_bytes);
}

const char *
rub_machine_get_id(RubMachine machine)
{
    for (guint i = 0; i < G_N_ELEMENTS(machine_names); i++) {
        if (machine_names[i].machine == machine)
            return machine_names[i].id;
    }
    return "other";
}

const char *
rub_machine_get_name(RubMachine machine)
{
    for (guint i = 0; i < G_N_ELEMENTS(machine_names); i++) {
        if (machine_names[i].machine == machine)
            return machine_names[i].name;
    }
    return N_("unknown processor");
}
