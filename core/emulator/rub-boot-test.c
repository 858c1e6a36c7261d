/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "emulator/rub-boot-test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/rub-error.h"
#include "base/rub-process.h"
#include "job/rub-stick-volume.h"

/* The first that is not a standard stream. */
#define STICK_FD 3

static gboolean
was_cut_off(const RubStickVolume *volume)
{
    return volume->was_cut_off || (volume->manifest && !volume->manifest->is_complete);
}

static RubFirmware
get_firmware(const RubManifest *manifest)
{
    if (manifest && g_strcmp0(manifest->firmware, "uefi") == 0)
        return RUB_FIRMWARE_UEFI;
    if (manifest && g_strcmp0(manifest->firmware, "bios") == 0)
        return RUB_FIRMWARE_BIOS;
    return RUB_FIRMWARE_MULTI;
}

static gboolean
is_final(const GError *error)
{
    return g_error_matches(error, RUB_ERROR, RUB_CODE_CANCELLED) ||
           g_error_matches(error, RUB_ERROR, RUB_CODE_DEVICE_GONE);
}

/* What is wrong with a stick, or foreign to us, shows when it is started. */
RubFirmware
rub_boot_test_choose(RubDisk *disk, GCancellable *cancellable, GError **error)
{
    g_autoptr(GError) find_error = NULL;
    g_autoptr(RubStickVolume) volume = rub_stick_volume_find(disk, cancellable, &find_error);
    if (is_final(find_error)) {
        g_propagate_error(error, g_steal_pointer(&find_error));
        return 0;
    }
    if (!volume || !was_cut_off(volume))
        return get_firmware(volume ? volume->manifest : NULL);
    rub_error_take_text(
        error, RUB_CODE_BUILD_INCOMPLETE,
        rub_text_new(N_("a build of this stick was cut off before it was finished"), NULL));
    return 0;
}

static void
add(GPtrArray *arguments, const char *option, const char *value)
{
    g_ptr_array_add(arguments, g_strdup(option));
    g_ptr_array_add(arguments, g_strdup(value));
}

/* How QEMU spells a comma in a value. */
static char *
escape(const char *value)
{
    g_autoptr(GString) escaped = g_string_new(value);
    g_string_replace(escaped, ",", ",,", 0);
    return g_strdup(escaped->str);
}

/* New versions of Windows want features that the processor QEMU has by default lacks. SeaBIOS sends
 * what programs print to the serial line if it is told that there are no graphics. */
static void
add_computer(GPtrArray *arguments, const RubEmulator *emulator)
{
    g_autofree char *memory = g_strdup_printf("%u", emulator->memory_mib);
    add(arguments, "-machine", emulator->serial_path ? "q35,graphics=off" : "q35");
    add(arguments, "-cpu", "max");
    if (emulator->has_kvm)
        add(arguments, "-accel", "kvm");
    add(arguments, "-accel", "tcg");
    add(arguments, "-m", memory);
    add(arguments, "-display", emulator->display);
    if (emulator->serial_path) {
        g_autofree char *path = escape(emulator->serial_path);
        g_autofree char *line = g_strdup_printf("file,id=line,path=%s", path);
        add(arguments, "-chardev", line);
        add(arguments, "-serial", "chardev:line");
    } else {
        add(arguments, "-vga", "std");
    }
}

static void
add_flash(GPtrArray *arguments, const char *options, const char *path, const char *format)
{
    g_autofree char *file = escape(path);
    g_autofree char *drive =
        g_strdup_printf("if=pflash,%s,format=%s,file=%s", options, format, file);
    add(arguments, "-drive", drive);
}

/* With "snapshot" what is written goes to a temporary file. A drive's node cannot be opened by a
 * user, so the stick is always handed over as a descriptor. */
static void
add_stick(GPtrArray *arguments, gboolean is_drive, int fd)
{
    g_autofree char *descriptor = g_strdup_printf("fd=%d,set=1", fd);
    g_autofree char *drive = g_strdup_printf("if=none,id=stick,format=raw,snapshot=on,"
                                             "file.driver=%s,file.filename=/dev/fdset/1",
                                             is_drive ? "host_device" : "file");
    add(arguments, "-add-fd", descriptor);
    add(arguments, "-drive", drive);
    add(arguments, "-device", "qemu-xhci");
    add(arguments, "-device", "usb-storage,drive=stick,bootindex=0,removable=on");
    add(arguments, "-device", "usb-tablet");
}

GStrv
rub_boot_test_make_arguments(const RubEmulator *emulator, RubFirmware firmware, gboolean is_drive,
                             int fd)
{
    const RubUefiFirmware *uefi = emulator->uefi;
    GPtrArray *arguments = g_ptr_array_new();
    g_ptr_array_add(arguments, g_strdup(emulator->program));
    g_ptr_array_add(arguments, g_strdup("-no-user-config"));
    g_ptr_array_add(arguments, g_strdup("-nodefaults"));
    add(arguments, "-name", firmware == RUB_FIRMWARE_UEFI ? "UEFI" : "BIOS");
    add_computer(arguments, emulator);
    if (firmware == RUB_FIRMWARE_UEFI) {
        add_flash(arguments, "readonly=on", uefi->code_path, uefi->code_format);
        add_flash(arguments, "snapshot=on", uefi->variables_path, uefi->variables_format);
    }
    add_stick(arguments, is_drive, fd);
    g_ptr_array_add(arguments, NULL);
    return (GStrv) g_ptr_array_free(arguments, FALSE);
}

static gboolean
set_failed(GError **error, const char *details)
{
    rub_error_take_text(error, RUB_CODE_USAGE,
                        rub_text_new(N_("the emulator QEMU cannot start the stick: {details}"),
                                     "details", details, NULL));
    return FALSE;
}

/* In the new process. The thread that waits for the window ends with the program, however that
 * ends: nobody is left with a window that holds the stick. */
static void
end_with_parent(gpointer user_data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
start(const RubEmulator *emulator, RubDisk *disk, RubFirmware firmware, GError **error)
{
    g_autoptr(GError) spawn_error = NULL;
    struct stat st = {0};
    fstat(rub_disk_get_fd(disk), &st);
    int fd = fcntl(rub_disk_get_fd(disk), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        set_failed(error, g_strerror(errno));
        return NULL;
    }
    g_auto(GStrv) arguments =
        rub_boot_test_make_arguments(emulator, firmware, S_ISBLK(st.st_mode), STICK_FD);
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_subprocess_launcher_take_fd(launcher, fd, STICK_FD);
    g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
    GSubprocess *process =
        g_subprocess_launcher_spawnv(launcher, (const char *const *) arguments, &spawn_error);
    if (!process)
        set_failed(error, spawn_error->message);
    return process;
}

gboolean
rub_boot_test_run(const RubEmulator *emulator, RubDisk *disk, RubFirmware firmware,
                  GCancellable *cancellable, GError **error)
{
    if (!rub_emulator_check_firmware(emulator, firmware, error))
        return FALSE;
    g_autoptr(GSubprocess) process = start(emulator, disk, firmware, error);
    if (!process)
        return FALSE;
    g_autoptr(GBytes) said = NULL;
    /* Nothing stays when it is ended at once: its temporary files are open, but have no names. */
    if (!rub_process_wait(process, cancellable, &said, NULL) ||
        g_cancellable_is_cancelled(cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    if (g_subprocess_get_successful(process))
        return TRUE;
    gsize size_bytes;
    const char *bytes = g_bytes_get_data(said, &size_bytes);
    g_autofree char *details = g_utf8_make_valid(bytes ? bytes : "", (gssize) size_bytes);
    return set_failed(error, g_strstrip(details));
}
