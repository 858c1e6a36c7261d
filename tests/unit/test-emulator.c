/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "emulator/rub-emulator.h"

#include <glib/gstdio.h>

#include "base/rub-error.h"
#include "disk-tools.h"
#include "emulator-tools.h"
#include "emulator/rub-emulator-package.h"

static const char plain[] =
    "{'interface-types': ['uefi'], 'mapping': {'device': 'flash',"
    " 'executable': {'filename': '@/code.fd', 'format': 'raw'},"
    " 'nvram-template': {'filename': '@/vars.fd', 'format': 'qcow2'}},"
    " 'targets': [{'architecture': 'x86_64', 'machines': ['pc-i440fx-*', 'pc-q35-*']}],"
    " 'features': ['acpi-s3', 'amd-sev'], 'tags': []}";

typedef struct {
    char *folder;
    char *own_folder;
    char *old_path;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->folder = make_folder();
    fixture->own_folder = g_build_filename(fixture->folder, "own", NULL);
    fixture->old_path = g_strdup(g_getenv("PATH"));
    g_mkdir(fixture->own_folder, 0700);
    emulator_tools_write(fixture->folder, "code.fd", "code");
    emulator_tools_write(fixture->folder, "vars.fd", "vars");
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_setenv("PATH", fixture->old_path, TRUE);
    remove_folder(fixture->folder);
    g_free(fixture->own_folder);
    g_free(fixture->old_path);
}

/* Writes a description whose quotes are single and in which @ stands for the folder, with one part
 * of it replaced. */
static void
describe(const Fixture *fixture, const char *folder, const char *name, const char *part,
         const char *replacement)
{
    g_autoptr(GString) text = g_string_new(plain);
    g_assert_cmpuint(g_string_replace(text, part, replacement, 0), >, 0);
    g_string_replace(text, "'", "\"", 0);
    g_string_replace(text, "@", fixture->folder, 0);
    emulator_tools_write(folder, name, text->str);
}

static RubUefiFirmware *
find(const Fixture *fixture)
{
    const char *const folders[] = {"/nonexistent", fixture->folder, fixture->own_folder, NULL};
    return rub_uefi_firmware_find(folders);
}

static void
test_firmware_is_taken_from_its_description(Fixture *fixture, gconstpointer data)
{
    g_autofree char *code = g_build_filename(fixture->folder, "code.fd", NULL);
    g_autofree char *variables = g_build_filename(fixture->folder, "vars.fd", NULL);
    describe(fixture, fixture->folder, "60-plain.json", "raw", "raw");
    g_autoptr(RubUefiFirmware) firmware = find(fixture);
    g_assert_nonnull(firmware);
    g_assert_cmpstr(firmware->code_path, ==, code);
    g_assert_cmpstr(firmware->code_format, ==, "raw");
    g_assert_cmpstr(firmware->variables_path, ==, variables);
    g_assert_cmpstr(firmware->variables_format, ==, "qcow2");
}

static void
test_the_preferred_firmware_is_first_by_name(Fixture *fixture, gconstpointer data)
{
    emulator_tools_write(fixture->folder, "other.fd", "code");
    describe(fixture, fixture->folder, "60-b.json", "raw", "raw");
    describe(fixture, fixture->own_folder, "50-a.json", "code.fd", "other.fd");
    g_autoptr(RubUefiFirmware) firmware = find(fixture);
    g_assert_true(g_str_has_suffix(firmware->code_path, "/other.fd"));
}

static void
test_an_empty_description_hides_that_of_the_distribution(Fixture *fixture, gconstpointer data)
{
    describe(fixture, fixture->folder, "60-plain.json", "raw", "raw");
    emulator_tools_write(fixture->own_folder, "60-plain.json", "");
    g_assert_null(find(fixture));
}

static void
test_firmware_that_does_not_fit_is_passed_over(Fixture *fixture, gconstpointer data)
{
    static const char *const changes[][2] = {
        {"'uefi'", "'bios'"},
        {"'flash'", "'memory'"},
        {"'flash'", "'flash', 'mode': 'stateless'"},
        {"x86_64", "i386"},
        {"pc-q35-*", "microvm"},
        {"'amd-sev'", "'requires-smm'"},
        {"'amd-sev'", "'secure-boot'"},
        {"'amd-sev'", "'enrolled-keys'"},
        {"code.fd", "none.fd"},
        {"vars.fd", "none.fd"},
        {"raw", "vmdk"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        describe(fixture, fixture->folder, "60-plain.json", changes[i][0], changes[i][1]);
        g_assert_null(find(fixture));
    }
}

static void
test_a_description_that_is_none_is_passed_over(Fixture *fixture, gconstpointer data)
{
    static const char *const changes[][2] = {
        {"{'interface-types': ['uefi']", "[1"},
        {"['uefi']", "[1, {}, null]"},
        {"'flash'", "7"},
        {"'flash'", "'flash', 'mode': 'other'"},
        {"{'filename': '@/code.fd', 'format': 'raw'}", "'@/code.fd'"},
        {"'@/vars.fd'", "['@/vars.fd', 3]"},
        {"'format': 'qcow2'", "'form': 1"},
        {"[{'architecture'", "{'architecture'"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        describe(fixture, fixture->folder, "60-plain.json", changes[i][0], changes[i][1]);
        g_assert_null(find(fixture));
    }
}

static void
assert_advice(RubEmulatorPart missing, const char *ids, const char *name, const char *command)
{
    const char *system_name;
    g_autofree char *advice = rub_emulator_package_advise(missing, ids, &system_name);
    g_assert_cmpstr(advice, ==, command);
    g_assert_cmpstr(system_name, ==, name);
}

static void
test_each_distribution_has_its_packages(void)
{
    const RubEmulatorPart all = RUB_EMULATOR_PROGRAM | RUB_EMULATOR_WINDOW | RUB_EMULATOR_UEFI;
    assert_advice(all, "ubuntu debian", "Debian",
                  "sudo apt install qemu-system-x86 qemu-system-gui ovmf");
    assert_advice(RUB_EMULATOR_UEFI, "fedora ", "Fedora", "sudo dnf install edk2-ovmf");
    assert_advice(RUB_EMULATOR_WINDOW, "arch ", "Arch Linux", "sudo pacman -S qemu-ui-gtk");
    assert_advice(RUB_EMULATOR_PROGRAM | RUB_EMULATOR_UEFI, "opensuse-leap suse opensuse",
                  "openSUSE", "sudo zypper install qemu-x86 qemu-ovmf-x86_64");
    assert_advice(RUB_EMULATOR_UEFI, " ", "Debian", "sudo apt install ovmf");
}

static void
assert_missing(const char *pattern)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(rub_emulator_new(NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_USAGE);
    g_assert_true(g_pattern_match_simple(pattern, error->message));
}

static void
test_what_is_not_installed_is_told(Fixture *fixture, gconstpointer data)
{
    g_setenv("PATH", fixture->folder, TRUE);
    assert_missing("the emulator QEMU, * is not installed; \"*qemu*\" installs it on *");
    emulator_tools_write_program(fixture->folder, "echo none; echo curses; echo egl-headless");
    assert_missing("the part of the emulator QEMU that opens windows is not installed; *");
    emulator_tools_write_program(fixture->folder, "exit 1");
    assert_missing("the part of the emulator QEMU that opens windows is not installed; *");
}

static void
test_what_is_installed_is_found(Fixture *fixture, gconstpointer data)
{
    g_autofree char *program = g_build_filename(fixture->folder, "qemu-system-x86_64", NULL);
    g_setenv("PATH", fixture->folder, TRUE);
    emulator_tools_write_program(fixture->folder, "echo sdl; echo gtk");
    g_autoptr(RubEmulator) emulator = rub_emulator_new(NULL, NULL);
    g_assert_cmpstr(emulator->program, ==, program);
    g_assert_cmpstr(emulator->display, ==, "gtk");
    g_assert_cmpuint(emulator->memory_mib, >=, 512);
    g_assert_cmpuint(emulator->memory_mib, <=, 2048);
    emulator_tools_write_program(fixture->folder, "echo sdl; echo curses");
    g_autoptr(RubEmulator) other = rub_emulator_new(NULL, NULL);
    g_assert_cmpstr(other->display, ==, "sdl");
}

static void
test_without_a_window_none_is_looked_for(Fixture *fixture, gconstpointer data)
{
    g_setenv("PATH", fixture->folder, TRUE);
    emulator_tools_write_program(fixture->folder, "exit 1");
    g_autoptr(RubEmulator) emulator = rub_emulator_new("/tmp/serial", NULL);
    g_assert_cmpstr(emulator->display, ==, "none");
    g_assert_cmpstr(emulator->serial_path, ==, "/tmp/serial");
}

static void
test_only_uefi_needs_firmware(void)
{
    g_autoptr(GError) error = NULL;
    RubUefiFirmware firmware = {0};
    RubEmulator emulator = {0};
    g_assert_true(rub_emulator_check_firmware(&emulator, RUB_FIRMWARE_BIOS, &error));
    g_assert_no_error(error);
    g_assert_false(rub_emulator_check_firmware(&emulator, RUB_FIRMWARE_MULTI, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_USAGE);
    g_assert_true(
        g_pattern_match_simple("there is no UEFI *ovmf\" installs one on *", error->message));
    emulator.uefi = &firmware;
    g_assert_true(rub_emulator_check_firmware(&emulator, RUB_FIRMWARE_MULTI, NULL));
}

#define ADD(name, func) g_test_add("/emulator/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("firmware is taken from its description", test_firmware_is_taken_from_its_description);
    ADD("the preferred firmware is first by name", test_the_preferred_firmware_is_first_by_name);
    ADD("an empty description hides that of the distribution",
        test_an_empty_description_hides_that_of_the_distribution);
    ADD("firmware that does not fit is passed over",
        test_firmware_that_does_not_fit_is_passed_over);
    ADD("a description that is none is passed over",
        test_a_description_that_is_none_is_passed_over);
    g_test_add_func("/emulator/each distribution has its packages",
                    test_each_distribution_has_its_packages);
    ADD("what is not installed is told", test_what_is_not_installed_is_told);
    ADD("what is installed is found", test_what_is_installed_is_found);
    ADD("without a window none is looked for", test_without_a_window_none_is_looked_for);
    g_test_add_func("/emulator/only UEFI needs firmware", test_only_uefi_needs_firmware);
    return g_test_run();
}
