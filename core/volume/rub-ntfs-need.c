/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-need.h"

#include <string.h>

#include "volume/rub-ntfs-journal.h"

/* An entry of a folder without its name, see INDEX_ENTRY and FILE_NAME_ATTR in ntfs-3g/layout.h;
 * rounded up, with the place of a block below. */
#define ENTRY_BYTES (16 + 66 + 8 + 8)
#define BYTES_PER_UNIT 2

/* What a record holds beside the name of a file and the bytes of a small one, see MFT_RECORD and
 * ATTR_RECORD in ntfs-3g/layout.h; rounded up: the head, times and flags, who may read it, the
 * heads of its data and its name. While it replaces another file, it has a second name. */
#define RECORD_HEAD_BYTES 320
#define NAME_HEAD_BYTES (24 + 66 + 8)
#define SECOND_NAME_BYTES (NAME_HEAD_BYTES + BYTES_PER_UNIT * 40)

/* The library takes records in groups, keeps the first ones of a new volume free, and blocks of a
 * folder are at least half full. */
#define RECORDS_PER_GROUP 16
#define RESERVED_RECORDS 64
#define MIN_FILL 2
/* The journal: the tables of an empty volume, and of larger ones the bits of the clusters. */
#define SPARE_BLOCKS 64
#define CLUSTERS_PER_BLOCK ((guint64) RUB_NTFS_JOURNAL_BLOCK_BYTES * 8)

/* Runs of large files, bitmaps of folders and of the table of files. */
#define SPARE_CLUSTERS 16

void
rub_ntfs_need_init(RubNtfsNeed *self, guint cluster_bytes, guint record_bytes,
                   guint index_block_bytes, guint64 free_records)
{
    *self = (RubNtfsNeed){.cluster_bytes = cluster_bytes,
                          .record_bytes = record_bytes,
                          .index_block_bytes = index_block_bytes,
                          .free_records = free_records};
}

void
rub_ntfs_need_add(RubNtfsNeed *self, const char *path, gboolean is_folder, guint64 size_bytes)
{
    const char *slash = strrchr(path, '/');
    guint64 letters_bytes = BYTES_PER_UNIT * strlen(slash ? slash + 1 : path);
    guint64 other_bytes = RECORD_HEAD_BYTES + NAME_HEAD_BYTES + letters_bytes + SECOND_NAME_BYTES;
    self->records++;
    self->folders += is_folder;
    self->name_bytes += ENTRY_BYTES + letters_bytes;
    if (size_bytes <= self->record_bytes && size_bytes + other_bytes <= self->record_bytes)
        return;
    self->data_clusters +=
        size_bytes / self->cluster_bytes + (size_bytes % self->cluster_bytes != 0);
}

void
rub_ntfs_need_add_changes(RubNtfsNeed *self, guint64 block_count)
{
    self->changes += block_count;
}

guint64
rub_ntfs_need_count_bitmap_blocks(guint64 cluster_count)
{
    return cluster_count / CLUSTERS_PER_BLOCK + 1;
}

/* Records that are free already are changed where they are, and so are blocks that a file shares
 * with other clusters. */
static guint64
get_journal_bytes(const RubNtfsNeed *self)
{
    guint64 shared = self->cluster_bytes < RUB_NTFS_JOURNAL_BLOCK_BYTES ? 2 * self->records : 0;
    return rub_ntfs_journal_count_bytes(SPARE_BLOCKS + self->changes + shared +
                                        MIN(self->records, self->free_records) +
                                        2 * rub_ntfs_need_count_bitmap_blocks(self->data_clusters));
}

static guint64
to_clusters(const RubNtfsNeed *self, guint64 size_bytes)
{
    return (size_bytes + self->cluster_bytes - 1) / self->cluster_bytes;
}

guint64
rub_ntfs_need_get_clusters(const RubNtfsNeed *self)
{
    guint64 new_records =
        self->records > self->free_records ? self->records - self->free_records : 0;
    guint64 block_bytes = MAX(self->index_block_bytes, self->cluster_bytes);
    guint64 index_bytes = self->name_bytes * MIN_FILL + (self->folders + 1) * block_bytes;
    return self->data_clusters +
           to_clusters(self,
                       (new_records + RECORDS_PER_GROUP + RESERVED_RECORDS) * self->record_bytes) +
           to_clusters(self, index_bytes) + to_clusters(self, get_journal_bytes(self)) +
           SPARE_CLUSTERS;
}
