/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-keep-private.h"

static const RubKeptChoice *
find_state(const RubPlanPlaces *places, RubKeptState state)
{
    for (guint i = 0; i < places->choices->len; i++) {
        const RubKeptChoice *choice = &g_array_index(places->choices, RubKeptChoice, i);
        if (choice->state == state)
            return choice;
    }
    return NULL;
}

/* Adds an error about a partition: the sentence may have the gaps {number}, {name} and {details}.
 * Takes details, which may be NULL, and remedy. */
static RubFinding *
refuse_partition(const RubPlanPlaces *places, RubCode code, const RubPartition *partition,
                 const char *sentence, RubText *details, RubText *remedy)
{
    g_autofree char *number = g_strdup_printf("%u", partition->number);
    g_autofree char *name = rub_plan_name_contents(&partition->contents);
    RubText *meaning = rub_text_new(sentence, "number", number, "name", name, NULL);
    if (details)
        meaning = rub_text_new_filled(meaning, "details", details);
    return rub_planning_add_finding(places->planning, code, RUB_SEVERITY_ERROR, meaning, remedy);
}

/* Says what would help, if it is so: without BIOS there is a place. */
static void
advise_uefi(const RubPlanPlaces *places, RubFinding *finding)
{
    if (!(places->planning->plan->starts_on & RUB_FIRMWARE_UEFI) ||
        places->planning->options->firmware == RUB_FIRMWARE_UEFI)
        return;
    rub_text_unref(finding->remedy);
    finding->remedy = rub_text_new(N_("Erase the whole stick instead, choose another one, or build "
                                      "for UEFI only."),
                                   NULL);
    finding->action = RUB_ACTION_UEFI_ONLY;
}

static RubText *
advise_mounting(void)
{
    return rub_text_new(N_("Open it in the file manager and try again, or erase the whole stick "
                           "instead."),
                        NULL);
}

static gboolean
refuse_damaged(const RubPlanPlaces *places)
{
    const RubKeptChoice *choice = find_state(places, RUB_KEPT_DAMAGED);
    if (!choice)
        return FALSE;
    const RubKeptVolume *kept = choice->partition->contents.kept;
    if (kept)
        refuse_partition(places, RUB_CODE_VOLUME_DAMAGED, choice->partition,
                         N_("Partition {number} ({name}) would suit, but not as it is: {details}."),
                         rub_text_ref(kept->damage), NULL);
    else if (places->planning->layout->is_outline)
        refuse_partition(
            places, RUB_CODE_VOLUME_DAMAGED, choice->partition,
            N_("Partition {number} ({name}) would suit, but it could not be mounted to "
               "see what is on it."),
            NULL, advise_mounting());
    else
        refuse_partition(places, RUB_CODE_VOLUME_DAMAGED, choice->partition,
                         N_("Partition {number} ({name}) would suit, but cannot be read."), NULL,
                         NULL);
    return TRUE;
}

static void
refuse_small_fat(const RubPlanPlaces *places, const RubPartition *partition)
{
    const RubPlanning *planning = places->planning;
    g_autofree char *bits = g_strdup_printf("%u", partition->contents.fat_bits);
    const char *sentence = N_("Partition {number} ({name}) has room, but is FAT{details}: BIOS "
                              "starts the image from FAT32 only.");
    if (!planning->plan->installs_boot_code)
        sentence = planning->layout->is_file
                       ? N_("Partition {number} ({name}) has room, but is FAT{details}: to a "
                            "disk-image file, files are added on FAT32 only.")
                       : N_("Partition {number} ({name}) has room, but is FAT{details}: to a drive "
                            "that cannot be mounted, files are added on FAT32 only.");
    RubFinding *finding = refuse_partition(places, RUB_CODE_SMALL_FAT, partition, sentence,
                                           rub_text_new("{bits}", "bits", bits, NULL), NULL);
    finding->action = RUB_ACTION_ERASE;
    if (rub_planning_would_mount_for_uefi(planning))
        advise_uefi(places, finding);
}

static void
refuse_boot_record(const RubPlanPlaces *places, const RubPartition *partition)
{
    RubFinding *finding =
        refuse_partition(places, RUB_CODE_FIRMWARE_LIMITED, partition,
                         N_("Partition {number} ({name}) has room for the files, but none for the "
                            "boot code that BIOS needs."),
                         NULL,
                         rub_text_new(N_("Erase the whole stick instead, or choose another "
                                         "one."),
                                      NULL));
    finding->action = RUB_ACTION_ERASE;
    advise_uefi(places, finding);
}

/* There is a partition with room, which only is not of the kind that is needed. */
static gboolean
refuse_kind(const RubPlanPlaces *places)
{
    const RubKeptChoice *small = find_state(places, RUB_KEPT_SMALL_FAT);
    const RubKeptChoice *no_space = find_state(places, RUB_KEPT_NO_BOOT_SPACE);
    if (small)
        refuse_small_fat(places, small->partition);
    else if (no_space)
        refuse_boot_record(places, no_space->partition);
    return small || no_space;
}

/* The largest gap that a partition could be made in; 0 if there is none. */
static guint64
get_largest_gap_bytes(const RubLayout *layout)
{
    guint64 largest = 0;
    for (guint i = 0; i < layout->gaps->len; i++) {
        RubGap gap = rub_plan_trim_gap(layout, &g_array_index(layout->gaps, RubGap, i));
        largest = MAX(largest, gap.sector_count * layout->sector_size);
    }
    return largest;
}

static gboolean
fits_a_gap(const RubPlanPlaces *places)
{
    const RubLayout *layout = places->planning->layout;
    for (guint i = 0; i < layout->gaps->len; i++) {
        RubGap gap = rub_plan_trim_gap(layout, &g_array_index(layout->gaps, RubGap, i));
        if (rub_plan_need_fits_new(places->need, gap.sector_count * layout->sector_size,
                                   layout->sector_size))
            return TRUE;
    }
    return FALSE;
}

static void
refuse_full_table(const RubPlanPlaces *places)
{
    const char *sentence = N_("The image would need a partition of its own, but all four places of "
                              "the partition table are taken.");
    if (places->planning->layout->is_removable)
        sentence = N_("The image would need a partition of its own, but a removable stick can have "
                      "only one, and has it.");
    rub_planning_add_finding(places->planning, RUB_CODE_MAX_PARTITIONS, RUB_SEVERITY_ERROR,
                             rub_text_new(sentence, NULL), NULL);
}

/* The partition that lacks the least. */
static const RubKeptChoice *
find_fullest_but_best(const RubPlanPlaces *places)
{
    const RubKeptChoice *best = NULL;
    for (guint i = 0; i < places->choices->len; i++) {
        const RubKeptChoice *choice = &g_array_index(places->choices, RubKeptChoice, i);
        if (choice->state == RUB_KEPT_FULL && (!best || choice->needed_bytes - choice->free_bytes <
                                                            best->needed_bytes - best->free_bytes))
            best = choice;
    }
    return best;
}

/* An earlier image's files stay until those of the new one are complete, so both need room. */
static RubText *
advise_full_volume(const RubKeptChoice *choice)
{
    const RubKeptVolume *kept = choice->partition->contents.kept;
    return kept && (kept->has_manifest || kept->has_pending)
               ? rub_text_new(N_("Take the earlier build off first (undo), delete files that are "
                                 "not needed, erase the whole stick, or choose another one."),
                              NULL)
               : NULL;
}

static void
refuse_full_volume(const RubPlanPlaces *places, const RubKeptChoice *choice)
{
    g_autofree char *number = g_strdup_printf("%u", choice->partition->number);
    g_autofree char *name = rub_plan_name_contents(&choice->partition->contents);
    g_autofree char *needed = g_format_size(choice->needed_bytes);
    g_autofree char *have = g_format_size(choice->free_bytes);
    g_autofree char *missing =
        g_format_size_full(choice->needed_bytes - choice->free_bytes, G_FORMAT_SIZE_LONG_FORMAT);
    rub_planning_add_finding(
        places->planning, RUB_CODE_NO_FREE_SPACE, RUB_SEVERITY_ERROR,
        rub_text_new(N_("The image needs {needed}; partition {number} ({name}) has {have} free. "
                        "{missing} are missing."),
                     "needed", needed, "number", number, "name", name, "have", have, "missing",
                     missing, NULL),
        advise_full_volume(choice));
}

static void
refuse_small_gaps(const RubPlanPlaces *places)
{
    RubPlanning *self = places->planning;
    guint64 gap_bytes = get_largest_gap_bytes(self->layout);
    guint64 needed_bytes =
        rub_plan_need_find_volume_bytes(places->need, gap_bytes, self->layout->sector_size);
    g_autofree char *needed = g_format_size(needed_bytes);
    g_autofree char *have = g_format_size(gap_bytes);
    g_autofree char *missing =
        g_format_size_full(needed_bytes - gap_bytes, G_FORMAT_SIZE_LONG_FORMAT);
    const char *sentence =
        gap_bytes > 0 ? N_("No partition suits, and the image needs {needed} of space that no "
                           "partition covers; the largest piece has {have}. {missing} are missing.")
                      : N_("No partition suits, and the image needs {needed} of space that no "
                           "partition covers; there is none. {missing} are missing.");
    rub_planning_add_finding(
        self, RUB_CODE_NO_FREE_SPACE, RUB_SEVERITY_ERROR,
        rub_text_new(sentence, "needed", needed, "have", have, "missing", missing, NULL),
        rub_text_new(N_("Erase the whole stick, or choose another one."), NULL));
}

void
rub_plan_refuse_no_ntfs(const RubPlanPlaces *places)
{
    RubFinding *finding = rub_planning_add_finding(
        places->planning, RUB_CODE_NO_FREE_SPACE, RUB_SEVERITY_ERROR,
        rub_text_new(N_("No NTFS partition on this stick could take the image's files, and to keep "
                        "what is there, none is made."),
                     NULL),
        rub_text_new(N_("Erase the whole stick, or choose another one."), NULL));
    finding->action = RUB_ACTION_ERASE;
}

/* Where deleting files would help, that is said. Where only another partition would, and the table
 * is full, that is said first. */
static void
refuse_for_space(const RubPlanPlaces *places)
{
    const RubKeptChoice *full = find_fullest_but_best(places);
    if (rub_planning_uses_ntfs(places->planning)) {
        if (full)
            refuse_full_volume(places, full);
        else
            rub_plan_refuse_no_ntfs(places);
        return;
    }
    gboolean is_table_full = rub_plan_is_table_full(places->planning->layout);
    gboolean has_gap = fits_a_gap(places);
    if (is_table_full && (has_gap || !full))
        refuse_full_table(places);
    if (full)
        refuse_full_volume(places, full);
    else if (!has_gap)
        refuse_small_gaps(places);
}

void
rub_plan_refuse_mbr(const RubPlanPlaces *places)
{
    if (rub_planning_fit_whole_disk(places->planning, places->erased_need) &&
        !refuse_damaged(places) && !refuse_kind(places))
        refuse_for_space(places);
}

static RubText *
explain_gpt(const RubLayout *layout)
{
    return rub_text_new_plural(
        N_PLURAL("Keeping its files needs an MBR partition table; this stick has "
                 "GPT with {count} partition.",
                 "Keeping its files needs an MBR partition table; this stick has "
                 "GPT with {count} partitions."),
        layout->partitions->len, NULL);
}

/* An empty MBR is one that may not be believed. */
static RubText *
explain_other_table(const RubLayout *layout)
{
    if (!layout->table_name || g_str_equal(layout->table_name, "dos"))
        return rub_text_new(N_("What is on this stick is not known, so nothing can be added to "
                               "it."),
                            NULL);
    return rub_text_new(N_("Keeping its files needs an MBR partition table; this stick has one of "
                           "another kind ({kind})."),
                        "kind", layout->table_name, NULL);
}

static gboolean
is_disc(const RubContents *whole)
{
    return g_strcmp0(whole->filesystem, "iso9660") == 0 || g_strcmp0(whole->filesystem, "udf") == 0;
}

static RubText *
explain_whole(const RubContents *whole)
{
    g_autofree char *name = rub_plan_name_contents(whole);
    if (is_disc(whole))
        return rub_text_new(N_("The image of a disc ({name}) was written to this stick byte by "
                               "byte, and nothing can be added to that."),
                            "name", name, NULL);
    return rub_text_new(N_("Keeping its files needs a partition table; on this stick a filesystem "
                           "({name}) begins at the first sector."),
                        "name", name, NULL);
}

static gboolean
has_place_for_uefi(const RubPlanPlaces *places)
{
    gboolean can_mount = places->planning->layout->can_mount;
    return find_state(places, RUB_KEPT_GOOD) || find_state(places, RUB_KEPT_NO_BOOT_SPACE) ||
           (can_mount && find_state(places, RUB_KEPT_SMALL_FAT));
}

static void
refuse_gpt(const RubPlanPlaces *places)
{
    RubPlanning *self = places->planning;
    if (self->options->firmware == RUB_FIRMWARE_UEFI && refuse_damaged(places))
        return;
    RubFinding *finding = rub_planning_add_finding(
        self, RUB_CODE_UNSUPPORTED_DISK_TYPE, RUB_SEVERITY_ERROR, explain_gpt(self->layout), NULL);
    if (has_place_for_uefi(places))
        advise_uefi(places, finding);
}

void
rub_plan_refuse_table(const RubPlanPlaces *places)
{
    RubPlanning *self = places->planning;
    const RubLayout *layout = self->layout;
    rub_planning_fit_whole_disk(self, places->erased_need);
    if (layout->table == RUB_TABLE_GPT)
        refuse_gpt(places);
    else if (layout->table == RUB_TABLE_SUPERFLOPPY)
        rub_planning_add_finding(self, RUB_CODE_FILESYSTEM_AT_START, RUB_SEVERITY_ERROR,
                                 explain_whole(&layout->whole), NULL);
    else
        rub_planning_add_finding(self, RUB_CODE_UNSUPPORTED_DISK_TYPE, RUB_SEVERITY_ERROR,
                                 layout->table == RUB_TABLE_HYBRID_ISO
                                     ? explain_whole(&layout->whole)
                                     : explain_other_table(layout),
                                 NULL);
}

static gboolean
overlaps(const RubPartition *one, const RubPartition *other)
{
    return one->start_lba < other->start_lba + other->sector_count &&
           other->start_lba < one->start_lba + one->sector_count;
}

/* Logical partitions lie in the one that contains them; all others keep apart. */
static gboolean
may_overlap(const RubPartition *one, const RubPartition *other)
{
    return (one->is_container && other->is_logical) || (other->is_container && one->is_logical);
}

static gboolean
refuse_sectors(RubPlanning *self, const RubPartition *partition, const RubPartition *other)
{
    g_autofree char *number = g_strdup_printf("%u", partition->number);
    g_autofree char *other_number = g_strdup_printf("%u", other ? other->number : 0);
    const char *sentence =
        other ? N_("The partition table contradicts itself: partitions {number} and {other} "
                   "overlap.")
              : N_("The partition table contradicts itself: partition {number} does not lie on "
                   "the stick as a whole.");
    rub_planning_add_finding(self, RUB_CODE_UNSUPPORTED_DISK_TYPE, RUB_SEVERITY_ERROR,
                             rub_text_new(sentence, "number", number, "other", other_number, NULL),
                             NULL);
    return FALSE;
}

gboolean
rub_plan_check_partitions(RubPlanning *self)
{
    const RubLayout *layout = self->layout;
    guint64 disk_sectors = layout->size_bytes / layout->sector_size;
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (partition->start_lba == 0 || partition->start_lba > disk_sectors ||
            partition->sector_count > disk_sectors - partition->start_lba)
            return refuse_sectors(self, partition, NULL);
        for (guint j = 0; j < i; j++) {
            const RubPartition *other = g_ptr_array_index(layout->partitions, j);
            if (!may_overlap(partition, other) && overlaps(partition, other))
                return refuse_sectors(self, other, partition);
        }
    }
    return TRUE;
}
