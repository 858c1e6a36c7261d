/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "base/rub-error.h"
#include "volume/rub-fat-folder.h"
#include "volume/rub-pending-private.h"

#define MAX_NOTE_BYTES ((guint64) 64 * 1024 * 1024)
#define MEMORY_ALIGNMENT 4096
#define WINDOW_BYTES (64 * 1024)

/* An entry of FAT32 (Microsoft FAT specification, "FAT Data Structure"): 28 bits count, and two of
 * them tell in entry 1 whether the volume was closed properly. */
#define ENTRY_BYTES 4
#define ENTRY_MASK 0x0fffffff
#define STATE_ENTRY 1
#define STATE_BITS 0x0c000000

/* The root folder and ours may each gain one cluster, still without entries, before the first entry
 * of a note exists. Even where the table does not know the note yet, it lies behind them: this is
 * how many free clusters are looked at to find it. */
#define MAX_BLANK_CLUSTERS 2
#define MAX_SEARCHED_CLUSTERS 16384

typedef struct {
    RubFat *fat;
    const GArray *claims;
    guint8 *cluster;
    gboolean has_mark;
    guint blank_count;
    guint32 last_blank;
} Judging;

static const RubEntry *
find_note(const RubListing *listing)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (entry->kind == RUB_ENTRY_FILE && g_str_equal(entry->path, RUB_PENDING_PATH))
            return entry;
    }
    return NULL;
}

gboolean
rub_pending_read(RubDisk *disk, const RubListing *listing, RubPending **pending, GError **error)
{
    const RubEntry *entry = find_note(listing);
    *pending = NULL;
    if (!entry)
        return TRUE;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (guint i = 0; entry->size_bytes <= MAX_NOTE_BYTES && i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        guint at = bytes->len;
        g_byte_array_set_size(bytes, at + (guint) extent->size_bytes);
        if (!rub_disk_read(disk, extent->offset_bytes, bytes->data + at, extent->size_bytes, error))
            return FALSE;
    }
    g_autoptr(GBytes) note = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    *pending = rub_pending_parse(note);
    return TRUE;
}

/* Files on the volume and their sizes by the keys of their paths. */
static GHashTable *
index_sizes(const RubListing *listing)
{
    GHashTable *sizes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (entry->kind == RUB_ENTRY_FILE)
            g_hash_table_insert(sizes, rub_fat_name_make_key(entry->path),
                                (gpointer) &entry->size_bytes);
    }
    return sizes;
}

static gboolean
has_size(GHashTable *sizes, const char *path, guint64 size_bytes)
{
    g_autofree char *key = rub_fat_name_make_key(path);
    const guint64 *found_bytes = g_hash_table_lookup(sizes, key);
    return found_bytes && *found_bytes == size_bytes;
}

/* A path may have been noted with several sizes; the manifest gives way in a later round. */
gboolean
rub_pending_is_carried_out(const RubPending *self, const RubListing *listing)
{
    g_autoptr(GHashTable) sizes = index_sizes(listing);
    g_autoptr(GHashTable) missing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < self->files->len; i++) {
        const RubPendingFile *file = g_ptr_array_index(self->files, i);
        g_hash_table_add(missing, rub_fat_name_make_key(file->path));
    }
    for (guint i = 0; i < self->saved->len; i++) {
        const RubPendingSaved *saved = g_ptr_array_index(self->saved, i);
        g_autofree char *key = rub_fat_name_make_key(saved->path);
        if (g_hash_table_contains(missing, key) &&
            !has_size(sizes, saved->saved_as, saved->size_bytes))
            return FALSE;
    }
    for (guint i = 0; i < self->files->len; i++) {
        const RubPendingFile *file = g_ptr_array_index(self->files, i);
        g_autofree char *key = rub_fat_name_make_key(file->path);
        if (has_size(sizes, file->path, file->size_bytes))
            g_hash_table_remove(missing, key);
    }
    return g_hash_table_size(missing) == 0;
}

static gboolean
is_claimed(const GArray *claims, guint32 cluster)
{
    guint low = 0;
    guint high = claims->len;
    while (low < high) {
        guint middle = (low + high) / 2;
        const RubFatRun *run = &g_array_index(claims, RubFatRun, middle);
        if (cluster < run->first)
            high = middle;
        else if (cluster - run->first >= run->count)
            low = middle + 1;
        else
            return TRUE;
    }
    return FALSE;
}

/* Whether the slots are those of our folder with nothing, or the note, in it: its entry did not
 * exist yet, or no longer. */
static gboolean
is_our_folder(const guint8 *slots, guint slot_count, guint32 cluster)
{
    RubFatSlotIter iter = {slots, slot_count, 0};
    RubFatSlot slot;
    char *next_name = NULL;
    guint dots = 0;
    gboolean is_ours = TRUE;
    while (is_ours && rub_fat_slot_iter_next(&iter, &slot, &next_name)) {
        g_autofree char *long_name = g_steal_pointer(&next_name);
        g_autofree char *name = rub_fat_name_from_short(slot.short_name, slot.case_bits);
        if (rub_fat_slot_is_dot(&slot))
            is_ours = dots++ > 0 || slot.first_cluster == cluster;
        else
            is_ours = strcmp(long_name ? long_name : name,
                             &RUB_PENDING_PATH[strlen(RUB_RECORDS_FOLDER "/")]) == 0;
    }
    return is_ours && dots == 2;
}

static gboolean
is_blank(const guint8 *data, gsize size_bytes)
{
    return data[0] == 0 && memcmp(data, data + 1, size_bytes - 1) == 0;
}

/* Judges a cluster that nothing leads to by what it holds. */
static gboolean
judge_contents(Judging *self, guint32 cluster, gboolean may_be_blank, gboolean *is_ours,
               GError **error)
{
    guint size_bytes = rub_fat_get_geometry(self->fat)->cluster_bytes;
    if (!rub_disk_read(rub_fat_get_disk(self->fat), rub_fat_get_cluster_offset(self->fat, cluster),
                       self->cluster, size_bytes, error))
        return FALSE;
    if (may_be_blank && is_blank(self->cluster, size_bytes)) {
        *is_ours = ++self->blank_count <= MAX_BLANK_CLUSTERS;
        self->last_blank = cluster;
        return TRUE;
    }
    gboolean is_note = rub_pending_is_marked(self->cluster);
    self->has_mark |= is_note;
    *is_ours = is_note || is_our_folder(self->cluster, size_bytes / RUB_FAT_SLOT_BYTES, cluster);
    return TRUE;
}

static gboolean
judge_lost(Judging *self, const GArray *lost, gboolean *is_ours, GError **error)
{
    for (guint i = 0; i < lost->len; i++) {
        const RubFatRun *run = &g_array_index(lost, RubFatRun, i);
        for (guint32 j = 0; j < run->count; j++) {
            if (is_claimed(self->claims, run->first + j))
                continue;
            if (!judge_contents(self, run->first + j, TRUE, is_ours, error))
                return FALSE;
            if (!*is_ours)
                return TRUE;
        }
    }
    return TRUE;
}

/* Judges an entry that differs between two copies of the table: it must be that of a cluster of
 * ours, or of the last cluster of a folder that leads to one of ours in one of them. */
static gboolean
judge_entry(Judging *self, guint32 entry, guint32 one, guint32 other, gboolean *is_ours,
            GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(self->fat);
    if (entry == STATE_ENTRY)
        *is_ours = ((one ^ other) & ENTRY_MASK & ~STATE_BITS) == 0;
    one &= ENTRY_MASK;
    other &= ENTRY_MASK;
    if (entry == STATE_ENTRY || one == other || !rub_fat_geometry_has_cluster(geometry, entry))
        return TRUE;
    *is_ours = is_claimed(self->claims, entry) ||
               (rub_fat_geometry_has_cluster(geometry, one) && is_claimed(self->claims, one)) ||
               (rub_fat_geometry_has_cluster(geometry, other) && is_claimed(self->claims, other));
    if (*is_ours)
        return TRUE;
    gboolean is_new = one == 0 || other == 0;
    guint32 next = rub_fat_geometry_has_cluster(geometry, one) ? one : other;
    if (!judge_contents(self, entry, is_new, is_ours, error))
        return FALSE;
    return *is_ours || is_new || !rub_fat_geometry_has_cluster(geometry, next) ||
           judge_contents(self, next, TRUE, is_ours, error);
}

static gboolean
judge_window(Judging *self, const guint8 *one, const guint8 *other, gsize size_bytes,
             guint32 first_entry, gboolean *is_ours, GError **error)
{
    if (memcmp(one, other, size_bytes) == 0)
        return TRUE;
    RubBytes ones = rub_bytes(one, size_bytes);
    RubBytes others = rub_bytes(other, size_bytes);
    for (gsize at = 0; *is_ours && at < size_bytes; at += ENTRY_BYTES) {
        guint32 value = rub_bytes_u32le(&ones, at);
        guint32 other_value = rub_bytes_u32le(&others, at);
        if (value != other_value && !judge_entry(self, first_entry + (guint32) (at / ENTRY_BYTES),
                                                 value, other_value, is_ours, error))
            return FALSE;
    }
    return TRUE;
}

/* Compares each copy of the table with the first one. */
static gboolean
judge_copies(Judging *self, gboolean *is_ours, GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(self->fat);
    RubDisk *disk = rub_fat_get_disk(self->fat);
    guint64 copy_bytes = (guint64) geometry->fat_size_sectors * geometry->sector_size;
    guint64 start = rub_fat_get_start_bytes(self->fat) +
                    (guint64) geometry->reserved_sectors * geometry->sector_size;
    g_autofree guint8 *one = g_malloc(WINDOW_BYTES);
    g_autofree guint8 *other = g_malloc(WINDOW_BYTES);
    for (guint64 at = 0; *is_ours && at < copy_bytes; at += WINDOW_BYTES) {
        gsize n = (gsize) MIN(WINDOW_BYTES, copy_bytes - at);
        if (!rub_disk_read(disk, start + at, one, n, error))
            return FALSE;
        for (guint copy = 1; *is_ours && copy < geometry->fat_count; copy++) {
            if (!rub_disk_read(disk, start + copy * copy_bytes + at, other, n, error) ||
                !judge_window(self, one, other, n, (guint32) (at / ENTRY_BYTES), is_ours, error))
                return FALSE;
        }
    }
    return TRUE;
}

/* A blank cluster tells nothing of its owner. It is ours if our note lies behind it, in clusters
 * that were written before the table. */
static gboolean
judge_blank(Judging *self, gboolean *is_ours, GError **error)
{
    const RubFatGeometry *geometry = rub_fat_get_geometry(self->fat);
    guint32 cluster = self->last_blank + 1;
    guint searched = 0;
    while (!self->has_mark && searched < MAX_SEARCHED_CLUSTERS &&
           rub_fat_geometry_has_cluster(geometry, cluster)) {
        guint32 next;
        gboolean is_note;
        if (!rub_fat_table_get(rub_fat_get_table(self->fat), cluster, &next, error))
            return FALSE;
        if (next == 0 && !judge_contents(self, cluster, FALSE, &is_note, error))
            return FALSE;
        searched += next == 0;
        cluster++;
    }
    *is_ours = self->has_mark;
    return TRUE;
}

static gboolean
judge(Judging *self, const RubFatCheck *check, gboolean has_note, gboolean *is_ours, GError **error)
{
    *is_ours = TRUE;
    if (!judge_lost(self, check->lost, is_ours, error) ||
        (check->copies_differ && !judge_copies(self, is_ours, error)) ||
        (*is_ours && self->blank_count > 0 && !has_note && !judge_blank(self, is_ours, error)))
        return FALSE;
    /* Without a note that is ours, nobody knows who left the volume in use. */
    *is_ours = *is_ours && (!check->is_dirty || has_note || self->has_mark);
    return TRUE;
}

gboolean
rub_pending_judge(RubFat *fat, const RubFatCheck *check, const RubListing *listing,
                  gboolean *has_pending, gboolean *covers_all_faults, GError **error)
{
    *has_pending = FALSE;
    *covers_all_faults =
        !check->fault && !check->is_dirty && !check->copies_differ && check->lost->len == 0;
    if (check->fault || !listing)
        return TRUE;
    g_autoptr(RubPending) found = NULL;
    if (!rub_pending_read(rub_fat_get_disk(fat), listing, &found, error))
        return FALSE;
    *has_pending = found != NULL;
    /* Others are written by the kernel's driver alone, which marks them as in use meanwhile. */
    if (rub_fat_get_geometry(fat)->type != RUB_FAT_32) {
        *covers_all_faults =
            !check->copies_differ && check->lost->len == 0 && (!check->is_dirty || found);
        return TRUE;
    }
    g_autoptr(RubPending) none = rub_pending_new();
    Judging judging = {.fat = fat, .claims = found ? found->claims : none->claims};
    judging.cluster =
        g_aligned_alloc(1, rub_fat_get_geometry(fat)->cluster_bytes, MEMORY_ALIGNMENT);
    gboolean is_judged = judge(&judging, check, found != NULL, covers_all_faults, error);
    g_aligned_free(judging.cluster);
    *has_pending = found || judging.has_mark;
    return is_judged;
}
