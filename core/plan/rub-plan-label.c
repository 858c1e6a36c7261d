/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-private.h"

static const char *
get_label(const RubPlanning *self)
{
    if (self->plan->mode != RUB_PLAN_KEEP_VOLUME)
        return self->plan->volume.label;
    const char *label = self->kept ? self->kept->contents.label : NULL;
    return label ? label : "";
}

static void
warn_of_other_label(RubPlanning *self, const char *label)
{
    const RubImageInfo *info = self->info;
    RubFinding *finding = rub_planning_add_finding(
        self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_WARNING,
        rub_text_new(N_("It may stop halfway: {path} looks for a volume called \"{wanted}\", but "
                        "that of the stick is called \"{label}\"."),
                     "path", info->label_user, "wanted", info->volume_name, "label", label, NULL),
        rub_text_new(N_("Once the stick is built, put \"{label}\" into that file in its place."),
                     "label", label, NULL));
    rub_planning_offer_raw(self, finding, self->options->firmware);
}

void
rub_planning_tell_label(RubPlanning *self)
{
    if (!self->info->label_user || self->plan->volume.sector_count == 0)
        return;
    const char *label = get_label(self);
    if (strcmp(label, self->info->volume_name) == 0)
        g_ptr_array_add(self->plan->notes,
                        rub_text_new(N_("The volume is called \"{label}\", because {path} looks "
                                        "for it by that name."),
                                     "label", label, "path", self->info->label_user, NULL));
    else
        warn_of_other_label(self, label);
}
