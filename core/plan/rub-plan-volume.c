/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-need.h"
#include "plan/rub-plan-private.h"

/* W95 FAT32 with LBA: right for BIOS and for UEFI alike. */
#define MBR_TYPE_FAT32_LBA 0x0c

/* What the classic procedure of installing Windows from a USB disk gives the partition. */
#define MBR_TYPE_NTFS 0x07

guint64
rub_planning_get_usable_sectors(const RubLayout *layout)
{
    guint64 end_bytes = MIN(layout->size_bytes, RUB_MAX_PARTITION_END_BYTES);
    guint64 end = end_bytes / RUB_ALIGNMENT_BYTES * RUB_ALIGNMENT_BYTES / layout->sector_size;
    guint64 start = RUB_ALIGNMENT_BYTES / layout->sector_size;
    return end > start ? end - start : 0;
}

/* The smallest larger disk, in whole MiB, that holds it all; 0 if none does. */
static guint64
find_needed_bytes(const RubPlanning *self, RubPlanNeed *need)
{
    guint64 at_least = MAX(self->layout->size_bytes, self->plan->copy_bytes);
    guint64 floor_bytes = at_least > RUB_ALIGNMENT_BYTES ? at_least - RUB_ALIGNMENT_BYTES : 0;
    guint64 volume_bytes =
        rub_plan_need_find_volume_bytes(need, floor_bytes, self->layout->sector_size);
    return volume_bytes == 0 ? 0 : volume_bytes + RUB_ALIGNMENT_BYTES;
}

static void
refuse_small_disk(RubPlanning *self, RubPlanNeed *need)
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

gboolean
rub_planning_fit_whole_disk(RubPlanning *self, RubPlanNeed *need)
{
    const RubLayout *layout = self->layout;
    guint64 volume_bytes = rub_planning_get_usable_sectors(layout) * layout->sector_size;
    if (rub_plan_need_fits_new(need, volume_bytes, layout->sector_size))
        return TRUE;
    refuse_small_disk(self, need);
    return FALSE;
}

/* The system's formatter cannot be told which FAT to make. UEFI reads every kind. */
static void
warn_of_small_fat(RubPlanning *self, guint64 volume_bytes)
{
    g_autofree char *bits = g_strdup_printf("%u", (guint) self->new_fat);
    g_autofree char *size = g_format_size(volume_bytes);
    g_autofree char *limit = g_format_size(RUB_FAT_DEFAULT_FAT32_BYTES);
    rub_planning_add_finding(
        self, RUB_CODE_SMALL_FAT, RUB_SEVERITY_WARNING,
        rub_text_new(N_("The new partition of {size} becomes FAT{bits}, because the system makes "
                        "FAT32 only from {limit} on: UEFI starts from it, BIOS would not."),
                     "size", size, "bits", bits, "limit", limit, NULL),
        rub_text_new(N_("Go on if the computer to be rescued has UEFI."), NULL));
}

void
rub_planning_describe_new_volume(RubPlanning *self, guint number, guint64 start_lba,
                                 guint64 sector_count)
{
    RubNewVolume *volume = &self->plan->volume;
    guint sector_size = self->layout->sector_size;
    RubFatGeometry geometry = {0};
    gboolean is_ntfs = rub_planning_uses_ntfs(self);
    volume->number = number;
    volume->start_lba = start_lba;
    volume->sector_count = sector_count;
    if (!is_ntfs && rub_plan_predict_volume(&geometry, self->plan->access,
                                            sector_count * sector_size, sector_size))
        volume->sectors_per_cluster = geometry.sectors_per_cluster;
    self->new_fat = geometry.type;
    volume->mbr_type = is_ntfs ? MBR_TYPE_NTFS : MBR_TYPE_FAT32_LBA;
    volume->volume_id = self->options->volume_id;
    g_autofree char *label = rub_planning_make_label(self);
    g_strlcpy(volume->label, label, sizeof volume->label);
    if (self->new_fat == RUB_FAT_12 || self->new_fat == RUB_FAT_16)
        warn_of_small_fat(self, sector_count * sector_size);
}

void
rub_planning_use_whole_disk(RubPlanning *self, RubPlanMode mode)
{
    RubPlan *plan = self->plan;
    plan->mode = mode;
    rub_planning_describe_new_volume(self, 1, RUB_ALIGNMENT_BYTES / self->layout->sector_size,
                                     rub_planning_get_usable_sectors(self->layout));
    plan->volume.disk_signature = self->options->disk_signature;
    plan->volume.is_active =
        plan->access == RUB_ACCESS_RAW && (self->options->firmware & RUB_FIRMWARE_BIOS) != 0;
}

static gboolean
lies_below(const char *path, const char *folder)
{
    gsize length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* A stick cannot be written to while what is written to it is read from it: it stays mounted. */
static gboolean
holds_image(const RubPlanning *self)
{
    const char *path = self->info->real_path;
    for (char **place = self->layout->mount_points; path && place && *place; place++) {
        if (lies_below(path, *place))
            return TRUE;
    }
    return FALSE;
}

gboolean
rub_planning_is_refused(const RubPlanning *self)
{
    return self->layout->refusal || holds_image(self);
}

static void
tell_held_image(RubPlanning *self)
{
    RubFinding *finding = rub_planning_add_finding(
        self, RUB_CODE_DEVICE_BUSY, RUB_SEVERITY_ERROR,
        rub_text_new(N_("The rescue image lies on this stick itself, and it is read while the "
                        "stick is written: {path}."),
                     "path", self->info->real_path, NULL),
        rub_text_new(N_("Copy the image to another disk first and choose it there, or choose "
                        "another stick."),
                     NULL));
    finding->action = RUB_ACTION_CHOOSE_IMAGE;
}

/* Nothing that is on a drive which is refused anyway is worth a word. */
static void
tell_refusal(RubPlanning *self)
{
    const RubLayout *layout = self->layout;
    if (self->options->keep)
        self->plan->mode = RUB_PLAN_KEEP_VOLUME;
    if (layout->refusal)
        rub_planning_add_finding(self, layout->refusal_code, RUB_SEVERITY_ERROR,
                                 rub_text_ref(layout->refusal), NULL);
    else
        tell_held_image(self);
}

gboolean
rub_planning_accept_target(RubPlanning *self)
{
    if (rub_planning_is_refused(self)) {
        tell_refusal(self);
        return FALSE;
    }
    g_autofree char *name = rub_layout_make_name(self->layout);
    if (self->layout->is_read_only)
        rub_planning_add_finding(self, RUB_CODE_TRACK_0_NOT_WRITABLE, RUB_SEVERITY_ERROR,
                                 rub_text_new(N_("{name} can only be read."), "name", name, NULL),
                                 self->layout->is_file ? rub_layout_advise_permission() : NULL);
    return TRUE;
}

void
rub_planning_choose_volume(RubPlanning *self)
{
    if (!rub_planning_accept_target(self))
        return;
    if (self->options->keep) {
        rub_planning_choose_kept_place(self);
        return;
    }
    rub_planning_use_whole_disk(self, RUB_PLAN_ERASE);
    g_autoptr(GError) error = NULL;
    g_autoptr(RubPlanNeed) need = rub_plan_need_new(self->plan, NULL, &error);
    if (need)
        rub_planning_fit_whole_disk(self, need);
    else
        g_ptr_array_add(self->plan->findings, rub_finding_new_from_error(error));
}
