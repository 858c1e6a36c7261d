/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-kept-volume-private.h"

/* Takes meaning. */
static void
tell(RubPlanning *self, RubText *meaning)
{
    rub_planning_add_finding(self, RUB_CODE_FILES_REPLACED, RUB_SEVERITY_WARNING, meaning, NULL);
}

/* Boot code cannot be seen in an outline. A blank disk has none. */
static void
tell_unknown_boot_code(RubPlanning *self)
{
    if (self->plan->mode != RUB_PLAN_KEEP_BLANK)
        tell(self, rub_text_new(N_("Any boot code for BIOS on the stick will be replaced; "
                                   "it is saved, so that it can be put back."),
                                NULL));
}

static void
tell_boot_code(RubPlanning *self)
{
    gboolean has_mbr_code = self->layout->has_boot_code && !self->layout->has_our_boot_code;
    gboolean has_record = self->kept && self->kept->contents.kept->has_boot_code;
    g_autofree char *number = g_strdup_printf("%u", self->plan->volume.number);
    if (has_mbr_code && has_record)
        tell(self, rub_text_new(N_("The stick has other boot code, in its MBR and in partition "
                                   "{number}. What BIOS starts with it now will not start any "
                                   "more."),
                                "number", number, NULL));
    else if (has_mbr_code)
        tell(self, rub_text_new(N_("The stick has other boot code in its MBR. What BIOS starts "
                                   "with it now will not start any more."),
                                NULL));
    else if (has_record)
        tell(self, rub_text_new(N_("Partition {number} has other boot code. What BIOS starts with "
                                   "it now will not start any more."),
                                "number", number, NULL));
}

static void
tell_active_partitions(RubPlanning *self)
{
    for (guint i = 0; i < self->layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(self->layout->partitions, i);
        if (!partition->is_active || partition == self->kept)
            continue;
        g_autofree char *number = g_strdup_printf("%u", partition->number);
        tell(self, rub_text_new(N_("Partition {number} is the active one, from which BIOS starts, "
                                   "and will not be any more."),
                                "number", number, NULL));
    }
}

/* What firmware looks for on removable media: UEFI specification 2.10, section 3.5.1.1. */
static gboolean
is_loader(const char *path)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);
    return g_str_has_prefix(lower, "efi/boot/boot") && g_str_has_suffix(lower, ".efi");
}

static void
tell_replaced_loaders(RubPlanning *self)
{
    for (guint i = 0; i < self->plan->replaced->len; i++) {
        const char *path = g_ptr_array_index(self->plan->replaced, i);
        if (is_loader(path))
            tell(self, rub_text_new(N_("What UEFI starts from the stick now with {path} will not "
                                       "start any more."),
                                    "path", path, NULL));
    }
}

static void
tell_other_loaders(RubPlanning *self, const RubPartition *partition)
{
    const RubKeptVolume *kept = partition->contents.fat_bits ? partition->contents.kept : NULL;
    for (guint i = 0; kept && kept->listing && i < kept->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(kept->listing->entries, i);
        if (entry->kind != RUB_ENTRY_FILE || !is_loader(entry->path))
            continue;
        g_autofree char *number = g_strdup_printf("%u", partition->number);
        tell(self, rub_text_new(N_("UEFI may start {path} of partition {number} instead of the "
                                   "rescue image: it stays there."),
                                "path", entry->path, "number", number, NULL));
    }
}

void
rub_planning_tell_replaced_boot(RubPlanning *self)
{
    const RubPlan *plan = self->plan;
    if (rub_plan_erases(plan) || plan->volume.sector_count == 0)
        return;
    if (plan->installs_boot_code) {
        if (self->layout->is_outline)
            tell_unknown_boot_code(self);
        else
            tell_boot_code(self);
        tell_active_partitions(self);
    }
    if (!(plan->starts_on & RUB_FIRMWARE_UEFI))
        return;
    tell_replaced_loaders(self);
    for (guint i = 0; i < self->layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(self->layout->partitions, i);
        if (partition != self->kept)
            tell_other_loaders(self, partition);
    }
}
