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

/* Two folders, the manifest, the note and the boot sectors. */
#define OWN_RECORDS 5

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

/* As many as the engine counts at most. Files of an earlier build of ours give way to the next one
 * in ways of their own: there every file may replace another one. */
static void
add_changes(RubNtfsNeed *need, const RubPlanRecordSizes *sizes)
{
    const RubKeptVolume *volume = sizes->volume;
    guint64 clusters = sizes->volume_bytes / need->cluster_bytes;
    gboolean has_build = volume && (volume->has_manifest || volume->has_leftovers);
    guint64 joining = sizes->joining_count + sizes->replaced_count + OWN_RECORDS;
    guint64 removed = sizes->replaced_count + OWN_RECORDS;
    rub_ntfs_need_add_changes(need, (has_build ? need->records : joining) * RUB_NTFS_NEED_ENTRY);
    rub_ntfs_need_add_changes(need, (has_build ? need->records : removed) * RUB_NTFS_NEED_REMOVAL);
    rub_ntfs_need_add_changes(need, sizes->replaced_count * (guint64) RUB_NTFS_NEED_MOVE);
    rub_ntfs_need_add_changes(need, rub_ntfs_need_count_bitmap_blocks(clusters));
}

/* Where nobody has looked at the table of files, all records may be free ones that change, each in
 * a block of its own: no record takes more than that. */
static void
init_need(RubNtfsNeed *need, const RubPlanRecordSizes *sizes, guint cluster_bytes)
{
    const RubKeptVolume *volume = sizes->volume;
    if (volume && volume->record_bytes != 0)
        rub_ntfs_need_init(need, cluster_bytes, volume->record_bytes, volume->index_block_bytes,
                           volume->free_records);
    else if (volume)
        rub_ntfs_need_init(need, cluster_bytes, MAX_RECORD_BYTES, INDEX_BLOCK_BYTES, G_MAXUINT64);
    else
        rub_ntfs_need_init(need, cluster_bytes, RECORD_BYTES, INDEX_BLOCK_BYTES, 0);
}

guint64
rub_plan_need_count_ntfs_clusters(const RubPlanNeed *self, guint cluster_bytes)
{
    RubNtfsNeed need;
    init_need(&need, &self->sizes, cluster_bytes);
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
