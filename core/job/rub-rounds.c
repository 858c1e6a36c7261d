/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-rounds.h"

#include "volume/rub-fat-find.h"
#include "volume/rub-fat-writer.h"
#include "volume/rub-folder-volume.h"
#include "volume/rub-ntfs-volume.h"
#include "volume/rub-records.h"

struct _RubRounds {
    RubVolumePlace place;
    RubVolume *volume;
    RubPending *note;
    /* (element-type RubExtent): where the claims of the note lie. */
    GArray *claims_place;
};

static RubVolume *
open_volume(const RubVolumePlace *place, GError **error)
{
    if (!place->disk)
        return rub_folder_volume_new(place->folder, error);
    return place->filesystem == RUB_FILESYSTEM_NTFS
               ? rub_ntfs_volume_new(place->disk, place->start_lba, place->sector_count, error)
               : rub_fat_writer_new(place->disk, place->start_lba, place->sector_count, error);
}

RubRounds *
rub_rounds_new(const RubVolumePlace *place, GError **error)
{
    RubVolume *volume = open_volume(place, error);
    if (!volume)
        return NULL;
    RubRounds *self = g_new0(RubRounds, 1);
    self->place = rub_volume_place_copy(place);
    self->volume = volume;
    self->claims_place = g_array_new(FALSE, FALSE, sizeof(RubExtent));
    return self;
}

void
rub_rounds_free(RubRounds *self)
{
    rub_volume_free(self->volume);
    rub_volume_place_clear(&self->place);
    g_clear_pointer(&self->note, rub_pending_free);
    g_array_unref(self->claims_place);
    g_free(self);
}

RubVolume *
rub_rounds_get_volume(RubRounds *self)
{
    return self->volume;
}

gboolean
rub_rounds_reclaim(RubRounds *self, const RubFatCheck *check, GError **error)
{
    if (!check || (!check->is_dirty && !check->copies_differ && check->lost->len == 0))
        return TRUE;
    return rub_fat_writer_reclaim(self->volume, check->lost, error) &&
           rub_disk_sync(self->place.disk, error);
}

/* The volume is opened anew: the one that is written keeps what it knows to itself. */
static gboolean
find_claims_place(RubRounds *self, GError **error)
{
    g_autoptr(RubFat) fat =
        rub_fat_open(self->place.disk, self->place.start_lba, self->place.sector_count, error);
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    if (!fat || !rub_fat_find_runs(fat, RUB_PENDING_PATH, runs, error))
        return FALSE;
    guint64 left = RUB_PENDING_CLAIMS_BYTES;
    for (guint i = 0; i < runs->len && left > 0; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        guint64 run_bytes = (guint64) run->count * rub_fat_get_geometry(fat)->cluster_bytes;
        RubExtent extent = {rub_fat_get_cluster_offset(fat, run->first), MIN(left, run_bytes)};
        g_array_append_val(self->claims_place, extent);
        left -= extent.size_bytes;
    }
    return TRUE;
}

static gboolean
write_claims(RubRounds *self, GError **error)
{
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(self->note);
    const guint8 *data = g_bytes_get_data(bytes, NULL);
    for (guint i = 0; i < self->claims_place->len; i++) {
        const RubExtent *extent = &g_array_index(self->claims_place, RubExtent, i);
        if (!rub_disk_write(self->place.disk, extent->offset_bytes, data, extent->size_bytes,
                            error))
            return FALSE;
        data += extent->size_bytes;
    }
    return rub_disk_sync(self->place.disk, error);
}

static gboolean
write_note(RubRounds *self, GError **error)
{
    g_autoptr(GBytes) bytes = rub_pending_to_bytes(self->note);
    gsize size_bytes;
    const void *data = g_bytes_get_data(bytes, &size_bytes);
    guint file_id;
    return rub_volume_add_folder(self->volume, RUB_RECORDS_FOLDER, 0, RUB_VOLUME_HIDDEN, error) &&
           rub_volume_add_file(self->volume, RUB_PENDING_PATH, size_bytes, 0,
                               RUB_VOLUME_HIDDEN | RUB_VOLUME_REPLACE, &file_id, error) &&
           rub_volume_prepare(self->volume, error) &&
           rub_volume_write(self->volume, file_id, data, size_bytes, error) &&
           rub_rounds_commit(self, error);
}

static void
set_marking(RubRounds *self, gboolean is_on)
{
    if (rub_volume_place_is_fat(&self->place))
        rub_fat_writer_set_marking(self->volume, is_on);
}

/* Neither the round that makes the note nor the one that takes it away marks the volume as in use:
 * at a cut nothing would tell that the mark is ours. */
gboolean
rub_rounds_begin(RubRounds *self, RubPending *note, GError **error)
{
    g_return_val_if_fail(!self->note, FALSE);
    self->note = note;
    gboolean is_fat = rub_volume_place_is_fat(&self->place);
    note->is_mounted = !self->place.disk;
    set_marking(self, FALSE);
    if (!write_note(self, error) || (is_fat && !find_claims_place(self, error)))
        return FALSE;
    set_marking(self, TRUE);
    return TRUE;
}

gboolean
rub_rounds_prepare(RubRounds *self, GError **error)
{
    if (!rub_volume_prepare(self->volume, error))
        return FALSE;
    if (!rub_volume_place_is_fat(&self->place))
        return TRUE;
    g_autoptr(GArray) taken = rub_fat_writer_get_runs(self->volume);
    g_autoptr(GArray) old = rub_fat_writer_get_old_runs(self->volume);
    rub_pending_add_claims(self->note, taken);
    rub_pending_add_claims(self->note, old);
    return write_claims(self, error);
}

gboolean
rub_rounds_commit(RubRounds *self, GError **error)
{
    return rub_volume_commit(self->volume, error) &&
           (!self->place.disk || rub_disk_sync(self->place.disk, error));
}

static gboolean
remove_one(RubRounds *self, const char *path, GError **error)
{
    return rub_volume_remove(self->volume, path, error) &&
           rub_volume_prepare(self->volume, error) && rub_rounds_commit(self, error);
}

gboolean
rub_rounds_end(RubRounds *self, gboolean removes_folder, GError **error)
{
    set_marking(self, FALSE);
    return remove_one(self, RUB_PENDING_PATH, error) &&
           (!removes_folder || remove_one(self, RUB_RECORDS_FOLDER, error));
}
