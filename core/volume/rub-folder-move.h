/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-digest.h"
#include "volume/rub-folder-names.h"
#include "volume/rub-folder.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/**
 * RubFolderMove:
 * @from: where the file is
 * @to: where it goes
 * @flags: how the entry is made
 * @size_bytes: how large it was when it was copied
 * @digest: the digest of its bytes then
 *
 * A file of a mounted volume that gets another place.
 */
typedef struct {
    RubFolderName *from;
    RubFolderName *to;
    RubVolumeFlags flags;
    guint64 size_bytes;
    char digest[RUB_DIGEST_TEXT_BYTES];
} RubFolderMove;

/** rub_folder_move_new: Returns: (transfer full): a move of a file between two names, which must
 * outlive it */
RubFolderMove *rub_folder_move_new(RubFolderName *from, RubFolderName *to, RubVolumeFlags flags);

/** rub_folder_move_free: frees it */
void rub_folder_move_free(RubFolderMove *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFolderMove, rub_folder_move_free)

/**
 * rub_folder_move_copy:
 * @self: a move
 * @folder: where the volume is mounted
 * @error: return location
 *
 * Copies the file with its time and marks. A file that gives way to it goes first. Errors:
 * %RUB_CODE_VERIFY_FAILED if the file cannot be read, %RUB_CODE_WRITE_FAILED,
 * %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether it is copied
 */
gboolean rub_folder_move_copy(RubFolderMove *self, const RubFolder *folder, GError **error);

/**
 * rub_folder_move_check:
 * @self: a move whose copy is on the medium
 * @folder: where the volume is mounted
 * @error: return location
 *
 * Reads the copy from the medium. Errors: %RUB_CODE_WRITE_FAILED if it is not what was read from
 * the file, %RUB_CODE_VERIFY_FAILED, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether the copy is right
 */
gboolean rub_folder_move_check(const RubFolderMove *self, const RubFolder *folder, GError **error);

G_END_DECLS
