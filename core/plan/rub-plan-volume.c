/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-private.h"
#include "volume/rub-fat-demand.h"
#include "volume/rub-fat-geometry.h"
#include "volume/rub-fat-label.h"

#define ALIGNMENT_BYTES ((guint64) 1024 * 1024)

/* W95 FAT32 with LBA: right for BIOS and for UEFI alike. */
#define MBR_TYPE_FAT32_LBA 0x0c

/* An MBR counts sectors in 32 bits. */
#define MBR_MAX_SECTORS (G_GUINT64_CONSTANT(1) << 32)

/* A file's line in the manifest: its path, escaped, and the numbers and words around it. */
#define MANIFEST_HEAD_BYTES 16384
#define MANIFEST_LINE_BYTES 192

static guint64
get_usable_sectors(const RubLayout *layout, guint64 disk_bytes)
{
    guint64 alignment = ALIGNMENT_BYTES / layout->sector_size;
    guint64 sectors = MIN(disk_bytes / layout->sector_size, MBR_MAX_SECTORS);
    guint64 end = sectors / alignment * alignment;
    return end > alignment ? end - alignment : 0;
}

static guint64
estimate_manifest_bytes(const RubPlan *plan)
{
    guint64 size_bytes = MANIFEST_HEAD_BYTES;
    for (guint i = 0; i < plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->files, i);
        size_bytes += MANIFEST_LINE_BYTES + 2 * strlen(item->path);
    }
    return size_bytes;
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

/* The missing clusters, or G_MAXUINT64 where there is no room for a FAT32 at all. */
static guint64
count_missing_bytes(const RubLayout *layout, const RubFatDemand *demand, guint64 disk_bytes)
{
    RubFatGeometry geometry;
    guint64 volume_bytes = get_usable_sectors(layout, disk_bytes) * layout->sector_size;
    if (!rub_fat_geometry_for_new(&geometry, volume_bytes, layout->sector_size))
        return G_MAXUINT64;
    guint64 clusters = rub_fat_demand_get_clusters(demand, geometry.cluster_bytes);
    return clusters > geometry.cluster_count
               ? (clusters - geometry.cluster_count) * geometry.cluster_bytes
               : 0;
}

/* The smallest disk, in whole MiB, that holds it all. Larger disks may have larger clusters, which
 * need more room: so grow by what is missing until nothing is. */
static guint64
find_needed_bytes(const RubLayout *layout, const RubFatDemand *demand)
{
    guint64 disk_bytes = 2 * ALIGNMENT_BYTES;
    while (disk_bytes < MBR_MAX_SECTORS * layout->sector_size) {
        guint64 missing_bytes = count_missing_bytes(layout, demand, disk_bytes);
        if (missing_bytes == 0)
            return disk_bytes;
        if (missing_bytes == G_MAXUINT64)
            missing_bytes = ALIGNMENT_BYTES;
        disk_bytes += (missing_bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    }
    return disk_bytes;
}

static void
refuse_small_disk(RubPlanning *self, const RubFatDemand *demand)
{
    guint64 needed_bytes = find_needed_bytes(self->layout, demand);
    guint64 have_bytes = self->layout->size_bytes;
    guint64 missing_bytes = needed_bytes - MIN(have_bytes, needed_bytes - 1);
    g_autofree char *needed = g_format_size(needed_bytes);
    g_autofree char *have = g_format_size(have_bytes);
    g_autofree char *missing = g_format_size_full(missing_bytes, G_FORMAT_SIZE_LONG_FORMAT);
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
        RubFinding *finding = rub_finding_new_from_error(error);
        g_ptr_array_add(self->plan->findings, finding);
        return;
    }
    if (count_missing_bytes(self->layout, demand, self->layout->size_bytes) != 0)
        refuse_small_disk(self, demand);
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
