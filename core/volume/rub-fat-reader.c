/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/rub-error.h"
#include "volume/rub-fat-folder.h"
#include "volume/rub-fat-tree.h"
#include "volume/rub-fat.h"

/* What a listing may take in memory: a crafted volume can have names and fragments without end. */
#define MAX_LISTING_BYTES (512 * 1024 * 1024)
#define ENTRY_COST_BYTES 256

typedef struct {
    RubFat *fat;
    RubListing *listing;
    RubFatBitmap *seen;
    /* (element-type PendingFolder) */
    GQueue pending;
    GArray *runs;
    guint64 cost_bytes;
    gboolean is_strict;
} Reader;

typedef struct {
    char *path;
    guint32 first_cluster;
    guint depth;
    guint *used_slots; /* of its entry, or of the listing */
} PendingFolder;

static void
pending_folder_free(PendingFolder *self)
{
    g_free(self->path);
    g_free(self);
}

static void
push_folder(Reader *self, const char *path, guint32 first_cluster, guint depth, guint *used_slots)
{
    PendingFolder *folder = g_new(PendingFolder, 1);
    *folder = (PendingFolder){g_strdup(path), first_cluster, depth, used_slots};
    g_queue_push_tail(&self->pending, folder);
}

static gboolean
charge(Reader *self, guint64 bytes, GError **error)
{
    self->cost_bytes += bytes;
    if (self->cost_bytes <= MAX_LISTING_BYTES)
        return TRUE;
    rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                       N_("more files or fragments than any sane volume has"), NULL);
    return FALSE;
}

/* A chain that is longer than the file needs is harmless, some systems allocate ahead. */
static gboolean
add_extents(Reader *self, RubEntry *entry, const RubFatSlot *slot, GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(self->fat);
    g_array_set_size(self->runs, 0);
    if (slot->first_cluster != 0 &&
        !rub_fat_table_read_chain(rub_fat_get_table(self->fat), slot->first_cluster, self->seen,
                                  geometry->cluster_count, self->runs, error))
        return FALSE;
    guint64 left = slot->size_bytes;
    for (guint i = 0; i < self->runs->len && left > 0; i++) {
        const RubFatRun *run = &g_array_index(self->runs, RubFatRun, i);
        guint64 size = MIN(left, (guint64) run->count * geometry->cluster_bytes);
        rub_entry_add_extent(entry, rub_fat_get_cluster_offset(self->fat, run->first), size);
        left -= size;
    }
    if (left > 0) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED, N_("its clusters end too early"), NULL);
        return FALSE;
    }
    return charge(self, self->runs->len * sizeof(RubExtent), error);
}

static gboolean
add_folder(Reader *self, RubEntry *entry, const RubFatSlot *slot, guint depth, GError **error)
{
    if (slot->first_cluster == RUB_FAT_ROOT || depth > RUB_FAT_MAX_DEPTH) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           depth > RUB_FAT_MAX_DEPTH ? N_("it is nested too deeply")
                                                     : N_("it has no clusters"),
                           NULL);
        return FALSE;
    }
    push_folder(self, entry->path, slot->first_cluster, depth, &entry->used_slots);
    return TRUE;
}

static gboolean
is_same_name(const char *name, const char *other)
{
    g_autofree char *key = rub_fat_name_make_key(name);
    g_autofree char *other_key = rub_fat_name_make_key(other);
    return strcmp(key, other_key) == 0;
}

static gboolean
add_entry(Reader *self, const PendingFolder *folder, const RubFatSlot *slot, const char *long_name,
          GError **error)
{
    gboolean is_folder = (slot->attributes & RUB_FAT_ATTR_FOLDER) != 0;
    g_autofree char *short_name = rub_fat_name_from_short(slot->short_name, slot->case_bits);
    const char *name = long_name ? long_name : short_name;
    char *path = *folder->path ? g_strconcat(folder->path, "/", name, NULL) : g_strdup(name);

    RubEntry *entry = rub_entry_new(is_folder ? RUB_ENTRY_FOLDER : RUB_ENTRY_FILE, path);
    g_ptr_array_add(self->listing->entries, entry);
    entry->mtime_unix = slot->mtime_unix;
    entry->size_bytes = is_folder ? 0 : slot->size_bytes;
    if (long_name && !is_same_name(long_name, short_name))
        entry->alias = g_steal_pointer(&short_name);
    gboolean is_added = charge(self, ENTRY_COST_BYTES + 2 * strlen(path), error) &&
                        (is_folder ? add_folder(self, entry, slot, folder->depth + 1, error)
                                   : add_extents(self, entry, slot, error));
    if (!is_added)
        rub_error_put_into(
            error, is_folder ? N_("the folder “{name}”: {text}") : N_("the file “{name}”: {text}"),
            path);
    return is_added;
}

/* Microsoft FAT specification, "Directory Structure": the first entry leads to the folder itself.
 * Where it does not, the cluster holds something else than a folder. */
static gboolean
begins_as_folder(const PendingFolder *folder, const RubFatFolder *contents)
{
    RubFatSlotIter iter = {contents->slots, 1, 0};
    RubFatSlot slot;
    g_autofree char *long_name = NULL;
    return folder->first_cluster == RUB_FAT_ROOT ||
           (rub_fat_slot_iter_next(&iter, &slot, &long_name) && rub_fat_slot_is_dot(&slot) &&
            (slot.attributes & RUB_FAT_ATTR_FOLDER) && slot.first_cluster == folder->first_cluster);
}

/* One without an end mark mostly has no room in its last sector. */
static void
note_used_slots(const Reader *self, const PendingFolder *folder, const RubFatFolder *contents,
                guint next_slot)
{
    guint sector_slots = rub_disk_get_sector_size(rub_fat_get_disk(self->fat)) / RUB_FAT_SLOT_BYTES;
    gboolean is_full;
    guint first_free = rub_fat_folder_find_free(contents, next_slot, sector_slots, &is_full);
    *folder->used_slots = is_full ? contents->slot_count : first_free;
}

static gboolean
read_folder(Reader *self, const PendingFolder *folder, GError **error)
{
    g_autoptr(RubFatFolder) contents =
        rub_fat_folder_read(self->fat, folder->first_cluster, self->seen, error);
    if (!contents) {
        rub_error_put_into(error, N_("the folder “{name}”: {text}"),
                           *folder->path ? folder->path : "/");
        return FALSE;
    }
    if (self->is_strict && !begins_as_folder(folder, contents)) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           N_("the folder “{name}”: what is there is no folder"), "name",
                           folder->path, NULL);
        return FALSE;
    }
    RubFatSlotIter iter = {contents->slots, contents->slot_count, 0};
    RubFatSlot slot;
    char *next_name = NULL;
    while (rub_fat_slot_iter_next(&iter, &slot, &next_name)) {
        g_autofree char *long_name = g_steal_pointer(&next_name);
        if ((slot.attributes & RUB_FAT_ATTR_LABEL) || rub_fat_slot_is_dot(&slot))
            continue;
        if (!add_entry(self, folder, &slot, long_name, error))
            return FALSE;
    }
    note_used_slots(self, folder, contents, iter.next_slot);
    return TRUE;
}

static gboolean
read_all(Reader *self, GError **error)
{
    gboolean is_sound = TRUE;
    push_folder(self, "", RUB_FAT_ROOT, 0, &self->listing->used_slots);
    while (is_sound && !g_queue_is_empty(&self->pending)) {
        PendingFolder *folder = g_queue_pop_head(&self->pending);
        is_sound = read_folder(self, folder, error);
        pending_folder_free(folder);
    }
    g_queue_clear_full(&self->pending, (GDestroyNotify) pending_folder_free);
    return is_sound;
}

static RubListing *
list(RubFat *fat, RubFatBitmap *owned, gboolean is_strict, GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(fat);
    g_autoptr(RubListing) listing = rub_listing_new();
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RubFatRun));
    Reader reader = {.fat = fat,
                     .listing = listing,
                     .seen = owned,
                     .pending = G_QUEUE_INIT,
                     .runs = runs,
                     .is_strict = is_strict};

    listing->volume_name = g_strdup(rub_fat_get_label(fat));
    listing->size_bytes = (guint64) geometry->total_sectors * geometry->sector_size;
    return read_all(&reader, error) ? g_steal_pointer(&listing) : NULL;
}

RubListing *
rub_fat_list(RubFat *self, GError **error)
{
    g_autoptr(RubFatBitmap) seen = rub_fat_bitmap_new(rub_fat_get_geometry(self)->cluster_count);
    return list(self, seen, FALSE, error);
}

RubListing *
rub_fat_list_owned(RubFat *self, RubFatBitmap *owned, GError **error)
{
    return list(self, owned, TRUE, error);
}
