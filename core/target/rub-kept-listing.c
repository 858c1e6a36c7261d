/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-listing.h"

#include <string.h>

#include "volume/rub-fat-find.h"
#include "volume/rub-fat-name.h"
#include "volume/rub-fat-slot.h"

/* "." and ".." */
#define DOT_SLOTS 2

/* All keys are those of rub_fat_name_make_key(). */
typedef struct {
    const RubPending *note;
    RubFat *fat;
    guint cluster_bytes;
    gboolean is_carried_out; /* in a folder, where clusters do not show */
    GHashTable *files;       /* sizes and paths of the build's files */
    GHashTable *folders;     /* paths of its folders */
    GHashTable *saved;       /* old path -> RubPendingSaved */
    GHashTable *saved_as;    /* new paths of the files that gave way */
    GHashTable *slot_counts; /* path of a folder -> slots of what is left out of it */
    GHashTable *needed;      /* paths of folders in which something stays */
    guint32 freed_clusters;
} TakeBack;

static void
add_key(GHashTable *set, const char *path)
{
    g_hash_table_add(set, rub_fat_name_make_key(path));
}

static char *
make_sized_key(guint64 size_bytes, const char *key)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT " %s", size_bytes, key);
}

static void
add_file(TakeBack *self, const RubPendingFile *file)
{
    g_autofree char *key = rub_fat_name_make_key(file->path);
    g_hash_table_add(self->files, make_sized_key(file->size_bytes, key));
}

static void
take_back_init(TakeBack *self, const RubPending *note, RubFat *fat)
{
    self->note = note;
    self->fat = fat;
    GHashTable **tables[] = {&self->files,    &self->folders,     &self->saved,
                             &self->saved_as, &self->slot_counts, &self->needed};
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        *tables[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < note->files->len; i++)
        add_file(self, g_ptr_array_index(note->files, i));
    for (guint i = 0; i < note->folders->len; i++)
        add_key(self->folders, g_ptr_array_index(note->folders, i));
    for (guint i = 0; i < note->saved->len; i++) {
        RubPendingSaved *saved = g_ptr_array_index(note->saved, i);
        g_hash_table_insert(self->saved, rub_fat_name_make_key(saved->path), saved);
        add_key(self->saved_as, saved->saved_as);
    }
}

static void
take_back_clear(TakeBack *self)
{
    g_hash_table_unref(self->files);
    g_hash_table_unref(self->folders);
    g_hash_table_unref(self->saved);
    g_hash_table_unref(self->saved_as);
    g_hash_table_unref(self->slot_counts);
    g_hash_table_unref(self->needed);
}

static char *
make_parent_key(const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    return rub_fat_name_make_key(parent);
}

static guint32
get_clusters_for(const TakeBack *self, guint64 size_bytes)
{
    return (guint32) ((size_bytes + self->cluster_bytes - 1) / self->cluster_bytes);
}

static gboolean
is_claimed(const TakeBack *self, guint32 cluster)
{
    for (guint i = 0; i < self->note->claims->len; i++) {
        const RubFatRun *run = &g_array_index(self->note->claims, RubFatRun, i);
        if (cluster >= run->first && cluster - run->first < run->count)
            return TRUE;
    }
    return FALSE;
}

/* A file of the build is of the size that was noted and lies in the clusters that were claimed; in
 * a folder all of its files are there, or none.
 * Whatever else is there under its name is the user's: put there since, or not replaced yet. */
static gboolean
takes_file(const TakeBack *self, const RubEntry *entry, const char *key)
{
    if (g_hash_table_contains(self->saved_as, key))
        return TRUE;
    g_autofree char *sized_key = make_sized_key(entry->size_bytes, key);
    if (!g_hash_table_contains(self->files, sized_key))
        return FALSE;
    if (!self->fat)
        return self->is_carried_out;
    return entry->size_bytes == 0 || is_claimed(self, rub_fat_find_first_cluster(self->fat, entry));
}

/* Notes what the entry takes: a file its clusters, but one that gave way keeps them. */
static void
count_freed(TakeBack *self, const RubEntry *entry, const char *key)
{
    guint64 size_bytes = entry->size_bytes;
    if (entry->kind == RUB_ENTRY_FOLDER) {
        guint slots = GPOINTER_TO_UINT(g_hash_table_lookup(self->slot_counts, key));
        size_bytes = (guint64) (DOT_SLOTS + slots) * RUB_FAT_SLOT_BYTES;
    }
    if (!g_hash_table_contains(self->saved_as, key))
        self->freed_clusters += get_clusters_for(self, size_bytes);
    g_autofree char *name = g_path_get_basename(entry->path);
    char *parent = make_parent_key(entry->path);
    guint slots = GPOINTER_TO_UINT(g_hash_table_lookup(self->slot_counts, parent)) +
                  rub_fat_name_get_slot_count(name);
    g_hash_table_insert(self->slot_counts, parent, GUINT_TO_POINTER(slots));
}

/* Returns whether the entry is left out. */
static gboolean
take(TakeBack *self, const RubEntry *entry)
{
    g_autofree char *key = rub_fat_name_make_key(entry->path);
    gboolean is_taken =
        entry->kind == RUB_ENTRY_FOLDER
            ? g_hash_table_contains(self->folders, key) && !g_hash_table_contains(self->needed, key)
            : takes_file(self, entry, key);
    if (is_taken)
        count_freed(self, entry, key);
    else
        g_hash_table_add(self->needed, make_parent_key(entry->path));
    return is_taken;
}

/* Lists the files that gave way where they were. */
static void
put_back(TakeBack *self, RubListing *listing)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_autofree char *key = rub_fat_name_make_key(entry->path);
        g_hash_table_remove(self->saved, key);
    }
    for (guint i = 0; i < self->note->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(self->note->saved, i);
        g_autofree char *key = rub_fat_name_make_key(saved->path);
        if (!g_hash_table_remove(self->saved, key))
            continue;
        RubEntry *entry = rub_entry_new(RUB_ENTRY_FILE, g_strdup(saved->path));
        entry->size_bytes = saved->size_bytes;
        g_ptr_array_add(listing->entries, entry);
    }
}

/* Leaves out what is taken back, from the end, where what is in a folder comes before the folder.
 */
static void
leave_out(TakeBack *self, GPtrArray *entries)
{
    guint count = entries->len;
    guint first = count;
    for (guint i = count; i-- > 0;) {
        RubEntry *entry = g_ptr_array_index(entries, i);
        if (take(self, entry))
            continue;
        entries->pdata[i] = entries->pdata[--first];
        entries->pdata[first] = entry;
    }
    g_ptr_array_remove_range(entries, 0, first);
}

guint32
rub_kept_listing_take_back(RubListing *listing, const RubPending *note, RubFat *fat,
                           guint cluster_bytes)
{
    TakeBack self = {.cluster_bytes = cluster_bytes};
    take_back_init(&self, note, fat);
    self.is_carried_out = !note->is_mounted && rub_pending_is_carried_out(note, listing);
    leave_out(&self, listing->entries);
    put_back(&self, listing);
    take_back_clear(&self);
    return self.freed_clusters;
}
