/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "volume/rub-folder.h"

G_BEGIN_DECLS

/**
 * RubFolderRoom:
 *
 * How much room a round takes on a mounted volume, in clusters.
 */
typedef struct _RubFolderRoom RubFolderRoom;

/**
 * rub_folder_room_new:
 * @folder: where the volume is mounted
 * @error: return location
 *
 * Errors: %RUB_CODE_DEVICE_GONE, %RUB_CODE_VERIFY_FAILED.
 *
 * Returns: (transfer full) (nullable): a room of which nothing is taken
 */
RubFolderRoom *rub_folder_room_new(const RubFolder *folder, GError **error);

/** rub_folder_room_free: frees it */
void rub_folder_room_free(RubFolderRoom *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFolderRoom, rub_folder_room_free)

/** rub_folder_room_add_name: takes the room of the name at @path in its folder */
void rub_folder_room_add_name(RubFolderRoom *self, const char *path);

/** rub_folder_room_add_copy: takes @size_bytes, before anything is given back */
void rub_folder_room_add_copy(RubFolderRoom *self, guint64 size_bytes);

/** rub_folder_room_give_back: gives @size_bytes back, after the copies, before the files */
void rub_folder_room_give_back(RubFolderRoom *self, guint64 size_bytes);

/** rub_folder_room_add_file: takes @size_bytes */
void rub_folder_room_add_file(RubFolderRoom *self, guint64 size_bytes);

/** rub_folder_room_get_missing_bytes: Returns: how much is missing; 0 if all of it fits */
guint64 rub_folder_room_get_missing_bytes(const RubFolderRoom *self);

G_END_DECLS
