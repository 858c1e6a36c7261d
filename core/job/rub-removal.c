/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-removal.h"

#include <string.h>

#include "volume/rub-fat-writer.h"
#include "volume/rub-path-index.h"

struct _RubRemoval {
    const RubStickVolume *stick;
    RubVolume *volume;
    /* (element-type utf8 guint): how many entries each folder has, by the key of its path. */
    GHashTable *children;
    /* (element-type utf8): the keys of what is gone. */
    GHashTable *gone;
};

/* The key of the folder that a path is in; NULL for the root. */
static char *
make_parent_key(const char *path)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = slash ? g_strndup(path, (gsize) (slash - path)) : NULL;
    return parent ? rub_fat_name_make_key(parent) : NULL;
}

static void
count_child(RubRemoval *self, const char *path, int change)
{
    char *key = make_parent_key(path);
    if (!key)
        return;
    int count = GPOINTER_TO_INT(g_hash_table_lookup(self->children, key));
    g_hash_table_insert(self->children, key, GINT_TO_POINTER(count + change));
}

RubRemoval *
rub_removal_new(const RubStickVolume *stick, RubVolume *volume)
{
    RubRemoval *self = g_new0(RubRemoval, 1);
    self->stick = stick;
    self->volume = volume;
    self->children = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < stick->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(stick->listing->entries, i);
        count_child(self, entry->path, 1);
    }
    return self;
}

void
rub_removal_free(RubRemoval *self)
{
    g_hash_table_unref(self->children);
    g_hash_table_unref(self->gone);
    g_free(self);
}

guint
rub_removal_count_children(const RubRemoval *self, const char *path)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    return GPOINTER_TO_UINT(g_hash_table_lookup(self->children, key));
}

static const RubEntry *
find(const RubRemoval *self, const char *path, RubEntryKind kind)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    const RubEntry *entry = rub_path_index_find(self->stick->index, path);
    return entry && entry->kind == kind && !g_hash_table_contains(self->gone, key) ? entry : NULL;
}

static gboolean
remove_entry(RubRemoval *self, const char *path, GError **error)
{
    if (!rub_volume_remove(self->volume, path, error))
        return FALSE;
    count_child(self, path, -1);
    g_hash_table_add(self->gone, rub_fat_name_make_key(path));
    return TRUE;
}

gboolean
rub_removal_remove_file(RubRemoval *self, const char *path, GError **error)
{
    return !find(self, path, RUB_ENTRY_FILE) || remove_entry(self, path, error);
}

gboolean
rub_removal_remove_folder(RubRemoval *self, const char *path, GError **error)
{
    return !find(self, path, RUB_ENTRY_FOLDER) || rub_removal_count_children(self, path) > 0 ||
           remove_entry(self, path, error);
}

/* The user may have removed folders since. */
static gboolean
make_parents(RubRemoval *self, const char *path, GError **error)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        g_autofree char *folder = g_strndup(path, (gsize) (slash - path));
        g_autofree char *key = rub_fat_name_make_key(folder);
        if (!rub_volume_add_folder(self->volume, folder, 0, RUB_VOLUME_NONE, error))
            return FALSE;
        if (!find(self, folder, RUB_ENTRY_FOLDER) && !g_hash_table_contains(self->children, key))
            count_child(self, folder, 1);
    }
    return TRUE;
}

gboolean
rub_removal_move_file(RubRemoval *self, const char *from, const char *to, RubVolumeFlags flags,
                      GError **error)
{
    gboolean gives_way = find(self, to, RUB_ENTRY_FILE) != NULL;
    if (gives_way)
        flags |= RUB_VOLUME_REPLACE;
    if (!make_parents(self, to, error) || !rub_volume_move(self->volume, from, to, flags, error))
        return FALSE;
    count_child(self, from, -1);
    g_hash_table_add(self->gone, rub_fat_name_make_key(from));
    if (!gives_way)
        count_child(self, to, 1);
    return TRUE;
}
