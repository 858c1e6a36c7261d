/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-private.h"
#include "volume/rub-fat-demand.h"
#include "volume/rub-fat-geometry.h"
#include "volume/rub-fat-label.h"

#define ALIGNMENT_BYTES ((guint64) 1024 * 1024)

/* W95 FAT32 with LBA: right for BIOS and for UEFI alike. */
#define MBR_TYPE_FAT32_LBA 0x0c

/* What the manifest has at most: beside the paths, which are written once, the numbers and words
 * around each, and what is said about the image and the stick. */
#define MANIFEST_HEAD_BYTES 16384
#define MANIFEST_LINE_BYTES 192

static guint64
get_usable_sectors(const RubLayout *layout, guint64 disk_bytes)
{
    guint64 end_bytes = MIN(disk_bytes, RUB_MAX_PARTITION_END_BYTES);
    guint64 end = end_bytes / ALIGNMENT_BYTES * ALIGNMENT_BYTES / layout->sector_size;
    guint64 start = ALIGNMENT_BYTES / layout->sector_size;
    return end > start ? end - start : 0;
}

static guint64
estimate_lines(const GPtrArray *items)
{
    guint64 size_bytes = 0;
    for (guint i = 0; i < items->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(items, i);
        size_bytes += MANIFEST_LINE_BYTES + 2 * strlen(item->path);
    }
    return size_bytes;
}

static guint64
estimate_manifest_bytes(const RubPlan *plan)
{
    return MANIFEST_HEAD_BYTES + estimate_lines(plan->folders) + estimate_lines(plan->files);
}

/* Files too large for FAT32 have a finding of their own and are left out here. */
static gboolean
fill_demand(const RubPlan *plan, RubFatDemand *demand, GError **error)
{
    for (guint i = 0; i < plan->folders->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->folders, i);
        if (!rub_fat_demand_add_folder(demand, item->path, error))
            return FALSE;
    }
    for (guint i = 0; i < plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->files, i);
        guint64 size_bytes = MIN(item->content->size_bytes, RUB_FAT_MAX_FILE_BYTES);
        if (!rub_fat_demand_add_file(demand, item->path, size_bytes, error))
            return FALSE;
    }
    return rub_fat_demand_add_folder(demand, RUB_MANIFEST_FOLDER, error) &&
           rub_fat_demand_add_file(demand, RUB_MANIFEST_PATH, estimate_manifest_bytes(plan), error);
}

/* What everything needs, counted once for each size of clusters. */
typedef struct {
    const RubFatDemand *demand;
    guint cluster_bytes;
    guint64 clusters;
} Need;

static gboolean
fits(Need *need, const RubLayout *layout, guint64 disk_bytes)
{
    RubFatGeometry geometry;
    guint64 volume_bytes = get_usable_sectors(layout, disk_bytes) * layout->sector_size;
    if (!rub_fat_geometry_for_new(&geometry, volume_bytes, layout->sector_size))
        return FALSE;
    if (need->cluster_bytes != geometry.cluster_bytes) {
        need->cluster_bytes = geometry.cluster_bytes;
        need->clusters = rub_fat_demand_get_clusters(need->demand, geometry.cluster_bytes);
    }
    return need->clusters <= geometry.cluster_count;
}

/* The smallest larger disk, in whole MiB, that holds it all; 0 if none does. Every size is tried,
 * for with the size of a disk that of its clusters grows, and a disk that is larger may hold less.
 */
static guint64
find_needed_bytes(const RubPlanning *self, Need *need)
{
    guint64 floor_bytes = MAX(self->layout->size_bytes, self->plan->copy_bytes);
    guint64 disk_bytes = floor_bytes / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    while (disk_bytes < RUB_MAX_PARTITION_END_BYTES) {
        disk_bytes += ALIGNMENT_BYTES;
        if (fits(need, self->layout, disk_bytes))
            return disk_bytes;
    }
    return 0;
}

static void
refuse_small_disk(RubPlanning *self, Need *need)
{
    guint64 needed_bytes = find_needed_bytes(self, need);
    if (needed_bytes == 0) {
        rub_planning_add_finding(
            self, RUB_CODE_DISK_TOO_SMALL, RUB_SEVERITY_ERROR,
            rub_text_new(N_("The image needs more than the largest FAT32 partition can hold."),
                         NULL),
            rub_text_new(N_("Choose a smaller image."), NULL));
        return;
    }
    g_autofree char *needed = g_format_size(needed_bytes);
    g_autofree char *have = g_format_size(self->layout->size_bytes);
    g_autofree char *missing =
        g_format_size_full(needed_bytes - self->layout->size_bytes, G_FORMAT_SIZE_LONG_FORMAT);
    rub_planning_add_finding(self, RUB_CODE_DISK_TOO_SMALL, RUB_SEVERITY_ERROR,
                             rub_text_new(N_("The image needs a stick of {needed}; this one has "
                                             "{have}. {missing} are missing."),
                                          "needed", needed, "have", have, "missing", missing, NULL),
                             NULL);
}

static void
fit_files(RubPlanning *self)
{
    g_autoptr(RubFatDemand) demand = rub_fat_demand_new();
    g_autoptr(GError) error = NULL;
    if (!fill_demand(self->plan, demand, &error)) {
        g_ptr_array_add(self->plan->findings, rub_finding_new_from_error(error));
        return;
    }
    Need need = {.demand = demand};
    if (!fits(&need, self->layout, self->layout->size_bytes))
        refuse_small_disk(self, &need);
}

void
rub_planning_choose_volume(RubPlanning *self)
{
    const RubLayout *layout = self->layout;
    RubNewVolume *volume = &self->plan->volume;
    RubFatGeometry geometry = {0};
    volume->start_lba = ALIGNMENT_BYTES / layout->sector_size;
    volume->sector_count = get_usable_sectors(layout, layout->size_bytes);
    if (rub_fat_geometry_for_new(&geometry, volume->sector_count * layout->sector_size,
                                 layout->sector_size))
        volume->sectors_per_cluster = geometry.sectors_per_cluster;
    volume->mbr_type = MBR_TYPE_FAT32_LBA;
    volume->is_active = (self->options->firmware & RUB_FIRMWARE_BIOS) != 0;
    volume->disk_signature = self->options->disk_signature;
    volume->volume_id = self->options->volume_id;
    g_autofree char *label =
        rub_fat_label_make(self->options->label ? self->options->label : self->info->volume_name);
    g_strlcpy(volume->label, label, sizeof volume->label);
    if (layout->is_read_only)
        rub_planning_add_finding(
            self, RUB_CODE_TRACK_0_NOT_WRITABLE, RUB_SEVERITY_ERROR,
            rub_text_new(N_("{name} can only be read."), "name", layout->name, NULL), NULL);
    fit_files(self);
}
