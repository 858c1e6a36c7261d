/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf.h"

#include "source/rub-udf-private.h"

/* Longer paths are of no use: Linux ends at 4096, UDF itself at 1023 (UDF 2 "Basic Restrictions").
 */
#define PATH_SIZE_MAX 4096

/* What an entry takes besides its path: its array of extents, the allocator's share. */
#define ENTRY_SIZE (sizeof(RubEntry) + 128)

/* A folder that was found and is still to be read. */
typedef struct {
    const char *path; /* borrowed from its entry; "" for the root */
    RubUdfFile *file;
} Pending;

/* Folders wait in a queue, so that their depth costs no stack. */
typedef struct {
    RubUdfVolume *volume; /* borrowed */
    RubListing *listing;  /* borrowed */
    GQueue pending;       /* of Pending */
    GHashTable *seen;     /* byte offsets of the file entries of folders */
    GCancellable *cancellable;
} Walk;

static void
pending_free(Pending *self)
{
    rub_udf_file_free(self->file);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pending, pending_free)

static void
walk_clear(Walk *self)
{
    g_queue_clear_full(&self->pending, (GDestroyNotify) pending_free);
    g_hash_table_unref(self->seen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_clear)

/* UDF has no links to folders: one that is met twice is a circle. Takes @file. */
static gboolean
enqueue_folder(Walk *self, const char *path, RubUdfFile *file, GError **error)
{
    Pending *pending = g_new0(Pending, 1);
    pending->path = path;
    pending->file = file;
    g_queue_push_tail(&self->pending, pending);
    if (g_hash_table_add(self->seen, g_memdup2(&file->icb_offset_bytes, sizeof(guint64))))
        return TRUE;
    rub_udf_set_damaged(error, "this folder is in the tree twice");
    return FALSE;
}

static gboolean
add_entry(Walk *self, RubEntry *entry, GError **error)
{
    gsize size = ENTRY_SIZE + strlen(entry->path);
    g_ptr_array_add(self->listing->entries, entry);
    return rub_udf_volume_spend(self->volume, size, error);
}

static gboolean
add_file(Walk *self, const char *path, RubUdfFile *file, GError **error)
{
    RubEntry *entry = g_steal_pointer(&file->data);
    entry->path = g_strdup(path);
    return add_entry(self, entry, error);
}

static gboolean
add_link(Walk *self, const char *path, RubUdfFile *file, GError **error)
{
    RubEntry *entry = rub_entry_new(RUB_ENTRY_SYMLINK, g_strdup(path));
    entry->mtime_unix = file->data->mtime_unix;
    if (!add_entry(self, entry, error))
        return FALSE;
    g_autofree guint8 *components = rub_udf_file_read(self->volume, file, error);
    if (!components)
        return FALSE;
    entry->link_target = rub_udf_link_decode(rub_bytes(components, file->data->size_bytes));
    if (entry->link_target)
        return TRUE;
    rub_udf_set_damaged(error, "the symbolic link points nowhere");
    return FALSE;
}

static gboolean
add_folder(Walk *self, const char *path, RubUdfFile **file, GError **error)
{
    RubEntry *entry = rub_entry_new(RUB_ENTRY_FOLDER, g_strdup(path));
    entry->mtime_unix = (*file)->data->mtime_unix;
    return add_entry(self, entry, error) &&
           enqueue_folder(self, entry->path, g_steal_pointer(file), error);
}

static gboolean
add_child(Walk *self, const char *path, RubUdfAddress icb, GError **error)
{
    g_autoptr(RubUdfFile) file = rub_udf_file_load(self->volume, icb, error);
    if (!file)
        return FALSE;
    switch (file->type) {
    case RUB_UDF_FILE_TYPE_FOLDER:
        return add_folder(self, path, &file, error);
    case RUB_UDF_FILE_TYPE_BYTES:
    case RUB_UDF_FILE_TYPE_REAL_TIME:
        return add_file(self, path, file, error);
    case RUB_UDF_FILE_TYPE_SYMLINK:
        return add_link(self, path, file, error);
    default:
        g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE,
                    "it is no file, folder or symbolic link, but of type %u", file->type);
        return FALSE;
    }
}

static gboolean
check_path(const char *folder, const char *name, GError **error)
{
    if (strlen(folder) + strlen("/") + strlen(name) < PATH_SIZE_MAX)
        return TRUE;
    rub_udf_set_damaged(error, "paths in the folder are longer than %u bytes", PATH_SIZE_MAX);
    return FALSE;
}

static gboolean
list_child(Walk *self, const char *folder, const char *name, RubUdfAddress icb, GError **error)
{
    g_autofree char *path = *folder ? g_strconcat(folder, "/", name, NULL) : g_strdup(name);
    if (add_child(self, path, icb, error))
        return TRUE;
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

/* What is wrong with the folder itself is told with its path; with a child, with the child's. */
static gboolean
next_name(const Pending *pending, RubUdfFolder *folder, char **name, RubUdfAddress *icb,
          GError **error)
{
    if (folder && rub_udf_folder_next(folder, name, icb, error) &&
        (!*name || check_path(pending->path, *name, error)))
        return TRUE;
    g_prefix_error(error, "folder %s: ", *pending->path ? pending->path : "/");
    return FALSE;
}

static gboolean
list_folder(Walk *self, const Pending *pending, GError **error)
{
    g_autoptr(RubUdfFolder) folder = rub_udf_folder_new(self->volume, pending->file, error);
    for (;;) {
        g_autofree char *name = NULL;
        RubUdfAddress icb;
        if (!next_name(pending, folder, &name, &icb, error))
            return FALSE;
        if (!name)
            return TRUE;
        if (g_cancellable_is_cancelled(self->cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
        if (!list_child(self, pending->path, name, icb, error))
            return FALSE;
    }
}

static gboolean
enqueue_root(Walk *self, GError **error)
{
    RubUdfFile *root = rub_udf_file_load(self->volume, self->volume->root, error);
    if (!root || !enqueue_folder(self, "", root, error))
        return FALSE;
    if (root->type == RUB_UDF_FILE_TYPE_FOLDER)
        return TRUE;
    rub_udf_set_damaged(error, "its root is not a folder");
    return FALSE;
}

static gboolean
walk_volume(Walk *self, GError **error)
{
    if (!enqueue_root(self, error))
        return FALSE;
    while (!g_queue_is_empty(&self->pending)) {
        g_autoptr(Pending) pending = g_queue_pop_head(&self->pending);
        if (!list_folder(self, pending, error))
            return FALSE;
    }
    return TRUE;
}

static RubListing *
list_volume(RubUdfVolume *volume, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubListing) listing = rub_listing_new();
    g_auto(Walk) walk = {
        .volume = volume,
        .listing = listing,
        .pending = G_QUEUE_INIT,
        .seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
        .cancellable = cancellable,
    };
    listing->volume_name = g_strdup(volume->name);
    listing->size_bytes = volume->size_bytes;
    if (!walk_volume(&walk, error))
        return NULL;
    return g_steal_pointer(&listing);
}

static RubListing *
list_copy(RubImageFile *file, RubUdfMetadataCopy copy, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubUdfVolume) volume = rub_udf_volume_open(file, copy, error);
    return volume ? list_volume(volume, cancellable, error) : NULL;
}

/* A metadata partition has a mirror (UDF 2.2.13): where the main copy is damaged anywhere, all is
 * read again from the mirror. */
RubListing *
rub_udf_list(RubImageFile *file, GCancellable *cancellable, GError **error)
{
    g_autoptr(GError) main_error = NULL;
    RubListing *listing = list_copy(file, RUB_UDF_METADATA_MAIN, cancellable, &main_error);
    if (!listing && g_error_matches(main_error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE))
        listing = list_copy(file, RUB_UDF_METADATA_MIRROR, cancellable, NULL);
    if (!listing)
        g_propagate_error(error, g_steal_pointer(&main_error));
    return listing;
}

gboolean
rub_udf_is_present(RubImageFile *file)
{
    g_autoptr(RubUdfReader) reader = rub_udf_reader_new(file);
    if (rub_udf_anchor_is_announced(reader))
        return TRUE;
    for (guint i = 0; i < RUB_UDF_ANCHOR_CANDIDATES; i++) {
        guint8 block[RUB_UDF_BLOCK_SIZE_MAX];
        RubBytes anchor;
        if (rub_udf_anchor_read(reader, i, block, &anchor))
            return TRUE;
    }
    return FALSE;
}
