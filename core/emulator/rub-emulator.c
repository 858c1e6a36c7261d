/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "emulator/rub-emulator.h"

#include <unistd.h>

#include "base/rub-error.h"
#include "emulator/rub-emulator-package.h"

#define PROGRAM "qemu-system-x86_64"

/* What Windows PE and Linux rescue systems, which unpack themselves into memory, are content with;
 * a computer that has little gives half of it. */
#define WANTED_MEMORY_MIB 2048
#define LEAST_MEMORY_MIB 512

void
rub_emulator_free(RubEmulator *self)
{
    g_free(self->program);
    g_free(self->display);
    g_free(self->serial_path);
    g_clear_pointer(&self->uefi, rub_uefi_firmware_free);
    g_free(self);
}

static guint
choose_memory_mib(void)
{
    guint64 pages = (guint64) MAX(sysconf(_SC_PHYS_PAGES), 0);
    guint64 half_mib = pages * (guint64) sysconf(_SC_PAGESIZE) / 2 / (1024 * 1024);
    return (guint) CLAMP(half_mib, LEAST_MEMORY_MIB, WANTED_MEMORY_MIB);
}

/* KVM in a computer that is virtual itself may stop in the middle of UEFI with an internal error,
 * and all that is seen of it is a black window: there QEMU interprets, which is slow but works. The
 * processor says so in the flag that hypervisors set (CPUID leaf 1, ECX bit 31). */
static gboolean
can_use_kvm(void)
{
    g_autofree char *processors = NULL;
    return access("/dev/kvm", R_OK | W_OK) == 0 &&
           g_file_get_contents("/proc/cpuinfo", &processors, NULL, NULL) &&
           !g_regex_match_simple("^flags\\s*:.*\\bhypervisor\\b", processors, G_REGEX_MULTILINE, 0);
}

/* Distributions package the windows apart from QEMU, which tells what it has, one a line. */
static char *
find_window(const char *program)
{
    static const char *const wanted[] = {"gtk", "sdl"};
    g_autofree char *output = NULL;
    g_autoptr(GSubprocess) process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                         program, "-display", "help", NULL);
    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, NULL))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (g_strv_contains((const char *const *) lines, wanted[i]))
            return g_strdup(wanted[i]);
    }
    return NULL;
}

/* The sentence has gaps for the system and for the command. */
static gboolean
set_missing(GError **error, RubEmulatorPart missing, const char *sentence)
{
    g_autofree char *id = g_get_os_info(G_OS_INFO_KEY_ID);
    g_autofree char *like = g_get_os_info("ID_LIKE");
    g_autofree char *ids = g_strdup_printf("%s %s", id ? id : "", like ? like : "");
    const char *system_name;
    g_autofree char *command = rub_emulator_package_advise(missing, ids, &system_name);
    rub_error_take_text(error, RUB_CODE_USAGE,
                        rub_text_new(sentence, "system", system_name, "command", command, NULL));
    return FALSE;
}

static gboolean
look(RubEmulator *self, GError **error)
{
    RubEmulatorPart uefi = self->uefi ? 0 : RUB_EMULATOR_UEFI;
    self->program = g_find_program_in_path(PROGRAM);
    if (!self->program)
        return set_missing(error, RUB_EMULATOR_PROGRAM | RUB_EMULATOR_WINDOW | uefi,
                           N_("the emulator QEMU, in which sticks are started, is not installed; "
                              "\"{command}\" installs it on {system}"));
    self->display = self->serial_path ? g_strdup("none") : find_window(self->program);
    if (!self->display)
        return set_missing(error, RUB_EMULATOR_WINDOW | uefi,
                           N_("the part of the emulator QEMU that opens windows is not installed; "
                              "\"{command}\" installs it on {system}"));
    return TRUE;
}

RubEmulator *
rub_emulator_new(const char *serial_path, GError **error)
{
    g_autoptr(RubEmulator) self = g_new0(RubEmulator, 1);
    self->serial_path = g_strdup(serial_path);
    self->has_kvm = can_use_kvm();
    self->memory_mib = choose_memory_mib();
    self->uefi = rub_uefi_firmware_find_installed();
    return look(self, error) ? g_steal_pointer(&self) : NULL;
}

gboolean
rub_emulator_check_firmware(const RubEmulator *self, RubFirmware firmware, GError **error)
{
    if (self->uefi || !(firmware & RUB_FIRMWARE_UEFI))
        return TRUE;
    return set_missing(error, RUB_EMULATOR_UEFI,
                       N_("there is no UEFI for the emulator QEMU; \"{command}\" installs one on "
                          "{system}"));
}
