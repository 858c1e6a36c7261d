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

/* All but what the changes of tables that are there already take. */
static void
count_need(RubNtfsVolume *self, RubNtfsNeed *need)
{
    const RubNtfsState *state = rub_ntfs_get_state(self->ntfs);
    rub_ntfs_need_init(need, state->cluster_bytes, state->record_bytes, state->index_block_bytes,
                       state->free_records);
    for (guint i = 0; i < self->declared->len; i++) {
        const RubNtfsNew *declared = g_ptr_array_index(self->declared, i);
        rub_ntfs_need_add(need, declared->path, declared->is_folder, declared->size_bytes);
    }
}

static gboolean
set_full(const RubNtfsNeed *need, guint64 free_clusters, GError **error)
{
    guint64 needed = MAX(rub_ntfs_need_get_clusters(need), free_clusters + 1);
    g_autofree char *missing =
        g_strdup_printf("%" G_GUINT64_FORMAT, (needed - free_clusters) * need->cluster_bytes);
    rub_error_set_text(error, RUB_CODE_DISK_TOO_SMALL,
                       N_("{missing} bytes are missing on the volume"), "missing", missing, NULL);
    return FALSE;
}

/* Does all of the round in memory but for the bytes of files: so it is known whether it fits. */
static gboolean
make_round(RubNtfsVolume *self, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint64 free_clusters = rub_ntfs_get_state(self->ntfs)->free_clusters;
    RubNtfsNeed need;
    count_need(self, &need);
    if (need.data_clusters > free_clusters)
        return set_full(&need, free_clusters, error);
    if (rub_ntfs_begin(self->ntfs, &failure) && rub_ntfs_volume_make(self, &failure) &&
        rub_ntfs_volume_settle(self, &failure))
        return rub_ntfs_check_round(self->ntfs, error);
    if (g_error_matches(failure, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL))
        return set_full(&need, free_clusters, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean
ensure_made(RubNtfsVolume *self, GError **error)
{
    self->is_made = self->is_made || make_round(self, error);
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
prepare(RubVolume *volume, GError **error)
{
    RubNtfsVolume *self = (RubNtfsVolume *) volume;
    if (!check_usable(self, error))
        return FALSE;
    self->is_failed = !ensure_made(self, error);
    return !self->is_failed;
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
    g_hash_table_remove_all(self->moved_to);
    g_hash_table_remove_all(self->given_up);
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
                       rub_ntfs_commit(self->ntfs, error);
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
    g_hash_table_unref(self->moved_to);
    g_hash_table_unref(self->given_up);
    g_ptr_array_unref(self->declared);
    g_ptr_array_unref(self->moves);
    g_ptr_array_unref(self->removals);
    g_free(self);
}

static const RubVolumeOps operations = {
    .add_folder = rub_ntfs_volume_add_folder,
    .add_file = rub_ntfs_volume_add_file,
    .move = rub_ntfs_volume_move,
    .remove = rub_ntfs_volume_remove,
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
    self->moved_to = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->given_up = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->moves = g_ptr_array_new_with_free_func(move_free);
    self->removals = g_ptr_array_new_with_free_func(g_free);
    return &self->base;
}
