/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-kept-volume-private.h"
#include "volume/rub-fat-place.h"
#include "volume/rub-fat-slot.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

/* "." and ".." */
#define DOT_SLOTS 2

/* Tells folders that would get too full. */
typedef struct {
    GHashTable *index;
    GHashTable *slots; /* in use, by the key of the folder's path; "." is the root */
    guint sector_slots;
    RubPathList *overfull;
} Filling;

/* Takes key. */
static void
set_slots(Filling *self, char *key, guint slots)
{
    g_hash_table_insert(self->slots, key, GUINT_TO_POINTER(slots));
}

static void
add_name(Filling *self, const char *path, guint sector_slots)
{
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *folder = g_path_get_dirname(path);
    char *key = rub_fat_name_make_key(folder);
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(self->slots, key));
    guint slots = rub_fat_place_entry(before == 0 ? DOT_SLOTS : before,
                                      rub_fat_name_get_slot_count(name), sector_slots);
    set_slots(self, key, slots);
    if (before <= RUB_FAT_MAX_FOLDER_SLOTS && slots > RUB_FAT_MAX_FOLDER_SLOTS)
        rub_path_list_add(self->overfull, g_str_equal(folder, ".") ? "/" : folder, NULL);
}

/* What the system's driver shows is names only; it uses the slots of what was deleted again. */
static void
add_kept(Filling *self, const RubListing *listing)
{
    for (guint i = 0; i < listing->entries->len; i++)
        add_name(self, ((const RubEntry *) g_ptr_array_index(listing->entries, i))->path, 0);
    if (listing->used_slots != 0)
        set_slots(self, g_strdup("."), listing->used_slots);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (entry->used_slots != 0)
            set_slots(self, rub_fat_name_make_key(entry->path), entry->used_slots);
    }
}

static void
add_new(Filling *self, const char *path)
{
    if (!rub_path_index_find(self->index, path))
        add_name(self, path, self->sector_slots);
}

/* In the order in which they will be declared. */
static void
add_items(Filling *self, const GPtrArray *items)
{
    for (guint i = 0; i < items->len; i++)
        add_new(self, ((const RubPlanItem *) g_ptr_array_index(items, i))->path);
}

/* On an empty volume, and through the system's driver, entries lie in whatever sectors. */
static guint
get_sector_slots(const RubPlanning *planning, const RubListing *listing)
{
    gboolean is_free = planning->plan->access == RUB_ACCESS_MOUNTED || listing->entries->len == 0;
    return is_free ? 0 : planning->layout->sector_size / RUB_FAT_SLOT_BYTES;
}

RubPathList *
rub_planning_find_overfull_folders(const RubPlanning *self, GHashTable *index)
{
    const RubListing *listing = self->kept->contents.kept->listing;
    g_autoptr(GHashTable) slots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Filling filling = {index, slots, get_sector_slots(self, listing), rub_path_list_new()};
    if (rub_planning_uses_ntfs(self))
        return filling.overfull;
    add_kept(&filling, listing);
    add_new(&filling, RUB_RECORDS_FOLDER);
    add_items(&filling, self->plan->folders);
    add_items(&filling, self->plan->files);
    return filling.overfull;
}
