/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-options.h"

#include <string.h>

#include "rub-cli-size.h"
#include "rub-intl.h"
#include "volume/rub-fat-label.h"

/* The arguments as they were given. */
typedef struct {
    gboolean help;
    gboolean version;
    gboolean list_devices;
    gboolean create;
    gboolean inspect;
    gboolean check;
    gboolean undo;
    gboolean boot_test;
    gboolean keep;
    gboolean raw;
    gboolean files;
    gboolean no_verify;
    gboolean force;
    gboolean quiet;
    gboolean json;
    char *iso;
    char *device;
    char *size;
    char *boot;
    char *filesystem;
    char *label;
    char *log;
    char **rest;
} Arguments;

static void
arguments_clear(Arguments *self)
{
    g_free(self->iso);
    g_free(self->device);
    g_free(self->size);
    g_free(self->boot);
    g_free(self->filesystem);
    g_free(self->label);
    g_free(self->log);
    g_strfreev(self->rest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Arguments, arguments_clear)

static gboolean
refuse(GError **error, const char *message)
{
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_USAGE, message);
    return FALSE;
}

/* GLib takes --force=no for --force. */
static gboolean
check_no_values(const GOptionEntry *entries, char **argv, GError **error)
{
    for (char **argument = argv; *argument && strcmp(*argument, "--") != 0; argument++) {
        const char *value = g_str_has_prefix(*argument, "--") ? strchr(*argument, '=') : NULL;
        if (!value)
            continue;
        g_autofree char *name = g_strndup(*argument + 2, (gsize) (value - *argument) - 2);
        for (const GOptionEntry *entry = entries; entry->long_name; entry++) {
            if (entry->arg != G_OPTION_ARG_NONE || strcmp(entry->long_name, name) != 0)
                continue;
            g_set_error(error, RUB_ERROR, RUB_CODE_USAGE, _("--%s takes no value"), name);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
read_arguments(Arguments *self, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"help", 'h', 0, G_OPTION_ARG_NONE, &self->help, NULL, NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &self->version, NULL, NULL},
        {"list-devices", 'l', 0, G_OPTION_ARG_NONE, &self->list_devices, NULL, NULL},
        {"create", 'c', 0, G_OPTION_ARG_NONE, &self->create, NULL, NULL},
        {"inspect", 0, 0, G_OPTION_ARG_NONE, &self->inspect, NULL, NULL},
        {"check", 0, 0, G_OPTION_ARG_NONE, &self->check, NULL, NULL},
        {"undo", 0, 0, G_OPTION_ARG_NONE, &self->undo, NULL, NULL},
        {"boot-test", 0, 0, G_OPTION_ARG_NONE, &self->boot_test, NULL, NULL},
        {"iso", 'i', 0, G_OPTION_ARG_FILENAME, &self->iso, NULL, NULL},
        {"device", 'd', 0, G_OPTION_ARG_FILENAME, &self->device, NULL, NULL},
        {"size", 0, 0, G_OPTION_ARG_STRING, &self->size, NULL, NULL},
        {"keep", 0, 0, G_OPTION_ARG_NONE, &self->keep, NULL, NULL},
        {"boot", 0, 0, G_OPTION_ARG_STRING, &self->boot, NULL, NULL},
        {"filesystem", 0, 0, G_OPTION_ARG_STRING, &self->filesystem, NULL, NULL},
        {"raw", 0, 0, G_OPTION_ARG_NONE, &self->raw, NULL, NULL},
        {"files", 0, 0, G_OPTION_ARG_NONE, &self->files, NULL, NULL},
        {"label", 0, 0, G_OPTION_ARG_STRING, &self->label, NULL, NULL},
        {"no-verify", 0, 0, G_OPTION_ARG_NONE, &self->no_verify, NULL, NULL},
        {"log", 0, 0, G_OPTION_ARG_FILENAME, &self->log, NULL, NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &self->json, NULL, NULL},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &self->force, NULL, NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, NULL, NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->rest, NULL, NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    /* The built-in help would also claim -? and exit by itself. */
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) parse_error = NULL;
    g_auto(GStrv) copy = g_strdupv(argv); /* parsing takes out what it knows */
    if (!g_option_context_parse_strv(context, &copy, &parse_error))
        return refuse(error, parse_error->message);
    return check_no_values(entries, argv, error);
}

static guint
count_commands(const Arguments *self)
{
    return (guint) (self->list_devices + self->create + self->inspect + self->check + self->undo +
                    self->boot_test);
}

static const char *
get_command_name(RubCliCommand command)
{
    static const char *const names[] = {
        [RUB_CLI_CREATE] = "--create",       [RUB_CLI_INSPECT] = "--inspect",
        [RUB_CLI_CHECK] = "--check",         [RUB_CLI_UNDO] = "--undo",
        [RUB_CLI_BOOT_TEST] = "--boot-test",
    };
    return names[command];
}

/* Those that only mean something to a build or its plan; a stick is also started on what --boot
 * says.
 */
static gboolean
has_build_options(const Arguments *self)
{
    return self->size || (self->boot && !self->boot_test) || self->filesystem || self->label ||
           self->keep || self->raw || self->files || self->no_verify;
}

static gboolean
choose_without_command(const Arguments *self, RubCliOptions *options, GError **error)
{
    if (has_build_options(self) || self->log || self->iso || self->device || self->force ||
        self->quiet || self->json)
        return refuse(error, _("say what to do: --create, --inspect, --check, --undo, "
                               "--boot-test or --list-devices"));
    if (self->rest && self->rest[1])
        return refuse(error, _("the wizard takes one image at a time"));
    options->command = RUB_CLI_WIZARD;
    options->image_path = self->rest ? g_strdup(self->rest[0]) : NULL;
    return TRUE;
}

static gboolean
check_no_rest(const Arguments *self, GError **error)
{
    if (!self->rest)
        return TRUE;
    g_autofree char *shown = g_filename_display_name(self->rest[0]);
    g_set_error(error, RUB_ERROR, RUB_CODE_USAGE,
                _("do not know what to do with \"%s\"; an image is given as -i FILE"), shown);
    return FALSE;
}

static gboolean
check_build_options_fit(const Arguments *self, GError **error)
{
    if (self->keep && self->label)
        return refuse(error, _("--keep leaves the stick its name, so leave out --label"));
    if (self->raw && self->files)
        return refuse(error, _("either --raw or --files, please"));
    if (self->raw && self->keep)
        return refuse(error, _("--raw overwrites the whole stick, so leave out --keep"));
    if (self->raw && (self->label || self->filesystem))
        return refuse(error, _("--raw writes the image with its own filesystem, so leave out "
                               "--label and --filesystem"));
    return TRUE;
}

/* A stick that was written byte by byte has no manifest: it is compared with its image. */
static gboolean
check_options_fit(const Arguments *self, RubCliCommand command, GError **error)
{
    if (command == RUB_CLI_CREATE || command == RUB_CLI_INSPECT)
        return check_build_options_fit(self, error);
    if (command == RUB_CLI_LIST_DEVICES &&
        (has_build_options(self) || self->log || self->iso || self->device))
        return refuse(error, _("--list-devices takes no other options than --json"));
    if (!has_build_options(self) && (command == RUB_CLI_CHECK || !self->iso) &&
        (command != RUB_CLI_BOOT_TEST || !self->log))
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_USAGE, _("%s takes no options of a build"),
                get_command_name(command));
    return FALSE;
}

static gboolean
choose_command(const Arguments *self, RubCliOptions *options, GError **error)
{
    if (self->help || self->version) {
        options->command = self->help ? RUB_CLI_HELP : RUB_CLI_VERSION;
        return TRUE;
    }
    if (count_commands(self) > 1)
        return refuse(error, _("only one command at a time, please"));
    if (count_commands(self) == 0)
        return choose_without_command(self, options, error);
    options->command = self->create      ? RUB_CLI_CREATE
                       : self->inspect   ? RUB_CLI_INSPECT
                       : self->check     ? RUB_CLI_CHECK
                       : self->undo      ? RUB_CLI_UNDO
                       : self->boot_test ? RUB_CLI_BOOT_TEST
                                         : RUB_CLI_LIST_DEVICES;
    return check_no_rest(self, error) && check_options_fit(self, options->command, error);
}

static gboolean
is_missing(const char *value)
{
    return !value || !*value;
}

static gboolean
choose_device(const Arguments *self, RubCliOptions *options, GError **error)
{
    gboolean is_optional = options->command == RUB_CLI_INSPECT;
    if (is_optional ? self->device && !*self->device : is_missing(self->device)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_USAGE, _("%s needs a target (-d DEVICE)"),
                    get_command_name(options->command));
        return FALSE;
    }
    options->device = g_strdup(self->device);
    return TRUE;
}

static gboolean
choose_log(const Arguments *self, RubCliOptions *options, GError **error)
{
    if (self->log && !*self->log)
        return refuse(error, _("--log needs the name of a file"));
    options->log_path = g_strdup(self->log);
    return TRUE;
}

static gboolean
choose_files(const Arguments *self, RubCliOptions *options, GError **error)
{
    if (is_missing(self->iso)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_USAGE, _("%s needs a rescue image (-i FILE)"),
                    get_command_name(options->command));
        return FALSE;
    }
    if (!choose_device(self, options, error) || !choose_log(self, options, error))
        return FALSE;
    options->image_path = g_strdup(self->iso);
    if (!self->size)
        return TRUE;
    if (!self->device)
        return refuse(error, _("--size needs the disk image to make (-d FILE)"));
    return rub_cli_size_parse(self->size, &options->new_size_bytes, error);
}

static gboolean
choose_firmware(const Arguments *self, RubCliOptions *options, GError **error)
{
    static const struct {
        const char *name;
        RubFirmware firmware;
    } choices[] = {
        {"multi", RUB_FIRMWARE_MULTI},
        {"uefi", RUB_FIRMWARE_UEFI},
        {"bios", RUB_FIRMWARE_BIOS},
    };
    const char *wanted = self->boot ? self->boot : choices[0].name;
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++) {
        if (strcmp(wanted, choices[i].name) != 0)
            continue;
        options->firmware = choices[i].firmware;
        return TRUE;
    }
    g_set_error(error, RUB_ERROR, RUB_CODE_USAGE, _("--boot is multi, uefi or bios, not \"%s\""),
                wanted);
    return FALSE;
}

static gboolean
choose_volume(const Arguments *self, RubCliOptions *options, GError **error)
{
    const char *filesystem = self->filesystem ? self->filesystem : "auto";
    static const char *const choices[] = {
        [RUB_CHOICE_AUTO] = "auto",
        [RUB_CHOICE_FAT32] = "fat32",
        [RUB_CHOICE_NTFS] = "ntfs",
    };
    guint choice = 0;
    while (choice < G_N_ELEMENTS(choices) && strcmp(filesystem, choices[choice]) != 0)
        choice++;
    if (choice == G_N_ELEMENTS(choices)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_USAGE,
                    _("--filesystem is auto, fat32 or ntfs, not \"%s\""), filesystem);
        return FALSE;
    }
    if (self->label && !rub_fat_label_is_valid(self->label)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_USAGE,
                    _("\"%s\" cannot be a label: it takes 1 to %d letters, digits, spaces and a "
                      "few signs such as - and _"),
                    self->label, RUB_FAT_MAX_LABEL_BYTES);
        return FALSE;
    }
    options->label = g_strdup(self->label);
    options->filesystem = (RubFilesystemChoice) choice;
    /* Whoever wants a filesystem does not want that of the image. */
    if (self->filesystem)
        options->method = RUB_METHOD_FILES;
    return TRUE;
}

static gboolean
choose_finished_stick(const Arguments *self, RubCliOptions *options, GError **error)
{
    options->image_path = g_strdup(self->iso);
    return choose_device(self, options, error) && choose_log(self, options, error);
}

static gboolean
choose_boot_test(const Arguments *self, RubCliOptions *options, GError **error)
{
    return choose_device(self, options, error) && choose_firmware(self, options, error);
}

static gboolean
choose_build(const Arguments *self, RubCliOptions *options, GError **error)
{
    return choose_files(self, options, error) && choose_firmware(self, options, error) &&
           choose_volume(self, options, error);
}

RubCliOptions *
rub_cli_options_parse(char **argv, GError **error)
{
    g_auto(Arguments) arguments = {0};
    g_autoptr(RubCliOptions) options = g_new0(RubCliOptions, 1);
    if (!read_arguments(&arguments, argv, error) || !choose_command(&arguments, options, error))
        return NULL;
    options->keep = arguments.keep;
    options->method = arguments.raw     ? RUB_METHOD_RAW
                      : arguments.files ? RUB_METHOD_FILES
                                        : RUB_METHOD_AUTO;
    options->skip_verify = arguments.no_verify;
    options->is_forced = arguments.force;
    options->is_quiet = arguments.quiet;
    options->is_json = arguments.json;
    switch (options->command) {
    case RUB_CLI_CREATE:
    case RUB_CLI_INSPECT:
        return choose_build(&arguments, options, error) ? g_steal_pointer(&options) : NULL;
    case RUB_CLI_CHECK:
    case RUB_CLI_UNDO:
        return choose_finished_stick(&arguments, options, error) ? g_steal_pointer(&options) : NULL;
    case RUB_CLI_BOOT_TEST:
        return choose_boot_test(&arguments, options, error) ? g_steal_pointer(&options) : NULL;
    default:
        return g_steal_pointer(&options);
    }
}

void
rub_cli_options_free(RubCliOptions *self)
{
    g_free(self->image_path);
    g_free(self->device);
    g_free(self->label);
    g_free(self->log_path);
    g_free(self);
}

gboolean
rub_cli_options_wants_json(char **argv)
{
    for (char **argument = argv; *argument && strcmp(*argument, "--") != 0; argument++) {
        if (strcmp(*argument, "--json") == 0)
            return TRUE;
    }
    return FALSE;
}
