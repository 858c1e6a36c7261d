/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-volume.h"

#include <errno.h>

#include "base/rub-error.h"
#include "volume/rub-ntfs-need.h"
#include "volume/rub-ntfs-volume-private.h"

static void
new_free(gpointer data)
{
    RubNtfsNew *self = data;
    g_free(self->path);
    g_free(self->temporary_name);
    g_free(self);
}

static void
move_free(gpointer data)
{
    RubNtfsMove *self = data;
    g_free(self->from);
    g_free(self->to);
    g_free(self);
}

/* A path as the volume compares it. */
static char *
make_key(RubNtfsVolume *self, const char *path, GError **error)
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

static gboolean
set_name_error(GError **error, const char *path, const char *what)
{
    g_set_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE, "%s %s", path, what);
    return FALSE;
}

/* The folder of a path must be there or be declared. */
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
    return (record != RUB_NTFS_NO_RECORD && is_folder) ||
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

static gboolean
add_folder(RubVolume *volume, const char *path, gint64 mtime_unix, RubVolumeFlags flags,
           GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    guint64 record;
    gboolean is_folder;
    g_autofree char *key = make_key(self, path, error);
    if (!key || !check_parent(self, path, key, error))
        return FALSE;
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

/* A name is free for a file if nothing has it, or what has it gives way. */
static gboolean
check_free(RubNtfsVolume *self, const char *path, const char *key, RubVolumeFlags flags,
           gboolean *replaces, GError **error)
{
    guint64 record;
    gboolean is_folder;
    if (g_hash_table_contains(self->by_key, key))
        return set_name_error(error, path, "is there twice (upper and lower case are the same)");
    if (!rub_ntfs_volume_find(self, path, &record, &is_folder, error))
        return FALSE;
    *replaces = record != RUB_NTFS_NO_RECORD;
    if (!*replaces)
        return TRUE;
    if (is_folder)
        return set_name_error(error, path, "is a folder already");
    for (guint i = 0; !(flags & RUB_VOLUME_REPLACE) && i < self->removals->len; i++) {
        g_autofree char *removed = make_key(self, g_ptr_array_index(self->removals, i), NULL);
        if (g_strcmp0(removed, key) == 0)
            return TRUE;
    }
    return (flags & RUB_VOLUME_REPLACE) || set_name_error(error, path, "is there already");
}

static gboolean
add_file(RubVolume *volume, const char *path, guint64 size_bytes, gint64 mtime_unix,
         RubVolumeFlags flags, guint *file_id, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    gboolean replaces;
    g_autofree char *key = make_key(self, path, error);
    if (!key || !check_parent(self, path, key, error) ||
        !check_free(self, path, key, flags, &replaces, error))
        return FALSE;
    if (size_bytes > G_MAXINT64) {
        g_set_error(error, RUB_ERROR, RUB_CODE_FILE_TOO_LARGE, "%s is larger than any file", path);
        return FALSE;
    }
    *file_id = self->declared->len;
    RubNtfsNew *file = declare(self, path, g_steal_pointer(&key), mtime_unix, flags);
    file->size_bytes = size_bytes;
    file->replaces = replaces;
    return TRUE;
}

static gboolean
declare_move(RubVolume *volume, const char *from, const char *to, RubVolumeFlags flags,
             GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    guint64 record;
    gboolean is_folder, replaces;
    g_autofree char *key = make_key(self, to, error);
    if (!key || !check_parent(self, to, key, error) ||
        !check_free(self, to, key, flags, &replaces, error) ||
        !rub_ntfs_volume_find(self, from, &record, &is_folder, error))
        return FALSE;
    if (record == RUB_NTFS_NO_RECORD || is_folder)
        return set_name_error(error, from, "is not a file on the volume");
    RubNtfsMove *declared = g_new0(RubNtfsMove, 1);
    declared->from = g_strdup(from);
    declared->to = g_strdup(to);
    declared->flags = flags;
    g_ptr_array_add(self->moves, declared);
    return TRUE;
}

static gboolean
declare_removal(RubVolume *volume, const char *path, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    guint64 record;
    gboolean is_folder;
    if (!rub_ntfs_volume_find(self, path, &record, &is_folder, error))
        return FALSE;
    if (record == RUB_NTFS_NO_RECORD)
        return set_name_error(error, path, "is not on the volume");
    g_ptr_array_add(self->removals, g_strdup(path));
    return TRUE;
}

/* What is added to folders that are made in this round changes nothing that is there. */
static gboolean
is_in_new_folder(RubNtfsVolume *self, const char *path)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = slash ? g_strndup(path, (gsize) (slash - path)) : NULL;
    g_autofree char *key = parent ? make_key(self, parent, NULL) : NULL;
    return key && g_hash_table_contains(self->by_key, key);
}

/* What the library counts as free is as many as its bitmap of records could name. */
static guint64
count_free_records(const ntfs_volume *volume)
{
    s64 taken = volume->mftbmp_na->allocated_size * 8 - volume->free_mft_records;
    s64 there = volume->mft_na->data_size / volume->mft_record_size;
    return (guint64) MAX(there - taken, 0);
}

static void
count_need(RubNtfsVolume *self, RubNtfsNeed *need)
{
    const ntfs_volume *ntfs = rub_ntfs_get_volume(self->ntfs);
    rub_ntfs_need_init(need, ntfs->cluster_size, ntfs->mft_record_size, ntfs->indx_record_size,
                       count_free_records(ntfs));
    for (guint i = 0; i < self->declared->len; i++) {
        const RubNtfsNew *declared = g_ptr_array_index(self->declared, i);
        rub_ntfs_need_add(need, declared->path, declared->is_folder, declared->size_bytes);
        if (!is_in_new_folder(self, declared->path))
            rub_ntfs_need_add_changes(need, RUB_NTFS_NEED_ENTRY);
        if (declared->replaces)
            rub_ntfs_need_add_changes(need, RUB_NTFS_NEED_REMOVAL);
    }
    rub_ntfs_need_add_changes(need, self->moves->len * (guint64) RUB_NTFS_NEED_MOVE);
    rub_ntfs_need_add_changes(need, self->removals->len * (guint64) RUB_NTFS_NEED_REMOVAL);
    rub_ntfs_need_add_changes(need,
                              MIN(rub_ntfs_need_count_bitmap_blocks((guint64) ntfs->nr_clusters),
                                  need->data_clusters + need->records + need->changes));
}

static gboolean
prepare(RubVolume *volume, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    const ntfs_volume *ntfs = rub_ntfs_get_volume(self->ntfs);
    RubNtfsNeed need;
    count_need(self, &need);
    guint64 needed = rub_ntfs_need_get_clusters(&need);
    guint64 free_clusters = rub_ntfs_get_state(self->ntfs)->free_clusters;
    if (needed <= free_clusters)
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL,
                "the files do not fit: %" G_GUINT64_FORMAT " bytes are missing",
                (needed - free_clusters) * ntfs->cluster_size);
    return FALSE;
}

static gboolean
ensure_made(RubNtfsVolume *self, GError **error)
{
    self->is_made =
        self->is_made || (rub_ntfs_begin(self->ntfs, error) && rub_ntfs_volume_make(self, error));
    return self->is_made;
}

static gboolean
write_data(RubNtfsVolume *self, guint file_id, const void *data, gsize size_bytes, GError **error)
{
    RubNtfsNew *file = g_ptr_array_index(self->declared, file_id);
    if (!ensure_made(self, error))
        return FALSE;
    if (size_bytes > file->size_bytes - file->written_bytes) {
        g_set_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED,
                    "%s has more bytes than it was to have", file->path);
        return FALSE;
    }
    if (self->current != file &&
        (!rub_ntfs_volume_close_file(self, error) || !rub_ntfs_volume_open_file(self, file, error)))
        return FALSE;
    return rub_ntfs_volume_append(self, data, size_bytes, error);
}

/* The library's tables in memory are not what they should be after a failure. */
static gboolean
check_usable(const RubNtfsVolume *self, GError **error)
{
    if (!self->is_failed)
        return TRUE;
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_WRITE_FAILED,
                        "writing the NTFS filesystem failed before");
    return FALSE;
}

static gboolean
write_to(RubVolume *volume, guint file_id, const void *data, gsize size_bytes, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    if (!check_usable(self, error))
        return FALSE;
    self->is_failed = !write_data(self, file_id, data, size_bytes, error);
    return !self->is_failed;
}

static gboolean
check_written(const RubNtfsVolume *self, GError **error)
{
    for (guint i = 0; i < self->declared->len; i++) {
        const RubNtfsNew *declared = g_ptr_array_index(self->declared, i);
        if (declared->written_bytes == declared->size_bytes)
            continue;
        g_set_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED, "%s was not written whole",
                    declared->path);
        return FALSE;
    }
    return TRUE;
}

static void
end_round(RubNtfsVolume *self)
{
    g_hash_table_remove_all(self->by_key);
    g_ptr_array_set_size(self->declared, 0);
    g_ptr_array_set_size(self->moves, 0);
    g_ptr_array_set_size(self->removals, 0);
    self->is_made = FALSE;
}

static gboolean
commit(RubVolume *volume, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    if (!check_usable(self, error))
        return FALSE;
    gboolean is_done = check_written(self, error) && ensure_made(self, error) &&
                       rub_ntfs_volume_close_file(self, error) &&
                       rub_ntfs_volume_settle(self, error) && rub_ntfs_commit(self->ntfs, error);
    self->is_failed = !is_done;
    if (is_done)
        end_round(self);
    return is_done;
}

static void
free_volume(RubVolume *volume)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    rub_ntfs_volume_close_file(self, NULL);
    rub_ntfs_free(self->ntfs);
    g_hash_table_unref(self->by_key);
    g_ptr_array_unref(self->declared);
    g_ptr_array_unref(self->moves);
    g_ptr_array_unref(self->removals);
    g_free(self);
}

static const RubVolumeOps operations = {
    .add_folder = add_folder,
    .add_file = add_file,
    .move = declare_move,
    .remove = declare_removal,
    .prepare = prepare,
    .write = write_to,
    .commit = commit,
    .free = free_volume,
};

RubVolume *
rub_ntfs_volume_new(RubDisk *disk, guint64 start_lba, guint64 sector_count, GError **error)
{
    RubNtfs *ntfs = rub_ntfs_open(disk, start_lba, sector_count, RUB_NTFS_WRITE, error);
    if (!ntfs)
        return NULL;
    RubNtfsVolume *self = g_new0(RubNtfsVolume, 1);
    self->base.ops = &operations;
    self->ntfs = ntfs;
    self->declared = g_ptr_array_new_with_free_func(new_free);
    self->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->moves = g_ptr_array_new_with_free_func(move_free);
    self->removals = g_ptr_array_new_with_free_func(g_free);
    return &self->base;
}
