/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-wizard-private.h"

#include <string.h>

static GParamSpec *properties[RUB_WIZARD_N_PROPS];

G_DEFINE_ENUM_TYPE(RubPage, rub_page, G_DEFINE_ENUM_VALUE(RUB_PAGE_IMAGE, "image"),
                   G_DEFINE_ENUM_VALUE(RUB_PAGE_STICK, "stick"),
                   G_DEFINE_ENUM_VALUE(RUB_PAGE_REVIEW, "review"),
                   G_DEFINE_ENUM_VALUE(RUB_PAGE_WORK, "work"),
                   G_DEFINE_ENUM_VALUE(RUB_PAGE_RESULT, "result"))

G_DEFINE_FINAL_TYPE(RubWizard, rub_wizard, G_TYPE_OBJECT)

RubWizard *
rub_wizard_new(void)
{
    return g_object_new(RUB_TYPE_WIZARD, NULL);
}

void
rub_wizard_notify(RubWizard *self, RubWizardProp property)
{
    g_object_notify_by_pspec(G_OBJECT(self), properties[property]);
    g_object_notify_by_pspec(G_OBJECT(self), properties[RUB_WIZARD_PROP_CAN_GO_NEXT]);
    g_object_notify_by_pspec(G_OBJECT(self), properties[RUB_WIZARD_PROP_CAN_GO_BACK]);
}

RubPage
rub_wizard_get_page(RubWizard *self)
{
    return self->page;
}

void
rub_wizard_set_page(RubWizard *self, RubPage page)
{
    if (self->page == page)
        return;
    self->page = page;
    rub_wizard_notify(self, RUB_WIZARD_PROP_PAGE);
}

RubTask
rub_wizard_get_task(RubWizard *self)
{
    return self->task;
}

static void
change_task(RubWizard *self, RubTask task)
{
    if (self->task == task)
        return;
    self->task = task;
    rub_stick_choice_set_for_reading(self->stick, task == RUB_TASK_CHECK);
    rub_wizard_notify(self, RUB_WIZARD_PROP_TASK);
}

void
rub_wizard_set_task(RubWizard *self, RubTask task)
{
    g_return_if_fail(!rub_wizard_is_running(self));
    rub_wizard_set_asking(self, FALSE);
    rub_wizard_forget_stick(self);
    g_clear_pointer(&self->compared_path, g_free);
    change_task(self, task);
    rub_wizard_set_page(self, task == RUB_TASK_BUILD ? RUB_PAGE_IMAGE : RUB_PAGE_STICK);
}

/* Paths are pasted from terminals, file managers and browsers. */
static char *
make_path(const char *name)
{
    g_autofree char *text = g_strstrip(g_strdup(name));
    gsize length = strlen(text);
    gboolean is_quoted =
        length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text;
    g_autofree char *bare = is_quoted ? g_strndup(text + 1, length - 2) : g_strdup(text);
    g_autofree char *from_uri = g_filename_from_uri(bare, NULL, NULL);
    if (from_uri)
        return g_steal_pointer(&from_uri);
    if (g_str_has_prefix(bare, "~/"))
        return g_build_filename(g_get_home_dir(), bare + 2, NULL);
    return g_canonicalize_filename(bare, NULL);
}

void
rub_wizard_choose_image(RubWizard *self, const char *name)
{
    g_return_if_fail(!rub_wizard_is_running(self));
    rub_wizard_set_task(self, RUB_TASK_BUILD);
    /* What one image needs need not suit another. */
    g_object_set(self, "filesystem", RUB_CHOICE_AUTO, "method", RUB_METHOD_AUTO, NULL);
    g_free(self->image_path);
    self->image_path = make_path(name);
    rub_wizard_notify(self, RUB_WIZARD_PROP_IMAGE_PATH);
    rub_wizard_inspect(self);
}

const char *
rub_wizard_get_image_path(RubWizard *self)
{
    return self->image_path;
}

RubInspection *
rub_wizard_get_inspection(RubWizard *self)
{
    return self->inspection;
}

gboolean
rub_wizard_is_inspecting(RubWizard *self)
{
    return self->inspecting != NULL;
}

RubStickChoice *
rub_wizard_get_stick(RubWizard *self)
{
    return self->stick;
}

RubSurvey *
rub_wizard_get_survey(RubWizard *self)
{
    return self->survey;
}

RubDraft *
rub_wizard_get_draft(RubWizard *self)
{
    return self->draft;
}

gboolean
rub_wizard_is_looking(RubWizard *self)
{
    return self->surveying || self->planning;
}

gboolean
rub_wizard_is_asking(RubWizard *self)
{
    return self->is_asking;
}

void
rub_wizard_set_asking(RubWizard *self, gboolean is_asking)
{
    if (self->is_asking == is_asking)
        return;
    self->is_asking = is_asking;
    rub_wizard_notify(self, RUB_WIZARD_PROP_IS_ASKING);
}

RubRun *
rub_wizard_get_run(RubWizard *self)
{
    return self->run;
}

gboolean
rub_wizard_is_running(RubWizard *self)
{
    return self->run && !rub_run_get_outcome(self->run);
}

static gboolean
can_begin(RubWizard *self)
{
    if (self->is_asking || rub_wizard_is_looking(self))
        return FALSE;
    if (self->task == RUB_TASK_UNDO)
        return self->survey && self->survey->undo;
    return self->draft && rub_draft_is_possible(self->draft) &&
           (self->is_acknowledged || !rub_draft_has_warnings(self->draft));
}

gboolean
rub_wizard_can_go_next(RubWizard *self)
{
    switch (self->page) {
    case RUB_PAGE_IMAGE:
        return self->inspection && rub_inspection_is_usable(self->inspection);
    case RUB_PAGE_STICK:
        return rub_stick_choice_is_complete(self->stick) && !rub_wizard_is_looking(self);
    case RUB_PAGE_REVIEW:
        return can_begin(self);
    default:
        return FALSE;
    }
}

gboolean
rub_wizard_can_go_back(RubWizard *self)
{
    return self->page == RUB_PAGE_STICK || self->page == RUB_PAGE_REVIEW;
}

/* A check has nothing to be reviewed, but the way back is there while the stick is looked at. */
static void
leave_stick_page(RubWizard *self)
{
    rub_wizard_set_page(self, RUB_PAGE_REVIEW);
    rub_wizard_look_at_stick(self);
}

/* A new file has nothing to lose, and keeping loses nothing. */
static gboolean
must_ask(RubWizard *self)
{
    return self->task == RUB_TASK_UNDO || rub_draft_erases(self->draft);
}

void
rub_wizard_go_next(RubWizard *self)
{
    if (!rub_wizard_can_go_next(self))
        return;
    if (self->page == RUB_PAGE_IMAGE)
        rub_wizard_set_page(self, RUB_PAGE_STICK);
    else if (self->page == RUB_PAGE_STICK)
        leave_stick_page(self);
    else if (must_ask(self))
        rub_wizard_set_asking(self, TRUE);
    else
        rub_wizard_begin(self);
}

void
rub_wizard_go_back(RubWizard *self)
{
    if (!rub_wizard_can_go_back(self))
        return;
    if (self->is_asking) {
        rub_wizard_set_asking(self, FALSE);
        return;
    }
    rub_wizard_forget_stick(self);
    if (self->page == RUB_PAGE_REVIEW) {
        rub_wizard_set_page(self, RUB_PAGE_STICK);
        return;
    }
    change_task(self, RUB_TASK_BUILD);
    rub_wizard_set_page(self, RUB_PAGE_IMAGE);
}

static void
go_to(RubWizard *self, RubPage page)
{
    rub_wizard_forget_stick(self);
    rub_wizard_set_page(self, page);
}

void
rub_wizard_apply(RubWizard *self, RubAction action)
{
    g_return_if_fail(!rub_wizard_is_running(self));
    switch (action) {
    case RUB_ACTION_ERASE:
        g_object_set(self, "treatment", RUB_TREATMENT_ERASE, NULL);
        break;
    case RUB_ACTION_UEFI_ONLY:
        g_object_set(self, "multiboot", FALSE, NULL);
        break;
    case RUB_ACTION_NTFS:
    case RUB_ACTION_BIOS_ON_NTFS:
        g_object_set(self, "filesystem", RUB_CHOICE_NTFS, NULL);
        break;
    case RUB_ACTION_RAW:
        g_object_set(self, "method", RUB_METHOD_RAW, NULL);
        break;
    case RUB_ACTION_BY_FILES:
        g_object_set(self, "method", RUB_METHOD_FILES, NULL);
        break;
    case RUB_ACTION_CHOOSE_TARGET:
        go_to(self, RUB_PAGE_STICK);
        break;
    case RUB_ACTION_CHOOSE_IMAGE:
        go_to(self, RUB_PAGE_IMAGE);
        break;
    default:
        break;
    }
}

void
rub_wizard_ask_to_stop(RubWizard *self)
{
    if (rub_wizard_is_running(self) && !rub_run_is_stopping(self->run))
        rub_wizard_set_asking(self, TRUE);
}

void
rub_wizard_answer(RubWizard *self, gboolean is_yes)
{
    if (!self->is_asking)
        return;
    rub_wizard_set_asking(self, FALSE);
    if (!is_yes)
        return;
    if (self->page == RUB_PAGE_WORK)
        rub_run_stop(self->run);
    else
        rub_wizard_begin(self);
}

void
rub_wizard_check_again(RubWizard *self)
{
    g_return_if_fail(!rub_wizard_is_running(self));
    const RubDraft *draft = rub_run_get_draft(self->run);
    if (draft) {
        /* What was written byte by byte has no manifest. */
        gboolean is_raw = draft->plan->mode == RUB_PLAN_RAW;
        g_free(self->compared_path);
        self->compared_path = is_raw ? g_strdup(draft->inspection->path) : NULL;
    }
    change_task(self, RUB_TASK_CHECK);
    leave_stick_page(self);
}

void
rub_wizard_compare(RubWizard *self, const char *path)
{
    g_return_if_fail(!rub_wizard_is_running(self));
    g_free(self->compared_path);
    self->compared_path = g_strdup(path);
    leave_stick_page(self);
}

gboolean
rub_wizard_is_trying(RubWizard *self)
{
    return self->trying != NULL;
}

const GError *
rub_wizard_get_trial_error(RubWizard *self)
{
    return self->trial_error;
}

void
rub_wizard_try_again(RubWizard *self)
{
    g_return_if_fail(!rub_wizard_is_running(self));
    if (rub_stick_choice_is_complete(self->stick))
        leave_stick_page(self);
    else
        rub_wizard_set_page(self, RUB_PAGE_STICK);
}

void
rub_wizard_build_another(RubWizard *self)
{
    g_return_if_fail(!rub_wizard_is_running(self));
    rub_wizard_forget_stick(self);
    change_task(self, RUB_TASK_BUILD);
    rub_stick_choice_clear(self->stick);
    rub_wizard_set_page(self, self->inspection ? RUB_PAGE_STICK : RUB_PAGE_IMAGE);
}

void
rub_wizard_close(RubWizard *self)
{
    g_cancellable_cancel(self->inspecting);
    g_cancellable_cancel(self->surveying);
    g_cancellable_cancel(self->planning);
    g_cancellable_cancel(self->trying);
}

/* Without a stick there is nothing to look at or to review. */
static void
on_stick_cb(RubStickChoice *stick, GParamSpec *pspec, gpointer user_data)
{
    RubWizard *self = user_data;
    g_object_notify_by_pspec(G_OBJECT(self), properties[RUB_WIZARD_PROP_CAN_GO_NEXT]);
    if (rub_stick_choice_is_complete(stick) || self->page != RUB_PAGE_REVIEW)
        return;
    rub_wizard_set_asking(self, FALSE);
    rub_wizard_forget_stick(self);
    rub_wizard_set_page(self, RUB_PAGE_STICK);
}

static void
rub_wizard_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    RubWizard *self = RUB_WIZARD(object);
    switch ((RubWizardProp) id) {
    case RUB_WIZARD_PROP_PAGE:
        g_value_set_enum(value, self->page);
        break;
    case RUB_WIZARD_PROP_TASK:
        g_value_set_enum(value, self->task);
        break;
    case RUB_WIZARD_PROP_IMAGE_PATH:
        g_value_set_string(value, self->image_path);
        break;
    case RUB_WIZARD_PROP_INSPECTION:
        g_value_set_boxed(value, self->inspection);
        break;
    case RUB_WIZARD_PROP_IS_INSPECTING:
        g_value_set_boolean(value, rub_wizard_is_inspecting(self));
        break;
    case RUB_WIZARD_PROP_SURVEY:
        g_value_set_boxed(value, self->survey);
        break;
    case RUB_WIZARD_PROP_DRAFT:
        g_value_set_boxed(value, self->draft);
        break;
    case RUB_WIZARD_PROP_IS_LOOKING:
        g_value_set_boolean(value, rub_wizard_is_looking(self));
        break;
    case RUB_WIZARD_PROP_IS_ASKING:
        g_value_set_boolean(value, self->is_asking);
        break;
    case RUB_WIZARD_PROP_RUN:
        g_value_set_object(value, self->run);
        break;
    case RUB_WIZARD_PROP_IS_TRYING:
        g_value_set_boolean(value, rub_wizard_is_trying(self));
        break;
    case RUB_WIZARD_PROP_CAN_GO_NEXT:
        g_value_set_boolean(value, rub_wizard_can_go_next(self));
        break;
    case RUB_WIZARD_PROP_CAN_GO_BACK:
        g_value_set_boolean(value, rub_wizard_can_go_back(self));
        break;
    case RUB_WIZARD_PROP_ACKNOWLEDGED:
        g_value_set_boolean(value, self->is_acknowledged);
        break;
    default:
        rub_wizard_get_choice(self, id, value);
    }
}

/* What the user chooses changes the plan at once. */
static void
rub_wizard_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    RubWizard *self = RUB_WIZARD(object);
    if (id == RUB_WIZARD_PROP_ACKNOWLEDGED) {
        self->is_acknowledged = g_value_get_boolean(value);
        rub_wizard_notify(self, id);
        return;
    }
    rub_wizard_set_choice(self, id, value);
    rub_wizard_plan(self);
    rub_wizard_notify(self, id);
}

static void
rub_wizard_dispose(GObject *object)
{
    RubWizard *self = RUB_WIZARD(object);
    rub_wizard_close(self);
    g_clear_object(&self->inspecting);
    g_clear_object(&self->surveying);
    g_clear_object(&self->planning);
    g_clear_object(&self->trying);
    g_clear_object(&self->run);
    g_clear_object(&self->stick);
    G_OBJECT_CLASS(rub_wizard_parent_class)->dispose(object);
}

static void
rub_wizard_finalize(GObject *object)
{
    RubWizard *self = RUB_WIZARD(object);
    g_clear_pointer(&self->draft, rub_draft_unref);
    g_clear_pointer(&self->survey, rub_survey_unref);
    g_clear_pointer(&self->inspection, rub_inspection_unref);
    g_clear_error(&self->trial_error);
    g_free(self->compared_path);
    g_free(self->image_path);
    g_free(self->label);
    G_OBJECT_CLASS(rub_wizard_parent_class)->finalize(object);
}

static GParamSpec *
make_boolean(const char *name, gboolean initial, GParamFlags flags)
{
    return g_param_spec_boolean(name, NULL, NULL, initial, flags);
}

static void
install_properties(GObjectClass *klass)
{
    const GParamFlags fact = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    properties[RUB_WIZARD_PROP_PAGE] =
        g_param_spec_enum("page", NULL, NULL, RUB_TYPE_PAGE, RUB_PAGE_IMAGE, fact);
    properties[RUB_WIZARD_PROP_TASK] =
        g_param_spec_enum("task", NULL, NULL, RUB_TYPE_TASK, RUB_TASK_BUILD, fact);
    properties[RUB_WIZARD_PROP_IMAGE_PATH] =
        g_param_spec_string("image-path", NULL, NULL, NULL, fact);
    properties[RUB_WIZARD_PROP_INSPECTION] =
        g_param_spec_boxed("inspection", NULL, NULL, RUB_TYPE_INSPECTION, fact);
    properties[RUB_WIZARD_PROP_IS_INSPECTING] = make_boolean("is-inspecting", FALSE, fact);
    properties[RUB_WIZARD_PROP_SURVEY] =
        g_param_spec_boxed("survey", NULL, NULL, RUB_TYPE_SURVEY, fact);
    properties[RUB_WIZARD_PROP_DRAFT] =
        g_param_spec_boxed("draft", NULL, NULL, RUB_TYPE_DRAFT, fact);
    properties[RUB_WIZARD_PROP_IS_LOOKING] = make_boolean("is-looking", FALSE, fact);
    properties[RUB_WIZARD_PROP_IS_ASKING] = make_boolean("is-asking", FALSE, fact);
    properties[RUB_WIZARD_PROP_RUN] = g_param_spec_object("run", NULL, NULL, RUB_TYPE_RUN, fact);
    properties[RUB_WIZARD_PROP_IS_TRYING] = make_boolean("is-trying", FALSE, fact);
    properties[RUB_WIZARD_PROP_CAN_GO_NEXT] = make_boolean("can-go-next", FALSE, fact);
    properties[RUB_WIZARD_PROP_CAN_GO_BACK] = make_boolean("can-go-back", FALSE, fact);
    properties[RUB_WIZARD_PROP_ACKNOWLEDGED] =
        make_boolean("acknowledged", FALSE, fact | G_PARAM_WRITABLE);
    rub_wizard_make_choices(properties);
    g_object_class_install_properties(klass, RUB_WIZARD_N_PROPS, properties);
}

static void
rub_wizard_class_init(RubWizardClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    object_class->get_property = rub_wizard_get_property;
    object_class->set_property = rub_wizard_set_property;
    object_class->dispose = rub_wizard_dispose;
    object_class->finalize = rub_wizard_finalize;
    install_properties(object_class);
}

static void
rub_wizard_init(RubWizard *self)
{
    rub_wizard_init_choices(self);
    self->stick = rub_stick_choice_new();
    g_signal_connect_object(self->stick, "notify::is-complete", G_CALLBACK(on_stick_cb), self, 0);
}
