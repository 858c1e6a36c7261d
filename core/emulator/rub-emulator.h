/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "emulator/rub-uefi-firmware.h"
#include "plan/rub-plan.h"

G_BEGIN_DECLS

/**
 * RubEmulator:
 * @program: QEMU
 * @display: what its window is made with, "gtk" or "sdl"; "none" where there is none
 * @serial_path: (nullable): where what is said on the serial line goes; %NULL if there is a window
 * @has_kvm: whether the processor runs the emulated PC itself
 * @memory_mib: how much memory it gets
 * @uefi: (nullable): its UEFI; %NULL if none is installed
 *
 * What this computer has to start a stick with. The emulated PC is one with 64 bits.
 */
typedef struct {
    char *program;
    char *display;
    char *serial_path;
    gboolean has_kvm;
    guint memory_mib;
    RubUefiFirmware *uefi;
} RubEmulator;

/**
 * rub_emulator_new:
 * @serial_path: (nullable): for programs: instead of a window, the file that what is said on the
 *   serial line goes to; %NULL for a window
 * @error: return location
 *
 * Looks for what is installed, along PATH and where distributions keep firmware. Whether there is
 * a display for the window is left to whoever calls this. Errors: %RUB_CODE_USAGE where QEMU or
 * what it needs for a window is not installed, with the command that installs it.
 *
 * Returns: (transfer full) (nullable): what there is
 */
RubEmulator *rub_emulator_new(const char *serial_path, GError **error);

/**
 * rub_emulator_check_firmware:
 * @self: an emulator
 * @firmware: what a stick shall be started on
 * @error: return location
 *
 * Errors: %RUB_CODE_USAGE where it has no UEFI, with the command that installs one.
 *
 * Returns: whether it has all of @firmware
 */
gboolean rub_emulator_check_firmware(const RubEmulator *self, RubFirmware firmware, GError **error);

/** rub_emulator_free: frees it */
void rub_emulator_free(RubEmulator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubEmulator, rub_emulator_free)

G_END_DECLS
