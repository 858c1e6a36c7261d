/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubVolume:
 *
 * A filesystem that files are written into. A round goes: declare every folder and file, in the
 * order in which the data will come; rub_volume_prepare(), which finds room for all of it before
 * a byte is written; rub_volume_write() for each file's bytes in the same order;
 * rub_volume_commit(), after which the files exist. A cut before that leaves what was there
 * before. Another round may follow.
 */
typedef struct _RubVolume RubVolume;

/**
 * RubVolumeFlags:
 * @RUB_VOLUME_HIDDEN: the entry is marked hidden
 * @RUB_VOLUME_REPLACE: a file of the same name, in whatever case, gives way to this one: the entry
 *   leads to the new bytes from the commit on, and what it led to is freed
 *
 * How an entry is made.
 */
typedef enum {
    RUB_VOLUME_NONE = 0,
    RUB_VOLUME_HIDDEN = 1 << 0,
    RUB_VOLUME_REPLACE = 1 << 1,
} RubVolumeFlags;

/**
 * RubVolumeOps:
 *
 * What a kind of filesystem provides; one constant table each. The functions follow the
 * rub_volume_ function of the same name.
 */
typedef struct {
    gboolean (*add_folder)(RubVolume *self, const char *path, gint64 mtime_unix,
                           RubVolumeFlags flags, GError **error);
    gboolean (*add_file)(RubVolume *self, const char *path, guint64 size_bytes, gint64 mtime_unix,
                         RubVolumeFlags flags, guint *file_id, GError **error);
    gboolean (*move)(RubVolume *self, const char *from, const char *to, RubVolumeFlags flags,
                     GError **error);
    gboolean (*remove)(RubVolume *self, const char *path, GError **error);
    gboolean (*prepare)(RubVolume *self, GError **error);
    gboolean (*write)(RubVolume *self, guint file_id, const void *data, gsize size_bytes,
                      GError **error);
    gboolean (*commit)(RubVolume *self, GError **error);
    void (*free)(RubVolume *self);
} RubVolumeOps;

/** The start of every kind of volume's own struct. */
struct _RubVolume {
    const RubVolumeOps *ops;
};

/**
 * rub_volume_free:
 * @self: a volume
 *
 * Frees it. What was not committed is not on the disk.
 */
static inline void
rub_volume_free(RubVolume *self)
{
    self->ops->free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubVolume, rub_volume_free)

/**
 * rub_volume_add_folder:
 * @self: a volume
 * @path: path from the root, UTF-8, parts separated by "/", none at the start
 * @mtime_unix: its time, seconds since 1970 UTC; 0 for now
 * @flags: how it is made
 * @error: return location
 *
 * Declares a folder. Its parents must exist or be declared before; a folder that exists already
 * is left as it is. Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE.
 *
 * Returns: whether it could be declared
 */
static inline gboolean
rub_volume_add_folder(RubVolume *self, const char *path, gint64 mtime_unix, RubVolumeFlags flags,
                      GError **error)
{
    return self->ops->add_folder(self, path, mtime_unix, flags, error);
}

/**
 * rub_volume_add_file:
 * @self: a volume
 * @path: path from the root, UTF-8, parts separated by "/", none at the start
 * @size_bytes: how many bytes it will have
 * @mtime_unix: its time, seconds since 1970 UTC; 0 for now
 * @flags: how it is made
 * @file_id: (out): names the file to rub_volume_write(); valid until the round is committed
 * @error: return location
 *
 * Declares a file. Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE, %RUB_CODE_FILE_TOO_LARGE.
 *
 * Returns: whether it could be declared
 */
static inline gboolean
rub_volume_add_file(RubVolume *self, const char *path, guint64 size_bytes, gint64 mtime_unix,
                    RubVolumeFlags flags, guint *file_id, GError **error)
{
    return self->ops->add_file(self, path, size_bytes, mtime_unix, flags, file_id, error);
}

/**
 * rub_volume_move:
 * @self: a volume
 * @from: a file that is on the volume
 * @to: where it goes; a folder that exists or is declared, and a name that is free, or that of a
 *   file that is removed in this round or, with %RUB_VOLUME_REPLACE, gives way
 * @flags: how the entry is made
 * @error: return location
 *
 * Declares that a file gets another place; it stays read-only, hidden or a system file if it was.
 * Together with a file that replaces @from in the same round, declared before or after, it saves
 * what is replaced. Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE, %RUB_CODE_VOLUME_DAMAGED.
 *
 * Returns: whether it could be declared
 */
static inline gboolean
rub_volume_move(RubVolume *self, const char *from, const char *to, RubVolumeFlags flags,
                GError **error)
{
    return self->ops->move(self, from, to, flags, error);
}

/**
 * rub_volume_remove:
 * @self: a volume
 * @path: a file, or a folder that is empty then
 * @error: return location
 *
 * Declares that something goes. Errors: %RUB_CODE_NAME_NOT_REPRESENTABLE where there is no such
 * thing or the folder is not empty, %RUB_CODE_VOLUME_DAMAGED.
 *
 * Returns: whether it could be declared
 */
static inline gboolean
rub_volume_remove(RubVolume *self, const char *path, GError **error)
{
    return self->ops->remove(self, path, error);
}

/**
 * rub_volume_prepare:
 * @self: a volume
 * @error: return location
 *
 * Finds room for everything declared in this round, in memory. Errors:
 * %RUB_CODE_DISK_TOO_SMALL with the missing bytes.
 *
 * Returns: whether all of it fits
 */
static inline gboolean
rub_volume_prepare(RubVolume *self, GError **error)
{
    return self->ops->prepare(self, error);
}

/**
 * rub_volume_write:
 * @self: a prepared volume
 * @file_id: which file
 * @data: its next bytes
 * @size_bytes: how many
 * @error: return location
 *
 * Appends bytes to a file. Bytes may be held back and written together with those of the files
 * that follow. Errors: those of rub_disk_write().
 *
 * Returns: whether the bytes were taken
 */
static inline gboolean
rub_volume_write(RubVolume *self, guint file_id, const void *data, gsize size_bytes, GError **error)
{
    return self->ops->write(self, file_id, data, size_bytes, error);
}

/**
 * rub_volume_commit:
 * @self: a prepared volume, every file of which was written whole
 * @error: return location
 *
 * Makes the round's files exist: data first, then the allocation, then the names. Errors: those
 * of rub_disk_write() and rub_disk_read().
 *
 * Returns: whether they exist
 */
static inline gboolean
rub_volume_commit(RubVolume *self, GError **error)
{
    return self->ops->commit(self, error);
}

G_END_DECLS
