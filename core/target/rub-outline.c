/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-outline.h"

#include "target/rub-drive-rules.h"

/* Flags of a partition in an MBR, as UDisks2 has them: the byte of the entry. */
#define ACTIVE_FLAG 0x80

static char *
dup_if_any(const char *text)
{
    return *text ? g_strdup(text) : NULL;
}

static void
describe_contents(RubContents *contents, const RubVolumeFacts *facts)
{
    contents->filesystem = dup_if_any(facts->filesystem);
    contents->label = dup_if_any(facts->label);
    contents->fat_bits = rub_volume_facts_get_fat_bits(facts);
}

/* As classify() and judge_mbr() in rub-layout-probe.c. Sector 0 was not read, so that a disk in
 * which nothing was recognised cannot be told from one that is encrypted as a whole. */
static RubTableKind
classify(const RubDriveFacts *facts)
{
    const char *filesystem = facts->whole->filesystem;
    if (*filesystem && !*facts->table)
        return RUB_TABLE_SUPERFLOPPY;
    if (g_str_equal(filesystem, "iso9660") || g_str_equal(filesystem, "udf"))
        return RUB_TABLE_HYBRID_ISO;
    if (g_str_equal(facts->table, "dos"))
        return *filesystem && facts->partitions->len == 0 ? RUB_TABLE_SUPERFLOPPY : RUB_TABLE_MBR;
    if (g_str_equal(facts->table, "gpt") || g_str_equal(facts->table, "PMBR"))
        return RUB_TABLE_GPT;
    return RUB_TABLE_OTHER;
}

static void
describe_partition(RubLayout *layout, const RubVolumeFacts *facts)
{
    gboolean is_mbr = g_strcmp0(layout->table_name, "dos") == 0;
    RubPartition *partition = rub_layout_add_partition(layout);
    partition->number = facts->number;
    partition->start_lba = facts->offset_bytes / layout->sector_size;
    partition->sector_count = facts->size_bytes / layout->sector_size;
    partition->is_logical = facts->is_contained;
    partition->is_container = facts->is_container;
    if (is_mbr) {
        partition->mbr_type = (guint8) g_ascii_strtoull(facts->type, NULL, 0);
        partition->is_active = (facts->flags & ACTIVE_FLAG) != 0;
    }
    if (!facts->is_container)
        describe_contents(&partition->contents, facts);
}

static void
describe_table(RubLayout *layout, const RubDriveFacts *facts)
{
    layout->table = classify(facts);
    layout->table_name = dup_if_any(facts->table);
    if (layout->table == RUB_TABLE_SUPERFLOPPY || layout->table == RUB_TABLE_HYBRID_ISO)
        describe_contents(&layout->whole, facts->whole);
    for (guint i = 0; i < facts->partitions->len; i++)
        describe_partition(layout, g_ptr_array_index(facts->partitions, i));
    if (layout->table == RUB_TABLE_MBR)
        rub_layout_find_gaps(layout);
}

static GStrv
list_mount_points(const RubDriveFacts *facts)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GPtrArray) volumes = rub_drive_facts_get_volumes(facts);
    for (guint i = 0; i < volumes->len; i++) {
        const RubVolumeFacts *volume = g_ptr_array_index(volumes, i);
        g_strv_builder_addv(builder, (const char **) volume->mount_points);
    }
    return g_strv_builder_end(builder);
}

RubLayout *
rub_outline_new(const RubDriveFacts *facts)
{
    RubLayout *layout = rub_layout_new(facts->node, facts->size_bytes);
    g_auto(RubDriveVerdict) verdict = rub_drive_judge(facts);
    layout->is_outline = TRUE;
    layout->is_removable = facts->is_removable;
    layout->is_read_only = facts->is_read_only;
    layout->sector_size = facts->sector_size;
    layout->model = rub_drive_facts_make_name(facts);
    layout->serial = dup_if_any(facts->serial);
    layout->mount_points = list_mount_points(facts);
    layout->fingerprint = rub_drive_facts_make_fingerprint(facts);
    /* That it is write-protected is told by is_read_only. */
    if (verdict.code != RUB_CODE_TRACK_0_NOT_WRITABLE) {
        layout->refusal = g_steal_pointer(&verdict.reason);
        layout->refusal_code = verdict.code;
    }
    describe_table(layout, facts);
    return layout;
}

RubContents *
rub_outline_get_contents(RubLayout *layout, guint number)
{
    if (number == 0)
        return &layout->whole;
    for (guint i = 0; i < layout->partitions->len; i++) {
        RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (partition->number == number)
            return &partition->contents;
    }
    return NULL;
}
