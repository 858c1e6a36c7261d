/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-device.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rub-cli-drives.h"
#include "rub-intl.h"
#include "target/rub-image-target.h"
#include "target/rub-udisks-target.h"

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
 * like the name of a file without folder and suffix. What is there as a file is that file. */
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
check_image(const RubCliOptions *options, GError **error)
{
    if (!options->image_path || !is_same_file(options->image_path, options->device))
        return TRUE;
    return refuse(error, _("the image and the target are the same file, \"{name}\""),
                  options->device);
}

/* Links such as those in /dev/disk/by-id lead to the node. */
static char *
resolve_node(const char *name)
{
    g_autofree char *current = g_get_current_dir();
    g_autofree char *full = g_canonicalize_filename(name, current);
    char resolved[PATH_MAX];
    return g_strdup(realpath(full, resolved) ? resolved : full);
}

static RubDrive *
find_node(RubDriveList *list, const char *node)
{
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(list)); i++) {
        g_autoptr(RubDrive) drive = g_list_model_get_item(G_LIST_MODEL(list), i);
        if (g_str_equal(rub_drive_get_node(drive), node))
            return g_steal_pointer(&drive);
    }
    return NULL;
}

/* A node may be that of a disk which is in no list; its layout tells why it is refused. */
static gboolean
find_drive(RubCliDevice *self, RubDriveList *list, const char *name, GError **error)
{
    if (is_number(name)) {
        self->drive = rub_cli_drives_pick(list, name, error);
    } else if (strchr(name, '/') || g_file_test(name, G_FILE_TEST_EXISTS)) {
        g_autofree char *node = resolve_node(name);
        self->drive = find_node(list, node);
        if (!self->drive)
            self->target = rub_udisks_target_new_for_node(node, error);
    } else {
        self->drive = rub_drive_list_find(list, name, error);
    }
    if (!self->drive)
        return self->target != NULL;
    self->number = rub_cli_drives_get_number(list, self->drive);
    self->target = rub_udisks_target_new(self->drive);
    return TRUE;
}

static RubCliDevice *
open_drive(const RubCliOptions *options, GCancellable *cancellable, GError **error)
{
    if (options->new_size_bytes != 0) {
        refuse(error, _("--size makes a disk-image file, which \"{name}\" is not"),
               options->device);
        return NULL;
    }
    g_autoptr(RubDriveList) list = rub_drive_list_new(cancellable, error);
    g_autoptr(RubCliDevice) self = g_new0(RubCliDevice, 1);
    if (!list || !find_drive(self, list, options->device, error))
        return NULL;
    return g_steal_pointer(&self);
}

static RubCliDevice *
open_file(const RubCliOptions *options, GError **error)
{
    if (!check_size(options, error))
        return NULL;
    RubCliDevice *self = g_new0(RubCliDevice, 1);
    self->target = rub_image_target_new(options->device, options->new_size_bytes);
    return self;
}

RubCliDevice *
rub_cli_device_open(const RubCliOptions *options, GCancellable *cancellable, GError **error)
{
    if (!check_image(options, error) || !check_log(options, error))
        return NULL;
    return names_drive(options) ? open_drive(options, cancellable, error)
                                : open_file(options, error);
}

void
rub_cli_device_free(RubCliDevice *self)
{
    g_clear_pointer(&self->target, rub_target_free);
    g_clear_object(&self->drive);
    g_free(self);
}
