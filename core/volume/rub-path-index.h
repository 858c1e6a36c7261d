/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "source/rub-entry.h"
#include "volume/rub-fat-name.h"

G_BEGIN_DECLS

/**
 * rub_path_index_new:
 * @listing: (nullable): everything on a volume; must outlive the index
 *
 * Returns: (transfer full) (element-type utf8 RubEntry): the entries by their paths, for
 *   rub_path_index_find()
 */
static inline GHashTable *
rub_path_index_new(const RubListing *listing)
{
    GHashTable *index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; listing && i < listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_hash_table_insert(index, rub_fat_name_make_key(entry->path), entry);
    }
    return index;
}

/**
 * rub_path_index_new_for_aliases:
 * @listing: everything on a volume; must outlive the index
 *
 * Returns: (transfer full) (element-type utf8 RubEntry): the entries that have an alias, by the
 *   paths of these, for rub_path_index_find()
 */
static inline GHashTable *
rub_path_index_new_for_aliases(const RubListing *listing)
{
    GHashTable *index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (!entry->alias)
            continue;
        const char *slash = strrchr(entry->path, '/');
        gsize folder_length = slash ? (gsize) (slash + 1 - entry->path) : 0;
        g_autofree char *path =
            g_strdup_printf("%.*s%s", (int) folder_length, entry->path, entry->alias);
        g_hash_table_insert(index, rub_fat_name_make_key(path), entry);
    }
    return index;
}

/** rub_path_index_find: Returns: (transfer none) (nullable): the entry at @path, in whatever case
 */
static inline const RubEntry *
rub_path_index_find(GHashTable *index, const char *path)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    return g_hash_table_lookup(index, key);
}

/** rub_path_index_find_file: Returns: (transfer none) (nullable): the file at @path */
static inline const RubEntry *
rub_path_index_find_file(GHashTable *index, const char *path)
{
    const RubEntry *entry = rub_path_index_find(index, path);
    return entry && entry->kind == RUB_ENTRY_FILE ? entry : NULL;
}

G_END_DECLS
