/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan.h"
#include "rub-inspection.h"
#include "rub-survey.h"

G_BEGIN_DECLS

/**
 * RubDraft:
 * @inspection: the image
 * @survey: where it goes
 * @label: (nullable): the volume label that the user chose
 * @plan: (nullable): what a build does; %NULL where the target cannot be read
 * @failure: (nullable): what stands in the way beside what the plan says
 *
 * Everything that the user has to agree to before a build. Immutable and reference counted.
 */
typedef struct {
    RubInspection *inspection;
    RubSurvey *survey;
    char *label;
    RubPlan *plan;
    RubFinding *failure;
} RubDraft;

#define RUB_TYPE_DRAFT (rub_draft_get_type())
GType rub_draft_get_type(void);

/**
 * rub_draft_new:
 * @inspection: an image that is usable
 * @survey: where it goes
 * @options: what the user chose; the random numbers in it are made here
 *
 * Plans a build, which can take a while for an image with many files.
 *
 * Returns: (transfer full): what the user has to agree to
 */
RubDraft *rub_draft_new(RubInspection *inspection, RubSurvey *survey,
                        const RubPlanOptions *options);

/** rub_draft_ref: Returns: (transfer full): @self with one reference more */
RubDraft *rub_draft_ref(RubDraft *self);

/** rub_draft_unref: drops a reference */
void rub_draft_unref(RubDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubDraft, rub_draft_unref)

/**
 * rub_draft_get_findings:
 * @self: a draft
 *
 * Returns: (transfer container) (element-type RubFinding): all findings, the gravest first
 */
GPtrArray *rub_draft_get_findings(const RubDraft *self);

/** rub_draft_is_possible: Returns: whether nothing stands in the way */
gboolean rub_draft_is_possible(const RubDraft *self);

/** rub_draft_has_warnings: Returns: whether there is something the user has to say yes to */
gboolean rub_draft_has_warnings(const RubDraft *self);

/** rub_draft_erases: Returns: whether what is on the target, if anything is, will be gone */
gboolean rub_draft_erases(const RubDraft *self);

G_END_DECLS
