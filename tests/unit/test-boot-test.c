/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "emulator/rub-boot-test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/rub-error.h"
#include "disk-tools.h"
#include "emulator-tools.h"
#include "keep-tools.h"
#include "volume/rub-records.h"

#define STICK_BYTES (64 * 1024)

static char qemu[] = "/bin/qemu", no_qemu[] = "/nonexistent/qemu";
static char gtk[] = "gtk", sdl[] = "sdl", none[] = "none", serial_path[] = "/tmp/a,b";
static char program[] = "/fw/code.fd", variables[] = "/fw/vars,1.fd", raw[] = "raw",
            qcow2[] = "qcow2";
static RubUefiFirmware uefi = {program, raw, variables, qcow2};

/* What every computer of these tests has in common. */
#define BEGIN(name) "/bin/qemu -no-user-config -nodefaults -name " name " -machine "
#define STICK(driver, fd)                                                                          \
    " -add-fd fd=" fd ",set=1 -drive if=none,id=stick,format=raw,snapshot=on,file.driver=" driver  \
    ",file.filename=/dev/fdset/1 -device qemu-xhci"                                                \
    " -device usb-storage,drive=stick,bootindex=0,removable=on -device usb-tablet"

static void
assert_command(const RubEmulator *emulator, RubFirmware firmware, gboolean is_drive, int fd,
               const char *expected)
{
    g_auto(GStrv) arguments = rub_boot_test_make_arguments(emulator, firmware, is_drive, fd);
    g_autofree char *command = g_strjoinv(" ", arguments);
    g_assert_cmpstr(command, ==, expected);
}

static void
test_uefi_has_firmware_and_variables_of_its_own(void)
{
    const RubEmulator emulator = {qemu, gtk, NULL, TRUE, 2048, &uefi};
    assert_command(
        &emulator, RUB_FIRMWARE_UEFI, FALSE, 3,
        BEGIN("UEFI") "q35 -cpu max -accel kvm -accel tcg -m 2048 -display gtk -vga std"
                      " -drive if=pflash,readonly=on,format=raw,file=/fw/code.fd"
                      " -drive if=pflash,snapshot=on,format=qcow2,file=/fw/vars,,1.fd" STICK("file",
                                                                                             "3"));
}

static void
test_bios_is_what_qemu_has_by_itself(void)
{
    const RubEmulator emulator = {qemu, sdl, NULL, FALSE, 512, &uefi};
    assert_command(
        &emulator, RUB_FIRMWARE_BIOS, FALSE, 3,
        BEGIN("BIOS") "q35 -cpu max -accel tcg -m 512 -display sdl -vga std" STICK("file", "3"));
}

static void
test_a_drive_is_handed_over_as_one(void)
{
    const RubEmulator emulator = {qemu, gtk, NULL, TRUE, 1024, NULL};
    assert_command(
        &emulator, RUB_FIRMWARE_BIOS, TRUE, 7,
        BEGIN("BIOS") "q35 -cpu max -accel kvm -accel tcg -m 1024 -display gtk -vga std" STICK(
            "host_device", "7"));
}

static void
test_without_a_window_the_serial_line_goes_to_a_file(void)
{
    const RubEmulator emulator = {qemu, none, serial_path, FALSE, 512, NULL};
    assert_command(&emulator, RUB_FIRMWARE_BIOS, FALSE, 3,
                   BEGIN("BIOS") "q35,graphics=off -cpu max -accel tcg -m 512 -display none"
                                 " -chardev file,id=line,path=/tmp/a,,b -serial chardev:line" STICK(
                                     "file", "3"));
}

typedef struct {
    char *folder;
    char *program;
    RubEmulator emulator;
    RubDisk *disk;
    GCancellable *cancellable;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer script)
{
    fixture->folder = make_folder();
    fixture->cancellable = g_cancellable_new();
    fixture->program = g_build_filename(fixture->folder, "qemu-system-x86_64", NULL);
    fixture->emulator = (RubEmulator){fixture->program, gtk, NULL, FALSE, 512, NULL};
    emulator_tools_write_program(fixture->folder, script);
    g_autofree char *stick = g_build_filename(fixture->folder, "stick.img", NULL);
    g_autofree char *bytes = g_strnfill(STICK_BYTES, 's');
    emulator_tools_write(fixture->folder, "stick.img", bytes);
    fixture->disk = rub_disk_new(open(stick, O_RDONLY | O_CLOEXEC), STICK_BYTES, 512, "stick.img");
}

static void
tear_down(Fixture *fixture, gconstpointer script)
{
    rub_disk_unref(fixture->disk);
    g_object_unref(fixture->cancellable);
    g_free(fixture->program);
    remove_folder(fixture->folder);
}

static void
assert_failure(Fixture *fixture, RubFirmware firmware, GCancellable *cancellable, RubCode code,
               const char *message)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(
        rub_boot_test_run(&fixture->emulator, fixture->disk, firmware, cancellable, &error));
    g_assert_error(error, RUB_ERROR, (int) code);
    g_assert_true(g_pattern_match_simple(message, error->message));
}

static void
test_the_stick_is_handed_over_to_be_read_only(Fixture *fixture, gconstpointer script)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(
        rub_boot_test_run(&fixture->emulator, fixture->disk, RUB_FIRMWARE_BIOS, NULL, &error));
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(fixture->folder, "read", NULL);
    g_autofree char *read = NULL;
    g_assert_true(g_file_get_contents(path, &read, NULL, NULL));
    g_assert_cmpstr(read, ==, "ssss");
}

static void
test_the_words_of_a_failure_are_told(Fixture *fixture, gconstpointer script)
{
    assert_failure(fixture, RUB_FIRMWARE_BIOS, NULL, RUB_CODE_USAGE,
                   "the emulator QEMU cannot start the stick: no memory at all");
}

static void
test_a_missing_program_is_told(Fixture *fixture, gconstpointer script)
{
    fixture->emulator.program = no_qemu;
    assert_failure(fixture, RUB_FIRMWARE_BIOS, NULL, RUB_CODE_USAGE,
                   "the emulator QEMU cannot start the stick: *");
}

static void
test_uefi_without_firmware_is_refused(Fixture *fixture, gconstpointer script)
{
    assert_failure(fixture, RUB_FIRMWARE_UEFI, NULL, RUB_CODE_USAGE, "there is no UEFI *");
}

/* The stand-in for QEMU tells its number through a pipe. */
static gpointer
cancel_when_it_runs(gpointer data)
{
    Fixture *fixture = data;
    g_autofree char *path = g_build_filename(fixture->folder, "pipe", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_cancellable_cancel(fixture->cancellable);
    return GINT_TO_POINTER(atoi(text));
}

static void
test_what_is_cancelled_ends_and_leaves_no_process(Fixture *fixture, gconstpointer script)
{
    g_autofree char *path = g_build_filename(fixture->folder, "pipe", NULL);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    GThread *thread = g_thread_new("cancel", cancel_when_it_runs, fixture);
    assert_failure(fixture, RUB_FIRMWARE_BIOS, fixture->cancellable, RUB_CODE_CANCELLED,
                   "stopped on request");
    int pid = GPOINTER_TO_INT(g_thread_join(thread));
    g_assert_cmpint(pid, >, 1);
    g_assert_cmpint(kill(pid, 0), ==, -1);
    g_assert_cmpint(errno, ==, ESRCH);
}

static void
test_a_stick_that_is_none_is_tried_on_both(Fixture *fixture, gconstpointer script)
{
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(rub_boot_test_choose(fixture->disk, NULL, &error), ==, RUB_FIRMWARE_MULTI);
    g_assert_no_error(error);
}

/* A record of which nothing more is known than that it is one. */
static void
test_a_record_that_does_not_say_is_tried_on_both(void)
{
    static const char *const manifests[] = {
        "{\"manifest\":1,\"state\":\"complete\"}",
        "{\"manifest\":1,\"state\":\"complete\",\"firmware\":\"uefi\"}",
    };
    static const RubFirmware chosen[] = {RUB_FIRMWARE_MULTI, RUB_FIRMWARE_UEFI};
    for (guint i = 0; i < G_N_ELEMENTS(manifests); i++) {
        GError *error = NULL;
        g_auto(Build) build;
        build_init_kept(&build);
        g_autofree char *volume = g_strdup_printf("%s@@%d", build.disk_path, KEEP_START_LBA * 512);
        g_autofree char *path = g_build_filename(build.folder, "manifest.json", NULL);
        g_assert_true(g_file_set_contents(path, manifests[i], -1, NULL));
        run("mmd", "-i", volume, "::" RUB_RECORDS_FOLDER);
        run("mcopy", "-i", volume, path, "::" RUB_MANIFEST_PATH);
        g_autoptr(RubDisk) disk = open_stick(build.disk_path);
        g_assert_cmpint(rub_boot_test_choose(disk, NULL, &error), ==, chosen[i]);
        g_assert_no_error(error);
    }
}

#define ADD(name, func, script)                                                                    \
    g_test_add("/boot-test/" name, Fixture, script, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    g_test_add_func("/boot-test/UEFI has firmware and variables of its own",
                    test_uefi_has_firmware_and_variables_of_its_own);
    g_test_add_func("/boot-test/BIOS is what QEMU has by itself",
                    test_bios_is_what_qemu_has_by_itself);
    g_test_add_func("/boot-test/a drive is handed over as one", test_a_drive_is_handed_over_as_one);
    g_test_add_func("/boot-test/without a window the serial line goes to a file",
                    test_without_a_window_the_serial_line_goes_to_a_file);
    ADD("the stick is handed over to be read only", test_the_stick_is_handed_over_to_be_read_only,
        "cd \"$(dirname \"$0\")\" && head -c 4 <&3 >read && ! echo x 2>&- >&3");
    ADD("the words of a failure are told", test_the_words_of_a_failure_are_told,
        "echo no memory at all >&2; exit 1");
    ADD("a missing program is told", test_a_missing_program_is_told, "exit 0");
    ADD("UEFI without firmware is refused", test_uefi_without_firmware_is_refused, "exit 0");
    ADD("what is cancelled ends and leaves no process",
        test_what_is_cancelled_ends_and_leaves_no_process,
        "echo $$ >\"$(dirname \"$0\")/pipe\"; exec sleep 600");
    ADD("a stick that is none is tried on both", test_a_stick_that_is_none_is_tried_on_both,
        "exit 0");
    if (has_tool("mcopy") && has_tool("mkfs.fat"))
        g_test_add_func("/boot-test/a record that does not say is tried on both",
                        test_a_record_that_does_not_say_is_tried_on_both);
    return g_test_run();
}
