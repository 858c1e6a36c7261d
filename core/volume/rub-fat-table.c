/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-table.h"

#include <string.h>

#include "base/rub-bytes.h"
#include "base/rub-error.h"

#define WINDOW_BYTES (64 * 1024)
#define WINDOW_COUNT 64
#define PIECE_BYTES (1024 * 1024)
#define MEMORY_ALIGNMENT 4096
#define NO_WINDOW G_MAXUINT32

#define ENTRY_MASK 0x0fffffff
#define FAT32_ENTRY_BYTES 4
#define FAT32_CLEAN 0x08000000
#define FAT32_NO_ERRORS 0x04000000
#define FAT16_CLEAN 0x8000
#define FAT16_NO_ERRORS 0x4000

/* Entries that follow one another: each leads to the next cluster and the last one to @next, or
 * all of them become free. */
typedef struct {
    guint32 first;
    guint32 count;
    guint32 next;
    gboolean is_free;
} Link;

struct _RubFatTable {
    RubDisk *disk;
    const RubFatGeometry *geometry;
    guint64 tables_start_bytes;
    guint64 table_bytes;
    guint8 *windows[WINDOW_COUNT];
    guint32 window_numbers[WINDOW_COUNT];
    GArray *new_links;
    GArray *extensions;
    GArray *freed;
};

static void
forget_windows(RubFatTable *self)
{
    for (guint i = 0; i < WINDOW_COUNT; i++)
        self->window_numbers[i] = NO_WINDOW;
}

RubFatTable *
rub_fat_table_new(RubDisk *disk, guint64 start_bytes, const RubFatGeometry *geometry)
{
    RubFatTable *self = g_new0(RubFatTable, 1);
    self->disk = rub_disk_ref(disk);
    self->geometry = geometry;
    self->tables_start_bytes =
        start_bytes + (guint64) geometry->reserved_sectors * geometry->sector_size;
    self->table_bytes = (guint64) geometry->fat_size_sectors * geometry->sector_size;
    self->new_links = g_array_new(FALSE, FALSE, sizeof(Link));
    self->extensions = g_array_new(FALSE, FALSE, sizeof(Link));
    self->freed = g_array_new(FALSE, FALSE, sizeof(Link));
    forget_windows(self);
    return self;
}

void
rub_fat_table_free(RubFatTable *self)
{
    rub_disk_unref(self->disk);
    for (guint i = 0; i < WINDOW_COUNT; i++)
        g_aligned_free(self->windows[i]);
    g_array_unref(self->new_links);
    g_array_unref(self->extensions);
    g_array_unref(self->freed);
    g_free(self);
}

static guint64
copy_offset(const RubFatTable *self, guint copy)
{
    return self->tables_start_bytes + copy * self->table_bytes;
}

/* Reads a part of the copy that counts. */
static gboolean
read_part(RubFatTable *self, guint64 offset_bytes, guint8 *buffer, gsize size_bytes, GError **error)
{
    return rub_disk_read(self->disk, copy_offset(self, self->geometry->active_fat) + offset_bytes,
                         buffer, size_bytes, error);
}

/* A whole number of sectors: windows begin at multiples of 64 KiB, and the table ends with a
 * sector. A table of FAT12 is smaller than a window, so that no entry lies in two. */
static const guint8 *
get_window(RubFatTable *self, guint32 number, gsize *size_bytes, GError **error)
{
    guint slot = number % WINDOW_COUNT;
    guint64 offset = (guint64) number * WINDOW_BYTES;
    *size_bytes = (gsize) MIN(WINDOW_BYTES, self->table_bytes - offset);
    if (self->window_numbers[slot] == number)
        return self->windows[slot];
    self->window_numbers[slot] = NO_WINDOW;
    if (!self->windows[slot])
        self->windows[slot] = g_aligned_alloc(1, WINDOW_BYTES, MEMORY_ALIGNMENT);
    if (!read_part(self, offset, self->windows[slot], *size_bytes, error))
        return NULL;
    self->window_numbers[slot] = number;
    return self->windows[slot];
}

static guint32
decode_entry(RubFatType type, RubBytes *bytes, gsize offset, guint32 cluster)
{
    if (type == RUB_FAT_32)
        return rub_bytes_u32le(bytes, offset) & ENTRY_MASK;
    guint32 value = rub_bytes_u16le(bytes, offset);
    if (type == RUB_FAT_12)
        value = cluster % 2 ? value >> 4 : value & 0x0fff;
    return value;
}

/* The last numbers of each width have the same meanings. */
static guint32
widen(RubFatType type, guint32 value)
{
    guint32 bad = type == RUB_FAT_32 ? RUB_FAT_BAD : type == RUB_FAT_16 ? 0xfff7 : 0x0ff7;
    if (value == bad)
        return RUB_FAT_BAD;
    return value > bad ? RUB_FAT_END : value;
}

static gboolean
get_raw(RubFatTable *self, guint32 cluster, guint32 *value, GError **error)
{
    RubFatType type = self->geometry->type;
    guint64 offset = (guint64) cluster * type / 8;
    gsize size = 0;
    const guint8 *window = get_window(self, (guint32) (offset / WINDOW_BYTES), &size, error);
    if (!window)
        return FALSE;
    RubBytes bytes = rub_bytes(window, size);
    *value = decode_entry(type, &bytes, offset % WINDOW_BYTES, cluster);
    return TRUE;
}

gboolean
rub_fat_table_get(RubFatTable *self, guint32 cluster, guint32 *next, GError **error)
{
    guint32 value = 0;
    if (!get_raw(self, cluster, &value, error))
        return FALSE;
    *next = widen(self->geometry->type, value);
    return TRUE;
}

static gboolean
set_damaged(GError **error, const char *sentence, guint32 number)
{
    g_autofree char *text = g_strdup_printf("%u", number);
    rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED, sentence, "number", text, NULL);
    return FALSE;
}

static gboolean
check_next(RubFatTable *self, guint32 cluster, RubFatBitmap *seen, GError **error)
{
    if (!rub_fat_geometry_has_cluster(self->geometry, cluster)) {
        const char *sentence = cluster == 0             ? N_("it leads to a free cluster")
                               : cluster == RUB_FAT_BAD ? N_("it leads to a bad cluster")
                                                        : N_("it leads to cluster {number}, which "
                                                             "does not exist");
        return set_damaged(error, sentence, cluster);
    }
    return !seen || rub_fat_bitmap_add(seen, cluster) ||
           set_damaged(error, N_("cluster {number} is used twice, or its clusters form a loop"),
                       cluster);
}

static void
append_cluster(GArray *runs, guint first_run, guint32 cluster)
{
    if (runs->len > first_run) {
        RubFatRun *last = &g_array_index(runs, RubFatRun, runs->len - 1);
        if (last->first + last->count == cluster) {
            last->count++;
            return;
        }
    }
    RubFatRun run = {cluster, 1};
    g_array_append_val(runs, run);
}

gboolean
rub_fat_table_read_chain(RubFatTable *self, guint32 first, RubFatBitmap *seen, guint32 max_clusters,
                         GArray *runs, GError **error)
{
    guint first_run = runs->len;
    guint32 cluster = first;
    guint32 length = 0;
    do {
        if (length++ == max_clusters)
            return set_damaged(error, N_("it has more than {number} clusters, or they form a loop"),
                               max_clusters);
        if (!check_next(self, cluster, seen, error))
            return FALSE;
        append_cluster(runs, first_run, cluster);
        if (!rub_fat_table_get(self, cluster, &cluster, error))
            return FALSE;
    } while (cluster != RUB_FAT_END);
    return TRUE;
}

RubFatBitmap *
rub_fat_table_read_used(RubFatTable *self, GError **error)
{
    g_autoptr(RubFatBitmap) used = rub_fat_bitmap_new(self->geometry->cluster_count);
    guint32 end = rub_fat_bitmap_get_end(used);
    for (guint32 cluster = RUB_FAT_FIRST_CLUSTER; cluster < end; cluster++) {
        guint32 value = 0;
        if (!get_raw(self, cluster, &value, error))
            return NULL;
        if (value != 0)
            rub_fat_bitmap_add(used, cluster);
    }
    return g_steal_pointer(&used);
}

/* Entries 0 and 1 belong to no cluster, and the upper 4 bits of FAT32 to none either. */
static gboolean
pieces_differ(const RubFatTable *self, const guint8 *a, const guint8 *b, guint64 offset_bytes,
              gsize size_bytes)
{
    gsize first = offset_bytes == 0 ? RUB_FAT_FIRST_CLUSTER * self->geometry->type / 8 : 0;
    if (memcmp(a + first, b + first, size_bytes - first) == 0)
        return FALSE;
    if (self->geometry->type != RUB_FAT_32)
        return TRUE;
    RubBytes bytes_a = rub_bytes(a, size_bytes);
    RubBytes bytes_b = rub_bytes(b, size_bytes);
    for (gsize i = first; i < size_bytes; i += FAT32_ENTRY_BYTES)
        if ((rub_bytes_u32le(&bytes_a, i) ^ rub_bytes_u32le(&bytes_b, i)) & ENTRY_MASK)
            return TRUE;
    return FALSE;
}

/* What to do about a piece of another copy that differs; @window is what counts. */
typedef gboolean (*OnDifference)(RubFatTable *self, guint64 other_offset, const guint8 *window,
                                 gsize size_bytes, gpointer user_data, GError **error);

static gboolean
compare_copy(RubFatTable *self, guint copy, guint8 *buffer, OnDifference on_difference,
             gpointer user_data, GError **error)
{
    const RubFatGeometry *geometry = self->geometry;
    guint64 bits = ((guint64) geometry->cluster_count + RUB_FAT_FIRST_CLUSTER) * geometry->type;
    guint64 end = (bits + 7) / 8;
    for (guint64 offset = 0; offset < end; offset += WINDOW_BYTES) {
        gsize size = 0;
        guint64 other = copy_offset(self, copy) + offset;
        const guint8 *window = get_window(self, (guint32) (offset / WINDOW_BYTES), &size, error);
        if (!window || !rub_disk_read(self->disk, other, buffer, size, error))
            return FALSE;
        if (pieces_differ(self, window, buffer, offset, (gsize) MIN(size, end - offset)) &&
            !on_difference(self, other, window, size, user_data, error))
            return FALSE;
    }
    return TRUE;
}

/* Copies that are not mirrored may hold anything. */
static gboolean
compare_copies(RubFatTable *self, OnDifference on_difference, gpointer user_data, GError **error)
{
    guint end = self->geometry->is_mirrored ? self->geometry->fat_count : 0;
    guint8 *buffer = g_aligned_alloc(1, WINDOW_BYTES, MEMORY_ALIGNMENT);
    gboolean is_read = TRUE;
    for (guint copy = 1; is_read && copy < end; copy++)
        is_read = compare_copy(self, copy, buffer, on_difference, user_data, error);
    g_aligned_free(buffer);
    return is_read;
}

static gboolean
note_difference(RubFatTable *self, guint64 other_offset, const guint8 *window, gsize size_bytes,
                gpointer user_data, GError **error)
{
    *(gboolean *) user_data = TRUE;
    return TRUE;
}

gboolean
rub_fat_table_compare_copies(RubFatTable *self, gboolean *differ, GError **error)
{
    *differ = FALSE;
    return compare_copies(self, note_difference, differ, error);
}

static gboolean
overwrite_difference(RubFatTable *self, guint64 other_offset, const guint8 *window,
                     gsize size_bytes, gpointer user_data, GError **error)
{
    return rub_disk_write(self->disk, other_offset, window, size_bytes, error);
}

gboolean
rub_fat_table_equalize_copies(RubFatTable *self, GError **error)
{
    return compare_copies(self, overwrite_difference, NULL, error);
}

gboolean
rub_fat_table_is_clean(RubFatTable *self, gboolean *is_clean, GError **error)
{
    guint32 state = 0;
    guint32 clean = self->geometry->type == RUB_FAT_32 ? FAT32_CLEAN | FAT32_NO_ERRORS
                                                       : FAT16_CLEAN | FAT16_NO_ERRORS;
    if (!get_raw(self, 1, &state, error))
        return FALSE;
    *is_clean = self->geometry->type == RUB_FAT_12 || (state & clean) == clean;
    return TRUE;
}

void
rub_fat_table_add_chain(RubFatTable *self, const GArray *runs, guint first_run)
{
    for (guint i = first_run; i < runs->len; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        guint32 next = i + 1 < runs->len ? run[1].first : RUB_FAT_END;
        Link link = {run->first, run->count, next, FALSE};
        g_array_append_val(self->new_links, link);
    }
}

void
rub_fat_table_extend(RubFatTable *self, guint32 last, guint32 next)
{
    Link link = {last, 1, next, FALSE};
    g_array_append_val(self->extensions, link);
}

void
rub_fat_table_free_clusters(RubFatTable *self, const GArray *runs)
{
    for (guint i = 0; i < runs->len; i++) {
        const RubFatRun *run = &g_array_index(runs, RubFatRun, i);
        Link link = {run->first, run->count, 0, TRUE};
        g_array_append_val(self->freed, link);
    }
}

static int
compare_links(gconstpointer a, gconstpointer b)
{
    guint32 first_a = ((const Link *) a)->first;
    guint32 first_b = ((const Link *) b)->first;
    return (first_a > first_b) - (first_a < first_b);
}

/* A piece of the table that is read, changed and written at once. */
typedef struct {
    guint8 *buffer;
    guint32 first_cluster;
    guint32 end_cluster;
} Piece;

/* Where the work on sorted links is: the next cluster to change, in link @index. */
typedef struct {
    const GArray *links;
    guint index;
    guint32 cluster;
} Position;

/* Takes in links until there is a sector without a change, or the piece is full. */
static void
measure_piece(const RubFatTable *self, const Position *at, Piece *piece)
{
    guint32 sector_entries = self->geometry->sector_size / FAT32_ENTRY_BYTES;
    guint64 limit;
    piece->first_cluster = at->cluster / sector_entries * sector_entries;
    piece->end_cluster = piece->first_cluster + sector_entries;
    limit = (guint64) piece->first_cluster + PIECE_BYTES / FAT32_ENTRY_BYTES;
    for (guint i = at->index; i < at->links->len; i++) {
        const Link *link = &g_array_index(at->links, Link, i);
        if (link->first >= piece->end_cluster + sector_entries || piece->end_cluster >= limit)
            return;
        guint64 end = (guint64) link->first + link->count;
        end = (end + sector_entries - 1) / sector_entries * sector_entries;
        piece->end_cluster = (guint32) MAX(piece->end_cluster, MIN(end, limit));
    }
}

static void
change_entry(const Piece *piece, guint32 cluster, guint32 next)
{
    gsize offset = (gsize) (cluster - piece->first_cluster) * FAT32_ENTRY_BYTES;
    RubBytes bytes = rub_bytes(piece->buffer, PIECE_BYTES);
    /* The upper 4 bits of an entry are reserved and stay ("FAT Data Structure"). */
    guint32 reserved = rub_bytes_u32le(&bytes, offset) & ~(guint32) ENTRY_MASK;
    rub_put_u32le(piece->buffer + offset, reserved | next);
}

static void
change_piece(const Piece *piece, Position *at)
{
    while (at->index < at->links->len && at->cluster < piece->end_cluster) {
        const Link *link = &g_array_index(at->links, Link, at->index);
        guint32 last = link->first + link->count - 1;
        guint32 stop = MIN(last, piece->end_cluster);
        for (; at->cluster < stop; at->cluster++)
            change_entry(piece, at->cluster, link->is_free ? 0 : at->cluster + 1);
        if (at->cluster != last || last >= piece->end_cluster)
            return;
        change_entry(piece, last, link->next);
        at->index++;
        at->cluster = at->index < at->links->len ? link[1].first : 0;
    }
}

static gboolean
write_links_to_copy(RubFatTable *self, const GArray *links, guint copy, guint8 *buffer,
                    GError **error)
{
    Piece piece = {.buffer = buffer};
    Position at = {links, 0, links->len > 0 ? g_array_index(links, Link, 0).first : 0};
    while (at.index < links->len) {
        measure_piece(self, &at, &piece);
        guint64 offset = (guint64) piece.first_cluster * FAT32_ENTRY_BYTES;
        gsize size = (gsize) (piece.end_cluster - piece.first_cluster) * FAT32_ENTRY_BYTES;
        if (!read_part(self, offset, buffer, size, error))
            return FALSE;
        change_piece(&piece, &at);
        if (!rub_disk_write(self->disk, copy_offset(self, copy) + offset, buffer, size, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
write_links(RubFatTable *self, GArray *links, GError **error)
{
    const RubFatGeometry *geometry = self->geometry;
    guint first = geometry->is_mirrored ? 0 : geometry->active_fat;
    guint end = geometry->is_mirrored ? geometry->fat_count : first + 1;
    guint8 *buffer = g_aligned_alloc(1, PIECE_BYTES, MEMORY_ALIGNMENT);
    gboolean is_written = TRUE;

    forget_windows(self);
    g_array_sort(links, compare_links);
    for (guint copy = first; is_written && copy < end; copy++)
        is_written = write_links_to_copy(self, links, copy, buffer, error);
    g_aligned_free(buffer);
    return is_written;
}

/* Writes links, which are then done with. */
static gboolean
write_and_clear(RubFatTable *self, GArray *links, GError **error)
{
    if (links->len > 0 && !write_links(self, links, error))
        return FALSE;
    g_array_set_size(links, 0);
    return TRUE;
}

gboolean
rub_fat_table_write_chains(RubFatTable *self, GError **error)
{
    return write_and_clear(self, self->new_links, error);
}

gboolean
rub_fat_table_write_extensions(RubFatTable *self, GError **error)
{
    return write_and_clear(self, self->extensions, error);
}

gboolean
rub_fat_table_write_freed(RubFatTable *self, GError **error)
{
    return write_and_clear(self, self->freed, error);
}

gboolean
rub_fat_table_write_clean(RubFatTable *self, gboolean is_clean, GError **error)
{
    guint32 state = 0;
    if (!get_raw(self, 1, &state, error))
        return FALSE;
    state = is_clean ? state | FAT32_CLEAN : state & ~(guint32) FAT32_CLEAN;
    g_autoptr(GArray) links = g_array_new(FALSE, FALSE, sizeof(Link));
    Link link = {1, 1, state, FALSE};
    g_array_append_val(links, link);
    return write_links(self, links, error);
}
