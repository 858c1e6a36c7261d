/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crash-volume-private.h"

#define PENDING_BYTES 900
#define NO_FILE G_MAXUINT

/* A file that is neither where it was nor where it was to go. */
static gboolean
is_adrift(const CrashVolume *self, const File *file, GHashTable *entries)
{
    if ((file->fate != SAVED && file->fate != MOVED) || g_hash_table_contains(entries, file->to))
        return FALSE;
    const RubEntry *entry = g_hash_table_lookup(entries, file->path);
    return file->fate == MOVED ? !entry : !crash_volume_holds_old(self, entry, file);
}

static void
claim(CrashVolume *self, GArray *runs)
{
    for (guint i = 0; i < runs->len; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        for (guint32 j = 0; j < run->count; j++)
            rub_fat_bitmap_add(self->claims, run->first + j);
    }
    g_array_unref(runs);
}

static gboolean
gets_new_bytes(const File *file)
{
    return file->fate == ADDED || file->fate == REPLACED || file->fate == SAVED;
}

/* On a full volume there is no room to replace again what a build before has replaced. */
static gboolean
is_done(const CrashVolume *self, const RubEntry *entry, const File *file)
{
    return self->is_nearly_full && crash_volume_holds_new(self, entry, file);
}

/* Declares a file as the build does that finds @entries. */
static void
declare_fate(CrashVolume *self, RubVolume *volume, File *file, GHashTable *entries)
{
    g_autoptr(GError) error = NULL;
    const RubEntry *entry = g_hash_table_lookup(entries, file->path);
    if (is_adrift(self, file, entries))
        rub_fat_writer_adopt(volume, g_array_index(file->old_extents, RubExtent, 0).offset_bytes,
                             (guint32) file->old_bytes, file->old_mtime, file->to, RUB_VOLUME_NONE,
                             &error);
    else if ((file->fate == SAVED || file->fate == MOVED) &&
             !g_hash_table_contains(entries, file->to))
        rub_volume_move(volume, file->path, file->to, RUB_VOLUME_NONE, &error);
    else if (file->fate == REMOVED && entry)
        rub_volume_remove(volume, file->path, &error);
    g_assert_no_error(error);
    file->is_declared = gets_new_bytes(file) && !is_done(self, entry, file);
    if (file->is_declared)
        rub_volume_add_file(volume, file->path, file->new_bytes, 1700000000, RUB_VOLUME_REPLACE,
                            &file->id, &error);
    g_assert_no_error(error);
}

void
crash_volume_prepare_build(CrashVolume *self, RubVolume *volume, const RubListing *listing,
                           guint *pending_id)
{
    g_autoptr(GHashTable) entries = crash_volume_index(listing);
    g_autoptr(GError) error = NULL;
    rub_volume_add_folder(volume, ".rescue-usb-builder", 0, RUB_VOLUME_HIDDEN, &error);
    g_assert_no_error(error);
    *pending_id = NO_FILE;
    if (!self->is_nearly_full || !g_hash_table_contains(entries, PENDING))
        rub_volume_add_file(volume, PENDING, PENDING_BYTES, 0, RUB_VOLUME_REPLACE, pending_id,
                            &error);
    g_assert_no_error(error);
    for (guint i = 0; i < self->new_folders->len; i++)
        declare_folder(volume, g_ptr_array_index(self->new_folders, i));
    for (guint i = 0; i < self->files->len; i++)
        declare_fate(self, volume, g_ptr_array_index(self->files, i), entries);
    prepare_round(volume);
}

/* The clusters of files that will be adopted stay as they are. */
static GArray *
list_reclaimable(CrashVolume *self, const GArray *lost, GHashTable *entries)
{
    g_autoptr(GHashTable) adrift = g_hash_table_new(NULL, NULL);
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    for (guint i = 0; i < self->files->len; i++) {
        const File *file = g_ptr_array_index(self->files, i);
        for (guint j = 0; is_adrift(self, file, entries) && j < file->old_extents->len; j++) {
            const RubExtent *extent = &g_array_index(file->old_extents, RubExtent, j);
            for (guint64 at = 0; at < extent->size_bytes; at += self->cluster_bytes)
                g_hash_table_add(adrift,
                                 GUINT_TO_POINTER((extent->offset_bytes + at - self->data_start) /
                                                      self->cluster_bytes +
                                                  RUB_FAT_FIRST_CLUSTER));
        }
    }
    for (guint i = 0; i < lost->len; i++) {
        const RubFatRun *run = &g_array_index(lost, RubFatRun, i);
        for (guint32 j = 0; j < run->count; j++) {
            RubFatRun one = {run->first + j, 1};
            if (!g_hash_table_contains(adrift, GUINT_TO_POINTER(one.first)))
                g_array_append_val(runs, one);
        }
    }
    return runs;
}

static void
write_round(CrashVolume *self, RubVolume *volume, guint pending)
{
    claim(self, rub_fat_writer_get_runs(volume));
    claim(self, rub_fat_writer_get_old_runs(volume));
    if (pending != NO_FILE)
        write_content(volume, pending, PENDING, PENDING_BYTES);
    for (guint i = 0; i < self->files->len; i++) {
        const File *file = g_ptr_array_index(self->files, i);
        if (file->is_declared)
            g_assert_true(rub_volume_write(volume, file->id, file->new, file->new_bytes, NULL));
    }
    commit_round(volume);
}

static void
write_last_round(CrashVolume *self, RubVolume *volume)
{
    g_autoptr(GError) error = NULL;
    guint id = 0;
    rub_volume_add_file(volume, MANIFEST, 100, 1, RUB_VOLUME_REPLACE, &id, &error);
    g_assert_no_error(error);
    rub_volume_remove(volume, PENDING, &error);
    g_assert_no_error(error);
    prepare_round(volume);
    claim(self, rub_fat_writer_get_runs(volume));
    claim(self, rub_fat_writer_get_old_runs(volume));
    write_content(volume, id, "manifest", 100);
    commit_round(volume);
}

void
crash_volume_build(CrashVolume *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubListing) listing = NULL;
    guint pending = 0;
    g_autoptr(RubFatCheck) found = crash_volume_check(self, &listing);
    g_autoptr(GHashTable) entries = crash_volume_index(listing);
    g_autoptr(GArray) reclaimable = list_reclaimable(self, found->lost, entries);
    g_autoptr(RubVolume) volume =
        rub_fat_writer_new(self->disk, 0, self->image->sector_count, &error);
    g_assert_no_error(error);
    if (found->is_dirty || found->copies_differ || reclaimable->len > 0)
        rub_fat_writer_reclaim(volume, reclaimable, &error);
    g_assert_no_error(error);
    crash_volume_prepare_build(self, volume, listing, &pending);
    write_round(self, volume, pending);
    write_last_round(self, volume);
}
