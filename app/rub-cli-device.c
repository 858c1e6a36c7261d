/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-device.h"

#include <string.h>
#include <sys/stat.h>

#include "rub-intl.h"
#include "target/rub-image-target.h"

/* A file that does not exist yet is told by where it would be. */
static gboolean
is_same_file(const char *path, const char *other)
{
    struct stat st, other_st;
    gboolean exists = stat(path, &st) == 0;
    if (exists != (stat(other, &other_st) == 0))
        return FALSE;
    if (exists)
        return st.st_dev == other_st.st_dev && st.st_ino == other_st.st_ino;
    g_autofree char *full = g_canonicalize_filename(path, NULL);
    g_autofree char *other_full = g_canonicalize_filename(other, NULL);
    return strcmp(full, other_full) == 0;
}

static gboolean
is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* Something that names a drive: its number in the list, its node, or a serial number, which looks
 * like the name of a file without folder and suffix. */
static gboolean
names_drive(const RubCliOptions *options)
{
    const char *device = options->device;
    struct stat st;
    if (is_number(device) || g_str_has_prefix(device, "/dev/"))
        return TRUE;
    if (stat(device, &st) == 0)
        return S_ISBLK(st.st_mode);
    return options->new_size_bytes == 0 && !strpbrk(device, "/.");
}

static gboolean
refuse(GError **error, const char *format, const char *name)
{
    g_autofree char *shown = g_filename_display_name(name);
    g_autoptr(GString) message = g_string_new(format);
    g_string_replace(message, "{name}", shown, 0);
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_USAGE, message->str);
    return FALSE;
}

/* A log is begun anew, so what was in its file is lost. */
static gboolean
check_log(const RubCliOptions *options, GError **error)
{
    const char *log_path = options->log_path;
    if (!log_path ||
        !(is_same_file(log_path, options->image_path) || is_same_file(log_path, options->device)))
        return TRUE;
    return refuse(error, _("the log \"{name}\" would overwrite the image or the target"), log_path);
}

static gboolean
check_size(const RubCliOptions *options, GError **error)
{
    const char *device = options->device;
    gboolean is_build = options->command == RUB_CLI_CREATE || options->command == RUB_CLI_INSPECT;
    gboolean exists = g_file_test(device, G_FILE_TEST_EXISTS);
    if (exists && options->new_size_bytes != 0)
        return refuse(error, _("\"{name}\" exists already, so leave out --size"), device);
    if (!exists && !is_build)
        return refuse(error, _("\"{name}\" does not exist"), device);
    if (!exists && options->new_size_bytes == 0)
        return refuse(error, _("\"{name}\" does not exist; to make it, add its size (--size 8G)"),
                      device);
    return TRUE;
}

static gboolean
check_device(const RubCliOptions *options, GError **error)
{
    const char *device = options->device;
    if (names_drive(options))
        return refuse(error,
                      _("\"{name}\" is no disk-image file, and real drives are not available yet "
                        "in this version; to make a disk image: -d stick.img --size 8G"),
                      device);
    if (!check_size(options, error))
        return FALSE;
    if (options->image_path && is_same_file(options->image_path, device))
        return refuse(error, _("the image and the target are the same file, \"{name}\""), device);
    return TRUE;
}

RubTarget *
rub_cli_device_open(const RubCliOptions *options, GError **error)
{
    if (!check_device(options, error) || !check_log(options, error))
        return NULL;
    return rub_image_target_new(options->device, options->new_size_bytes);
}
