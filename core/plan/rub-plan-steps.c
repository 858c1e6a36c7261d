/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-kept-volume-private.h"

/* For who has never heard of a partition; NULL where the step's own text says it. */
static RubText *
describe_purpose(RubPlanMode mode, RubStepKind kind)
{
    switch (kind) {
    case RUB_STEP_TABLE:
        return mode == RUB_PLAN_KEEP_TABLE
                   ? rub_text_new(N_("Let computers see what was added to the stick"), NULL)
                   : rub_text_new(N_("Set the stick up anew"), NULL);
    case RUB_STEP_FORMAT:
        return mode == RUB_PLAN_ERASE ? rub_text_new(N_("Prepare the stick for files"), NULL)
                                      : rub_text_new(N_("Prepare free space for files"), NULL);
    case RUB_STEP_BOOT_CODE:
        return rub_text_new(N_("Let old computers start from the stick"), NULL);
    case RUB_STEP_WRITE_IMAGE:
        return rub_text_new(N_("Make the stick an exact copy of the image"), NULL);
    case RUB_STEP_COPY:
    case RUB_STEP_VERIFY:
        break;
    }
    return NULL;
}

/* Takes text and stage. */
static void
add_step(RubPlanning *self, RubStepKind kind, guint64 size_bytes, RubText *text, RubText *stage)
{
    RubStep *step = g_new0(RubStep, 1);
    step->kind = kind;
    step->size_bytes = size_bytes;
    step->purpose = describe_purpose(self->plan->mode, kind);
    step->text = text;
    step->stage = stage;
    g_ptr_array_add(self->plan->steps, step);
}

/* Whether it is not the disk that ends the partition, nor the next one: that is told. */
static gboolean
is_capped(const RubPlanning *self)
{
    const RubNewVolume *volume = &self->plan->volume;
    guint64 end_bytes = (volume->start_lba + volume->sector_count) * self->layout->sector_size;
    return self->layout->size_bytes > RUB_MAX_PARTITION_END_BYTES &&
           end_bytes >= RUB_MAX_PARTITION_END_BYTES - RUB_ALIGNMENT_BYTES;
}

static RubText *
describe_ntfs_partition(const RubPlanning *self)
{
    const RubNewVolume *volume = &self->plan->volume;
    g_autofree char *size = g_format_size(volume->sector_count * self->layout->sector_size);
    g_autofree char *disk_size = g_format_size(self->layout->size_bytes);
    const char *sentence = is_capped(self)
                               ? N_("One NTFS partition \"{label}\", active, of {size}, the most "
                                    "that is possible, of the stick's {disk_size}")
                               : N_("One NTFS partition \"{label}\", {size}, active");
    return rub_text_new(sentence, "label", volume->label, "size", size, "disk_size", disk_size,
                        NULL);
}

static RubText *
describe_partition(const RubPlanning *self)
{
    const RubNewVolume *volume = &self->plan->volume;
    if (rub_planning_uses_ntfs(self))
        return describe_ntfs_partition(self);
    g_autofree char *bits = g_strdup_printf("%u", (guint) self->new_fat);
    g_autofree char *size = g_format_size(volume->sector_count * self->layout->sector_size);
    g_autofree char *disk_size = g_format_size(self->layout->size_bytes);
    const char *sentence = volume->is_active
                               ? N_("One FAT{bits} partition \"{label}\", {size}, active")
                               : N_("One FAT{bits} partition \"{label}\", {size}");
    if (is_capped(self))
        sentence = volume->is_active
                       ? N_("One FAT{bits} partition \"{label}\", active, of {size}, the most that "
                            "is possible, of the stick's {disk_size}")
                       : N_("One FAT{bits} partition \"{label}\" of {size}, the most that is "
                            "possible, of the stick's {disk_size}");
    return rub_text_new(sentence, "bits", bits, "label", volume->label, "size", size, "disk_size",
                        disk_size, NULL);
}

static RubText *
describe_new_filesystem(const RubPlanning *self)
{
    const RubNewVolume *volume = &self->plan->volume;
    g_autofree char *bits = g_strdup_printf("%u", (guint) self->new_fat);
    g_autofree char *size = g_format_size(volume->sector_count * self->layout->sector_size);
    g_autofree char *disk_size = g_format_size(self->layout->size_bytes);
    const char *sentence = is_capped(self)
                               ? N_("New FAT{bits} filesystem \"{label}\" in {size} of free space, "
                                    "the most that is possible of the stick's {disk_size}")
                               : N_("New FAT{bits} filesystem \"{label}\" in {size} of free space");
    return rub_text_new(sentence, "bits", bits, "label", volume->label, "size", size, "disk_size",
                        disk_size, NULL);
}

static RubText *
describe_new_table(const RubPlan *plan)
{
    g_autofree char *number = g_strdup_printf("%u", plan->volume.number);
    const char *sentence = N_("New partition {number} for it");
    if (plan->mode == RUB_PLAN_KEEP_BLANK)
        sentence = plan->volume.is_active ? N_("New MBR partition table with it, active")
                                          : N_("New MBR partition table with it");
    return rub_text_new(sentence, "number", number, NULL);
}

/* Where files are kept, a partition gets its filesystem before it exists: a build that is cut off
 * between the two leaves free space behind, and not a partition that no later build can use. */
static void
list_partition_steps(RubPlanning *self)
{
    const RubPlan *plan = self->plan;
    if (plan->mode == RUB_PLAN_ERASE) {
        add_step(self, RUB_STEP_TABLE, 0, rub_text_new(N_("New MBR partition table"), NULL),
                 rub_text_new(N_("Partitioning"), NULL));
        add_step(self, RUB_STEP_FORMAT, 0, describe_partition(self),
                 rub_text_new(N_("Formatting"), NULL));
    } else if (plan->mode != RUB_PLAN_KEEP_VOLUME) {
        add_step(self, RUB_STEP_FORMAT, 0, describe_new_filesystem(self),
                 rub_text_new(N_("Formatting"), NULL));
        add_step(self, RUB_STEP_TABLE, 0, describe_new_table(plan),
                 rub_text_new(N_("Partitioning"), NULL));
    }
}

static RubText *
describe_copy_to_ntfs(const RubPlanning *self, const char *size)
{
    const char *label = self->kept->contents.label;
    g_autofree char *number = g_strdup_printf("%u", self->plan->volume.number);
    if (!label || !*label)
        return rub_text_new_plural(N_PLURAL("Add {count} file, {size}, to the NTFS partition "
                                            "{number}",
                                            "Add {count} files, {size}, to the NTFS partition "
                                            "{number}"),
                                   self->plan->files->len, "size", size, "number", number, NULL);
    return rub_text_new_plural(N_PLURAL("Add {count} file, {size}, to the NTFS partition "
                                        "\"{label}\"",
                                        "Add {count} files, {size}, to the NTFS partition "
                                        "\"{label}\""),
                               self->plan->files->len, "size", size, "label", label, NULL);
}

static RubText *
describe_copy(const RubPlanning *self)
{
    const RubPlan *plan = self->plan;
    g_autofree char *size = g_format_size(plan->copy_bytes);
    if (plan->mode != RUB_PLAN_KEEP_VOLUME)
        return rub_text_new_plural(
            N_PLURAL("Copy {count} file, {size}", "Copy {count} files, {size}"), plan->files->len,
            "size", size, NULL);
    if (rub_planning_uses_ntfs(self))
        return describe_copy_to_ntfs(self, size);
    const RubContents *contents = &self->kept->contents;
    g_autofree char *number = g_strdup_printf("%u", plan->volume.number);
    g_autofree char *bits = g_strdup_printf("%u", contents->fat_bits);
    if (!contents->label || !*contents->label)
        return rub_text_new_plural(N_PLURAL("Add {count} file, {size}, to the FAT{bits} partition "
                                            "{number}",
                                            "Add {count} files, {size}, to the FAT{bits} partition "
                                            "{number}"),
                                   plan->files->len, "size", size, "bits", bits, "number", number,
                                   NULL);
    return rub_text_new_plural(N_PLURAL("Add {count} file, {size}, to the FAT{bits} partition "
                                        "\"{label}\"",
                                        "Add {count} files, {size}, to the FAT{bits} partition "
                                        "\"{label}\""),
                               plan->files->len, "size", size, "bits", bits, "label",
                               contents->label, NULL);
}

static RubText *
describe_raw(const RubPlan *plan)
{
    g_autofree char *size = g_format_size(plan->copy_bytes);
    return rub_text_new(N_("Write the image as it is, byte by byte, {size}"), "size", size, NULL);
}

/* In a table that stays, the active flag comes with the boot code. */
static RubText *
describe_boot_code(const RubPlan *plan)
{
    g_autofree char *number = g_strdup_printf("%u", plan->volume.number);
    if (plan->mode == RUB_PLAN_KEEP_VOLUME || plan->mode == RUB_PLAN_KEEP_TABLE)
        return rub_text_new(N_("Boot code for BIOS, partition {number} active"), "number", number,
                            NULL);
    return rub_text_new(N_("Boot code for BIOS"), NULL);
}

void
rub_planning_list_steps(RubPlanning *self)
{
    const RubPlan *plan = self->plan;
    if (plan->volume.sector_count == 0 && plan->mode != RUB_PLAN_RAW)
        return;
    if (plan->mode == RUB_PLAN_RAW) {
        add_step(self, RUB_STEP_WRITE_IMAGE, plan->copy_bytes, describe_raw(plan),
                 rub_text_new(N_("Writing"), NULL));
    } else {
        list_partition_steps(self);
        add_step(self, RUB_STEP_COPY, plan->copy_bytes, describe_copy(self),
                 rub_text_new(N_("Copying"), NULL));
    }
    if (plan->installs_boot_code)
        add_step(self, RUB_STEP_BOOT_CODE, 0, describe_boot_code(plan),
                 rub_text_new(N_("Boot code"), NULL));
    if (plan->verifies)
        add_step(self, RUB_STEP_VERIFY, plan->copy_bytes,
                 rub_text_new(N_("Read everything back"), NULL),
                 rub_text_new(N_("Checking"), NULL));
}

static RubText *
describe_contents(const RubContents *contents, guint64 size_bytes)
{
    g_autofree char *name = rub_plan_name_contents(contents);
    g_autofree char *size = g_format_size(contents->is_counted ? contents->used_bytes : size_bytes);
    if (!contents->is_counted)
        return rub_text_new(N_("{name}: everything on it, {size}"), "name", name, "size", size,
                            NULL);
    return rub_text_new_plural(
        N_PLURAL("{name}: {count} file, {size}", "{name}: {count} files, {size}"),
        contents->file_count, "name", name, "size", size, NULL);
}

/* Space whose filesystem is not known may hold something all the same. */
static void
add_lost_partition(RubPlanning *self, const RubPartition *partition)
{
    guint64 size_bytes = partition->sector_count * self->layout->sector_size;
    if (partition->contents.filesystem) {
        g_ptr_array_add(self->plan->lost, describe_contents(&partition->contents, size_bytes));
        return;
    }
    g_autofree char *number = g_strdup_printf("%u", partition->number);
    g_autofree char *size = g_format_size(size_bytes);
    g_ptr_array_add(self->plan->lost,
                    rub_text_new(N_("Partition {number}: {size} of unknown contents"), "number",
                                 number, "size", size, NULL));
}

static void
add_lost_unknown(RubPlanning *self)
{
    g_autofree char *size = g_format_size(self->layout->size_bytes);
    g_ptr_array_add(self->plan->lost, rub_text_new(N_("The whole disk: {size} of unknown contents"),
                                                   "size", size, NULL));
}

void
rub_planning_list_lost(RubPlanning *self)
{
    const RubLayout *layout = self->layout;
    if (!rub_plan_erases(self->plan) || rub_planning_is_refused(self))
        return;
    if (layout->whole.filesystem)
        g_ptr_array_add(self->plan->lost, describe_contents(&layout->whole, layout->size_bytes));
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (!partition->is_container)
            add_lost_partition(self, partition);
    }
    if (layout->table == RUB_TABLE_OTHER && self->plan->lost->len == 0)
        add_lost_unknown(self);
}
