/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * RubDiskCache:
 *
 * Bytes of a part of a disk, held back on their way to it. For code of others that reads and writes
 * a few bytes here and there: what is read comes in larger pieces, and what is written goes out
 * sorted and joined. Large writes go past it. Takes as much memory as it is told to, unless
 * rub_disk_cache_set_holding() takes more.
 */
typedef struct _RubDiskCache RubDiskCache;

/**
 * rub_disk_cache_new:
 * @disk: a disk
 * @start_bytes: where the part begins
 * @size_bytes: how large it is; it lies within the disk
 * @max_bytes: how many bytes may be held; at least 1 MiB
 *
 * Returns: (transfer full): a cache, which keeps a reference to @disk
 */
RubDiskCache *rub_disk_cache_new(RubDisk *disk, guint64 start_bytes, guint64 size_bytes,
                                 gsize max_bytes);

/**
 * RubDiskCacheRank:
 * @offset_bytes: where bytes that are held back lie, from the start of the part
 * @user_data: as given to rub_disk_cache_set_ranks()
 *
 * Returns: which of the ranks they have
 */
typedef guint (*RubDiskCacheRank)(guint64 offset_bytes, gpointer user_data);

/**
 * rub_disk_cache_set_ranks:
 * @self: a cache
 * @count: how many ranks there are, from 0
 * @rank: (nullable): tells them apart, for each 4096 bytes
 * @user_data: handed to @rank
 *
 * From here on bytes of a higher rank are written when those of the lower ones are on the medium.
 */
void rub_disk_cache_set_ranks(RubDiskCache *self, guint count, RubDiskCacheRank rank,
                              gpointer user_data);

/**
 * rub_disk_cache_set_holding:
 * @self: a cache
 * @is_on: whether only bytes of rank 0 may be written
 *
 * While it is on, bytes of other ranks stay here, whatever memory that takes; where there are no
 * ranks, all bytes do.
 */
void rub_disk_cache_set_holding(RubDiskCache *self, gboolean is_on);

/**
 * RubDiskCacheBlock:
 * @offset_bytes: where it lies, from the start of the part; a multiple of 4096
 * @size_bytes: 4096, or less at the end of the part
 * @data: its bytes, until the cache is used again
 *
 * Bytes that are held back.
 */
typedef struct {
    guint64 offset_bytes;
    gsize size_bytes;
    const guint8 *data;
} RubDiskCacheBlock;

/**
 * rub_disk_cache_list_held:
 * @self: a cache
 *
 * Returns: (transfer full) (element-type RubDiskCacheBlock): what is held back, by rank, then from
 *   the front of the disk to its end
 */
GArray *rub_disk_cache_list_held(RubDiskCache *self);

/** rub_disk_cache_let_go: what is held back counts as written: somebody else has done it */
void rub_disk_cache_let_go(RubDiskCache *self);

/** rub_disk_cache_free: frees it; what was not flushed is not on the disk */
void rub_disk_cache_free(RubDiskCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubDiskCache, rub_disk_cache_free)

/**
 * rub_disk_cache_read:
 * @self: a cache
 * @offset_bytes: where to begin, from the start of the part
 * @buffer: (out caller-allocates): room for @size_bytes bytes
 * @size_bytes: how much to read, not beyond the part's end
 * @error: return location
 *
 * Reads what was written last, whether flushed or not. Errors: those of rub_disk_read(); where room
 * must be made also those of rub_disk_write().
 *
 * Returns: whether all of it was read
 */
gboolean rub_disk_cache_read(RubDiskCache *self, guint64 offset_bytes, void *buffer,
                             gsize size_bytes, GError **error);

/**
 * rub_disk_cache_write:
 * @self: a cache
 * @offset_bytes: where to begin, from the start of the part
 * @data: what to write
 * @size_bytes: how much, not beyond the part's end
 * @error: return location
 *
 * Writes, or holds back. Errors: those of rub_disk_read() and rub_disk_write(), which may be about
 * bytes that were held back earlier.
 *
 * Returns: whether the bytes were taken
 */
gboolean rub_disk_cache_write(RubDiskCache *self, guint64 offset_bytes, const void *data,
                              gsize size_bytes, GError **error);

/**
 * rub_disk_cache_flush:
 * @self: a cache
 * @error: return location
 *
 * Writes everything that was held back, from the front of the disk to its end; where there are
 * ranks, one after the other, with a sync in between. What is being held stays. Errors: those of
 * rub_disk_write() and rub_disk_sync().
 *
 * Returns: whether all of it was written
 */
gboolean rub_disk_cache_flush(RubDiskCache *self, GError **error);

G_END_DECLS
