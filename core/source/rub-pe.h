/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubMachine:
 *
 * Kinds of processor. A single value says what one program is for; values joined by "or" are a
 * set of them.
 */
typedef enum {
    RUB_MACHINE_NONE = 0,
    RUB_MACHINE_X86 = 1 << 0,
    RUB_MACHINE_X64 = 1 << 1,
    RUB_MACHINE_ARM = 1 << 2,
    RUB_MACHINE_ARM64 = 1 << 3,
    RUB_MACHINE_IA64 = 1 << 4,
    RUB_MACHINE_RISCV64 = 1 << 5,
    RUB_MACHINE_OTHER = 1 << 6,
} RubMachine;

/** RUB_MACHINE_ALL: every kind of processor; each bit of it is a #RubMachine */
#define RUB_MACHINE_ALL ((RUB_MACHINE_OTHER << 1) - 1)

/** RUB_PE_HEAD_BYTES: as much of the start of a file as rub_pe_parse() ever looks at */
#define RUB_PE_HEAD_BYTES 4096

/**
 * RubPe:
 * @machine: the processor it is for
 * @is_efi_application: whether UEFI firmware would start it: subsystem 10
 *
 * What the head of a PE file (a Windows or UEFI program) says.
 */
typedef struct {
    RubMachine machine;
    gboolean is_efi_application;
} RubPe;

/**
 * rub_pe_parse:
 * @head: the first bytes of a file, up to %RUB_PE_HEAD_BYTES of them
 * @head_size: how many they are
 * @file_size_bytes: the size of the whole file
 * @pe: (out): what the headers say
 *
 * Returns: whether it is a PE file; not so where its headers or its sections are not all inside
 *   the file
 */
gboolean rub_pe_parse(const guint8 *head, gsize head_size, guint64 file_size_bytes, RubPe *pe);

/**
 * rub_machine_get_id:
 * @machine: one kind of processor
 *
 * Returns: (transfer none): its name for programs: "x86", "x64", "arm", "arm64", "ia64",
 *   "riscv64", "other"
 */
const char *rub_machine_get_id(RubMachine machine);

/**
 * rub_machine_get_name:
 * @machine: one kind of processor
 *
 * Returns: (transfer none): its name for people, in English and marked for translation: "32-bit",
 *   "64-bit ARM"...
 */
const char *rub_machine_get_name(RubMachine machine);

G_END_DECLS
