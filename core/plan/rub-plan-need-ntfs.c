/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much room everything takes on NTFS. */
#include "plan/rub-plan-need-private.h"
#include "volume/rub-ntfs-need.h"
#include "volume/rub-records.h"

/* mkntfs of ntfs-3g 2022.10.3: its defaults up to 16 TiB, and what it takes for itself, measured on
 * volumes of 8 MiB to 1 TiB: a journal of up to 64 MiB, a bit for each cluster, and a few tables.
 */
#define CLUSTER_BYTES 4096
#define RECORD_BYTES 1024
#define INDEX_BLOCK_BYTES 4096
#define MIB ((guint64) 1024 * 1024)
#define TABLES_BYTES (3 * MIB)
#define MAX_JOURNAL_BYTES (64 * MIB)
#define JOURNAL_PART 200
#define BITMAP_PART (CLUSTER_BYTES * 8)

/* Volumes of others may have larger records; this is the most there is. */
#define MAX_RECORD_BYTES 4096

static void
add_items(RubNtfsNeed *need, const GPtrArray *items, gboolean are_folders)
{
    for (guint i = 0; i < items->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(items, i);
        rub_ntfs_need_add(need, item->path, are_folders, item->content->size_bytes);
    }
}

/* Files that give way get a new name in the undo folder; their bytes stay where they are. */
static void
add_records(RubNtfsNeed *need, const RubPlanRecordSizes *sizes)
{
    rub_ntfs_need_add(need, RUB_RECORDS_FOLDER, TRUE, 0);
    rub_ntfs_need_add(need, RUB_MANIFEST_PATH, FALSE, sizes->manifest_bytes);
    rub_ntfs_need_add(need, RUB_PENDING_PATH, FALSE, sizes->pending_bytes);
    if (!sizes->is_kept)
        return;
    rub_ntfs_need_add(need, RUB_UNDO_FOLDER, TRUE, 0);
    rub_ntfs_need_add(need, RUB_BOOT_SECTORS_PATH, FALSE, RUB_PLAN_BOOT_SECTORS_BYTES);
    for (guint i = 0; i < sizes->replaced_count; i++)
        rub_ntfs_need_add(need, RUB_UNDO_FOLDER "/00000000", FALSE, 0);
}

/* As many as the engine counts at most, where every file may replace another one. */
static void
add_changes(RubNtfsNeed *need, const RubPlanRecordSizes *sizes)
{
    guint64 clusters = sizes->volume_bytes / need->cluster_bytes;
    rub_ntfs_need_add_changes(need, need->records * (RUB_NTFS_NEED_ENTRY + RUB_NTFS_NEED_REMOVAL));
    rub_ntfs_need_add_changes(need, sizes->replaced_count * (guint64) RUB_NTFS_NEED_MOVE);
    rub_ntfs_need_add_changes(need, rub_ntfs_need_count_bitmap_blocks(clusters));
}

guint64
rub_plan_need_count_ntfs_clusters(const RubPlanNeed *self, guint cluster_bytes)
{
    RubNtfsNeed need;
    rub_ntfs_need_init(&need, cluster_bytes, self->sizes.is_kept ? MAX_RECORD_BYTES : RECORD_BYTES,
                       INDEX_BLOCK_BYTES, 0);
    add_items(&need, self->plan->folders, TRUE);
    add_items(&need, self->plan->files, FALSE);
    add_records(&need, &self->sizes);
    if (self->sizes.is_kept)
        add_changes(&need, &self->sizes);
    return rub_ntfs_need_get_clusters(&need);
}

static guint64
count_own_bytes(guint64 volume_bytes)
{
    return TABLES_BYTES + MIN(MAX_JOURNAL_BYTES, volume_bytes / JOURNAL_PART) +
           volume_bytes / BITMAP_PART;
}

gboolean
rub_plan_need_fits_new_ntfs(RubPlanNeed *self, guint64 volume_bytes)
{
    guint64 own_bytes = count_own_bytes(volume_bytes);
    guint64 needed_bytes = rub_plan_need_get_clusters(self, CLUSTER_BYTES) * CLUSTER_BYTES;
    return volume_bytes >= own_bytes && needed_bytes <= volume_bytes - own_bytes;
}
