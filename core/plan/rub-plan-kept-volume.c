/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-kept-volume-private.h"

#include "volume/rub-path-index.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

/* What decides between several suitable partitions, the weightiest first: that the table of FAT32
 * is wide enough for BIOS too, that a build of ours has to be finished there or was made there,
 * that BIOS starts from it now. Where all that is equal, the first one in the table is taken. */
#define PREFERENCE_FAT32 8
#define PREFERENCE_PENDING 4
#define PREFERENCE_MANIFEST 2
#define PREFERENCE_ACTIVE 1

char *
rub_plan_name_contents(const RubContents *contents)
{
    if (contents->label && *contents->label)
        return g_strdup_printf("\"%s\"", contents->label);
    if (contents->fat_bits)
        return g_strdup_printf("FAT%u", contents->fat_bits);
    return g_ascii_strup(contents->filesystem, -1);
}

GPtrArray *
rub_plan_find_replaced(const RubPlan *plan, GHashTable *index)
{
    GPtrArray *replaced = g_ptr_array_new();
    for (guint i = 0; i < plan->files->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->files, i);
        const RubEntry *entry = rub_path_index_find_file(index, item->path);
        if (entry)
            g_ptr_array_add(replaced, (gpointer) entry);
    }
    return replaced;
}

/* What the manifest of an earlier build and the note of one that was cut off list is listed again
 * by the next one. */
static guint64
get_records_bytes(GHashTable *index)
{
    static const char *const paths[] = {RUB_MANIFEST_PATH, RUB_PENDING_PATH};
    guint64 size_bytes = 0;
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        const RubEntry *entry = rub_path_index_find(index, paths[i]);
        size_bytes += entry ? entry->size_bytes : 0;
    }
    return size_bytes;
}

static RubPlanNeed *
count_need(const RubPlan *plan, const RubKeptVolume *kept, guint64 volume_bytes)
{
    g_autoptr(GHashTable) index = rub_path_index_new(kept ? kept->listing : NULL);
    g_autoptr(GPtrArray) replaced = rub_plan_find_replaced(plan, index);
    RubPlanKeptRecords records = {replaced, get_records_bytes(index), volume_bytes, kept, index};
    return rub_plan_need_new(plan, &records, NULL);
}

/* A volume about which nothing is known may hold what a new one of its size would. */
static gboolean
could_hold_if_empty(const RubPlanning *planning, const RubPartition *partition, RubPlanNeed *need)
{
    const RubContents *contents = &partition->contents;
    guint sector_size = planning->layout->sector_size;
    if (!contents->is_counted)
        return rub_plan_need_fits_new(need, partition->sector_count * sector_size, sector_size);
    guint cluster_bytes = contents->kept->cluster_bytes;
    guint64 clusters = (contents->used_bytes + contents->free_bytes) / cluster_bytes;
    return rub_plan_need_get_clusters(need, cluster_bytes) <= clusters;
}

static guint
get_preference(const RubPartition *partition)
{
    const RubKeptVolume *kept = partition->contents.kept;
    return (partition->contents.fat_bits == 32 ? PREFERENCE_FAT32 : 0) |
           (kept->has_pending ? PREFERENCE_PENDING : 0) |
           (kept->has_manifest ? PREFERENCE_MANIFEST : 0) |
           (partition->is_active ? PREFERENCE_ACTIVE : 0);
}

/* Whether it is of the filesystem that the plan is for. */
static gboolean
is_of_kind(const RubPlanning *planning, const RubContents *contents)
{
    return rub_planning_uses_ntfs(planning) ? rub_contents_is_ntfs(contents)
                                            : contents->fat_bits != 0;
}

/* BIOS boot code is for FAT32 and NTFS, and so are our engines. On a drive that is built for UEFI
 * only it is the system that writes the files, into whatever FAT. */
static gboolean
is_fat_wide_enough(const RubPlanning *planning, const RubContents *contents)
{
    return contents->fat_bits == 32 || rub_planning_uses_ntfs(planning) ||
           planning->plan->access == RUB_ACCESS_MOUNTED;
}

/* An outline does not tell; whoever has read the boot record plans again. */
static gboolean
has_boot_space(const RubPlanning *planning, const RubKeptVolume *kept)
{
    return planning->layout->is_outline || kept->fits_boot_record;
}

static RubKeptState
judge_sound_volume(const RubPlanning *planning, const RubKeptChoice *choice, RubPlanNeed *need)
{
    const RubContents *contents = &choice->partition->contents;
    gboolean has_room = choice->needed_bytes <= choice->free_bytes;
    if (!is_fat_wide_enough(planning, contents))
        return has_room ? RUB_KEPT_SMALL_FAT : RUB_KEPT_UNUSABLE;
    if (planning->plan->installs_boot_code && !has_boot_space(planning, contents->kept))
        return has_room ? RUB_KEPT_NO_BOOT_SPACE : RUB_KEPT_UNUSABLE;
    if (has_room)
        return RUB_KEPT_GOOD;
    return could_hold_if_empty(planning, choice->partition, need) ? RUB_KEPT_FULL
                                                                  : RUB_KEPT_UNUSABLE;
}

RubKeptChoice
rub_kept_choice_new(const RubPlanning *planning, const RubPartition *partition)
{
    RubKeptChoice choice = {.partition = partition};
    const RubKeptVolume *kept = partition->contents.kept;
    if (!is_of_kind(planning, &partition->contents) || partition->is_logical ||
        partition->is_container)
        return choice;
    g_autoptr(RubPlanNeed) need =
        count_need(planning->plan, kept, partition->sector_count * planning->layout->sector_size);
    if (!need)
        return choice;
    if (kept && kept->cluster_bytes != 0) {
        guint64 clusters = rub_plan_need_get_clusters(need, kept->cluster_bytes);
        choice.needed_bytes = clusters * kept->cluster_bytes;
        choice.free_bytes = kept->free_clusters * kept->cluster_bytes;
        choice.preference = get_preference(partition);
    }
    if (kept && !kept->damage)
        choice.state = judge_sound_volume(planning, &choice, need);
    else if (could_hold_if_empty(planning, partition, need))
        choice.state = RUB_KEPT_DAMAGED;
    return choice;
}
