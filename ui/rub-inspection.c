/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-inspection.h"

#include "boot/rub-grub.h"
#include "plan/rub-plan.h"

/* As large as an MBR can describe. */
#define ROOMIEST_STICK_BYTES (G_GUINT64_CONSTANT(2) << 40)

G_DEFINE_BOXED_TYPE(RubInspection, rub_inspection, rub_inspection_ref, rub_inspection_unref)

static void
free_finding(gpointer data)
{
    rub_finding_free(data);
}

/* How the stick is made is chosen later: against what that helps, the way leads on. */
static void
leave_choices_for_later(GPtrArray *findings)
{
    for (guint i = 0; i < findings->len; i++) {
        RubFinding *finding = g_ptr_array_index(findings, i);
        if (finding->action == RUB_ACTION_NONE || finding->action == RUB_ACTION_CHOOSE_IMAGE)
            continue;
        finding->action = RUB_ACTION_NONE;
        finding->severity = RUB_SEVERITY_WARNING;
    }
}

/* On the roomiest stick there is, what stands in the way is the image itself. */
static void
take_findings_of_image(RubInspection *self)
{
    const RubPlanOptions options = {
        .firmware = RUB_FIRMWARE_MULTI,
        .disk_signature = 1,
        .volume_id = 1,
        .grub = self->grub,
    };
    g_autoptr(RubLayout) roomiest = rub_layout_new("", ROOMIEST_STICK_BYTES);
    g_autoptr(RubPlan) plan =
        rub_plan_new(self->info, rub_source_get_listing(self->source), roomiest, &options);
    g_ptr_array_extend_and_steal(self->findings, g_steal_pointer(&plan->findings));
    plan->findings = g_ptr_array_new();
    leave_choices_for_later(self->findings);
}

RubInspection *
rub_inspection_new(const char *path, GCancellable *cancellable)
{
    g_autoptr(GError) error = NULL;
    RubInspection *self = g_atomic_rc_box_new0(RubInspection);
    self->path = g_strdup(path);
    self->findings = g_ptr_array_new_with_free_func(free_finding);
    self->source = rub_source_open(path, cancellable, &error);
    if (self->source)
        self->info = rub_image_info_new(self->source, cancellable, &error);
    if (self->info)
        self->grub = rub_grub_new(self->info, cancellable);
    if (self->info)
        take_findings_of_image(self);
    else
        g_ptr_array_add(self->findings, rub_finding_new_from_error(error));
    return self;
}

RubInspection *
rub_inspection_ref(RubInspection *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_inspection_clear(gpointer data)
{
    RubInspection *self = data;
    g_ptr_array_unref(self->findings);
    g_clear_pointer(&self->grub, rub_entry_free);
    g_clear_pointer(&self->info, rub_image_info_unref);
    g_clear_pointer(&self->source, rub_source_unref);
    g_free(self->path);
}

void
rub_inspection_unref(RubInspection *self)
{
    g_atomic_rc_box_release_full(self, rub_inspection_clear);
}

gboolean
rub_inspection_is_usable(const RubInspection *self)
{
    for (guint i = 0; i < self->findings->len; i++) {
        const RubFinding *finding = g_ptr_array_index(self->findings, i);
        if (finding->severity == RUB_SEVERITY_ERROR)
            return FALSE;
    }
    return self->info != NULL;
}
