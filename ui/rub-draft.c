/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-draft.h"

#include <sys/stat.h>

G_DEFINE_BOXED_TYPE(RubDraft, rub_draft, rub_draft_ref, rub_draft_unref)

static guint32
make_random_number(void)
{
    guint32 number = 0;
    while (number == 0)
        number = g_random_int();
    return number;
}

/* The job refuses this, too; here it is said before the user agrees to anything. */
static gboolean
is_image_itself(const RubDraft *self)
{
    struct stat image, target;
    const RubLayout *layout = self->survey->layout;
    return layout->is_file && stat(self->inspection->path, &image) == 0 &&
           stat(layout->name, &target) == 0 && image.st_dev == target.st_dev &&
           image.st_ino == target.st_ino;
}

static RubFinding *
find_failure(const RubDraft *self)
{
    RubFinding *finding = NULL;
    if (self->survey->error)
        finding = rub_finding_new_from_error(self->survey->error);
    else if (is_image_itself(self))
        finding = rub_finding_new(RUB_CODE_DEVICE_BUSY, RUB_SEVERITY_ERROR,
                                  rub_text_new(N_("{name} is the rescue image itself."), "name",
                                               self->survey->layout->name, NULL),
                                  rub_text_new(N_("Choose another file to build on."), NULL));
    if (finding)
        finding->action = RUB_ACTION_CHOOSE_TARGET;
    return finding;
}

RubDraft *
rub_draft_new(RubInspection *inspection, RubSurvey *survey, const RubPlanOptions *options)
{
    RubDraft *self = g_atomic_rc_box_new0(RubDraft);
    self->inspection = rub_inspection_ref(inspection);
    self->survey = rub_survey_ref(survey);
    self->label = g_strdup(options->label);
    self->failure = find_failure(self);
    if (!survey->layout)
        return self;
    RubPlanOptions own_options = *options;
    own_options.label = self->label;
    own_options.grub = inspection->grub;
    own_options.disk_signature = make_random_number();
    own_options.volume_id = make_random_number();
    self->plan = rub_plan_new(inspection->info, rub_source_get_listing(inspection->source),
                              survey->layout, &own_options);
    return self;
}

RubDraft *
rub_draft_ref(RubDraft *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_draft_clear(gpointer data)
{
    RubDraft *self = data;
    g_clear_pointer(&self->plan, rub_plan_free);
    g_clear_pointer(&self->failure, rub_finding_free);
    g_free(self->label);
    rub_survey_unref(self->survey);
    rub_inspection_unref(self->inspection);
}

void
rub_draft_unref(RubDraft *self)
{
    g_atomic_rc_box_release_full(self, rub_draft_clear);
}

GPtrArray *
rub_draft_get_findings(const RubDraft *self)
{
    GPtrArray *findings = g_ptr_array_new();
    if (self->failure)
        g_ptr_array_add(findings, self->failure);
    if (self->plan)
        g_ptr_array_extend(findings, self->plan->findings, NULL, NULL);
    return findings;
}

gboolean
rub_draft_is_possible(const RubDraft *self)
{
    return !self->failure && self->plan && !rub_plan_get_obstacle(self->plan);
}

gboolean
rub_draft_has_warnings(const RubDraft *self)
{
    g_autoptr(GPtrArray) findings = rub_draft_get_findings(self);
    for (guint i = 0; i < findings->len; i++) {
        const RubFinding *finding = g_ptr_array_index(findings, i);
        if (finding->severity == RUB_SEVERITY_WARNING)
            return TRUE;
    }
    return FALSE;
}

gboolean
rub_draft_erases(const RubDraft *self)
{
    return self->plan && rub_plan_erases(self->plan) && !self->survey->layout->is_new;
}
