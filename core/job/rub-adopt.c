/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-adopt.h"

#include "plan/rub-plan.h"
#include "volume/rub-fat-writer.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

static gboolean
is_lost(const RubFatCheck *check, guint32 cluster)
{
    for (guint i = 0; i < check->lost->len; i++) {
        const RubFatRun *run = &g_array_index(check->lost, RubFatRun, i);
        if (cluster >= run->first && cluster - run->first < run->count)
            return TRUE;
    }
    return FALSE;
}

/* No file of FAT is larger. An empty one has no clusters: it lost its name where another one is
 * under its old one. */
static gboolean
is_nameless(const RubStickVolume *stick, const RubPendingSaved *saved)
{
    if (rub_path_index_find(stick->index, saved->saved_as) || saved->size_bytes > G_MAXUINT32)
        return FALSE;
    if (saved->size_bytes > 0)
        return is_lost(stick->check, saved->first_cluster);
    const RubEntry *entry = rub_path_index_find(stick->index, saved->path);
    return !entry || entry->size_bytes > 0;
}

static GPtrArray *
find_nameless(const RubStickVolume *stick)
{
    GPtrArray *nameless = g_ptr_array_new();
    for (guint i = 0; i < stick->note->saved->len; i++) {
        RubPendingSaved *saved = g_ptr_array_index(stick->note->saved, i);
        if (is_nameless(stick, saved))
            g_ptr_array_add(nameless, saved);
    }
    return nameless;
}

static gboolean
declare(const RubStickVolume *stick, RubVolume *volume, const RubPendingSaved *saved,
        GError **error)
{
    guint file_id;
    if (saved->size_bytes == 0)
        return rub_volume_add_file(volume, saved->saved_as, 0, saved->mtime_unix, RUB_VOLUME_NONE,
                                   &file_id, error);
    guint64 offset_bytes = rub_fat_get_cluster_offset(stick->fat, saved->first_cluster);
    return rub_fat_writer_adopt(volume, offset_bytes, (guint32) saved->size_bytes,
                                saved->mtime_unix, saved->saved_as, RUB_VOLUME_NONE, error);
}

static gboolean
adopt(const RubStickVolume *stick, const GPtrArray *nameless, GError **error)
{
    g_autoptr(RubVolume) volume = rub_fat_writer_new(stick->place.disk, stick->place.start_lba,
                                                     stick->place.sector_count, error);
    if (!volume || !rub_volume_add_folder(volume, RUB_UNDO_FOLDER, 0, RUB_VOLUME_HIDDEN, error))
        return FALSE;
    for (guint i = 0; i < nameless->len; i++) {
        if (!declare(stick, volume, g_ptr_array_index(nameless, i), error))
            return FALSE;
    }
    return rub_volume_prepare(volume, error) && rub_volume_commit(volume, error) &&
           rub_disk_sync(stick->place.disk, error);
}

gboolean
rub_adopt_saved(RubStickVolume **stick, GError **error)
{
    RubStickVolume *old = *stick;
    if (!old->check || !old->note || old->damage)
        return TRUE;
    g_autoptr(GPtrArray) nameless = find_nameless(old);
    if (nameless->len == 0)
        return TRUE;
    if (!adopt(old, nameless, error))
        return FALSE;
    RubStickVolume *now = rub_stick_volume_open(&old->place, NULL, error);
    if (!now)
        return FALSE;
    rub_stick_volume_free(old);
    *stick = now;
    return TRUE;
}
