/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubEmulatorPart:
 * @RUB_EMULATOR_PROGRAM: QEMU for PCs
 * @RUB_EMULATOR_WINDOW: what it needs to open a window
 * @RUB_EMULATOR_UEFI: UEFI firmware for it
 *
 * What has to be installed for a stick to be started here; distributions have a package for each.
 */
typedef enum {
    RUB_EMULATOR_PROGRAM = 1 << 0,
    RUB_EMULATOR_WINDOW = 1 << 1,
    RUB_EMULATOR_UEFI = 1 << 2,
} RubEmulatorPart;

/**
 * rub_emulator_package_advise:
 * @missing: the parts that are not installed
 * @system_ids: the distribution and those that it derives from, as in /etc/os-release: "ubuntu
 *   debian"
 * @system_name: (out): the distribution that the command is for; Debian if @system_ids has none
 *   that is known
 *
 * Returns: (transfer full): the command that installs them
 */
char *rub_emulator_package_advise(RubEmulatorPart missing, const char *system_ids,
                                  const char **system_name);

G_END_DECLS
