/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/rub-error.h"
#include "volume/rub-ntfs-name.h"
#include "volume/rub-ntfs.h"

/* More than any volume has that this library writes to; a damaged one may have folders without an
 * end. */
#define MAX_ENTRIES 4000000
#define MAX_PATH_BYTES 32767

#define UNIX_EPOCH_SECONDS G_GINT64_CONSTANT(11644473600)
#define NTFS_TICKS_PER_SECOND 10000000

/* A folder whose content is still to be read, or an entry of it. */
typedef struct {
    guint64 record;
    char *path;
    char *alias;
} Item;

typedef struct {
    RubNtfs *ntfs;
    RubListing *listing;
    GHashTable *folders; /* (element-type guint64), those that were seen */
    GQueue *queue;       /* (element-type Item) */
} Walk;

/* What ntfs_readdir() hands its entries to. */
typedef struct {
    const char *parent;
    GPtrArray *items;    /* (element-type Item) */
    GHashTable *aliases; /* (element-type guint64 utf8), by the records of the items */
} Collection;

static Item *
item_new(guint64 record, char *path)
{
    Item *self = g_new0(Item, 1);
    self->record = record;
    self->path = path;
    return self;
}

static void
item_free(gpointer data)
{
    Item *self = data;
    g_free(self->path);
    g_free(self->alias);
    g_free(self);
}

static int
on_entry_cb(void *data, const ntfschar *name, const int length, const int type, const s64 position,
            const MFT_REF reference, const unsigned kind)
{
    Collection *collection = data;
    if (MREF(reference) < FILE_first_user)
        return 0;
    g_autofree char *text = rub_ntfs_name_to_utf8(name, (guint) length);
    /* Short names lead to files that have a long one, too. */
    if (type == FILE_NAME_DOS) {
        guint64 record = MREF(reference);
        g_hash_table_insert(collection->aliases, g_memdup2(&record, sizeof record),
                            g_steal_pointer(&text));
        return g_hash_table_size(collection->aliases) < MAX_ENTRIES ? 0 : -1;
    }
    if (g_str_equal(text, ".") || g_str_equal(text, ".."))
        return 0;
    char *path = collection->parent[0] == '\0' ? g_steal_pointer(&text)
                                               : g_strconcat(collection->parent, "/", text, NULL);
    g_ptr_array_add(collection->items, item_new(MREF(reference), path));
    return collection->items->len < MAX_ENTRIES ? 0 : -1;
}

static gboolean
set_damaged(const char *path, const char *what, GError **error)
{
    g_autoptr(RubText) text = rub_text_new(what, NULL);
    rub_error_take_text(error, RUB_CODE_VOLUME_DAMAGED, rub_text_new_named(path, text));
    return FALSE;
}

/* The bytes behind what was written are zeros, whatever the clusters hold. */
static void
add_tail(RubEntry *entry, guint64 known_bytes)
{
    if (known_bytes < entry->size_bytes)
        rub_entry_add_extent(entry, RUB_EXTENT_HOLE, entry->size_bytes - known_bytes);
}

static gboolean
add_runs(Walk *self, RubEntry *entry, ntfs_attr *data, GError **error)
{
    const ntfs_volume *volume = rub_ntfs_get_volume(self->ntfs);
    guint64 cluster_bytes = volume->cluster_size, done = 0;
    guint64 known_bytes = MIN(entry->size_bytes, (guint64) MAX(data->initialized_size, 0));
    if (ntfs_attr_map_whole_runlist(data) != 0 || !data->rl) {
        rub_ntfs_set_error(self->ntfs, error, errno, entry->path);
        return FALSE;
    }
    for (const runlist_element *run = data->rl; run->length > 0 && done < known_bytes; run++) {
        if (run->length > volume->nr_clusters || run->vcn != (VCN) (done / cluster_bytes))
            return set_damaged(entry->path, N_("its runs do not fit together"), error);
        guint64 n = MIN((guint64) run->length * cluster_bytes, known_bytes - done);
        if (run->lcn == LCN_HOLE)
            rub_entry_add_extent(entry, RUB_EXTENT_HOLE, n);
        else if (run->lcn < 0 || run->lcn > volume->nr_clusters - run->length)
            return set_damaged(entry->path, N_("it lies outside of the volume"), error);
        else
            rub_entry_add_extent(
                entry, rub_ntfs_get_start_bytes(self->ntfs) + (guint64) run->lcn * cluster_bytes,
                n);
        done += n;
    }
    if (done < known_bytes)
        return set_damaged(entry->path, N_("it ends too early"), error);
    add_tail(entry, done);
    return TRUE;
}

static gboolean
add_resident(Walk *self, RubEntry *entry, ntfs_attr *data, GError **error)
{
    const ntfs_volume *volume = rub_ntfs_get_volume(self->ntfs);
    if (entry->size_bytes > volume->mft_record_size)
        return set_damaged(entry->path, N_("it is larger than its record"), error);
    g_autofree guint8 *bytes = g_malloc(volume->mft_record_size);
    if (ntfs_attr_pread(data, 0, (s64) entry->size_bytes, bytes) != (s64) entry->size_bytes) {
        rub_ntfs_set_error(self->ntfs, error, errno, entry->path);
        return FALSE;
    }
    rub_entry_add_memory(entry, bytes, entry->size_bytes);
    return TRUE;
}

static gboolean
add_data(Walk *self, RubEntry *entry, ntfs_attr *data, GError **error)
{
    if (data->data_size < 0)
        return set_damaged(entry->path, N_("it has a size below 0"), error);
    entry->size_bytes = (guint64) data->data_size;
    if (entry->size_bytes == 0)
        return TRUE;
    if ((data->data_flags & (ATTR_COMPRESSION_MASK | ATTR_IS_ENCRYPTED)) != 0) {
        guint64 behind = rub_disk_get_size_bytes(rub_ntfs_get_disk(self->ntfs));
        rub_entry_add_extent(entry, behind, entry->size_bytes);
        return TRUE;
    }
    return NAttrNonResident(data) ? add_runs(self, entry, data, error)
                                  : add_resident(self, entry, data, error);
}

static gboolean
read_data(Walk *self, ntfs_inode *inode, RubEntry *entry, GError **error)
{
    ntfs_attr *data = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
    if (!data && errno == ENOENT)
        return TRUE;
    if (!data) {
        rub_ntfs_set_error(self->ntfs, error, errno, entry->path);
        return FALSE;
    }
    gboolean is_read = add_data(self, entry, data, error);
    ntfs_attr_close(data);
    return is_read;
}

static RubEntryKind
get_kind(const ntfs_inode *inode)
{
    if (inode->flags & FILE_ATTR_REPARSE_POINT)
        return RUB_ENTRY_SYMLINK;
    return inode->mrec->flags & MFT_RECORD_IS_DIRECTORY ? RUB_ENTRY_FOLDER : RUB_ENTRY_FILE;
}

static gboolean
add_inode(Walk *self, const Item *item, ntfs_inode *inode, GError **error)
{
    RubEntry *entry = rub_entry_new(get_kind(inode), g_strdup(item->path));
    g_ptr_array_add(self->listing->entries, entry);
    entry->alias = g_strdup(item->alias);
    entry->mtime_unix =
        (gint64) GUINT64_FROM_LE((guint64) inode->last_data_change_time) / NTFS_TICKS_PER_SECOND -
        UNIX_EPOCH_SECONDS;
    if (entry->kind == RUB_ENTRY_FILE)
        return read_data(self, inode, entry, error);
    if (entry->kind != RUB_ENTRY_FOLDER)
        return TRUE;
    guint64 *record = g_memdup2(&item->record, sizeof item->record);
    if (!g_hash_table_add(self->folders, record))
        return set_damaged(item->path, N_("two folders are the same"), error);
    g_queue_push_tail(self->queue, item_new(item->record, g_strdup(item->path)));
    return TRUE;
}

static gboolean
add_item(Walk *self, const Item *item, GError **error)
{
    if (self->listing->entries->len >= MAX_ENTRIES || strlen(item->path) > MAX_PATH_BYTES)
        return set_damaged(item->path, N_("the folders have no end"), error);
    ntfs_inode *inode = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), item->record);
    if (!inode) {
        rub_ntfs_set_error(self->ntfs, error, errno, item->path);
        return FALSE;
    }
    gboolean is_added = add_inode(self, item, inode, error);
    ntfs_inode_close(inode);
    return is_added;
}

static void
give_aliases(const Collection *collection)
{
    for (guint i = 0; i < collection->items->len; i++) {
        Item *item = g_ptr_array_index(collection->items, i);
        item->alias = g_strdup(g_hash_table_lookup(collection->aliases, &item->record));
    }
}

static gboolean
read_folder(Walk *self, const Item *folder, GPtrArray *items, GError **error)
{
    g_autoptr(GHashTable) aliases =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    Collection collection = {folder->path, items, aliases};
    s64 position = 0;
    ntfs_inode *inode = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), folder->record);
    gboolean is_read = inode && ntfs_readdir(inode, &position, &collection, on_entry_cb) == 0;
    if (!is_read)
        rub_ntfs_set_error(self->ntfs, error, errno, folder->path);
    give_aliases(&collection);
    if (inode)
        ntfs_inode_close(inode);
    return is_read;
}

static gboolean
walk(Walk *self, GError **error)
{
    g_queue_push_tail(self->queue, item_new(FILE_root, g_strdup("")));
    while (!g_queue_is_empty(self->queue)) {
        Item *folder = g_queue_pop_head(self->queue);
        g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(item_free);
        gboolean is_read = read_folder(self, folder, items, error);
        item_free(folder);
        for (guint i = 0; is_read && i < items->len; i++)
            is_read = add_item(self, g_ptr_array_index(items, i), error);
        if (!is_read)
            return FALSE;
    }
    return TRUE;
}

RubListing *
rub_ntfs_list(RubDisk *disk, guint64 start_lba, guint64 sector_count, RubNtfsState *state,
              GError **error)
{
    g_autoptr(RubNtfs) ntfs = rub_ntfs_open(disk, start_lba, sector_count, RUB_NTFS_READ, error);
    if (!ntfs)
        return NULL;
    g_autoptr(RubListing) listing = rub_listing_new();
    const RubNtfsState *found = rub_ntfs_get_state(ntfs);
    const char *name = rub_ntfs_get_volume(ntfs)->vol_name;
    listing->volume_name = name && name[0] != '\0' ? g_utf8_make_valid(name, -1) : NULL;
    listing->size_bytes = found->cluster_count * found->cluster_bytes;
    Walk self = {.ntfs = ntfs,
                 .listing = listing,
                 .folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                 .queue = g_queue_new()};
    gboolean is_read = walk(&self, error);
    g_queue_free_full(self.queue, item_free);
    g_hash_table_unref(self.folders);
    if (!is_read)
        return NULL;
    if (state)
        *state = *found;
    return g_steal_pointer(&listing);
}
