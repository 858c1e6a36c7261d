/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * rub_folder_aliases_read:
 * @fd: a folder of a mounted volume; its position is at the start afterwards
 *
 * Reads the 8.3 names that FAT has beside longer ones, which only the kernel's own driver tells.
 *
 * Returns: (transfer full) (element-type utf8 utf8): the aliases, for rub_folder_aliases_find();
 *   empty where the driver does not tell
 */
GHashTable *rub_folder_aliases_read(int fd);

/** rub_folder_aliases_find: Returns: (transfer none) (nullable): the alias of @name, as its folder
 * spells it */
const char *rub_folder_aliases_find(GHashTable *aliases, const char *name);

G_END_DECLS
