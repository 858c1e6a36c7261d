/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/rub-error.h"
#include "volume/rub-ntfs-volume-private.h"

/* What is in a folder, as ntfs_readdir() tells it. */
typedef struct {
    RubNtfsVolume *volume;
    const char *folder;
    gboolean is_empty;
} Emptiness;

static gboolean
set_name_error(GError **error, const char *path, const char *what)
{
    g_set_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE, "%s %s", path, what);
    return FALSE;
}

char *
rub_ntfs_volume_make_key(RubNtfsVolume *self, const char *path, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autoptr(GString) key = g_string_new(NULL);
    for (guint i = 0; parts[i]; i++) {
        RubNtfsName name;
        if (!rub_ntfs_name_parse(&name, parts[i], path, error))
            return NULL;
        g_autofree char *part = rub_ntfs_name_fold(rub_ntfs_get_volume(self->ntfs), &name);
        g_string_append_printf(key, "%s%s", i > 0 ? "/" : "", part);
    }
    return g_string_free(g_steal_pointer(&key), FALSE);
}

/* The folder of a path must be there, and stay, or be declared. */
static gboolean
check_parent(RubNtfsVolume *self, const char *path, const char *key, GError **error)
{
    const char *slash = strrchr(path, '/'), *key_slash = strrchr(key, '/');
    guint64 record;
    gboolean is_folder;
    if (!slash)
        return TRUE;
    g_autofree char *parent = g_strndup(path, (gsize) (slash - path));
    g_autofree char *parent_key = g_strndup(key, (gsize) (key_slash - key));
    const RubNtfsNew *declared = g_hash_table_lookup(self->by_key, parent_key);
    if (declared)
        return declared->is_folder || set_name_error(error, parent, "is a file, not a folder");
    if (!rub_ntfs_volume_find(self, parent, &record, &is_folder, error))
        return FALSE;
    return (record != RUB_NTFS_NO_RECORD && is_folder &&
            !g_hash_table_contains(self->given_up, parent_key)) ||
           set_name_error(error, parent, "is not a folder");
}

static RubNtfsNew *
declare(RubNtfsVolume *self, const char *path, char *key, gint64 mtime_unix, RubVolumeFlags flags)
{
    RubNtfsNew *declared = g_new0(RubNtfsNew, 1);
    declared->path = g_strdup(path);
    declared->mtime_unix = mtime_unix;
    declared->flags = flags;
    declared->record = RUB_NTFS_NO_RECORD;
    g_ptr_array_add(self->declared, declared);
    g_hash_table_insert(self->by_key, key, declared);
    return declared;
}

gboolean
rub_ntfs_volume_add_folder(RubVolume *volume, const char *path, gint64 mtime_unix,
                           RubVolumeFlags flags, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    guint64 record;
    gboolean is_folder;
    g_autofree char *key = rub_ntfs_volume_make_key(self, path, error);
    if (!key || !check_parent(self, path, key, error))
        return FALSE;
    if (g_hash_table_contains(self->moved_to, key))
        return set_name_error(error, path, "is a file already");
    if (g_hash_table_contains(self->given_up, key))
        return set_name_error(error, path, "is only being removed from the volume");
    const RubNtfsNew *declared = g_hash_table_lookup(self->by_key, key);
    if (declared)
        return declared->is_folder || set_name_error(error, path, "is a file already");
    if (!rub_ntfs_volume_find(self, path, &record, &is_folder, error))
        return FALSE;
    if (record != RUB_NTFS_NO_RECORD)
        return is_folder || set_name_error(error, path, "is a file already");
    declare(self, path, g_steal_pointer(&key), mtime_unix, flags)->is_folder = TRUE;
    return TRUE;
}

/* A name is free for a file if nothing has it, or what has it goes or gives way. */
static gboolean
check_free(RubNtfsVolume *self, const char *path, const char *key, RubVolumeFlags flags,
           GError **error)
{
    guint64 record;
    gboolean is_folder;
    if (g_hash_table_contains(self->by_key, key) || g_hash_table_contains(self->moved_to, key))
        return set_name_error(error, path, "is there twice (upper and lower case are the same)");
    if (!rub_ntfs_volume_find(self, path, &record, &is_folder, error))
        return FALSE;
    if (record == RUB_NTFS_NO_RECORD)
        return TRUE;
    if (is_folder)
        return set_name_error(error, path, "is a folder already");
    return (flags & RUB_VOLUME_REPLACE) || g_hash_table_contains(self->given_up, key) ||
           set_name_error(error, path, "is there already");
}

gboolean
rub_ntfs_volume_add_file(RubVolume *volume, const char *path, guint64 size_bytes, gint64 mtime_unix,
                         RubVolumeFlags flags, guint *file_id, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    g_autofree char *key = rub_ntfs_volume_make_key(self, path, error);
    if (!key || !check_parent(self, path, key, error) || !check_free(self, path, key, flags, error))
        return FALSE;
    if (size_bytes > G_MAXINT64) {
        g_set_error(error, RUB_ERROR, RUB_CODE_FILE_TOO_LARGE, "%s is larger than any file", path);
        return FALSE;
    }
    *file_id = self->declared->len;
    RubNtfsNew *file = declare(self, path, g_steal_pointer(&key), mtime_unix, flags);
    file->size_bytes = size_bytes;
    return TRUE;
}

/* Finds what is on the volume, and stays where it is so far. */
static gboolean
find_present(RubNtfsVolume *self, const char *path, const char *key, gboolean *is_folder,
             GError **error)
{
    guint64 record;
    if (!rub_ntfs_volume_find(self, path, &record, is_folder, error))
        return FALSE;
    if (record == RUB_NTFS_NO_RECORD || g_hash_table_contains(self->given_up, key))
        return set_name_error(error, path, "is not on the volume");
    return !g_hash_table_contains(self->moved_to, key) ||
           set_name_error(error, path, "is only being moved there");
}

gboolean
rub_ntfs_volume_move(RubVolume *volume, const char *from, const char *to, RubVolumeFlags flags,
                     GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    gboolean is_folder;
    g_autofree char *from_key = rub_ntfs_volume_make_key(self, from, error);
    g_autofree char *key = from_key ? rub_ntfs_volume_make_key(self, to, error) : NULL;
    if (!key || !find_present(self, from, from_key, &is_folder, error) ||
        !check_parent(self, to, key, error))
        return FALSE;
    if (is_folder)
        return set_name_error(error, from, "is a folder");
    if (g_str_equal(from_key, key))
        return set_name_error(error, to, "is there already");
    if (!check_free(self, to, key, flags, error))
        return FALSE;
    RubNtfsMove *declared = g_new0(RubNtfsMove, 1);
    declared->from = g_strdup(from);
    declared->to = g_strdup(to);
    declared->flags = flags;
    g_ptr_array_add(self->moves, declared);
    g_hash_table_add(self->moved_to, g_steal_pointer(&key));
    g_hash_table_add(self->given_up, g_steal_pointer(&from_key));
    return TRUE;
}

static int
on_entry_cb(void *data, const ntfschar *letters, const int length, const int type,
            const s64 position, const MFT_REF reference, const unsigned kind)
{
    Emptiness *self = data;
    g_autofree char *name = rub_ntfs_name_to_utf8(letters, (guint) length);
    if (type == FILE_NAME_DOS || g_str_equal(name, ".") || g_str_equal(name, ".."))
        return 0;
    g_autofree char *path = g_strconcat(self->folder, "/", name, NULL);
    g_autofree char *key = rub_ntfs_volume_make_key(self->volume, path, NULL);
    self->is_empty = key && g_hash_table_contains(self->volume->given_up, key);
    return self->is_empty ? 0 : -1;
}

/* Whether all that is in a folder goes, too, and nothing comes. */
static gboolean
check_empty(RubNtfsVolume *self, const char *path, const char *key, GError **error)
{
    Emptiness emptiness = {self, path, TRUE};
    g_autofree char *prefix = g_strconcat(key, "/", NULL);
    GHashTable *tables[] = {self->by_key, self->moved_to};
    s64 position = 0;
    guint64 record;
    gboolean is_folder;
    if (!rub_ntfs_volume_find(self, path, &record, &is_folder, error))
        return FALSE;
    ntfs_inode *inode = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), record);
    gboolean is_read = inode && ntfs_readdir(inode, &position, &emptiness, on_entry_cb) == 0;
    if (!is_read && emptiness.is_empty)
        rub_ntfs_set_error(self->ntfs, error, errno, path);
    if (inode)
        ntfs_inode_close(inode);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        GHashTableIter iter;
        gpointer other;
        g_hash_table_iter_init(&iter, tables[i]);
        while (g_hash_table_iter_next(&iter, &other, NULL))
            emptiness.is_empty &= !g_str_has_prefix(other, prefix);
    }
    if (!emptiness.is_empty)
        return set_name_error(error, path, "is a folder that is not empty");
    return is_read;
}

gboolean
rub_ntfs_volume_remove(RubVolume *volume, const char *path, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    gboolean is_folder;
    g_autofree char *key = rub_ntfs_volume_make_key(self, path, error);
    if (!key || !find_present(self, path, key, &is_folder, error))
        return FALSE;
    if (g_hash_table_contains(self->by_key, key))
        return set_name_error(error, path, "is only being written");
    if (is_folder && !check_empty(self, path, key, error))
        return FALSE;
    g_ptr_array_add(self->removals, g_strdup(path));
    g_hash_table_add(self->given_up, g_steal_pointer(&key));
    return TRUE;
}
