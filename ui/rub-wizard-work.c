/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-errand.h"
#include "rub-trial.h"
#include "rub-wizard-private.h"

#define LOG_FOLDER "rescue-usb-builder"
#define KEPT_LOGS 20

static void
free_inspection(gpointer data)
{
    rub_inspection_unref(data);
}

static gpointer
inspect(gpointer data, GCancellable *cancellable)
{
    return rub_inspection_new(data, cancellable);
}

static void
on_inspected(GObject *owner, gpointer result)
{
    RubWizard *self = RUB_WIZARD(owner);
    self->inspection = result;
    rub_wizard_notify(self, RUB_WIZARD_PROP_INSPECTION);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_INSPECTING);
}

void
rub_wizard_inspect(RubWizard *self)
{
    static const RubErrandKind kind = {inspect, g_free, free_inspection, on_inspected};
    g_clear_pointer(&self->inspection, rub_inspection_unref);
    rub_errand_start(&self->inspecting, G_OBJECT(self), &kind, g_strdup(self->image_path));
    rub_wizard_notify(self, RUB_WIZARD_PROP_INSPECTION);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_INSPECTING);
}

static void
free_survey(gpointer data)
{
    rub_survey_unref(data);
}

/* The target goes from hand to hand: whoever has it frees it. */
typedef struct {
    RubTarget *target;
    RubFirmware firmware; /* what a finished stick is known to start on */
    RubTask task;
} Look;

static void
free_look(gpointer data)
{
    Look *look = data;
    g_clear_pointer(&look->target, rub_target_free);
    g_free(look);
}

static gpointer
look(gpointer data, GCancellable *cancellable)
{
    Look *self = data;
    RubTarget *target = g_steal_pointer(&self->target);
    return self->task == RUB_TASK_UNDO ? rub_survey_new_for_undo(target, cancellable)
                                       : rub_survey_new(target, cancellable);
}

static void
on_looked(GObject *owner, gpointer result)
{
    RubWizard *self = RUB_WIZARD(owner);
    self->survey = result;
    rub_wizard_notify(self, RUB_WIZARD_PROP_SURVEY);
    if (self->task == RUB_TASK_BUILD)
        rub_wizard_plan(self);
    else if (self->task == RUB_TASK_CHECK)
        rub_wizard_begin(self);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_LOOKING);
}

void
rub_wizard_look_at_stick(RubWizard *self)
{
    static const RubErrandKind kind = {look, free_look, free_survey, on_looked};
    rub_wizard_forget_stick(self);
    Look *data = g_new0(Look, 1);
    data->target = rub_stick_choice_make_target(self->stick);
    data->task = self->task;
    rub_errand_start(&self->surveying, G_OBJECT(self), &kind, data);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_LOOKING);
}

void
rub_wizard_forget_stick(RubWizard *self)
{
    rub_errand_drop(&self->surveying);
    rub_errand_drop(&self->planning);
    rub_errand_drop(&self->trying);
    g_clear_error(&self->trial_error);
    g_clear_pointer(&self->draft, rub_draft_unref);
    g_clear_pointer(&self->survey, rub_survey_unref);
    self->is_acknowledged = FALSE;
    rub_wizard_notify(self, RUB_WIZARD_PROP_ACKNOWLEDGED);
    rub_wizard_notify(self, RUB_WIZARD_PROP_DRAFT);
    rub_wizard_notify(self, RUB_WIZARD_PROP_SURVEY);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_LOOKING);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_TRYING);
}

typedef struct {
    RubInspection *inspection;
    RubSurvey *survey;
    RubPlanOptions options;
    char *label;
} Planning;

static void
free_planning(gpointer data)
{
    Planning *planning = data;
    rub_inspection_unref(planning->inspection);
    rub_survey_unref(planning->survey);
    g_free(planning->label);
    g_free(planning);
}

static void
free_draft(gpointer data)
{
    rub_draft_unref(data);
}

static gpointer
plan(gpointer data, GCancellable *cancellable)
{
    const Planning *planning = data;
    return rub_draft_new(planning->inspection, planning->survey, &planning->options);
}

static void
on_planned(GObject *owner, gpointer result)
{
    RubWizard *self = RUB_WIZARD(owner);
    g_clear_pointer(&self->draft, rub_draft_unref);
    self->draft = result;
    rub_wizard_notify(self, RUB_WIZARD_PROP_DRAFT);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_LOOKING);
}

/* What is on the screen stays until the new plan is there; nobody can agree to it meanwhile. */
void
rub_wizard_plan(RubWizard *self)
{
    static const RubErrandKind kind = {plan, free_planning, free_draft, on_planned};
    if (!self->survey || !self->inspection || self->task != RUB_TASK_BUILD)
        return;
    Planning *planning = g_new0(Planning, 1);
    planning->inspection = rub_inspection_ref(self->inspection);
    planning->survey = rub_survey_ref(self->survey);
    gboolean keep = self->treatment == RUB_TREATMENT_KEEP;
    /* Who asks for a filesystem wants files in it. */
    gboolean by_files = self->method == RUB_METHOD_AUTO && self->filesystem != RUB_CHOICE_AUTO;
    planning->label = keep || !*self->label ? NULL : g_strdup(self->label);
    planning->options = (RubPlanOptions){
        .firmware = self->is_multiboot ? RUB_FIRMWARE_MULTI : RUB_FIRMWARE_UEFI,
        .method = keep       ? RUB_METHOD_AUTO
                  : by_files ? RUB_METHOD_FILES
                             : self->method,
        .filesystem = self->filesystem,
        .keep = keep,
        .label = planning->label,
        .skip_verify = !self->verifies,
    };
    rub_errand_start(&self->planning, G_OBJECT(self), &kind, planning);
    self->is_acknowledged = FALSE;
    rub_wizard_notify(self, RUB_WIZARD_PROP_ACKNOWLEDGED);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_LOOKING);
}

static void
on_outcome_cb(RubRun *run, GParamSpec *pspec, gpointer user_data)
{
    RubWizard *self = user_data;
    rub_wizard_set_asking(self, FALSE);
    rub_wizard_set_page(self, RUB_PAGE_RESULT);
}

/* A record is a help, not a condition. */
static RubLog *
open_log(void)
{
    g_autofree char *folder = g_build_filename(g_get_user_state_dir(), LOG_FOLDER, NULL);
    return rub_log_open_default(folder, KEPT_LOGS, NULL);
}

static RubRun *
start_run(RubWizard *self)
{
    switch (self->task) {
    case RUB_TASK_CHECK:
        return rub_run_new_check(self->survey, self->compared_path);
    case RUB_TASK_UNDO:
        return rub_run_new_undo(self->survey);
    default: {
        g_autoptr(RubLog) log = open_log();
        return rub_run_new_build(self->draft, log);
    }
    }
}

static void
free_error(gpointer data)
{
    if (data)
        g_error_free(data);
}

static gpointer
try_out(gpointer data, GCancellable *cancellable)
{
    const Look *self = data;
    GError *error = NULL;
    rub_trial_run(self->target, self->firmware, cancellable, &error);
    return error;
}

static void
on_tried(GObject *owner, gpointer result)
{
    RubWizard *self = RUB_WIZARD(owner);
    self->trial_error = result;
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_TRYING);
}

void
rub_wizard_try_out(RubWizard *self)
{
    static const RubErrandKind kind = {try_out, free_look, free_error, on_tried};
    g_return_if_fail(!rub_wizard_is_running(self));
    const RubDraft *draft = rub_run_get_draft(self->run);
    Look *data = g_new0(Look, 1);
    data->target = rub_stick_choice_make_target(self->stick);
    data->firmware = draft ? draft->plan->starts_on : 0;
    g_clear_error(&self->trial_error);
    rub_errand_start(&self->trying, G_OBJECT(self), &kind, data);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_TRYING);
}

void
rub_wizard_begin(RubWizard *self)
{
    g_clear_object(&self->run);
    self->run = start_run(self);
    g_signal_connect_object(self->run, "notify::outcome", G_CALLBACK(on_outcome_cb), self, 0);
    rub_wizard_notify(self, RUB_WIZARD_PROP_RUN);
    rub_wizard_set_page(self, RUB_PAGE_WORK);
    /* What was agreed to is spent: the run has it now. */
    rub_wizard_forget_stick(self);
}
