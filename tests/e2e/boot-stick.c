/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot-stick IMAGE uefi|bios SERIAL: starts a stick as --boot-test does, but without a window. What
 * is said on the serial line goes to the file SERIAL. The end of standard input ends it. Prints
 * what it found the stick to start on, and the code that it ended with. */
#include <stdio.h>
#include <string.h>

#include "base/rub-error.h"
#include "emulator/rub-boot-test.h"
#include "target/rub-image-target.h"

static gpointer
cancel_at_end_of_input(gpointer cancellable)
{
    while (getchar() != EOF)
        continue;
    g_cancellable_cancel(cancellable);
    return NULL;
}

static RubFirmware
run(char **argv, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubTarget) target = rub_image_target_new(argv[1], 0);
    g_autoptr(RubDisk) disk = rub_target_open_for_reading(target, FALSE, NULL, error);
    g_autoptr(RubEmulator) emulator = disk ? rub_emulator_new(argv[3], error) : NULL;
    RubFirmware starts_on = emulator ? rub_boot_test_choose(disk, cancellable, error) : 0;
    RubFirmware firmware = strcmp(argv[2], "uefi") == 0 ? RUB_FIRMWARE_UEFI : RUB_FIRMWARE_BIOS;
    if (!starts_on)
        return 0;
    emulator->has_kvm = FALSE; /* nested virtualisation is slower than none */
    rub_boot_test_run(emulator, disk, firmware, cancellable, error);
    return starts_on;
}

int
main(int argc, char **argv)
{
    if (argc != 4)
        return RUB_CODE_USAGE;
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_thread_unref(g_thread_new("input", cancel_at_end_of_input, cancellable));
    RubFirmware starts_on = run(argv, cancellable, &error);
    printf("%d %d %s\n", (int) starts_on, error ? error->code : 0, error ? error->message : "");
    return 0;
}
