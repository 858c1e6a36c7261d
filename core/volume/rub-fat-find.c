/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-find.h"

#include "volume/rub-fat-folder.h"

#define NOT_FOUND G_MAXUINT32

static gboolean
has_name(const RubFatSlot *slot, const char *long_name, const char *key)
{
    g_autofree char *short_name = rub_fat_name_from_short(slot->short_name, slot->case_bits);
    g_autofree char *slot_key = rub_fat_name_make_key(long_name ? long_name : short_name);
    return !(slot->attributes & RUB_FAT_ATTR_LABEL) && !rub_fat_slot_is_dot(slot) &&
           g_str_equal(slot_key, key);
}

/* Looks for a name in a folder; yields where it begins, or NOT_FOUND. */
static gboolean
find_in_folder(RubFat *fat, guint32 folder_cluster, const char *name, guint32 *first_cluster,
               GError **error)
{
    g_autoptr(RubFatFolder) folder = rub_fat_folder_read(fat, folder_cluster, NULL, error);
    if (!folder)
        return FALSE;
    g_autofree char *key = rub_fat_name_make_key(name);
    RubFatSlotIter iter = {folder->slots, folder->slot_count, 0};
    RubFatSlot slot;
    char *next_name = NULL;
    *first_cluster = NOT_FOUND;
    while (*first_cluster == NOT_FOUND && rub_fat_slot_iter_next(&iter, &slot, &next_name)) {
        g_autofree char *long_name = g_steal_pointer(&next_name);
        if (has_name(&slot, long_name, key))
            *first_cluster = slot.first_cluster;
    }
    return TRUE;
}

static gboolean
read_chain(RubFat *fat, guint32 first_cluster, GArray *runs, GError **error)
{
    return first_cluster == 0 ||
           rub_fat_table_read_chain(rub_fat_get_table(fat), first_cluster, NULL,
                                    rub_fat_get_geometry(fat)->cluster_count, runs, error);
}

gboolean
rub_fat_find_runs(RubFat *fat, const char *path, GArray *runs, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    guint32 cluster = RUB_FAT_ROOT;
    for (guint i = 0; parts[i]; i++) {
        if (i > 0 && cluster == RUB_FAT_ROOT)
            return TRUE;
        if (!find_in_folder(fat, cluster, parts[i], &cluster, error))
            return FALSE;
        if (cluster == NOT_FOUND)
            return TRUE;
    }
    return read_chain(fat, cluster, runs, error);
}

guint32
rub_fat_find_first_cluster(const RubFat *fat, const RubEntry *file)
{
    if (file->extents->len == 0)
        return 0;
    guint64 offset_bytes = g_array_index(file->extents, RubExtent, 0).offset_bytes;
    guint64 base_bytes = rub_fat_get_cluster_offset(fat, RUB_FAT_FIRST_CLUSTER);
    guint cluster_bytes = rub_fat_get_geometry(fat)->cluster_bytes;
    return (guint32) ((offset_bytes - base_bytes) / cluster_bytes) + RUB_FAT_FIRST_CLUSTER;
}
