/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/rub-error.h"
#include "volume/rub-ntfs-volume-private.h"

#define UNIX_EPOCH_SECONDS G_GINT64_CONSTANT(11644473600)
#define NTFS_TICKS_PER_SECOND 10000000
#define BOOT_LOADER "bootmgr"

static gboolean
fail(RubNtfsVolume *self, const char *path, GError **error)
{
    rub_ntfs_set_error(self->ntfs, error, errno, path);
    return FALSE;
}

/* What a name in a folder leads to. */
typedef struct {
    guint64 record;
    gboolean is_folder;
    gboolean is_link;
    gboolean is_short_name;
} Found;

/* Whether an attribute with a name of a file, which the library has checked, is this one. */
static gboolean
has_short_name(const ntfs_volume *volume, const ATTR_RECORD *attribute, guint64 folder,
               const RubNtfsName *name)
{
    const FILE_NAME_ATTR *own = (const FILE_NAME_ATTR *) ((const char *) attribute +
                                                          GUINT16_FROM_LE(attribute->value_offset));
    if (own->file_name_type != FILE_NAME_DOS || MREF_LE(own->parent_directory) != folder)
        return FALSE;
    RubNtfsName own_name = {.length = own->file_name_length};
    memcpy(own_name.letters, own->file_name, own_name.length * sizeof *own_name.letters);
    return ntfs_names_are_equal(own_name.letters, own_name.length, name->letters, name->length,
                                IGNORE_CASE, volume->upcase, volume->upcase_len);
}

/* In a folder short names have entries of their own, which lookups find as well. */
static gboolean
is_short_name(ntfs_inode *inode, guint64 folder, const RubNtfsName *name)
{
    gboolean is_found = FALSE;
    ntfs_attr_search_ctx *context = ntfs_attr_get_search_ctx(inode, NULL);
    while (context && !is_found &&
           ntfs_attr_lookup(AT_FILE_NAME, NULL, 0, CASE_SENSITIVE, 0, NULL, 0, context) == 0)
        is_found = has_short_name(inode->vol, context->attr, folder, name);
    if (context)
        ntfs_attr_put_search_ctx(context);
    return is_found;
}

/* One name in one folder. */
static gboolean
find_in_folder(RubNtfsVolume *self, guint64 folder, const RubNtfsName *name, Found *found)
{
    ntfs_volume *volume = rub_ntfs_get_volume(self->ntfs);
    ntfs_inode *inode = ntfs_inode_open(volume, folder);
    if (!inode)
        return FALSE;
    errno = 0;
    guint64 reference = ntfs_inode_lookup_by_name(inode, name->letters, name->length);
    int lookup_errno = errno;
    ntfs_inode_close(inode);
    if (reference == (u64) -1) {
        *found = (Found){.record = RUB_NTFS_NO_RECORD};
        errno = lookup_errno;
        return lookup_errno == ENOENT || lookup_errno == 0;
    }
    inode = ntfs_inode_open(volume, MREF(reference));
    if (!inode)
        return FALSE;
    *found = (Found){
        .record = MREF(reference),
        .is_folder = (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0,
        .is_link = (inode->flags & FILE_ATTR_REPARSE_POINT) != 0,
        .is_short_name = is_short_name(inode, folder, name),
    };
    ntfs_inode_close(inode);
    return TRUE;
}

static gboolean
refuse(const char *path, const char *why, GError **error)
{
    g_set_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE, "%s %s", path, why);
    return FALSE;
}

gboolean
rub_ntfs_volume_find(RubNtfsVolume *self, const char *path, guint64 *record, gboolean *is_folder,
                     GError **error)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    Found found = {.record = FILE_root, .is_folder = TRUE};
    for (guint i = 0; parts[i] && parts[i][0] != '\0'; i++) {
        RubNtfsName name;
        if (!rub_ntfs_name_parse(&name, parts[i], path, error))
            return FALSE;
        /* What it leads to may be on another volume. */
        if (found.is_link && found.is_folder)
            return refuse(path, "would lie in a link to a folder", error);
        if (!found.is_folder)
            found = (Found){.record = RUB_NTFS_NO_RECORD};
        else if (!find_in_folder(self, found.record, &name, &found))
            return fail(self, path, error);
        if (found.record == RUB_NTFS_NO_RECORD)
            break;
        if (found.is_short_name)
            return refuse(path, "is also the short name of something else", error);
    }
    *record = found.record;
    *is_folder = found.is_folder;
    return TRUE;
}

/* The folder that a path lies in, and its name there. */
static ntfs_inode *
open_parent(RubNtfsVolume *self, const char *path, RubNtfsName *name, GError **error)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = slash ? g_strndup(path, (gsize) (slash - path)) : g_strdup("");
    guint64 record;
    gboolean is_folder;
    if (!rub_ntfs_name_parse(name, slash ? slash + 1 : path, path, error) ||
        !rub_ntfs_volume_find(self, parent, &record, &is_folder, error))
        return NULL;
    errno = ENOTDIR;
    ntfs_inode *inode = record == RUB_NTFS_NO_RECORD
                            ? NULL
                            : ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), record);
    if (!inode)
        fail(self, path, error);
    return inode;
}

static void
set_attributes(ntfs_inode *inode, gint64 mtime_unix, RubVolumeFlags flags)
{
    gint64 seconds = mtime_unix != 0 ? mtime_unix : g_get_real_time() / G_USEC_PER_SEC;
    gint64 ticks = (seconds + UNIX_EPOCH_SECONDS) * NTFS_TICKS_PER_SECOND;
    inode->last_data_change_time = GINT64_TO_LE(ticks);
    if (flags & RUB_VOLUME_HIDDEN)
        inode->flags |= FILE_ATTR_HIDDEN;
    NInoFileNameSetDirty(inode);
    ntfs_inode_mark_dirty(inode);
}

/* Room is asked for in one piece first, then in smaller ones, of whole clusters: the library gives
 * up on one piece before it tries many small ones. */
static gboolean
allocate(ntfs_attr *data, guint64 size_bytes)
{
    guint64 cluster_bytes = data->ni->vol->cluster_size;
    guint64 piece_bytes = size_bytes;
    while ((guint64) data->data_size < size_bytes) {
        guint64 next = MIN(size_bytes, (guint64) data->data_size + piece_bytes);
        if (ntfs_attr_truncate_solid(data, (s64) next) == 0 && (guint64) data->data_size == next)
            continue;
        if (errno != ENOSPC || piece_bytes <= cluster_bytes)
            return FALSE;
        piece_bytes = (piece_bytes / 2 + cluster_bytes - 1) / cluster_bytes * cluster_bytes;
    }
    return TRUE;
}

static gboolean
make_room(ntfs_inode *inode, guint64 size_bytes)
{
    if (size_bytes == 0)
        return TRUE;
    ntfs_attr *data = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
    if (!data)
        return FALSE;
    gboolean is_made = allocate(data, size_bytes);
    int room_errno = errno;
    ntfs_attr_close(data);
    errno = room_errno;
    return is_made;
}

static gboolean
create_in(ntfs_inode *parent, const RubNtfsName *name, RubNtfsNew *file)
{
    ntfs_inode *inode = ntfs_create(parent, const_cpu_to_le32(0), name->letters, name->length,
                                    file->is_folder ? S_IFDIR : S_IFREG);
    if (!inode)
        return FALSE;
    file->record = inode->mft_no;
    /* Inherited from the folder. Boot records read plain bytes, and only they get their room before
     * they are written. */
    inode->flags &= ~FILE_ATTR_COMPRESSED;
    gboolean is_made = make_room(inode, file->size_bytes);
    int room_errno = errno;
    inode->flags |= file->attributes;
    set_attributes(inode, file->mtime_unix, file->flags);
    if (ntfs_inode_close_in_dir(inode, parent) != 0)
        return FALSE;
    errno = room_errno;
    return is_made;
}

/* A file that replaces another stays read-only, hidden or a system file. */
static gboolean
take_over_attributes(RubNtfsVolume *self, RubNtfsNew *file, guint64 record, GError **error)
{
    ntfs_inode *inode = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), record);
    if (!inode)
        return fail(self, file->path, error);
    file->attributes = inode->flags & (FILE_ATTR_READONLY | FILE_ATTR_HIDDEN | FILE_ATTR_SYSTEM);
    ntfs_inode_close(inode);
    return TRUE;
}

/* It gets a name that Windows would not give until then. */
static gboolean
choose_name(RubNtfsVolume *self, RubNtfsNew *file, RubNtfsName *name, GError **error)
{
    guint64 record;
    gboolean is_folder;
    if (file->is_folder || !rub_ntfs_volume_find(self, file->path, &record, &is_folder, error))
        return file->is_folder;
    if (record == RUB_NTFS_NO_RECORD)
        return TRUE;
    if (!take_over_attributes(self, file, record, error))
        return FALSE;
    file->temporary_name = g_strdup_printf("rescue-usb-builder-%08x.new", g_random_int());
    return rub_ntfs_name_parse(name, file->temporary_name, file->path, error);
}

static gboolean
make_one(RubNtfsVolume *self, RubNtfsNew *file, GError **error)
{
    RubNtfsName name;
    ntfs_inode *parent = open_parent(self, file->path, &name, error);
    if (!parent)
        return FALSE;
    gboolean is_named = choose_name(self, file, &name, error);
    gboolean is_made = is_named && create_in(parent, &name, file);
    if (is_named && !is_made)
        fail(self, file->path, error);
    if (ntfs_inode_close(parent) == 0)
        return is_made;
    return is_made && fail(self, file->path, error);
}

/* Boot records read bootmgr fastest where it is in one piece, and some read no other. */
gboolean
rub_ntfs_volume_make(RubNtfsVolume *self, GError **error)
{
    for (guint i = 0; i < self->declared->len; i++) {
        RubNtfsNew *file = g_ptr_array_index(self->declared, i);
        if (!file->is_folder && g_ascii_strcasecmp(file->path, BOOT_LOADER) == 0 &&
            !make_one(self, file, error))
            return FALSE;
    }
    for (guint i = 0; i < self->declared->len; i++) {
        RubNtfsNew *file = g_ptr_array_index(self->declared, i);
        if (file->record == RUB_NTFS_NO_RECORD && !make_one(self, file, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
rub_ntfs_volume_open_file(RubNtfsVolume *self, RubNtfsNew *file, GError **error)
{
    self->inode = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), file->record);
    self->data = self->inode ? ntfs_attr_open(self->inode, AT_DATA, AT_UNNAMED, 0) : NULL;
    if (!self->data)
        return fail(self, file->path, error);
    self->current = file;
    return TRUE;
}

gboolean
rub_ntfs_volume_close_file(RubNtfsVolume *self, GError **error)
{
    if (self->data)
        ntfs_attr_close(self->data);
    gboolean is_closed = !self->inode || ntfs_inode_close(self->inode) == 0;
    if (!is_closed)
        fail(self, self->current ? self->current->path : NULL, error);
    self->data = NULL;
    self->inode = NULL;
    self->current = NULL;
    return is_closed;
}

gboolean
rub_ntfs_volume_append(RubNtfsVolume *self, const void *data, gsize size_bytes, GError **error)
{
    RubNtfsNew *file = self->current;
    s64 n = ntfs_attr_pwrite(self->data, (s64) file->written_bytes, (s64) size_bytes, data);
    if (n != (s64) size_bytes)
        return fail(self, file->path, error);
    file->written_bytes += size_bytes;
    return TRUE;
}

/* Takes a name, and what has no other name. */
static gboolean
remove_name(RubNtfsVolume *self, guint64 record, const char *folder_path, const char *name,
            GError **error)
{
    g_autofree char *path =
        folder_path ? g_strconcat(folder_path, "/", name, NULL) : g_strdup(name);
    RubNtfsName parsed;
    ntfs_volume *volume = rub_ntfs_get_volume(self->ntfs);
    ntfs_inode *parent = open_parent(self, path, &parsed, error);
    if (!parent)
        return FALSE;
    ntfs_inode *inode = ntfs_inode_open(volume, record);
    if (!inode) {
        ntfs_inode_close(parent);
        return fail(self, path, error);
    }
    /* Closes both. */
    return ntfs_delete(volume, NULL, inode, parent, parsed.letters, parsed.length) == 0 ||
           fail(self, path, error);
}

static gboolean
remove_path(RubNtfsVolume *self, const char *path, GError **error)
{
    guint64 record;
    gboolean is_folder;
    if (!rub_ntfs_volume_find(self, path, &record, &is_folder, error))
        return FALSE;
    if (record == RUB_NTFS_NO_RECORD)
        return TRUE;
    const char *slash = strrchr(path, '/');
    g_autofree char *folder = slash ? g_strndup(path, (gsize) (slash - path)) : NULL;
    return remove_name(self, record, folder, slash ? slash + 1 : path, error);
}

/* Gives a file another name. */
static gboolean
add_name(RubNtfsVolume *self, guint64 record, const char *path, RubVolumeFlags flags,
         GError **error)
{
    RubNtfsName name;
    ntfs_inode *parent = open_parent(self, path, &name, error);
    if (!parent)
        return FALSE;
    ntfs_inode *inode = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), record);
    gboolean is_added = inode && ntfs_link(inode, parent, name.letters, name.length) == 0;
    if (!is_added)
        fail(self, path, error);
    if (inode && (flags & RUB_VOLUME_HIDDEN)) {
        inode->flags |= FILE_ATTR_HIDDEN;
        NInoFileNameSetDirty(inode);
        ntfs_inode_mark_dirty(inode);
    }
    /* The folder first: closing the file looks into all folders that it has a name in. */
    if (ntfs_inode_close(parent) != 0 && is_added)
        is_added = fail(self, path, error);
    if (inode && ntfs_inode_close(inode) != 0 && is_added)
        is_added = fail(self, path, error);
    return is_added;
}

static gboolean
move(RubNtfsVolume *self, const RubNtfsMove *move, GError **error)
{
    guint64 record;
    gboolean is_folder;
    if (!rub_ntfs_volume_find(self, move->from, &record, &is_folder, error))
        return FALSE;
    if ((move->flags & RUB_VOLUME_REPLACE) && !remove_path(self, move->to, error))
        return FALSE;
    return add_name(self, record, move->to, move->flags, error) &&
           remove_path(self, move->from, error);
}

static gboolean
replace(RubNtfsVolume *self, RubNtfsNew *file, GError **error)
{
    const char *slash = strrchr(file->path, '/');
    g_autofree char *folder = slash ? g_strndup(file->path, (gsize) (slash - file->path)) : NULL;
    return remove_path(self, file->path, error) &&
           add_name(self, file->record, file->path, RUB_VOLUME_NONE, error) &&
           remove_name(self, file->record, folder, file->temporary_name, error);
}

static int
compare_lengths(gconstpointer a, gconstpointer b)
{
    gsize one = strlen(*(const char *const *) a);
    gsize other = strlen(*(const char *const *) b);
    return (one < other) - (one > other);
}

/* Files first: a folder may be empty only then. Of folders the inner ones, which have longer paths,
 * whatever the order in which they were declared. */
static gboolean
remove_kind(RubNtfsVolume *self, gboolean is_for_folders, GError **error)
{
    g_ptr_array_sort(self->removals, compare_lengths);
    for (guint i = 0; i < self->removals->len; i++) {
        const char *path = g_ptr_array_index(self->removals, i);
        guint64 record;
        gboolean is_folder;
        if (!rub_ntfs_volume_find(self, path, &record, &is_folder, error))
            return FALSE;
        if (record == RUB_NTFS_NO_RECORD || is_folder != is_for_folders)
            continue;
        if (!remove_path(self, path, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
rub_ntfs_volume_settle(RubNtfsVolume *self, GError **error)
{
    if (!remove_kind(self, FALSE, error))
        return FALSE;
    for (guint i = 0; i < self->moves->len; i++)
        if (!move(self, g_ptr_array_index(self->moves, i), error))
            return FALSE;
    for (guint i = 0; i < self->declared->len; i++) {
        RubNtfsNew *file = g_ptr_array_index(self->declared, i);
        if (file->temporary_name && !replace(self, file, error))
            return FALSE;
    }
    return remove_kind(self, TRUE, error);
}
