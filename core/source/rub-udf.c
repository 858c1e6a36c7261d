/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf.h"

#include "source/rub-udf-private.h"

/* Longer paths are of no use: Linux ends at 4096, UDF itself at 1023 (UDF 2 "Basic Restrictions").
 */
#define PATH_SIZE_MAX 4096

/* A folder that was found and is still to be read. */
typedef struct {
    const char *path; /* borrowed from its entry; "" for the root */
    RubUdfFile *file;
} Folder;

/* A file identifier descriptor: a name in a folder. */
typedef struct {
    gsize size_bytes;
    guint8 characteristics;
    RubUdfAddress icb;
    const guint8 *name; /* CS0 */
    gsize name_size;
} Identifier;

/* Folders wait in a queue, so that their depth costs no stack. */
typedef struct {
    RubUdfVolume *volume; /* borrowed */
    RubListing *listing;  /* borrowed */
    GQueue folders;       /* of Folder */
    GHashTable *seen;     /* byte offsets of the file entries of folders */
    GCancellable *cancellable;
} Walk;

static void
folder_free(Folder *self)
{
    rub_udf_file_free(self->file);
    g_free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Folder, folder_free)

static void
walk_clear(Walk *self)
{
    g_queue_clear_full(&self->folders, (GDestroyNotify) folder_free);
    g_hash_table_unref(self->seen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_clear)

/* UDF knows no links to folders: one that is met twice is a circle. */
static gboolean
enqueue_folder(Walk *self, const char *path, RubUdfFile *file, GError **error)
{
    if (!g_hash_table_add(self->seen, g_memdup2(&file->icb_offset_bytes, sizeof(guint64)))) {
        rub_udf_set_damaged(error, "this folder is in the tree twice");
        rub_udf_file_free(file);
        return FALSE;
    }
    Folder *folder = g_new0(Folder, 1);
    folder->path = path;
    folder->file = file;
    g_queue_push_tail(&self->folders, folder);
    return TRUE;
}

/* The tag's location is not checked: writers disagree about what it is for names. The CRC is. */
static gboolean
parse_identifier(RubBytes *folder, gsize at, Identifier *identifier, GError **error)
{
    gsize implementation_size = rub_bytes_u16le(folder, at + RUB_UDF_FID_IMPLEMENTATION_SIZE);
    identifier->name_size = rub_bytes_u8(folder, at + RUB_UDF_FID_NAME_SIZE);
    gsize used = RUB_UDF_FID_FIXED_SIZE + implementation_size + identifier->name_size;
    identifier->size_bytes = (used + 3) / 4 * 4;
    RubBytes bytes = rub_bytes_slice(folder, at, identifier->size_bytes);
    if (bytes.overrun || rub_udf_tag_get_identifier(&bytes) != RUB_UDF_TAG_FILE_IDENTIFIER) {
        rub_udf_set_damaged(error, "no valid name at byte %" G_GSIZE_FORMAT " of the folder", at);
        return FALSE;
    }
    if (!rub_udf_tag_check(&bytes, at, error))
        return FALSE;
    identifier->characteristics = rub_bytes_u8(&bytes, RUB_UDF_FID_CHARACTERISTICS);
    identifier->icb = rub_udf_address_parse(&bytes, RUB_UDF_FID_ICB);
    identifier->name = bytes.data + RUB_UDF_FID_FIXED_SIZE + implementation_size;
    return TRUE;
}

static gboolean
check_path(const char *path, GError **error)
{
    if (strlen(path) < PATH_SIZE_MAX)
        return TRUE;
    rub_udf_set_damaged(error, "the path is longer than %u bytes", PATH_SIZE_MAX);
    return FALSE;
}

static char *
decode_name(const Identifier *identifier, GHashTable *names, GError **error)
{
    g_autofree char *name = rub_udf_name_decode(identifier->name, identifier->name_size);
    if (!name || *name == '\0' || g_str_equal(name, ".") || g_str_equal(name, "..")) {
        rub_udf_set_damaged(error, "the folder holds a name that is none: \"%s\"",
                            name ? name : "");
        return NULL;
    }
    if (!g_hash_table_add(names, g_strdup(name))) {
        rub_udf_set_damaged(error, "the folder holds the name %s twice", name);
        return NULL;
    }
    return g_steal_pointer(&name);
}

static gboolean
add_entry(Walk *self, RubEntry *entry, GError **error)
{
    gsize size = sizeof(RubEntry) + strlen(entry->path);
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
list_child(Walk *self, const char *folder, const char *name, RubUdfAddress icb, GError **error)
{
    g_autofree char *path = *folder ? g_strconcat(folder, "/", name, NULL) : g_strdup(name);
    if (check_path(path, error) && add_child(self, path, icb, error))
        return TRUE;
    g_prefix_error(error, "%.255s: ", path);
    return FALSE;
}

static gboolean
list_names(Walk *self, const char *folder, RubBytes bytes, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Identifier identifier;
    for (gsize at = 0; at < bytes.size; at += identifier.size_bytes) {
        if (g_cancellable_is_cancelled(self->cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
        if (!parse_identifier(&bytes, at, &identifier, error))
            return FALSE;
        if (identifier.characteristics & (RUB_UDF_FID_DELETED | RUB_UDF_FID_PARENT))
            continue;
        g_autofree char *name = decode_name(&identifier, names, error);
        if (!name || !list_child(self, folder, name, identifier.icb, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
list_folder(Walk *self, const Folder *folder, GError **error)
{
    if (folder->file->type != RUB_UDF_FILE_TYPE_FOLDER) {
        rub_udf_set_damaged(error, "its root is not a folder");
        return FALSE;
    }
    g_autofree guint8 *data = rub_udf_file_read(self->volume, folder->file, error);
    return data &&
           list_names(self, folder->path, rub_bytes(data, folder->file->data->size_bytes), error);
}

static gboolean
walk_volume(Walk *self, GError **error)
{
    RubUdfFile *root = rub_udf_file_load(self->volume, self->volume->root, error);
    if (!root || !enqueue_folder(self, "", root, error))
        return FALSE;
    while (!g_queue_is_empty(&self->folders)) {
        g_autoptr(Folder) folder = g_queue_pop_head(&self->folders);
        if (!list_folder(self, folder, error))
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
        .folders = G_QUEUE_INIT,
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
