/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * rub_fat_path_is_safe:
 * @path: a path that somebody else wrote down
 *
 * Returns: whether it is a path from the root, "a/b", each part of which FAT can hold: without "."
 *   and "..", empty parts, separators of other systems and control characters
 */
gboolean rub_fat_path_is_safe(const char *path);

G_END_DECLS
