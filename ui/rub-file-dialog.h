/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * RubFileDialogKind:
 * @RUB_FILE_DIALOG_OPEN_IMAGE: a rescue image that exists
 * @RUB_FILE_DIALOG_OPEN_DISK: a disk-image file that exists
 * @RUB_FILE_DIALOG_NEW_DISK: a disk-image file to be made
 * @RUB_FILE_DIALOG_SAVE_LOG: where to save a log
 *
 * What a file is chosen for.
 */
typedef enum {
    RUB_FILE_DIALOG_OPEN_IMAGE,
    RUB_FILE_DIALOG_OPEN_DISK,
    RUB_FILE_DIALOG_NEW_DISK,
    RUB_FILE_DIALOG_SAVE_LOG,
} RubFileDialogKind;

/**
 * RubFileChosen:
 * @parent: the window that asked
 * @path: the file
 *
 * Takes a file that the user chose.
 */
typedef void (*RubFileChosen)(GtkWindow *parent, const char *path);

/**
 * rub_file_dialog_show:
 * @parent: the window that asks
 * @kind: what the file is for
 * @chosen: called when the user has chosen one; not called if none, or if @parent is gone by then
 *
 * Has the user choose a file.
 */
void rub_file_dialog_show(GtkWindow *parent, RubFileDialogKind kind, RubFileChosen chosen);

G_END_DECLS
