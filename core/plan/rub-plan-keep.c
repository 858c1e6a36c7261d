/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-keep-private.h"

#define MAX_PRIMARY_PARTITIONS 4

/* On removable media older Windows sees the first partition only. */
gboolean
rub_plan_is_table_full(const RubLayout *layout)
{
    guint primary_count = 0;
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        primary_count += !partition->is_logical;
    }
    return primary_count >= (layout->is_removable ? 1 : MAX_PRIMARY_PARTITIONS);
}

static guint
find_free_number(const RubLayout *layout)
{
    gboolean is_taken[MAX_PRIMARY_PARTITIONS + 1] = {FALSE};
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (partition->number <= MAX_PRIMARY_PARTITIONS)
            is_taken[partition->number] = TRUE;
    }
    guint number = 1;
    while (number < MAX_PRIMARY_PARTITIONS && is_taken[number])
        number++;
    return number;
}

RubGap
rub_plan_trim_gap(const RubLayout *layout, const RubGap *gap)
{
    guint64 alignment = RUB_ALIGNMENT_BYTES / layout->sector_size;
    guint64 limit = MIN(RUB_MAX_PARTITION_END_BYTES / layout->sector_size, G_MAXUINT32);
    guint64 start = (gap->start_lba + alignment - 1) / alignment * alignment;
    guint64 end = MIN(gap->start_lba + gap->sector_count, limit) / alignment * alignment;
    return (RubGap){.start_lba = start, .sector_count = end > start ? end - start : 0};
}

static void
use_volume(RubPlanning *self, const RubPartition *partition)
{
    RubNewVolume *volume = &self->plan->volume;
    self->plan->mode = RUB_PLAN_KEEP_VOLUME;
    self->kept = partition;
    volume->number = partition->number;
    volume->start_lba = partition->start_lba;
    volume->sector_count = partition->sector_count;
    volume->mbr_type = partition->mbr_type;
    volume->disk_signature = self->layout->disk_signature;
    volume->is_active = partition->is_active || self->plan->installs_boot_code;
}

/* UEFI reads every FAT; the engine writes what it finds. */
static void
warn_of_small_fat(RubPlanning *self, const RubPartition *partition)
{
    if (partition->contents.fat_bits == 32 || rub_planning_uses_ntfs(self))
        return;
    g_autofree char *number = g_strdup_printf("%u", partition->number);
    g_autofree char *bits = g_strdup_printf("%u", partition->contents.fat_bits);
    rub_planning_add_finding(
        self, RUB_CODE_SMALL_FAT, RUB_SEVERITY_WARNING,
        rub_text_new(N_("Partition {number} is FAT{bits}: UEFI starts from it, BIOS would not."),
                     "number", number, "bits", bits, NULL),
        rub_text_new(N_("Go on if the computer to be rescued has UEFI."), NULL));
}

static const RubKeptChoice *
find_best(const RubPlanPlaces *places)
{
    const RubKeptChoice *best = NULL;
    for (guint i = 0; i < places->choices->len; i++) {
        const RubKeptChoice *choice = &g_array_index(places->choices, RubKeptChoice, i);
        if (choice->state == RUB_KEPT_GOOD && (!best || choice->preference > best->preference))
            best = choice;
    }
    return best;
}

static gboolean
try_volumes(const RubPlanPlaces *places)
{
    const RubKeptChoice *best = find_best(places);
    if (!best)
        return FALSE;
    use_volume(places->planning, best->partition);
    warn_of_small_fat(places->planning, best->partition);
    return TRUE;
}

/* Takes the first gap that is large enough, and all of it. A new partition would better be FAT32,
 * from which UEFI starts, too. */
static gboolean
try_gaps(const RubPlanPlaces *places)
{
    RubPlanning *self = places->planning;
    const RubLayout *layout = self->layout;
    if (rub_plan_is_table_full(layout) || rub_planning_uses_ntfs(self))
        return FALSE;
    for (guint i = 0; i < layout->gaps->len; i++) {
        RubGap gap = rub_plan_trim_gap(layout, &g_array_index(layout->gaps, RubGap, i));
        guint64 size_bytes = gap.sector_count * layout->sector_size;
        if (!rub_plan_need_fits_new(places->need, size_bytes, layout->sector_size))
            continue;
        self->plan->mode = RUB_PLAN_KEEP_TABLE;
        rub_planning_describe_new_volume(self, find_free_number(layout), gap.start_lba,
                                         gap.sector_count);
        self->plan->volume.disk_signature = layout->disk_signature;
        self->plan->volume.is_active = self->plan->installs_boot_code;
        return TRUE;
    }
    return FALSE;
}

/* Others saw an empty table, but not what lies behind it; see rub_blank_probe_behind_mbr(). Where
 * the disk is not opened, nobody will. */
static gboolean
is_in_doubt(const RubPlanning *self)
{
    const RubLayout *layout = self->layout;
    return layout->is_outline && layout->partitions->len == 0 &&
           layout->password != RUB_PASSWORD_NOT_NEEDED && self->plan->access != RUB_ACCESS_RAW;
}

static void
choose_in_mbr(const RubPlanPlaces *places)
{
    if (is_in_doubt(places->planning)) {
        rub_plan_refuse_table(places);
        return;
    }
    if (!rub_plan_check_partitions(places->planning) || try_volumes(places) || try_gaps(places))
        return;
    rub_plan_refuse_mbr(places);
}

/* A GPT is not changed, but UEFI starts from a partition in it as from any other. */
static void
choose_in_gpt(const RubPlanPlaces *places)
{
    RubPlanning *self = places->planning;
    if (self->options->firmware != RUB_FIRMWARE_UEFI || !try_volumes(places)) {
        rub_plan_refuse_table(places);
        return;
    }
    rub_planning_add_finding(
        self, RUB_CODE_UNSUPPORTED_DISK_TYPE, RUB_SEVERITY_WARNING,
        rub_text_new(N_("This stick has GPT, which stays: it will start on UEFI only."), NULL),
        rub_text_new(N_("Go on if the computer to be rescued has UEFI."), NULL));
}

static void
choose_whole_disk(const RubPlanPlaces *places)
{
    if (rub_planning_uses_ntfs(places->planning)) {
        rub_plan_refuse_no_ntfs(places);
        return;
    }
    rub_planning_use_whole_disk(places->planning, RUB_PLAN_KEEP_BLANK);
    rub_planning_fit_whole_disk(places->planning, places->need);
}

/* Others recognised nothing on the disk: it is blank, or encrypted as a whole. Which of the two is
 * known once it is open, where the plan is made again, before anything is written. */
static gboolean
will_be_looked_at(const RubPlanning *self)
{
    return self->layout->is_outline && !self->layout->table_name &&
           self->plan->access == RUB_ACCESS_RAW && !rub_planning_uses_ntfs(self);
}

static void
choose_in_unknown(const RubPlanPlaces *places)
{
    if (!will_be_looked_at(places->planning)) {
        rub_plan_refuse_table(places);
        return;
    }
    choose_whole_disk(places);
    g_ptr_array_add(places->planning->plan->notes,
                    rub_text_new(N_("Nothing was recognised on this stick. It is looked at before "
                                    "anything is written: if it is not blank, the build stops and "
                                    "nothing is changed."),
                                 NULL));
}

static void
choose_place(const RubPlanPlaces *places)
{
    switch (places->planning->layout->table) {
    case RUB_TABLE_NONE:
        choose_whole_disk(places);
        break;
    case RUB_TABLE_OTHER:
        choose_in_unknown(places);
        break;
    case RUB_TABLE_MBR:
        choose_in_mbr(places);
        break;
    case RUB_TABLE_GPT:
        choose_in_gpt(places);
        break;
    default:
        rub_plan_refuse_table(places);
    }
}

void
rub_planning_choose_kept_place(RubPlanning *self)
{
    const RubLayout *layout = self->layout;
    /* Also where no place is found: nothing but the user's own word makes a plan one that erases.
     */
    self->plan->mode = RUB_PLAN_KEEP_VOLUME;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) nothing = g_ptr_array_new();
    RubPlanKeptRecords records = {.replaced = nothing};
    g_autoptr(RubPlanNeed) need = rub_plan_need_new(self->plan, &records, &error);
    if (!need) {
        g_ptr_array_add(self->plan->findings, rub_finding_new_from_error(error));
        return;
    }
    g_autoptr(GArray) choices = g_array_new(FALSE, FALSE, sizeof(RubKeptChoice));
    for (guint i = 0; i < layout->partitions->len; i++) {
        RubKeptChoice choice = rub_kept_choice_new(self, g_ptr_array_index(layout->partitions, i));
        g_array_append_val(choices, choice);
    }
    g_autoptr(RubPlanNeed) erased_need = rub_plan_need_new(self->plan, NULL, NULL);
    RubPlanPlaces places = {self, need, erased_need, choices};
    choose_place(&places);
}
