/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-volume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/msdos_fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "volume/rub-folder-flow.h"
#include "volume/rub-folder-listing.h"
#include "volume/rub-folder-move.h"
#include "volume/rub-folder-names.h"
#include "volume/rub-folder-room.h"

/* A file or a folder that the round makes. */
typedef struct {
    RubFolderName *name;
    guint64 size_bytes;
    guint64 written_bytes;
    gint64 mtime_unix;
    RubVolumeFlags flags;
    int fd;
} NewItem;

typedef struct {
    RubVolume volume;
    RubFolder *folder;
    RubFolderNames *names;
    RubFolderFlow *flow;
    GArray *folders;
    GArray *files;
    /* (element-type RubFolderMove) */
    GPtrArray *moves;
    gboolean is_prepared;
    gboolean has_begun;
} RubFolderVolume;

static RubFolderName *
add(RubFolderVolume *self, const char *path, gboolean is_folder, RubVolumeFlags flags,
    GError **error)
{
    return rub_folder_names_add(self->names, path, is_folder, (flags & RUB_VOLUME_REPLACE) != 0,
                                error);
}

static gboolean
add_folder(RubVolume *volume, const char *path, gint64 mtime_unix, RubVolumeFlags flags,
           GError **error)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    RubFolderName *name = add(self, path, TRUE, flags, error);
    NewItem item = {name, 0, 0, mtime_unix, flags, -1};
    if (name && name->is_new)
        g_array_append_val(self->folders, item);
    return name != NULL;
}

static gboolean
add_file(RubVolume *volume, const char *path, guint64 size_bytes, gint64 mtime_unix,
         RubVolumeFlags flags, guint *file_id, GError **error)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    if (size_bytes > G_MAXUINT32) {
        g_set_error(error, RUB_ERROR, RUB_CODE_FILE_TOO_LARGE,
                    "“%s” has %" G_GUINT64_FORMAT " bytes, more than FAT can hold", path,
                    size_bytes);
        return FALSE;
    }
    RubFolderName *name = add(self, path, FALSE, flags, error);
    NewItem item = {name, size_bytes, 0, mtime_unix, flags, -1};
    *file_id = self->files->len;
    if (name)
        g_array_append_val(self->files, item);
    return name != NULL;
}

static gboolean
move_file(RubVolume *volume, const char *from, const char *to, RubVolumeFlags flags, GError **error)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    RubFolderName *old_name = rub_folder_names_drop(self->names, from, error);
    if (!old_name)
        return FALSE;
    if (old_name->is_folder) {
        g_set_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE, "“%s” is a folder", from);
        return FALSE;
    }
    RubFolderName *new_name = add(self, to, FALSE, flags, error);
    if (!new_name)
        return FALSE;
    g_ptr_array_add(self->moves, rub_folder_move_new(old_name, new_name, flags));
    return TRUE;
}

static gboolean
remove_entry(RubVolume *volume, const char *path, GError **error)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    return rub_folder_names_drop(self->names, path, error) != NULL;
}

static void
count_room(const RubFolderVolume *self, RubFolderRoom *room)
{
    const GPtrArray *leaving = rub_folder_names_get_leaving(self->names);
    for (guint i = 0; i < leaving->len; i++) {
        const RubFolderName *name = g_ptr_array_index(leaving, i);
        rub_folder_room_give_back(room, name->size_bytes);
    }
    for (guint i = 0; i < self->moves->len; i++) {
        const RubFolderMove *move = g_ptr_array_index(self->moves, i);
        rub_folder_room_add_name(room, move->to->path);
        rub_folder_room_add_copy(room, move->from->size_bytes);
    }
    /* A folder takes a cluster even where nothing comes into it. */
    for (guint i = 0; i < self->folders->len; i++) {
        rub_folder_room_add_name(room, g_array_index(self->folders, NewItem, i).name->path);
        rub_folder_room_add_copy(room, 1);
    }
    for (guint i = 0; i < self->files->len; i++) {
        const NewItem *file = &g_array_index(self->files, NewItem, i);
        rub_folder_room_add_name(room, file->name->path);
        rub_folder_room_add_file(room, file->size_bytes);
    }
}

static void
set_full(guint64 missing_bytes, GError **error)
{
    g_autofree char *missing = g_strdup_printf("%" G_GUINT64_FORMAT, missing_bytes);
    rub_error_set_text(error, RUB_CODE_DISK_TOO_SMALL,
                       N_("{missing} bytes are missing on the volume"), "missing", missing, NULL);
}

static gboolean
prepare(RubVolume *volume, GError **error)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    g_return_val_if_fail(!self->is_prepared, FALSE);
    g_autoptr(RubFolderRoom) room = rub_folder_room_new(self->folder, error);
    if (!room)
        return FALSE;
    count_room(self, room);
    guint64 missing_bytes = rub_folder_room_get_missing_bytes(room);
    self->is_prepared = missing_bytes == 0;
    self->has_begun = FALSE;
    if (!self->is_prepared)
        set_full(missing_bytes, error);
    return self->is_prepared;
}

static gboolean
set_failed(const RubFolderVolume *self, const char *path, GError **error)
{
    return rub_folder_set_error(self->folder, error, RUB_CODE_WRITE_FAILED, errno, path);
}

/* Filesystems that are not FAT have no such mark. */
static void
hide(int fd)
{
    guint32 attributes = 0;
    if (ioctl(fd, FAT_IOCTL_GET_ATTRIBUTES, &attributes) != 0)
        return;
    attributes |= ATTR_HIDDEN;
    ioctl(fd, FAT_IOCTL_SET_ATTRIBUTES, &attributes);
}

static gboolean
finish_item(const RubFolderVolume *self, const NewItem *item, int fd, GError **error)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = item->mtime_unix}};
    if (item->flags & RUB_VOLUME_HIDDEN)
        hide(fd);
    return item->mtime_unix == 0 || futimens(fd, times) == 0 ||
           set_failed(self, item->name->path, error);
}

static gboolean
make_folders(const RubFolderVolume *self, GError **error)
{
    for (guint i = 0; i < self->folders->len; i++) {
        const char *path = g_array_index(self->folders, NewItem, i).name->path;
        if (rub_folder_make_folder(self->folder, path) != 0)
            return set_failed(self, path, error);
    }
    return TRUE;
}

/* The time of a folder changes with what comes into it, so it is set at the end. */
static gboolean
finish_folders(const RubFolderVolume *self, GError **error)
{
    for (guint i = 0; i < self->folders->len; i++) {
        const NewItem *item = &g_array_index(self->folders, NewItem, i);
        int fd = rub_folder_open(self->folder, item->name->path, O_RDONLY | O_DIRECTORY);
        if (fd < 0)
            return set_failed(self, item->name->path, error);
        gboolean is_finished = finish_item(self, item, fd, error);
        close(fd);
        if (!is_finished)
            return FALSE;
    }
    return TRUE;
}

/* What moves is on the medium in its new place, as was proved, before it goes from the old one. */
static gboolean
copy_what_moves(const RubFolderVolume *self, GError **error)
{
    if (self->moves->len == 0)
        return TRUE;
    for (guint i = 0; i < self->moves->len; i++) {
        if (!rub_folder_move_copy(g_ptr_array_index(self->moves, i), self->folder, error))
            return FALSE;
    }
    if (!rub_folder_sync(self->folder, error))
        return FALSE;
    for (guint i = 0; i < self->moves->len; i++) {
        if (!rub_folder_move_check(g_ptr_array_index(self->moves, i), self->folder, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
remove_what_leaves(const RubFolderVolume *self, GError **error)
{
    const GPtrArray *leaving = rub_folder_names_get_leaving(self->names);
    for (guint i = 0; i < leaving->len; i++) {
        const RubFolderName *name = g_ptr_array_index(leaving, i);
        if (name->is_there && rub_folder_remove(self->folder, name->path, name->is_folder) != 0)
            return set_failed(self, name->path, error);
    }
    return TRUE;
}

static gboolean
begin(RubFolderVolume *self, GError **error)
{
    if (self->has_begun)
        return TRUE;
    self->has_begun = TRUE;
    return make_folders(self, error) && copy_what_moves(self, error) &&
           remove_what_leaves(self, error);
}

/* Whatever is in the way, a link for instance, is not what was declared. */
static gboolean
open_file(const RubFolderVolume *self, NewItem *file, GError **error)
{
    if (file->fd >= 0)
        return TRUE;
    file->fd = rub_folder_open(self->folder, file->name->path, O_WRONLY | O_CREAT | O_EXCL);
    return file->fd >= 0 || set_failed(self, file->name->path, error);
}

static gboolean
close_file(RubFolderVolume *self, NewItem *file, GError **error)
{
    if (!finish_item(self, file, file->fd, error))
        return FALSE;
    int fd = file->fd;
    file->fd = -1;
    return rub_folder_flow_close(self->flow, fd, file->name->path, error);
}

static gboolean
write_file(RubVolume *volume, guint file_id, const void *data, gsize size_bytes, GError **error)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    g_return_val_if_fail(self->is_prepared && file_id < self->files->len, FALSE);
    NewItem *file = &g_array_index(self->files, NewItem, file_id);
    g_return_val_if_fail(size_bytes <= file->size_bytes - file->written_bytes, FALSE);
    if (size_bytes == 0)
        return TRUE;
    if (!begin(self, error) || !open_file(self, file, error) ||
        !rub_folder_flow_write(self->flow, file->fd, file->name->path, file->written_bytes, data,
                               size_bytes, error))
        return FALSE;
    file->written_bytes += size_bytes;
    return file->written_bytes < file->size_bytes || close_file(self, file, error);
}

static gboolean
finish_files(RubFolderVolume *self, GError **error)
{
    for (guint i = 0; i < self->files->len; i++) {
        NewItem *file = &g_array_index(self->files, NewItem, i);
        if (file->written_bytes < file->size_bytes) {
            rub_error_set_text(error, RUB_CODE_WRITE_FAILED, N_("“{path}” was not written whole"),
                               "path", file->name->path, NULL);
            return FALSE;
        }
        if (file->size_bytes == 0 &&
            (!open_file(self, file, error) || !close_file(self, file, error)))
            return FALSE;
    }
    return rub_folder_flow_settle(self->flow, error);
}

static void
settle(RubFolderVolume *self)
{
    for (guint i = 0; i < self->files->len; i++) {
        const NewItem *file = &g_array_index(self->files, NewItem, i);
        file->name->size_bytes = file->size_bytes;
    }
    for (guint i = 0; i < self->moves->len; i++) {
        const RubFolderMove *move = g_ptr_array_index(self->moves, i);
        move->to->size_bytes = move->size_bytes;
    }
    rub_folder_names_settle(self->names);
    g_array_set_size(self->folders, 0);
    g_array_set_size(self->files, 0);
    g_ptr_array_set_size(self->moves, 0);
    self->is_prepared = FALSE;
}

static gboolean
commit(RubVolume *volume, GError **error)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    g_return_val_if_fail(self->is_prepared, FALSE);
    if (!begin(self, error) || !finish_files(self, error) || !finish_folders(self, error) ||
        !rub_folder_sync(self->folder, error))
        return FALSE;
    settle(self);
    return TRUE;
}

static void
volume_free(RubVolume *volume)
{
    RubFolderVolume *self = (RubFolderVolume *) volume;
    rub_folder_flow_free(self->flow);
    for (guint i = 0; i < self->files->len; i++) {
        const NewItem *file = &g_array_index(self->files, NewItem, i);
        if (file->fd >= 0)
            close(file->fd);
    }
    g_array_unref(self->folders);
    g_array_unref(self->files);
    g_ptr_array_unref(self->moves);
    rub_folder_names_free(self->names);
    rub_folder_free(self->folder);
    g_free(self);
}

static const RubVolumeOps folder_ops = {
    .add_folder = add_folder,
    .add_file = add_file,
    .move = move_file,
    .remove = remove_entry,
    .prepare = prepare,
    .write = write_file,
    .commit = commit,
    .free = volume_free,
};

RubVolume *
rub_folder_volume_new(const char *path, GError **error)
{
    g_autoptr(RubFolder) folder = rub_folder_new(path, error);
    g_autoptr(RubListing) listing = folder ? rub_folder_listing_read(path, NULL, error) : NULL;
    if (!listing)
        return NULL;
    RubFolderVolume *self = g_new0(RubFolderVolume, 1);
    self->volume.ops = &folder_ops;
    self->names = rub_folder_names_new(listing);
    self->flow = rub_folder_flow_new(folder);
    self->folder = g_steal_pointer(&folder);
    self->folders = g_array_new(FALSE, FALSE, sizeof(NewItem));
    self->files = g_array_new(FALSE, FALSE, sizeof(NewItem));
    self->moves = g_ptr_array_new_with_free_func((GDestroyNotify) rub_folder_move_free);
    return &self->volume;
}
