/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-private.h"
#include "volume/rub-fat-label.h"
#include "volume/rub-ntfs-need.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

/* What the classic procedure gives the partition. */
#define MBR_TYPE_NTFS 0x07

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

/* Manifest and note: their head, and a line for each path. */
#define RECORDS_HEAD_BYTES (64 * 1024)
#define RECORDS_LINE_BYTES 1024

gboolean
rub_planning_uses_ntfs(const RubPlanning *self)
{
    return self->options->filesystem == RUB_FILESYSTEM_NTFS;
}

static void
add_items(RubNtfsNeed *need, const GPtrArray *items, gboolean are_folders)
{
    for (guint i = 0; i < items->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(items, i);
        rub_ntfs_need_add(need, item->path, are_folders, item->content->size_bytes);
    }
}

static guint64
count_needed_bytes(const RubPlan *plan)
{
    RubNtfsNeed need;
    guint64 lines = (guint64) plan->folders->len + plan->files->len;
    rub_ntfs_need_init(&need, CLUSTER_BYTES, RECORD_BYTES, INDEX_BLOCK_BYTES, 0);
    add_items(&need, plan->folders, TRUE);
    add_items(&need, plan->files, FALSE);
    rub_ntfs_need_add(&need, RUB_RECORDS_FOLDER, TRUE, 0);
    rub_ntfs_need_add(&need, RUB_MANIFEST_PATH, FALSE,
                      RECORDS_HEAD_BYTES + lines * RECORDS_LINE_BYTES);
    rub_ntfs_need_add(&need, RUB_PENDING_PATH, FALSE,
                      RECORDS_HEAD_BYTES + lines * RECORDS_LINE_BYTES);
    return rub_ntfs_need_get_clusters(&need) * CLUSTER_BYTES;
}

static guint64
count_own_bytes(guint64 volume_bytes)
{
    return TABLES_BYTES + MIN(MAX_JOURNAL_BYTES, volume_bytes / JOURNAL_PART) +
           volume_bytes / BITMAP_PART;
}

static void
check_room(RubPlanning *self, guint64 volume_bytes)
{
    guint64 needed_bytes = count_needed_bytes(self->plan);
    guint64 own_bytes = count_own_bytes(volume_bytes);
    if (volume_bytes >= own_bytes && needed_bytes <= volume_bytes - own_bytes)
        return;
    guint64 whole_bytes =
        needed_bytes + count_own_bytes(needed_bytes + MAX_JOURNAL_BYTES) + 2 * RUB_ALIGNMENT_BYTES;
    guint64 missing_bytes = whole_bytes - MIN(whole_bytes, self->layout->size_bytes);
    g_autofree char *needed = g_format_size(whole_bytes);
    g_autofree char *have = g_format_size(self->layout->size_bytes);
    g_autofree char *missing =
        g_format_size_full(MAX(missing_bytes, RUB_ALIGNMENT_BYTES), G_FORMAT_SIZE_LONG_FORMAT);
    rub_planning_add_finding(self, RUB_CODE_DISK_TOO_SMALL, RUB_SEVERITY_ERROR,
                             rub_text_new(N_("The image needs a stick of {needed}; this one has "
                                             "{have}. {missing} are missing."),
                                          "needed", needed, "have", have, "missing", missing, NULL),
                             NULL);
}

void
rub_planning_use_ntfs(RubPlanning *self)
{
    RubNewVolume *volume = &self->plan->volume;
    guint sector_size = self->layout->sector_size;
    self->plan->mode = RUB_PLAN_ERASE;
    volume->filesystem = RUB_FILESYSTEM_NTFS;
    volume->number = 1;
    volume->start_lba = RUB_ALIGNMENT_BYTES / sector_size;
    volume->sector_count = rub_planning_get_usable_sectors(self->layout);
    volume->mbr_type = MBR_TYPE_NTFS;
    volume->is_active = TRUE;
    volume->disk_signature = self->options->disk_signature;
    volume->volume_id = self->options->volume_id;
    g_autofree char *label =
        rub_fat_label_make(self->options->label ? self->options->label : self->info->volume_name);
    g_strlcpy(volume->label, label, sizeof volume->label);
    check_room(self, volume->sector_count * sector_size);
}
