/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "source/rub-entry.h"
#include "target/rub-disk.h"
#include "volume/rub-ntfs-library.h"

G_BEGIN_DECLS

/**
 * RubNtfs:
 *
 * An NTFS volume on a disk, opened by libntfs-3g through our own reading and writing. The library
 * has global state: all volumes belong to one thread at a time.
 */
typedef struct _RubNtfs RubNtfs;

/**
 * RubNtfsState:
 * @cluster_bytes: bytes a cluster
 * @cluster_count: clusters of the volume
 * @free_clusters: how many are free
 * @record_bytes: bytes a record of the table of files
 * @free_records: how many records of that table are there and free
 * @index_block_bytes: bytes a block of a folder
 * @is_dirty: whether it was not closed properly, or Windows wants to check it
 *
 * How full and how well a volume is.
 */
typedef struct {
    guint cluster_bytes;
    guint64 cluster_count;
    guint64 free_clusters;
    guint record_bytes;
    guint64 free_records;
    guint index_block_bytes;
    gboolean is_dirty;
} RubNtfsState;

/**
 * RubNtfsAccess:
 * @RUB_NTFS_READ: nothing is written; upper and lower case are not the same in paths
 * @RUB_NTFS_TRY: as for writing, but nothing ever reaches the disk, and a volume that is marked as
 *   dirty is opened, too
 * @RUB_NTFS_WRITE: rounds may follow; upper and lower case are the same in paths
 *
 * What a volume is opened for.
 */
typedef enum {
    RUB_NTFS_READ,
    RUB_NTFS_TRY,
    RUB_NTFS_WRITE,
} RubNtfsAccess;

/**
 * rub_ntfs_open:
 * @disk: a disk
 * @start_lba: where the volume begins, in sectors of @disk
 * @sector_count: how many sectors of @disk the partition has
 * @access: what for
 * @error: return location
 *
 * Opens a volume. A round of ours that was cut off is completed first, on the disk for
 * %RUB_NTFS_WRITE, otherwise in memory; nothing else is written by that. For writing the volume
 * must have been closed properly, by Windows too: not hibernated, nothing left in its journal, not
 * marked as dirty. Errors: %RUB_CODE_VOLUME_DAMAGED when it is not an NTFS volume, is damaged or
 * was not closed properly; those of rub_disk_read(), and of rub_disk_write() for %RUB_NTFS_WRITE.
 *
 * Returns: (transfer full) (nullable): a volume, which keeps a reference to @disk
 */
RubNtfs *rub_ntfs_open(RubDisk *disk, guint64 start_lba, guint64 sector_count, RubNtfsAccess access,
                       GError **error);

/** rub_ntfs_free: closes it; a round that was not committed is not on the disk */
void rub_ntfs_free(RubNtfs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubNtfs, rub_ntfs_free)

/** rub_ntfs_get_volume: Returns: (transfer none): the library's own object */
ntfs_volume *rub_ntfs_get_volume(RubNtfs *self);

/** rub_ntfs_get_disk: Returns: (transfer none): the disk that it is on */
RubDisk *rub_ntfs_get_disk(RubNtfs *self);

/** rub_ntfs_get_start_bytes: Returns: where it begins on the disk */
guint64 rub_ntfs_get_start_bytes(const RubNtfs *self);

/** rub_ntfs_get_state: Returns: (transfer none): how full it is now, and how it was when opened */
const RubNtfsState *rub_ntfs_get_state(RubNtfs *self);

/** rub_ntfs_was_cut_off: Returns: whether opening it completed a round that had been cut off */
gboolean rub_ntfs_was_cut_off(const RubNtfs *self);

/**
 * rub_ntfs_begin:
 * @self: a volume opened for writing
 * @error: return location
 *
 * Begins a round: from here on the library may be told to change the volume. Only what was free
 * room is written before rub_ntfs_commit(). Errors: %RUB_CODE_VOLUME_DAMAGED, those of
 * rub_disk_read().
 *
 * Returns: whether it may
 */
gboolean rub_ntfs_begin(RubNtfs *self, GError **error);

/**
 * rub_ntfs_check_round:
 * @self: a volume on which a round was begun, and the library told all but the bytes of files
 * @error: return location
 *
 * Looks whether the round can be committed: whether one journal holds its changes and finds room;
 * better before much is written than at the commit. Errors: %RUB_CODE_DISK_TOO_SMALL,
 * %RUB_CODE_VOLUME_DAMAGED.
 *
 * Returns: whether it can
 */
gboolean rub_ntfs_check_round(RubNtfs *self, GError **error);

/**
 * rub_ntfs_commit:
 * @self: a volume on which a round was begun; no record of a file is open
 * @error: return location
 *
 * Has everything since rub_ntfs_begin() happen at once: at a cut before, the tables of the volume
 * are as they were; at a cut later, opening it completes the round. While the tables are being
 * written the volume is marked as dirty, for others. Errors: those of rub_disk_write(),
 * rub_disk_read() and rub_disk_sync(); %RUB_CODE_DISK_TOO_SMALL where there is no room to write the
 * changes down first, %RUB_CODE_VOLUME_DAMAGED.
 *
 * Returns: whether it is on the medium
 */
gboolean rub_ntfs_commit(RubNtfs *self, GError **error);

/**
 * rub_ntfs_set_error:
 * @self: a volume
 * @error: return location
 * @errnum: the library's errno
 * @path: (nullable): what it was about
 *
 * Says why a function of the library failed: what the disk failed with if it did,
 * %RUB_CODE_DISK_TOO_SMALL if there is no room, else %RUB_CODE_VOLUME_DAMAGED.
 */
void rub_ntfs_set_error(RubNtfs *self, GError **error, int errnum, const char *path);

/**
 * rub_ntfs_list:
 * @disk: a disk
 * @start_lba: where the volume begins, in sectors of @disk
 * @sector_count: how many sectors of @disk the partition has
 * @state: (out) (optional): how full and how well it is
 * @error: return location
 *
 * Walks all folders but those of NTFS itself; of a dirty volume, too. Where a round of ours was cut
 * off after its data was written, the volume is listed as it will be once it is completed. The
 * extents of files are in bytes from the start of the disk; small files, whose bytes are part of
 * the tables, have theirs in memory. Of files that are compressed or encrypted the extent is one
 * behind the end of the disk, so that reading it fails. Reparse points are symbolic links without a
 * target. Errors: those of rub_ntfs_open(), naming the file.
 *
 * Returns: (transfer full) (nullable): everything on the volume
 */
RubListing *rub_ntfs_list(RubDisk *disk, guint64 start_lba, guint64 sector_count,
                          RubNtfsState *state, GError **error);

G_END_DECLS
