/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crash-volume-private.h"

GHashTable *
crash_volume_index(const RubListing *listing)
{
    GHashTable *entries = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_assert_true(g_hash_table_insert(entries, entry->path, entry));
    }
    return entries;
}

gboolean
crash_volume_extents_hold(const CrashVolume *self, const GArray *extents, const guint8 *bytes)
{
    const guint8 *data = crash_disk_get_data(self->crash);
    for (guint i = 0; extents && i < extents->len; i++) {
        const RubExtent *extent = &g_array_index(extents, RubExtent, i);
        if (memcmp(data + extent->offset_bytes, bytes, extent->size_bytes) != 0)
            return FALSE;
        bytes += extent->size_bytes;
    }
    return TRUE;
}

static gboolean
holds(const CrashVolume *self, const RubEntry *entry, const guint8 *bytes, gsize size_bytes)
{
    return entry && entry->kind == RUB_ENTRY_FILE && entry->size_bytes == size_bytes &&
           crash_volume_extents_hold(self, entry->extents, bytes);
}

gboolean
crash_volume_holds_old(const CrashVolume *self, const RubEntry *entry, const File *file)
{
    return holds(self, entry, file->old, file->old_bytes);
}

gboolean
crash_volume_holds_new(const CrashVolume *self, const RubEntry *entry, const File *file)
{
    return holds(self, entry, file->new, file->new_bytes);
}

RubFatCheck *
crash_volume_check(CrashVolume *self, RubListing **listing)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubFat) fat = rub_fat_open(self->disk, 0, self->image->sector_count, &error);
    g_assert_no_error(error);
    RubFatCheck *found = rub_fat_check(fat, listing, &error);
    g_assert_no_error(error);
    g_assert_null(found->fault);
    return found;
}

static void
judge_file(const CrashVolume *self, const File *file, GHashTable *entries)
{
    const RubEntry *entry = g_hash_table_lookup(entries, file->path);
    const RubEntry *moved = file->to ? g_hash_table_lookup(entries, file->to) : NULL;
    gboolean is_old = crash_volume_holds_old(self, entry, file);
    gboolean is_new = crash_volume_holds_new(self, entry, file);
    gboolean is_right = FALSE;
    switch (file->fate) {
    case KEPT:
        is_right = is_old;
        break;
    case REPLACED:
        is_right = is_old || is_new;
        break;
    case SAVED:
        is_right = moved ? is_new && crash_volume_holds_old(self, moved, file)
                         : is_old || (is_new && crash_volume_extents_hold(self, file->old_extents,
                                                                          file->old));
        break;
    case MOVED:
        is_right = moved   ? !entry && crash_volume_holds_old(self, moved, file)
                   : entry ? is_old
                           : crash_volume_extents_hold(self, file->old_extents, file->old);
        break;
    case REMOVED:
        is_right = !entry || is_old;
        break;
    case ADDED:
        is_right = !entry || is_new;
        break;
    }
    if (!is_right)
        g_error("“%s” (fate %d) was not as it must be", file->path, file->fate);
}

/* Nothing else shows: no half names, no bytes of earlier owners. */
static void
judge_names(const CrashVolume *self, const RubListing *listing)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_add(known, (gpointer) PENDING);
    g_hash_table_add(known, (gpointer) MANIFEST);
    for (guint i = 0; i < self->files->len; i++) {
        const File *file = g_ptr_array_index(self->files, i);
        g_hash_table_add(known, file->path);
        if (file->to)
            g_hash_table_add(known, file->to);
    }
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (!g_hash_table_contains(entry->kind == RUB_ENTRY_FOLDER ? self->folders : known,
                                   entry->path))
            g_error("“%s” should not be there", entry->path);
    }
}

void
crash_volume_judge(CrashVolume *self)
{
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFatCheck) found = crash_volume_check(self, &listing);
    g_autoptr(GHashTable) entries = crash_volume_index(listing);
    for (guint i = 0; i < self->files->len; i++)
        judge_file(self, g_ptr_array_index(self->files, i), entries);
    judge_names(self, listing);
    for (guint i = 0; i < found->lost->len; i++) {
        const RubFatRun *run = &g_array_index(found->lost, RubFatRun, i);
        for (guint32 j = 0; j < run->count; j++)
            g_assert_true(rub_fat_bitmap_contains(self->claims, run->first + j));
    }
}

void
crash_volume_judge_finished(CrashVolume *self)
{
    g_autoptr(RubListing) listing = NULL;
    g_autoptr(RubFatCheck) found = crash_volume_check(self, &listing);
    g_autoptr(GHashTable) entries = crash_volume_index(listing);
    g_assert_false(found->is_dirty);
    g_assert_false(found->copies_differ);
    g_assert_cmpuint(found->lost->len, ==, 0);
    g_assert_null(g_hash_table_lookup(entries, PENDING));
    for (guint i = 0; i < self->files->len; i++) {
        const File *file = g_ptr_array_index(self->files, i);
        const RubEntry *entry = g_hash_table_lookup(entries, file->path);
        const RubEntry *moved = file->to ? g_hash_table_lookup(entries, file->to) : NULL;
        judge_file(self, file, entries);
        g_assert_true(!file->to || crash_volume_holds_old(self, moved, file));
        if (file->fate == REMOVED || file->fate == MOVED)
            g_assert_null(entry);
        else if (file->fate != KEPT)
            g_assert_true(crash_volume_holds_new(self, entry, file));
    }
    judge_names(self, listing);
}
