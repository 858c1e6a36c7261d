/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubNtfsNeed:
 *
 * How much room files take on NTFS: their data, their records, their names in folders, and the
 * journal in which a round notes what it changes (see #RubNtfsJournal). Never too little. The
 * fields are its own.
 */
typedef struct {
    guint64 cluster_bytes;
    guint64 record_bytes;
    guint64 index_block_bytes;
    guint64 free_records;
    guint64 data_clusters;
    guint64 records;
    guint64 folders;
    guint64 name_bytes;
    guint64 changes;
} RubNtfsNeed;

/**
 * rub_ntfs_need_init:
 * @self: (out): the need of nothing
 * @cluster_bytes: bytes a cluster
 * @record_bytes: bytes a record of the table of files; 1024 on a new volume
 * @index_block_bytes: bytes a block of a folder; 4096 on a new volume
 * @free_records: how many records of the table are free; 0 on a new volume
 */
void rub_ntfs_need_init(RubNtfsNeed *self, guint cluster_bytes, guint record_bytes,
                        guint index_block_bytes, guint64 free_records);

/**
 * rub_ntfs_need_add:
 * @self: a need
 * @path: a file or folder, UTF-8
 * @is_folder: which of both
 * @size_bytes: the size of a file
 *
 * Adds what one more takes.
 */
void rub_ntfs_need_add(RubNtfsNeed *self, const char *path, gboolean is_folder, guint64 size_bytes);

/**
 * rub_ntfs_need_add_changes:
 * @self: a need
 * @block_count: how many blocks of tables; see %RUB_NTFS_NEED_ENTRY and the like
 *
 * Adds what it takes to change tables that are there already. For a new volume none need be added.
 */
void rub_ntfs_need_add_changes(RubNtfsNeed *self, guint64 block_count);

/** RUB_NTFS_NEED_ENTRY: for a folder or file that is made in a folder that is there already */
#define RUB_NTFS_NEED_ENTRY 2

/** RUB_NTFS_NEED_REMOVAL: for one that is removed or replaced */
#define RUB_NTFS_NEED_REMOVAL 5

/** RUB_NTFS_NEED_MOVE: for one that is moved */
#define RUB_NTFS_NEED_MOVE 6

/** rub_ntfs_need_count_bitmap_blocks: Returns: for a volume of @cluster_count clusters, once */
guint64 rub_ntfs_need_count_bitmap_blocks(guint64 cluster_count);

/** rub_ntfs_need_get_clusters: Returns: how many free clusters all of it takes at most */
guint64 rub_ntfs_need_get_clusters(const RubNtfsNeed *self);

G_END_DECLS
