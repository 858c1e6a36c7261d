/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-wizard.h"

G_BEGIN_DECLS

struct _RubWizard {
    GObject parent_instance;

    RubPage page;
    RubTask task;
    gboolean is_asking;

    char *image_path;
    RubInspection *inspection;
    GCancellable *inspecting;

    RubStickChoice *stick;
    RubTreatment treatment;
    gboolean is_multiboot;
    RubMethod method;
    RubFilesystemChoice filesystem;
    gboolean verifies;
    char *label;

    RubSurvey *survey;
    GCancellable *surveying;
    RubDraft *draft;
    GCancellable *planning;
    gboolean is_acknowledged;

    RubRun *run;
    char *compared_path; /* what a check compares with; NULL for the stick's manifest */
    GCancellable *trying;
    GError *trial_error;
};

/* In the order of their installation. */
typedef enum {
    RUB_WIZARD_PROP_PAGE = 1,
    RUB_WIZARD_PROP_TASK,
    RUB_WIZARD_PROP_IMAGE_PATH,
    RUB_WIZARD_PROP_INSPECTION,
    RUB_WIZARD_PROP_IS_INSPECTING,
    RUB_WIZARD_PROP_SURVEY,
    RUB_WIZARD_PROP_DRAFT,
    RUB_WIZARD_PROP_IS_LOOKING,
    RUB_WIZARD_PROP_IS_ASKING,
    RUB_WIZARD_PROP_RUN,
    RUB_WIZARD_PROP_IS_TRYING,
    RUB_WIZARD_PROP_CAN_GO_NEXT,
    RUB_WIZARD_PROP_CAN_GO_BACK,
    RUB_WIZARD_PROP_TREATMENT,
    RUB_WIZARD_PROP_MULTIBOOT,
    RUB_WIZARD_PROP_FILESYSTEM,
    RUB_WIZARD_PROP_METHOD,
    RUB_WIZARD_PROP_LABEL,
    RUB_WIZARD_PROP_VERIFIES,
    RUB_WIZARD_PROP_ACKNOWLEDGED,
    RUB_WIZARD_N_PROPS,
} RubWizardProp;

/* Tells that a property changed, and with it perhaps which way leads on. */
void rub_wizard_notify(RubWizard *self, RubWizardProp property);

void rub_wizard_set_page(RubWizard *self, RubPage page);
void rub_wizard_set_asking(RubWizard *self, gboolean is_asking);

/* What the user chooses: rub-wizard-choices.c. */
void rub_wizard_init_choices(RubWizard *self);
void rub_wizard_make_choices(GParamSpec **properties);
void rub_wizard_get_choice(RubWizard *self, RubWizardProp property, GValue *value);
void rub_wizard_set_choice(RubWizard *self, RubWizardProp property, const GValue *value);

/* The work on other threads: rub-wizard-work.c. */
void rub_wizard_inspect(RubWizard *self);
void rub_wizard_look_at_stick(RubWizard *self);
void rub_wizard_forget_stick(RubWizard *self);
void rub_wizard_plan(RubWizard *self);
void rub_wizard_begin(RubWizard *self);

G_END_DECLS
