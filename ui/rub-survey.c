/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-survey.h"

#include "base/rub-error.h"

G_DEFINE_BOXED_TYPE(RubSurvey, rub_survey, rub_survey_ref, rub_survey_unref)

RubSurvey *
rub_survey_new(RubTarget *target, GCancellable *cancellable)
{
    RubSurvey *self = g_atomic_rc_box_new0(RubSurvey);
    self->target = target;
    self->layout = rub_target_read_layout(target, cancellable, &self->error);
    return self;
}

static void
preview_undo(RubSurvey *self, GCancellable *cancellable)
{
    const RubLayout *layout = self->layout;
    if (layout->refusal)
        rub_error_take_text(&self->error, layout->refusal_code, rub_text_ref(layout->refusal));
    else
        self->undo = rub_undo_preview_new(self->target, layout, cancellable, &self->error);
}

RubSurvey *
rub_survey_new_for_undo(RubTarget *target, GCancellable *cancellable)
{
    RubSurvey *self = rub_survey_new(target, cancellable);
    if (self->layout)
        preview_undo(self, cancellable);
    return self;
}

RubSurvey *
rub_survey_ref(RubSurvey *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_survey_clear(gpointer data)
{
    RubSurvey *self = data;
    g_clear_pointer(&self->layout, rub_layout_free);
    g_clear_pointer(&self->undo, rub_undo_preview_free);
    rub_target_free(self->target);
    g_clear_error(&self->error);
}

void
rub_survey_unref(RubSurvey *self)
{
    g_atomic_rc_box_release_full(self, rub_survey_clear);
}
