/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubUefiFirmware:
 * @code_path: the file with the program
 * @code_format: the format that QEMU shall read it in, "raw" or "qcow2"
 * @variables_path: the file with the variables that a new computer begins with
 * @variables_format: its format
 *
 * The UEFI of an emulated PC.
 */
typedef struct {
    char *code_path;
    char *code_format;
    char *variables_path;
    char *variables_format;
} RubUefiFirmware;

/**
 * rub_uefi_firmware_find:
 * @folders: (array zero-terminated=1): where distributions describe the firmware that they have; a
 *   description in a later folder stands for one of the same name in an earlier one
 *
 * Looks for the UEFI of a 64-bit PC without Secure Boot. Where there are several it takes the one
 * that the distribution prefers.
 *
 * Returns: (transfer full) (nullable): the firmware; %NULL if there is none
 */
RubUefiFirmware *rub_uefi_firmware_find(const char *const *folders);

/**
 * rub_uefi_firmware_find_installed:
 *
 * The same in the folders of this computer and of its user.
 *
 * Returns: (transfer full) (nullable): the firmware; %NULL if there is none
 */
RubUefiFirmware *rub_uefi_firmware_find_installed(void);

/** rub_uefi_firmware_free: frees it */
void rub_uefi_firmware_free(RubUefiFirmware *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUefiFirmware, rub_uefi_firmware_free)

G_END_DECLS
