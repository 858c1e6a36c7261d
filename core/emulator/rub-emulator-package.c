/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "emulator/rub-emulator-package.h"

/* The packages are in the order of the bits of RubEmulatorPart. */
static const struct {
    const char *id;
    const char *name;
    const char *command;
    const char *packages[3];
} systems[] = {
    {"debian", "Debian", "sudo apt install", {"qemu-system-x86", "qemu-system-gui", "ovmf"}},
    {"fedora", "Fedora", "sudo dnf install", {"qemu-system-x86", "qemu-ui-gtk", "edk2-ovmf"}},
    {"arch", "Arch Linux", "sudo pacman -S", {"qemu-system-x86", "qemu-ui-gtk", "edk2-ovmf"}},
    {"suse", "openSUSE", "sudo zypper install", {"qemu-x86", "qemu-ui-gtk", "qemu-ovmf-x86_64"}},
};

static gsize
find_system(const char *system_ids)
{
    g_auto(GStrv) ids = g_strsplit(system_ids, " ", -1);
    for (gsize i = 0; i < G_N_ELEMENTS(systems); i++) {
        if (g_strv_contains((const char *const *) ids, systems[i].id))
            return i;
    }
    return 0;
}

char *
rub_emulator_package_advise(RubEmulatorPart missing, const char *system_ids,
                            const char **system_name)
{
    gsize system = find_system(system_ids);
    GString *command = g_string_new(systems[system].command);
    for (gsize i = 0; i < G_N_ELEMENTS(systems[system].packages); i++) {
        if (missing & (1 << i))
            g_string_append_printf(command, " %s", systems[system].packages[i]);
    }
    *system_name = systems[system].name;
    return g_string_free(command, FALSE);
}
