/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "volume/rub-folder.h"

G_BEGIN_DECLS

/**
 * RubFolderFlow:
 *
 * Writes files of a mounted volume so that the medium keeps up: of all that was written only a
 * bounded amount, 16 MiB in at most 256 pieces, is in the kernel's cache and not on the medium yet.
 * It does not wait for each file: those that are small go out together.
 */
typedef struct _RubFolderFlow RubFolderFlow;

/** rub_folder_flow_new: Returns: (transfer full): a flow into @folder, which must outlive it */
RubFolderFlow *rub_folder_flow_new(const RubFolder *folder);

/** rub_folder_flow_free: closes what is open, without waiting for the medium, and frees it */
void rub_folder_flow_free(RubFolderFlow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFolderFlow, rub_folder_flow_free)

/**
 * rub_folder_flow_write:
 * @self: a flow
 * @fd: a file that is open for writing
 * @path: its path, which must live until the flow is settled
 * @offset_bytes: where to write
 * @data: what to write
 * @size_bytes: how much
 * @error: return location
 *
 * Errors: %RUB_CODE_WRITE_FAILED naming the file, which may be one that was written before;
 * %RUB_CODE_DEVICE_GONE. After an error the flow can only be freed.
 *
 * Returns: whether the bytes were taken
 */
gboolean rub_folder_flow_write(RubFolderFlow *self, int fd, const char *path, guint64 offset_bytes,
                               const void *data, gsize size_bytes, GError **error);

/**
 * rub_folder_flow_close:
 * @self: a flow
 * @fd: (transfer full): a file that was written whole; closed once it is on the medium
 * @path: its path, which must live until the flow is settled
 * @error: return location
 *
 * Errors: those of rub_folder_flow_write().
 *
 * Returns: whether nothing has failed so far
 */
gboolean rub_folder_flow_close(RubFolderFlow *self, int fd, const char *path, GError **error);

/**
 * rub_folder_flow_settle:
 * @self: a flow
 * @error: return location
 *
 * Waits until the contents of all files are on the medium, and closes them. What the filesystem
 * knows about them takes a rub_folder_sync(). Errors: those of rub_folder_flow_write().
 *
 * Returns: whether they are
 */
gboolean rub_folder_flow_settle(RubFolderFlow *self, GError **error);

G_END_DECLS
