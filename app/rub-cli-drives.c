/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-drives.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "rub-intl.h"

#define FOLDER "rescue-usb-builder"
#define FILE_NAME "drives"

/* Borrowed from the list. */
static RubDrive *
get_drive(RubDriveList *list, guint n)
{
    g_autoptr(RubDrive) drive = g_list_model_get_item(G_LIST_MODEL(list), n);
    return drive;
}

static GPtrArray *
list_suitable(RubDriveList *list)
{
    GPtrArray *drives = g_ptr_array_new();
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(list)); i++) {
        RubDrive *drive = get_drive(list, i);
        if (rub_drive_is_suitable(drive))
            g_ptr_array_add(drives, drive);
    }
    return drives;
}

guint
rub_cli_drives_get_number(RubDriveList *list, RubDrive *drive)
{
    g_autoptr(GPtrArray) drives = list_suitable(list);
    guint index = 0;
    return g_ptr_array_find(drives, drive, &index) ? index + 1 : 0;
}

/* What makes a drive another one, a line for each that has a number. */
static char *
describe(RubDriveList *list)
{
    g_autoptr(GPtrArray) drives = list_suitable(list);
    GString *lines = g_string_new(NULL);
    for (guint i = 0; i < drives->len; i++) {
        RubDrive *drive = g_ptr_array_index(drives, i);
        g_autofree char *serial = g_strescape(rub_drive_get_serial(drive), NULL);
        g_string_append_printf(lines, "%s\t%s\t%" G_GUINT64_FORMAT "\n", serial,
                               rub_drive_get_node(drive), rub_drive_get_size_bytes(drive));
    }
    return g_string_free(lines, FALSE);
}

static char *
get_path(void)
{
    return g_build_filename(g_get_user_runtime_dir(), FOLDER, FILE_NAME, NULL);
}

gboolean
rub_cli_drives_remember(RubDriveList *list, GError **error)
{
    g_autofree char *path = get_path();
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *lines = describe(list);
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        rub_error_set_errno(error, RUB_CODE_WRITE_FAILED, errno,
                            N_("cannot make the folder {name}"), "name", folder, NULL);
        return FALSE;
    }
    return g_file_set_contents_full(path, lines, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static gboolean
check_listed(RubDriveList *list, GError **error)
{
    g_autofree char *path = get_path();
    g_autofree char *now = describe(list);
    g_autofree char *listed = NULL;
    if (!g_file_get_contents(path, &listed, NULL, NULL)) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_USAGE,
                            _("the drives were not listed yet, so they have no numbers; list them "
                              "with --list-devices first"));
        return FALSE;
    }
    if (g_str_equal(listed, now))
        return TRUE;
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_DEVICE_CHANGED,
                        _("other drives are plugged in now than when they were listed last, so the "
                          "number may mean another one"));
    return FALSE;
}

RubDrive *
rub_cli_drives_pick(RubDriveList *list, const char *number, GError **error)
{
    if (!check_listed(list, error))
        return NULL;
    g_autoptr(GPtrArray) drives = list_suitable(list);
    guint64 value = 0;
    if (drives->len > 0 && g_ascii_string_to_unsigned(number, 10, 1, drives->len, &value, NULL))
        return g_object_ref(g_ptr_array_index(drives, value - 1));
    g_set_error(error, RUB_ERROR, RUB_CODE_USAGE,
                _("there is no drive with the number %s in the list; see --list-devices"), number);
    return NULL;
}
