/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** RUB_EXTENT_HOLE: the offset of an extent that has no bytes of its own and reads as zeros */
#define RUB_EXTENT_HOLE G_MAXUINT64

/** RUB_EXTENT_IN_MEMORY: added to the offset of an extent whose bytes are in the entry's own memory
 * instead of the image; no image reaches as far */
#define RUB_EXTENT_IN_MEMORY (G_GUINT64_CONSTANT(1) << 63)

/**
 * RubExtent:
 * @offset_bytes: where the bytes lie, from the start of the image or disk; or %RUB_EXTENT_HOLE, or
 *   with %RUB_EXTENT_IN_MEMORY added
 * @size_bytes: how many
 *
 * A run of consecutive bytes of a file.
 */
typedef struct {
    guint64 offset_bytes;
    guint64 size_bytes;
} RubExtent;

/**
 * RubEntryKind:
 *
 * What an entry of a listing is. A hard link is a file that shares its extents with another.
 */
typedef enum {
    RUB_ENTRY_FILE,
    RUB_ENTRY_FOLDER,
    RUB_ENTRY_SYMLINK,
} RubEntryKind;

/**
 * RubEntry:
 * @kind: what it is
 * @path: UTF-8 path from the root, parts separated by "/", none at the start
 * @size_bytes: size of a file; 0 for everything else
 * @mtime_unix: when it was last changed, in seconds since 1970 UTC; 0 where not known
 * @link_target: (nullable): where a symbolic link points to
 * @alias: (nullable): the 8.3 name that FAT or NTFS has for it beside a longer one; what has that
 * for its name cannot be in the same folder
 * @used_slots: of a folder on FAT: how many of its slots come before those that new entries get; 0
 *   where that is not known
 * @extents: (nullable) (element-type RubExtent): where a file's bytes lie, in the order of the
 *   file; the sizes add up to @size_bytes. %NULL for everything but files, empty for empty files
 * @memory: (nullable) (element-type guint8): bytes that the image does not have as they are; only
 *   in files that were made up from an image, never in its listing
 *
 * One file, folder or symbolic link of an image or of a volume.
 */
typedef struct {
    RubEntryKind kind;
    char *path;
    guint64 size_bytes;
    gint64 mtime_unix;
    char *link_target;
    char *alias;
    guint used_slots;
    GArray *extents;
    GByteArray *memory;
} RubEntry;

/**
 * rub_entry_new:
 * @kind: what it is
 * @path: (transfer full): its path
 *
 * Returns: (transfer full): an entry; a file has an empty array of extents
 */
RubEntry *rub_entry_new(RubEntryKind kind, char *path);

/** rub_entry_free: frees an entry */
void rub_entry_free(RubEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubEntry, rub_entry_free)

/**
 * rub_entry_copy:
 * @self: an entry
 * @path: (transfer full): the path of the copy
 *
 * Returns: (transfer full): the same entry under another path
 */
RubEntry *rub_entry_copy(const RubEntry *self, char *path);

/**
 * rub_entry_add_extent:
 * @self: a file
 * @offset_bytes: where the bytes lie, or %RUB_EXTENT_HOLE
 * @size_bytes: how many
 *
 * Appends a run to the file's extents; one that continues the last is merged with it.
 */
void rub_entry_add_extent(RubEntry *self, guint64 offset_bytes, guint64 size_bytes);

/**
 * rub_entry_add_memory:
 * @self: a file
 * @data: bytes; copied
 * @size_bytes: how many
 *
 * Appends bytes that the image does not have to the file's extents.
 */
void rub_entry_add_memory(RubEntry *self, const void *data, gsize size_bytes);

/**
 * rub_entry_add_range:
 * @self: a file
 * @other: another file
 * @offset_bytes: where to begin within @other
 * @size_bytes: how many bytes; what goes past the end of @other is left out
 *
 * Appends a part of another file, wherever its bytes lie, to the file's extents.
 */
void rub_entry_add_range(RubEntry *self, const RubEntry *other, guint64 offset_bytes,
                         guint64 size_bytes);

/**
 * rub_entry_get_first_byte:
 * @self: an entry
 *
 * Returns: where the first bytes of the file that lie in the image do; 0 for what has none
 */
guint64 rub_entry_get_first_byte(const RubEntry *self);

/**
 * RubListing:
 * @volume_name: (nullable): the volume's name in UTF-8
 * @size_bytes: the size of the volume as it says itself
 * @entries: (element-type RubEntry): everything in it but the root, each folder before what is
 *   in it; owned
 * @specials: (element-type utf8): the paths of what is neither file, folder nor symbolic link, and
 *   not in @entries: device nodes, FIFOs and sockets; owned
 * @used_slots: as in #RubEntry, of the root
 *
 * What a filesystem holds.
 */
typedef struct {
    char *volume_name;
    guint64 size_bytes;
    GPtrArray *entries;
    GPtrArray *specials;
    guint used_slots;
} RubListing;

/** rub_listing_new: Returns: (transfer full): an empty listing */
RubListing *rub_listing_new(void);

/** rub_listing_free: frees a listing and its entries */
void rub_listing_free(RubListing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubListing, rub_listing_free)

/**
 * rub_listing_get_files_in_disk_order:
 * @self: a listing
 *
 * Returns: (transfer container) (element-type RubEntry): the files, sorted by where their first
 *   byte lies, so that reading them one after the other moves forward only
 */
GPtrArray *rub_listing_get_files_in_disk_order(const RubListing *self);

G_END_DECLS
