/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-names.h"

#include <string.h>

#include "base/rub-error.h"
#include "volume/rub-fat-name.h"
#include "volume/rub-fat-path.h"

struct _RubFolderNames {
    /* (element-type utf8 RubFolderName): by the keys of their paths. */
    GHashTable *names;
    GPtrArray *leaving;
};

static void
name_free(gpointer data)
{
    RubFolderName *self = data;
    g_free(self->path);
    g_free(self);
}

static RubFolderName *
insert(RubFolderNames *self, char *path, gboolean is_folder)
{
    RubFolderName *name = g_new0(RubFolderName, 1);
    name->path = path;
    name->is_folder = is_folder;
    g_hash_table_insert(self->names, rub_fat_name_make_key(path), name);
    return name;
}

RubFolderNames *
rub_folder_names_new(const RubListing *listing)
{
    RubFolderNames *self = g_new0(RubFolderNames, 1);
    self->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, name_free);
    self->leaving = g_ptr_array_new();
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        RubFolderName *name = insert(self, g_strdup(entry->path), entry->kind == RUB_ENTRY_FOLDER);
        name->size_bytes = entry->size_bytes;
        name->is_there = TRUE;
    }
    return self;
}

void
rub_folder_names_free(RubFolderNames *self)
{
    g_hash_table_unref(self->names);
    g_ptr_array_unref(self->leaving);
    g_free(self);
}

static RubFolderName *
find(const RubFolderNames *self, const char *path)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    return g_hash_table_lookup(self->names, key);
}

static gpointer
refuse(GError **error, const char *path, const char *why)
{
    g_set_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE, "“%s”: %s", path, why);
    return NULL;
}

/* Spelled as its folder is on the volume; NULL if that is missing. */
static char *
make_path(const RubFolderNames *self, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return g_strdup(path);
    g_autofree char *parent_path = g_strndup(path, (gsize) (slash - path));
    const RubFolderName *parent = find(self, parent_path);
    gboolean is_there = parent && parent->is_folder && (parent->is_new || !parent->goes);
    return is_there ? g_strconcat(parent->path, slash, NULL) : NULL;
}

static void
mark_leaving(RubFolderNames *self, RubFolderName *name)
{
    if (!name->goes)
        g_ptr_array_add(self->leaving, name);
    name->goes = TRUE;
}

static RubFolderName *
add_again(RubFolderNames *self, RubFolderName *name, gboolean is_folder, gboolean replaces,
          GError **error)
{
    gboolean stays = name->is_new || !name->goes;
    if (name->is_folder != is_folder)
        return refuse(error, name->path,
                      name->is_folder ? "a folder of this name exists" : "it is not a folder");
    if (is_folder && stays)
        return name;
    if (name->is_new || (stays && !replaces))
        return refuse(error, name->path, "a file of this name exists");
    mark_leaving(self, name);
    name->is_new = TRUE;
    return name;
}

RubFolderName *
rub_folder_names_add(RubFolderNames *self, const char *path, gboolean is_folder, gboolean replaces,
                     GError **error)
{
    if (!rub_fat_path_is_safe(path))
        return refuse(error, path, "FAT cannot hold this name");
    RubFolderName *name = find(self, path);
    if (name)
        return add_again(self, name, is_folder, replaces, error);
    char *own_path = make_path(self, path);
    if (!own_path)
        return refuse(error, path, "there is no folder for it");
    name = insert(self, own_path, is_folder);
    name->is_new = TRUE;
    return name;
}

/* Whether something stays in a folder, or comes into it. */
static gboolean
is_in_use(const RubFolderNames *self, const RubFolderName *folder)
{
    g_autofree char *path = g_strconcat(folder->path, "/", NULL);
    g_autofree char *prefix = rub_fat_name_make_key(path);
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, self->names);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const RubFolderName *name = value;
        if (g_str_has_prefix(key, prefix) && (name->is_new || !name->goes))
            return TRUE;
    }
    return FALSE;
}

RubFolderName *
rub_folder_names_drop(RubFolderNames *self, const char *path, GError **error)
{
    RubFolderName *name = find(self, path);
    if (!name || !name->is_there)
        return refuse(error, path, "there is no such file");
    if (name->is_folder && is_in_use(self, name))
        return refuse(error, path, "the folder is not empty");
    mark_leaving(self, name);
    return name;
}

const GPtrArray *
rub_folder_names_get_leaving(const RubFolderNames *self)
{
    return self->leaving;
}

static gboolean
is_gone(gpointer key, gpointer value, gpointer user_data)
{
    RubFolderName *name = value;
    gboolean stays = name->is_new || !name->goes;
    name->is_there = TRUE;
    name->goes = FALSE;
    name->is_new = FALSE;
    return !stays;
}

void
rub_folder_names_settle(RubFolderNames *self)
{
    g_ptr_array_set_size(self->leaving, 0);
    g_hash_table_foreach_remove(self->names, is_gone, NULL);
}
