/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-entry.h"

G_BEGIN_DECLS

/**
 * RubFolderName:
 * @path: its path, spelled as on the volume
 * @is_folder: whether it is a folder
 * @size_bytes: the size of the file that is there
 * @is_there: whether it is on the volume
 * @goes: whether what is on the volume goes in this round, because it moves, gives way or is
 * removed
 * @is_new: whether this round makes it, or makes it anew
 *
 * A name on a mounted volume, or one that will be.
 */
typedef struct {
    char *path;
    gboolean is_folder;
    guint64 size_bytes;
    gboolean is_there;
    gboolean goes;
    gboolean is_new;
} RubFolderName;

/**
 * RubFolderNames:
 *
 * The names on a mounted volume, and what a round does to them, by the rules of FAT: two that
 * differ only by case are the same.
 */
typedef struct _RubFolderNames RubFolderNames;

/** rub_folder_names_new: Returns: (transfer full): the names of @listing */
RubFolderNames *rub_folder_names_new(const RubListing *listing);

/** rub_folder_names_free: frees them */
void rub_folder_names_free(RubFolderNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFolderNames, rub_folder_names_free)

/**
 * rub_folder_names_add:
 * @self: names
 * @path: what the round makes
 * @is_folder: whether that is a folder
 * @replaces: whether a file that is there already gives way
 * @error: return location
 *
 * Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE for a name that FAT does not hold or that is taken, and
 * where the folder that it goes into is missing. A folder that is there already stays as it is.
 *
 * Returns: (transfer none) (nullable): its name
 */
RubFolderName *rub_folder_names_add(RubFolderNames *self, const char *path, gboolean is_folder,
                                    gboolean replaces, GError **error);

/**
 * rub_folder_names_drop:
 * @self: names
 * @path: what goes from the volume: a file, or a folder that is empty then
 * @error: return location
 *
 * Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE where there is no such thing, or the folder is not
 * empty.
 *
 * Returns: (transfer none) (nullable): its name
 */
RubFolderName *rub_folder_names_drop(RubFolderNames *self, const char *path, GError **error);

/** rub_folder_names_get_leaving: Returns: (transfer none) (element-type RubFolderName): what goes
 * in this round, what is in a folder before the folder */
const GPtrArray *rub_folder_names_get_leaving(const RubFolderNames *self);

/** rub_folder_names_settle: takes note that the round was carried out; names that went are freed */
void rub_folder_names_settle(RubFolderNames *self);

G_END_DECLS
