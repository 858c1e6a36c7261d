/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "job/rub-undo-preview.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RubSurvey:
 * @target: where a stick is written
 * @layout: (nullable): what is there; %NULL where it cannot be read
 * @error: (nullable): why it cannot be read, or nothing undone
 * @undo: (nullable): what an undo would do; %NULL where that was not asked for
 *
 * What is known of a target. Reference counted; facts do not change, and @target is used by one
 * thread at a time.
 */
typedef struct {
    RubTarget *target;
    RubLayout *layout;
    GError *error;
    RubUndoPreview *undo;
} RubSurvey;

#define RUB_TYPE_SURVEY (rub_survey_get_type())
GType rub_survey_get_type(void);

/**
 * rub_survey_new:
 * @target: (transfer full): a target
 * @cancellable: stops it
 *
 * Looks at a target without changing it, which can take a while.
 *
 * Returns: (transfer full): what is there
 */
RubSurvey *rub_survey_new(RubTarget *target, GCancellable *cancellable);

/**
 * rub_survey_new_for_undo:
 * @target: (transfer full): a target
 * @cancellable: stops it
 *
 * Also looks at what an undo would do.
 *
 * Returns: (transfer full): what is there
 */
RubSurvey *rub_survey_new_for_undo(RubTarget *target, GCancellable *cancellable);

/** rub_survey_ref: Returns: (transfer full): @self with one reference more */
RubSurvey *rub_survey_ref(RubSurvey *self);

/** rub_survey_unref: drops a reference */
void rub_survey_unref(RubSurvey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubSurvey, rub_survey_unref)

G_END_DECLS
