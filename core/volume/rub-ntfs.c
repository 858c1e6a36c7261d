/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs.h"

#include <errno.h>

#include "base/rub-error.h"
#include "volume/rub-ntfs-device.h"
#include "volume/rub-ntfs-geometry.h"
#include "volume/rub-ntfs-journal.h"
#include "volume/rub-ntfs-order.h"
#include "volume/rub-ntfs-room.h"

/* What the commit changes beside that: marks, and what the library keeps of the tables itself. */
#define LATER_BLOCKS 16

struct _RubNtfs {
    RubDisk *disk;
    guint64 start_bytes;
    guint64 size_bytes;
    RubNtfsDevice *device;
    ntfs_volume *volume;
    RubNtfsState state;
    gboolean was_cut_off;
    /* While there is a round. */
    RubNtfsOrder *order;
    RubNtfsJournal *journal;
};

static gboolean
check_boot_sector(RubNtfs *self, GError **error)
{
    guint8 sector[RUB_NTFS_BOOT_SECTOR_BYTES];
    RubNtfsGeometry geometry;
    if (self->size_bytes < sizeof sector) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           N_("the partition is too small for an NTFS filesystem"), NULL);
        return FALSE;
    }
    return rub_disk_read(self->disk, self->start_bytes, sector, sizeof sector, error) &&
           rub_ntfs_geometry_parse(&geometry, sector, self->size_bytes, error);
}

static const char *
get_refusal(int mount_errno)
{
    switch (mount_errno) {
    case EPERM:
        return N_("Windows is only asleep on it (hibernated, or fast startup); shut it down "
                  "first");
    case EOPNOTSUPP:
        return N_("it was not removed safely from Windows");
    case ENOMEM:
        return N_("there is not enough memory to read it");
    default:
        return N_("it is damaged");
    }
}

static void
set_refused(RubNtfs *self, GError **error, const char *why)
{
    RubText *text = rub_text_new(N_("the NTFS filesystem of {name} cannot be used: {reason}"),
                                 "name", rub_disk_get_name(self->disk), NULL);
    rub_error_take_text(error, RUB_CODE_VOLUME_DAMAGED,
                        rub_text_new_filled(text, "reason", rub_text_new(why, NULL)));
}

/* What is written stays in memory, unless a round says otherwise. */
static gboolean
complete_round(RubNtfs *self, RubNtfsAccess access, GError **error)
{
    RubDiskCache *cache = rub_ntfs_device_get_cache(self->device);
    g_autoptr(RubNtfsJournal) journal = NULL;
    rub_disk_cache_set_holding(cache, TRUE);
    if (!rub_ntfs_journal_load(self->disk, self->start_bytes, self->size_bytes, &journal, error))
        return FALSE;
    self->was_cut_off = journal != NULL;
    if (!journal)
        return TRUE;
    return access == RUB_NTFS_WRITE ? rub_ntfs_journal_replay(journal, error)
                                    : rub_ntfs_journal_show(journal, cache, error);
}

static gboolean
mount(RubNtfs *self, RubNtfsAccess access, GError **error)
{
    self->volume = rub_ntfs_device_mount(self->device, access == RUB_NTFS_READ
                                                           ? NTFS_MNT_RDONLY | NTFS_MNT_FORENSIC
                                                           : NTFS_MNT_EXCLUSIVE);
    int mount_errno = errno;
    const GError *disk_error = rub_ntfs_device_get_error(self->device);
    if (!self->volume && disk_error) {
        g_propagate_error(error, g_error_copy(disk_error));
        return FALSE;
    }
    if (!self->volume) {
        set_refused(self, error, get_refusal(mount_errno));
        return FALSE;
    }
    self->state.is_dirty = (self->volume->flags & VOLUME_IS_DIRTY) != 0;
    if (access == RUB_NTFS_WRITE && self->state.is_dirty) {
        set_refused(self, error, N_("it was not closed properly when it was used last"));
        return FALSE;
    }
    if (ntfs_set_shown_files(self->volume, TRUE, TRUE, FALSE) == 0 &&
        (access == RUB_NTFS_READ || ntfs_set_ignore_case(self->volume) == 0) &&
        ntfs_volume_get_free_space(self->volume) == 0)
        return TRUE;
    rub_ntfs_set_error(self, error, errno, NULL);
    return FALSE;
}

RubNtfs *
rub_ntfs_open(RubDisk *disk, guint64 start_lba, guint64 sector_count, RubNtfsAccess access,
              GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    guint64 disk_sectors = rub_disk_get_size_bytes(disk) / sector_size;
    if (start_lba > disk_sectors || sector_count > disk_sectors - start_lba) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           N_("the partition does not lie inside {name}"), "name",
                           rub_disk_get_name(disk), NULL);
        return NULL;
    }
    g_autoptr(RubNtfs) self = g_new0(RubNtfs, 1);
    self->disk = rub_disk_ref(disk);
    self->start_bytes = start_lba * sector_size;
    self->size_bytes = sector_count * sector_size;
    self->device = rub_ntfs_device_new(disk, self->start_bytes, self->size_bytes);
    if (!check_boot_sector(self, error) || !complete_round(self, access, error) ||
        !mount(self, access, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
rub_ntfs_free(RubNtfs *self)
{
    rub_ntfs_device_discard(self->device);
    if (self->volume)
        ntfs_umount(self->volume, FALSE);
    rub_ntfs_device_free(self->device);
    g_clear_pointer(&self->order, rub_ntfs_order_free);
    g_clear_pointer(&self->journal, rub_ntfs_journal_free);
    rub_disk_unref(self->disk);
    g_free(self);
}

gboolean
rub_ntfs_was_cut_off(const RubNtfs *self)
{
    return self->was_cut_off;
}

ntfs_volume *
rub_ntfs_get_volume(RubNtfs *self)
{
    return self->volume;
}

RubDisk *
rub_ntfs_get_disk(RubNtfs *self)
{
    return self->disk;
}

guint64
rub_ntfs_get_start_bytes(const RubNtfs *self)
{
    return self->start_bytes;
}

/* What the library counts as free is as many as its bitmap of records could name. */
static guint64
count_free_records(const ntfs_volume *volume)
{
    s64 taken = volume->mftbmp_na->allocated_size * 8 - volume->free_mft_records;
    s64 there = volume->mft_na->data_size / volume->mft_record_size;
    return (guint64) MAX(there - taken, 0);
}

const RubNtfsState *
rub_ntfs_get_state(RubNtfs *self)
{
    self->state.cluster_bytes = self->volume->cluster_size;
    self->state.cluster_count = (guint64) self->volume->nr_clusters;
    self->state.free_clusters = (guint64) MAX(self->volume->free_clusters, 0);
    self->state.record_bytes = self->volume->mft_record_size;
    self->state.free_records = count_free_records(self->volume);
    self->state.index_block_bytes = self->volume->indx_record_size;
    return &self->state;
}

/* Marks the volume for others, or takes the mark away; in memory. */
static gboolean
set_dirty(RubNtfs *self, gboolean is_dirty, GError **error)
{
    le16 flags = self->volume->flags & ~VOLUME_IS_DIRTY;
    if (is_dirty)
        flags |= VOLUME_IS_DIRTY;
    if (ntfs_volume_write_flags(self->volume, flags) == 0)
        return TRUE;
    rub_ntfs_set_error(self, error, errno, NULL);
    return FALSE;
}

/* Where clusters are smaller than blocks, some of a block may have been free room. They may hold
 * the end of a file, which is on the disk before the tables lead to it. */
static gboolean
write_free_part(RubNtfs *self, const RubDiskCacheBlock *block, GError **error)
{
    guint cluster_bytes = self->volume->cluster_size;
    for (gsize at = 0; at < block->size_bytes && cluster_bytes < block->size_bytes;
         at += cluster_bytes) {
        guint64 offset_bytes = block->offset_bytes + at;
        if (rub_ntfs_order_was_free(self->order, offset_bytes / cluster_bytes) &&
            !rub_disk_write(self->disk, self->start_bytes + offset_bytes, block->data + at,
                            MIN(cluster_bytes, block->size_bytes - at), error))
            return FALSE;
    }
    return TRUE;
}

/* Adds what the tables of the volume are to hold, in the order in which others get along with it
 * best should it be cut off. */
static gboolean
note_changes(RubNtfs *self, GError **error)
{
    g_autoptr(GArray) held = rub_disk_cache_list_held(rub_ntfs_device_get_cache(self->device));
    guint last_rank = 0;
    for (guint i = 0; i < held->len; i++) {
        const RubDiskCacheBlock *block = &g_array_index(held, RubDiskCacheBlock, i);
        guint rank = rub_ntfs_order_get_rank(block->offset_bytes, self->order);
        if (rank != last_rank)
            rub_ntfs_journal_add_barrier(self->journal);
        last_rank = rank;
        if (!write_free_part(self, block, error) ||
            !rub_ntfs_journal_add(self->journal, block, error))
            return FALSE;
    }
    return TRUE;
}

static void
end_round(RubNtfs *self)
{
    rub_disk_cache_set_ranks(rub_ntfs_device_get_cache(self->device), 1, NULL, NULL);
    g_clear_pointer(&self->order, rub_ntfs_order_free);
    g_clear_pointer(&self->journal, rub_ntfs_journal_free);
}

/* The first change is the mark alone. */
gboolean
rub_ntfs_begin(RubNtfs *self, GError **error)
{
    end_round(self);
    self->order = rub_ntfs_order_new(self->volume);
    if (!self->order) {
        rub_ntfs_set_error(self, error, errno, NULL);
        return FALSE;
    }
    self->journal = rub_ntfs_journal_new(self->disk, self->start_bytes, self->size_bytes);
    rub_disk_cache_set_ranks(rub_ntfs_device_get_cache(self->device), RUB_NTFS_ORDER_RANKS,
                             rub_ntfs_order_get_rank, self->order);
    return set_dirty(self, TRUE, error) && note_changes(self, error);
}

/* Blocks of tables; those of free room go out by themselves. */
static guint64
count_changes(RubNtfs *self)
{
    g_autoptr(GArray) held = rub_disk_cache_list_held(rub_ntfs_device_get_cache(self->device));
    guint64 count = rub_ntfs_journal_get_count(self->journal) + LATER_BLOCKS;
    for (guint i = 0; i < held->len; i++) {
        const RubDiskCacheBlock *block = &g_array_index(held, RubDiskCacheBlock, i);
        count += rub_ntfs_order_get_rank(block->offset_bytes, self->order) != 0;
    }
    return count;
}

gboolean
rub_ntfs_check_round(RubNtfs *self, GError **error)
{
    guint64 count = count_changes(self);
    if (!rub_ntfs_journal_check_count(count, error))
        return FALSE;
    g_autoptr(GArray) runs =
        rub_ntfs_room_find(self->volume, self->order, rub_ntfs_journal_count_bytes(count), error);
    return runs != NULL;
}

/* What the library keeps of the tables itself. */
static gboolean
sync_tables(RubNtfs *self, GError **error)
{
    ntfs_volume *volume = self->volume;
    if (ntfs_inode_sync(volume->lcnbmp_ni) == 0 && ntfs_inode_sync(volume->mft_ni) == 0 &&
        ntfs_inode_sync(volume->vol_ni) == 0)
        return TRUE;
    rub_ntfs_set_error(self, error, errno, NULL);
    return FALSE;
}

/* What was free room goes out first; the last change takes the mark away. */
static gboolean
write_round(RubNtfs *self, GError **error)
{
    RubDiskCache *cache = rub_ntfs_device_get_cache(self->device);
    if (!rub_disk_cache_flush(cache, error) || !note_changes(self, error))
        return FALSE;
    rub_ntfs_journal_add_barrier(self->journal);
    if (!set_dirty(self, FALSE, error) || !note_changes(self, error))
        return FALSE;
    g_autoptr(GArray) runs = rub_ntfs_room_find(
        self->volume, self->order, rub_ntfs_journal_get_size_bytes(self->journal), error);
    if (!runs || !rub_ntfs_journal_commit(self->journal, runs, self->volume->cluster_size, error))
        return FALSE;
    rub_disk_cache_let_go(cache);
    return TRUE;
}

gboolean
rub_ntfs_commit(RubNtfs *self, GError **error)
{
    if (!sync_tables(self, error) || !write_round(self, error))
        return FALSE;
    end_round(self);
    return TRUE;
}

void
rub_ntfs_set_error(RubNtfs *self, GError **error, int errnum, const char *path)
{
    const GError *disk_error = rub_ntfs_device_get_error(self->device);
    if (disk_error) {
        g_propagate_error(error, g_error_copy(disk_error));
        return;
    }
    rub_error_set_errno(
        error, errnum == ENOSPC ? RUB_CODE_DISK_TOO_SMALL : RUB_CODE_VOLUME_DAMAGED, errnum,
        path ? N_("the NTFS filesystem of {name}, at {path}") : N_("the NTFS filesystem of {name}"),
        "name", rub_disk_get_name(self->disk), "path", path ? path : "", NULL);
}
