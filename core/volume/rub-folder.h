/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-error.h"

G_BEGIN_DECLS

/**
 * RubFolder:
 *
 * A folder in which the kernel's driver shows a volume. Everything is reached from its descriptor,
 * by paths "a/b": never through a link, never outside of it, never on another filesystem that is
 * mounted in it.
 */
typedef struct _RubFolder RubFolder;

/**
 * rub_folder_new:
 * @path: the folder
 * @error: return location
 *
 * Errors: %RUB_CODE_DEVICE_GONE where there is no such folder any more, %RUB_CODE_VERIFY_FAILED.
 *
 * Returns: (transfer full) (nullable): the folder
 */
RubFolder *rub_folder_new(const char *path, GError **error);

/** rub_folder_free: frees it */
void rub_folder_free(RubFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFolder, rub_folder_free)

/** rub_folder_get_fd: Returns: its descriptor, still owned by it */
int rub_folder_get_fd(const RubFolder *self);

/**
 * rub_folder_open:
 * @self: a folder
 * @path: what to open in it
 * @flags: as of open(); with O_CREAT the file is made for everybody that the umask lets
 *
 * Returns: a descriptor; -1, with errno set, where that failed
 */
int rub_folder_open(const RubFolder *self, const char *path, int flags);

/** rub_folder_make_folder: makes the folder at @path. Returns: 0, or -1 with errno set */
int rub_folder_make_folder(const RubFolder *self, const char *path);

/** rub_folder_remove: removes the file or, with @is_folder, the empty folder at @path. Returns: 0,
 * or -1 with errno set */
int rub_folder_remove(const RubFolder *self, const char *path, gboolean is_folder);

/**
 * rub_folder_sync:
 * @self: a folder
 * @error: return location
 *
 * Waits until everything written to the whole filesystem is on the medium. Errors:
 * %RUB_CODE_WRITE_FAILED, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether it is
 */
gboolean rub_folder_sync(const RubFolder *self, GError **error);

/**
 * rub_folder_set_error:
 * @self: a folder
 * @error: return location
 * @code: what to report: %RUB_CODE_WRITE_FAILED or %RUB_CODE_VERIFY_FAILED
 * @errnum: a value of errno
 * @path: the file or folder concerned
 *
 * Says that a file cannot be read or written, as @code tells; %RUB_CODE_DEVICE_GONE where the
 * reason is that the drive was pulled, whatever the kernel calls it.
 *
 * Returns: %FALSE
 */
gboolean rub_folder_set_error(const RubFolder *self, GError **error, RubCode code, int errnum,
                              const char *path);

G_END_DECLS
