/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-run.h"

#include "job/rub-check-image.h"
#include "job/rub-job.h"

struct _RubRun {
    GObject parent_instance;
    RubTask task;
    RubDraft *draft;
    RubSurvey *survey;
    char *image_path; /* to compare with */
    RubJob *job;
    RubLog *log;
    RubProgress *progress;
    GPtrArray *stages;
    GCancellable *cancellable;
    RubProgressSnapshot snapshot;
    RubEstimate estimate;
    RubOutcome *outcome;
    guint timer;
};

enum {
    PROP_PROGRESS = 1,
    PROP_STEP,
    PROP_IS_STOPPING,
    PROP_OUTCOME,
    N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE(RubRun, rub_run, G_TYPE_OBJECT)

static void
free_text(gpointer data)
{
    rub_text_unref(data);
}

static void
free_outcome(gpointer data)
{
    rub_outcome_free(data);
}

static void
look(RubRun *self)
{
    guint old_step = self->snapshot.step;
    rub_progress_snapshot_clear(&self->snapshot);
    rub_progress_take_snapshot(self->progress, &self->snapshot);
    rub_estimate_update(&self->estimate, g_get_monotonic_time(), &self->snapshot);
    if (self->snapshot.step != old_step)
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_STEP]);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PROGRESS]);
}

static gboolean
on_interval_cb(gpointer user_data)
{
    look(user_data);
    return G_SOURCE_CONTINUE;
}

static void
end(RubRun *self, RubOutcome *outcome)
{
    g_clear_handle_id(&self->timer, g_source_remove);
    look(self);
    self->outcome = outcome;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_OUTCOME]);
}

static void
on_job_end_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(RubRun) self = user_data;
    end(self, rub_outcome_new_build(rub_job_run_finish(result)));
}

static void
on_task_end_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(RubRun) self = user_data;
    end(self, g_task_propagate_pointer(G_TASK(result), NULL));
}

static RubCheckReport *
compare_with_image(RubRun *self, GCancellable *cancellable)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) image = rub_image_file_open(self->image_path, &error);
    if (image)
        return rub_check_image_run(self->survey->target, image, self->progress, cancellable);
    RubCheckReport *report = g_new0(RubCheckReport, 1);
    report->state = RUB_CHECK_NOT_OURS;
    report->finding = rub_finding_new_from_error(error);
    return report;
}

static void
check_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    RubRun *self = task_data;
    RubCheckReport *report = self->image_path
                                 ? compare_with_image(self, cancellable)
                                 : rub_check_run(self->survey->target, self->progress, cancellable);
    g_task_return_pointer(task, rub_outcome_new_check(report), free_outcome);
}

static void
undo_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    RubRun *self = task_data;
    const RubSurvey *survey = self->survey;
    RubUndoReport *report =
        rub_undo_run(survey->target, survey->layout, self->progress, cancellable);
    g_task_return_pointer(task, rub_outcome_new_undo(report), free_outcome);
}

static RubRun *
rub_run_new(RubTask task, RubSurvey *survey)
{
    RubRun *self = g_object_new(RUB_TYPE_RUN, NULL);
    self->task = task;
    self->survey = rub_survey_ref(survey);
    self->timer = g_timeout_add(RUB_ESTIMATE_INTERVAL_MS, on_interval_cb, self);
    return self;
}

RubRun *
rub_run_new_build(RubDraft *draft, RubLog *log)
{
    RubRun *self = rub_run_new(RUB_TASK_BUILD, draft->survey);
    self->draft = rub_draft_ref(draft);
    self->log = log ? rub_log_ref(log) : NULL;
    self->job = rub_job_new(draft->inspection->source, draft->inspection->info,
                            draft->survey->target, draft->survey->layout, draft->plan, log);
    self->progress = rub_progress_ref(rub_job_get_progress(self->job));
    for (guint i = 0; i < draft->plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(draft->plan->steps, i);
        g_ptr_array_add(self->stages, rub_text_ref(step->stage));
    }
    rub_job_run_async(self->job, self->cancellable, on_job_end_cb, g_object_ref(self));
    return self;
}

static void
run_in_thread(RubRun *self, const char *stage, GTaskThreadFunc function)
{
    self->progress = rub_progress_new();
    g_ptr_array_add(self->stages, rub_text_new(stage, NULL));
    g_autoptr(GTask) task = g_task_new(NULL, self->cancellable, on_task_end_cb, g_object_ref(self));
    /* What was stopped is over only when the thread says so, and its report comes all the same. */
    g_task_set_return_on_cancel(task, FALSE);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, self, NULL);
    g_task_run_in_thread(task, function);
}

RubRun *
rub_run_new_check(RubSurvey *survey, const char *image_path)
{
    RubRun *self = rub_run_new(RUB_TASK_CHECK, survey);
    self->image_path = g_strdup(image_path);
    run_in_thread(self, N_("Checking"), check_in_thread);
    return self;
}

RubRun *
rub_run_new_undo(RubSurvey *survey)
{
    RubRun *self = rub_run_new(RUB_TASK_UNDO, survey);
    run_in_thread(self, N_("Removing the rescue system"), undo_in_thread);
    return self;
}

void
rub_run_stop(RubRun *self)
{
    g_cancellable_cancel(self->cancellable);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_IS_STOPPING]);
}

gboolean
rub_run_is_stopping(RubRun *self)
{
    return g_cancellable_is_cancelled(self->cancellable);
}

RubTask
rub_run_get_task(RubRun *self)
{
    return self->task;
}

const RubDraft *
rub_run_get_draft(RubRun *self)
{
    return self->draft;
}

const RubSurvey *
rub_run_get_survey(RubRun *self)
{
    return self->survey;
}

const GPtrArray *
rub_run_get_stages(RubRun *self)
{
    return self->stages;
}

const RubProgressSnapshot *
rub_run_get_progress(RubRun *self)
{
    return &self->snapshot;
}

const RubEstimate *
rub_run_get_estimate(RubRun *self)
{
    return &self->estimate;
}

const RubOutcome *
rub_run_get_outcome(RubRun *self)
{
    return self->outcome;
}

const char *
rub_run_get_log_path(RubRun *self)
{
    return self->log ? rub_log_get_path(self->log) : NULL;
}

static void
rub_run_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    RubRun *self = RUB_RUN(object);
    switch (id) {
    case PROP_PROGRESS:
        g_value_set_double(value, self->snapshot.fraction);
        break;
    case PROP_STEP:
        g_value_set_uint(value, self->snapshot.step);
        break;
    case PROP_IS_STOPPING:
        g_value_set_boolean(value, rub_run_is_stopping(self));
        break;
    case PROP_OUTCOME:
        g_value_set_pointer(value, self->outcome);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
rub_run_finalize(GObject *object)
{
    RubRun *self = RUB_RUN(object);
    g_clear_handle_id(&self->timer, g_source_remove);
    g_clear_pointer(&self->job, rub_job_free);
    g_clear_pointer(&self->outcome, rub_outcome_free);
    g_clear_pointer(&self->progress, rub_progress_unref);
    g_clear_pointer(&self->draft, rub_draft_unref);
    g_clear_pointer(&self->survey, rub_survey_unref);
    g_free(self->image_path);
    g_clear_pointer(&self->log, rub_log_unref);
    rub_progress_snapshot_clear(&self->snapshot);
    g_ptr_array_unref(self->stages);
    g_object_unref(self->cancellable);
    G_OBJECT_CLASS(rub_run_parent_class)->finalize(object);
}

static void
rub_run_class_init(RubRunClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    object_class->get_property = rub_run_get_property;
    object_class->finalize = rub_run_finalize;
    properties[PROP_PROGRESS] = g_param_spec_double("progress", NULL, NULL, 0, 1, 0, flags);
    properties[PROP_STEP] = g_param_spec_uint("step", NULL, NULL, 0, G_MAXUINT, 0, flags);
    properties[PROP_IS_STOPPING] = g_param_spec_boolean("is-stopping", NULL, NULL, FALSE, flags);
    properties[PROP_OUTCOME] = g_param_spec_pointer("outcome", NULL, NULL, flags);
    g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void
rub_run_init(RubRun *self)
{
    self->stages = g_ptr_array_new_with_free_func(free_text);
    self->cancellable = g_cancellable_new();
}
