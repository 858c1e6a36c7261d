/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-path.h"

#include "volume/rub-fat-name.h"
#include "volume/rub-fat-tree.h"

gboolean
rub_fat_path_is_safe(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", RUB_FAT_MAX_DEPTH + 1);
    guint count = g_strv_length(parts);
    gboolean is_safe = count > 0 && count <= RUB_FAT_MAX_DEPTH;
    for (guint i = 0; is_safe && i < count; i++)
        is_safe = rub_fat_name_check(parts[i]) == RUB_FAT_NAME_OK;
    return is_safe;
}
