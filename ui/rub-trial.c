/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-trial.h"

#include "emulator/rub-boot-test.h"

gboolean
rub_trial_run(RubTarget *target, RubFirmware firmware, GCancellable *cancellable, GError **error)
{
    static const RubFirmware order[] = {RUB_FIRMWARE_UEFI, RUB_FIRMWARE_BIOS};
    g_autoptr(RubEmulator) emulator = rub_emulator_new(NULL, error);
    g_autoptr(RubDisk) disk =
        emulator ? rub_target_open_for_reading(target, TRUE, cancellable, error) : NULL;
    if (disk && firmware == 0)
        firmware = rub_boot_test_choose(disk, cancellable, error);
    if (!disk || firmware == 0 || !rub_emulator_check_firmware(emulator, firmware, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
        if ((firmware & order[i]) &&
            !rub_boot_test_run(emulator, disk, order[i], cancellable, error))
            return FALSE;
    }
    return TRUE;
}
