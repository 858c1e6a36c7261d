/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan.h"

#include "plan/rub-catalogue.h"
#include "plan/rub-plan-private.h"

static void
rub_step_free(gpointer data)
{
    RubStep *self = data;
    g_clear_pointer(&self->purpose, rub_text_unref);
    rub_text_unref(self->text);
    rub_text_unref(self->stage);
    g_free(self);
}

static void
rub_plan_item_free(gpointer data)
{
    RubPlanItem *self = data;
    g_free(self->path);
    g_free(self);
}

RubFinding *
rub_planning_add_finding(RubPlanning *self, RubCode code, RubSeverity severity, RubText *meaning,
                         RubText *remedy)
{
    RubFinding *finding = rub_finding_new(code, severity, meaning, remedy);
    g_ptr_array_add(self->plan->findings, finding);
    return finding;
}

static int
compare_findings(gconstpointer a, gconstpointer b)
{
    const RubFinding *first = *(RubFinding *const *) a;
    const RubFinding *second = *(RubFinding *const *) b;
    if (first->severity != second->severity)
        return (int) second->severity - (int) first->severity;
    return (int) rub_catalogue_get_rank(first->code) - (int) rub_catalogue_get_rank(second->code);
}

/* Erasing the stick is no way out of a plan that erases it, nor where it is too small anyway. */
static void
withdraw_erasing(RubPlan *plan)
{
    gboolean helps = plan->options.keep;
    for (guint i = 0; i < plan->findings->len; i++) {
        const RubFinding *finding = g_ptr_array_index(plan->findings, i);
        helps = helps && finding->code != RUB_CODE_DISK_TOO_SMALL;
    }
    for (guint i = 0; i < plan->findings->len && !helps; i++) {
        RubFinding *finding = g_ptr_array_index(plan->findings, i);
        if (finding->action == RUB_ACTION_ERASE)
            finding->action = RUB_ACTION_CHOOSE_TARGET;
    }
}

static void
plan_files(RubPlanning *self)
{
    rub_planning_choose_firmware(self);
    rub_planning_choose_access(self);
    rub_planning_tell_secure_boot(self);
    rub_planning_choose_items(self);
    rub_planning_reserve_menus(self);
    rub_planning_choose_volume(self);
    rub_planning_tell_label(self);
    rub_planning_meet_kept_files(self);
    rub_planning_tell_replaced_boot(self);
}

/* All that is about the filesystem is asked of the plan's volume. */
static RubPlan *
make_plan(const RubImageInfo *info, const RubListing *listing, const RubLayout *layout,
          const RubPlanOptions *options, RubFilesystem filesystem)
{
    RubPlan *plan = g_new0(RubPlan, 1);
    plan->options = *options;
    plan->options.label = g_strdup(options->label);
    plan->volume.filesystem = filesystem;
    if (filesystem == RUB_FILESYSTEM_NTFS)
        plan->options.filesystem = RUB_CHOICE_NTFS;
    plan->replaced = g_ptr_array_new_with_free_func(g_free);
    plan->steps = g_ptr_array_new_with_free_func(rub_step_free);
    plan->findings = g_ptr_array_new_with_free_func((GDestroyNotify) rub_finding_free);
    plan->lost = g_ptr_array_new_with_free_func((GDestroyNotify) rub_text_unref);
    plan->folders = g_ptr_array_new_with_free_func(rub_plan_item_free);
    plan->notes = g_ptr_array_new_with_free_func((GDestroyNotify) rub_text_unref);
    plan->files = g_ptr_array_new_with_free_func(rub_plan_item_free);
    plan->changed_menus = rub_planning_new_menu_changes();
    plan->verifies = !options->skip_verify;
    RubPlanning planning = {info, listing, layout, &plan->options, plan, NULL};
    if (rub_planning_wants_raw(&planning))
        rub_planning_plan_raw(&planning);
    else
        plan_files(&planning);
    rub_planning_tell_password(&planning);
    rub_planning_list_lost(&planning);
    rub_planning_list_steps(&planning);
    g_ptr_array_sort(plan->findings, compare_findings);
    withdraw_erasing(plan);
    return plan;
}

gboolean
rub_planning_uses_ntfs(const RubPlanning *self)
{
    return self->plan->volume.filesystem == RUB_FILESYSTEM_NTFS;
}

static gboolean
has_build_of_ours(const RubLayout *layout, gboolean is_for_ntfs)
{
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubContents *contents =
            &((const RubPartition *) g_ptr_array_index(layout->partitions, i))->contents;
        if (contents->kept && (contents->fat_bits == 0) == is_for_ntfs &&
            (contents->kept->has_manifest || contents->kept->has_pending))
            return TRUE;
    }
    return FALSE;
}

static gboolean
has_fat(const RubLayout *layout)
{
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (partition->contents.fat_bits != 0)
            return TRUE;
    }
    return FALSE;
}

/* Not where a build of ours is on FAT32: it is continued there. */
static gboolean
prefers_ntfs(const RubLayout *layout, const RubPlanOptions *options)
{
    return options->keep && options->filesystem == RUB_CHOICE_AUTO &&
           options->method != RUB_METHOD_RAW && options->firmware == RUB_FIRMWARE_BIOS &&
           (has_build_of_ours(layout, TRUE) || !has_build_of_ours(layout, FALSE));
}

/* Where there is no place on FAT32, but one on NTFS: UEFI would not start from that, so it is for
 * the user to choose. */
static void
offer_ntfs(RubPlan *plan, const RubImageInfo *info, const RubListing *listing,
           const RubLayout *layout)
{
    RubPlanOptions options = plan->options;
    if (!options.keep || options.firmware != RUB_FIRMWARE_MULTI || !rub_plan_get_obstacle(plan))
        return;
    RubFinding *obstacle = g_ptr_array_index(plan->findings, 0);
    if (obstacle->action == RUB_ACTION_UEFI_ONLY)
        return;
    g_autoptr(RubPlan) ntfs = make_plan(info, listing, layout, &options, RUB_FILESYSTEM_NTFS);
    if (rub_plan_get_obstacle(ntfs))
        return;
    g_autofree char *number = g_strdup_printf("%u", ntfs->volume.number);
    rub_text_unref(obstacle->remedy);
    obstacle->remedy = rub_text_new(N_("Build for BIOS on the NTFS partition {number} instead, "
                                       "from which UEFI does not start; or erase the whole stick, "
                                       "or choose another one."),
                                    "number", number, NULL);
    obstacle->action = RUB_ACTION_BIOS_ON_NTFS;
}

RubPlan *
rub_plan_new(const RubImageInfo *info, const RubListing *listing, const RubLayout *layout,
             const RubPlanOptions *options)
{
    if (options->filesystem == RUB_CHOICE_NTFS)
        return make_plan(info, listing, layout, options, RUB_FILESYSTEM_NTFS);
    g_autoptr(RubPlan) plan = make_plan(info, listing, layout, options, RUB_FILESYSTEM_FAT32);
    offer_ntfs(plan, info, listing, layout);
    if (!prefers_ntfs(layout, options))
        return g_steal_pointer(&plan);
    g_autoptr(RubPlan) ntfs = make_plan(info, listing, layout, options, RUB_FILESYSTEM_NTFS);
    /* Where neither can be done, that is explained which is nearer. What is too much for NTFS may
     * fit when the stick is erased, which makes FAT32. */
    const RubFinding *obstacle = rub_plan_get_obstacle(ntfs);
    gboolean explains_more = rub_plan_get_obstacle(plan) && !has_fat(layout) &&
                             (!obstacle || obstacle->code != RUB_CODE_DISK_TOO_SMALL);
    return !obstacle || explains_more ? g_steal_pointer(&ntfs) : g_steal_pointer(&plan);
}

void
rub_plan_free(RubPlan *self)
{
    g_ptr_array_unref(self->replaced);
    g_ptr_array_unref(self->steps);
    g_ptr_array_unref(self->findings);
    g_ptr_array_unref(self->lost);
    g_ptr_array_unref(self->folders);
    g_ptr_array_unref(self->files);
    g_ptr_array_unref(self->changed_menus);
    g_ptr_array_unref(self->notes);
    g_clear_pointer(&self->secure_boot, rub_text_unref);
    g_clear_pointer(&self->password_reason, rub_text_unref);
    g_free((char *) self->options.label);
    g_free(self);
}

const RubFinding *
rub_plan_get_obstacle(const RubPlan *self)
{
    if (self->findings->len == 0)
        return NULL;
    const RubFinding *gravest = g_ptr_array_index(self->findings, 0);
    return gravest->severity == RUB_SEVERITY_ERROR ? gravest : NULL;
}

gboolean
rub_plan_erases(const RubPlan *self)
{
    return self->mode == RUB_PLAN_ERASE || self->mode == RUB_PLAN_RAW;
}

const char *
rub_step_kind_get_id(RubStepKind kind)
{
    static const char *const ids[] = {"table",     "format", "copy",
                                      "boot-code", "verify", "write-image"};
    return ids[kind];
}
