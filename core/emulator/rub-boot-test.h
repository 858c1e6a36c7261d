/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "emulator/rub-emulator.h"
#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * rub_boot_test_choose:
 * @disk: a stick
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Looks up in the manifest of a stick what it starts on. Errors: %RUB_CODE_BUILD_INCOMPLETE where
 * a build of it was cut off, %RUB_CODE_DEVICE_GONE, %RUB_CODE_CANCELLED.
 *
 * Returns: what it can be started on: both UEFI and BIOS where there is no manifest; 0 on an error
 */
RubFirmware rub_boot_test_choose(RubDisk *disk, GCancellable *cancellable, GError **error);

/**
 * rub_boot_test_make_arguments:
 * @emulator: what it is started with
 * @firmware: UEFI or BIOS; not both
 * @is_drive: whether the stick is a drive and not a disk-image file
 * @fd: the stick's descriptor, open for reading, as the emulator will know it
 *
 * Returns: (transfer full): the command
 */
GStrv rub_boot_test_make_arguments(const RubEmulator *emulator, RubFirmware firmware,
                                   gboolean is_drive, int fd);

/**
 * rub_boot_test_run:
 * @emulator: what it is started with
 * @disk: the stick; not used by anybody else meanwhile
 * @firmware: UEFI or BIOS; not both
 * @cancellable: (nullable): ends the emulated PC
 * @error: return location
 *
 * Starts a stick as one in a USB port of an emulated PC, and returns when its window was closed or
 * it was switched off. The stick is not written: what the PC writes goes to a temporary file that
 * is gone with it. It ends with the calling thread. Errors: %RUB_CODE_USAGE with QEMU's own words
 * where it cannot do it, %RUB_CODE_CANCELLED, those of rub_emulator_check_firmware().
 *
 * Returns: whether it ran
 */
gboolean rub_boot_test_run(const RubEmulator *emulator, RubDisk *disk, RubFirmware firmware,
                           GCancellable *cancellable, GError **error);

G_END_DECLS
