/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-action.h"
#include "rub-draft.h"
#include "rub-run.h"
#include "rub-stick-choice.h"

G_BEGIN_DECLS

/**
 * RubPage:
 * @RUB_PAGE_IMAGE: choosing the image
 * @RUB_PAGE_STICK: choosing the stick, and how it is built
 * @RUB_PAGE_REVIEW: the stick is looked at; what will happen, to be agreed to
 * @RUB_PAGE_WORK: a build, a check or an undo runs
 * @RUB_PAGE_RESULT: how it went
 *
 * Where the user is. A check has no image and nothing to agree to; an undo has no image.
 */
typedef enum {
    RUB_PAGE_IMAGE,
    RUB_PAGE_STICK,
    RUB_PAGE_REVIEW,
    RUB_PAGE_WORK,
    RUB_PAGE_RESULT,
} RubPage;

#define RUB_TYPE_PAGE (rub_page_get_type())
GType rub_page_get_type(void);

/**
 * RubTreatment:
 * @RUB_TREATMENT_KEEP: what is on the stick stays
 * @RUB_TREATMENT_ERASE: the whole stick is erased
 *
 * What becomes of what is on the stick.
 */
typedef enum {
    RUB_TREATMENT_KEEP,
    RUB_TREATMENT_ERASE,
} RubTreatment;

#define RUB_TYPE_TREATMENT (rub_treatment_get_type())
GType rub_treatment_get_type(void);

#define RUB_TYPE_FILESYSTEM_CHOICE (rub_filesystem_choice_get_type())
GType rub_filesystem_choice_get_type(void);

#define RUB_TYPE_METHOD (rub_method_get_type())
GType rub_method_get_type(void);

/**
 * RubWizard:
 *
 * The state of the wizard, without a widget: what the user chose, what is known of it, and which
 * way leads on. All work is done on other threads and can be replaced by a newer choice at any
 * moment. Properties that notify: "page", "task", "image-path", "inspection", "is-inspecting",
 * "draft", "survey", "is-looking" (at the stick, or planning), "is-asking" (once more, before
 * something that cannot be taken back), "run", "is-trying", "can-go-next", "can-go-back"; writable:
 * "treatment", "multiboot", "filesystem", "method" and "label" (which count only where the stick is
 * erased), "verifies", "acknowledged".
 */
#define RUB_TYPE_WIZARD (rub_wizard_get_type())
G_DECLARE_FINAL_TYPE(RubWizard, rub_wizard, RUB, WIZARD, GObject)

/** rub_wizard_new: Returns: (transfer full): a wizard at its first page */
RubWizard *rub_wizard_new(void);

/** rub_wizard_get_page: Returns: where the user is */
RubPage rub_wizard_get_page(RubWizard *self);

/** rub_wizard_get_task: Returns: what the user wants */
RubTask rub_wizard_get_task(RubWizard *self);

/**
 * rub_wizard_set_task:
 * @self: a wizard without a run under way
 * @task: what the user wants
 *
 * Begins a task at its first page. What was chosen stays chosen.
 */
void rub_wizard_set_task(RubWizard *self, RubTask task);

/**
 * rub_wizard_choose_image:
 * @self: a wizard without a run under way
 * @name: an image: a path, also one in quotes or beginning with "~/", or a file: address
 *
 * Chooses an image and looks into it; a choice that was made before is forgotten.
 */
void rub_wizard_choose_image(RubWizard *self, const char *name);

/** rub_wizard_get_image_path: Returns: (transfer none) (nullable): the image that was chosen */
const char *rub_wizard_get_image_path(RubWizard *self);

/** rub_wizard_get_inspection: Returns: (transfer none) (nullable): what the image is; %NULL as long
 * as that is not known */
RubInspection *rub_wizard_get_inspection(RubWizard *self);

/** rub_wizard_is_inspecting: Returns: whether an image is being looked into */
gboolean rub_wizard_is_inspecting(RubWizard *self);

/** rub_wizard_has_methods: Returns: whether there is more than one way to put the image on a stick
 */
gboolean rub_wizard_has_methods(RubWizard *self);

/** rub_wizard_get_stick: Returns: (transfer none): the choice of the stick */
RubStickChoice *rub_wizard_get_stick(RubWizard *self);

/** rub_wizard_get_survey: Returns: (transfer none) (nullable): what is on the stick */
RubSurvey *rub_wizard_get_survey(RubWizard *self);

/** rub_wizard_get_draft: Returns: (transfer none) (nullable): what the user has to agree to */
RubDraft *rub_wizard_get_draft(RubWizard *self);

/** rub_wizard_is_looking: Returns: whether the stick is being looked at or a build is planned */
gboolean rub_wizard_is_looking(RubWizard *self);

/** rub_wizard_is_asking: Returns: whether the user is asked once more */
gboolean rub_wizard_is_asking(RubWizard *self);

/** rub_wizard_get_run: Returns: (transfer none) (nullable): what runs, or ran last */
RubRun *rub_wizard_get_run(RubWizard *self);

/** rub_wizard_is_running: Returns: whether something runs */
gboolean rub_wizard_is_running(RubWizard *self);

/** rub_wizard_can_go_next: Returns: whether rub_wizard_go_next() leads on */
gboolean rub_wizard_can_go_next(RubWizard *self);

/** rub_wizard_can_go_back: Returns: whether rub_wizard_go_back() leads back */
gboolean rub_wizard_can_go_back(RubWizard *self);

/** rub_wizard_go_next: goes to the next page, or asks once more, or begins the work */
void rub_wizard_go_next(RubWizard *self);

/** rub_wizard_go_back: goes to the page before; an open question is answered with no */
void rub_wizard_go_back(RubWizard *self);

/**
 * rub_wizard_apply:
 * @self: a wizard
 * @action: what helps against a finding
 *
 * Changes the user's choices as @action says, and plans anew or goes to where another choice can be
 * made.
 */
void rub_wizard_apply(RubWizard *self, RubAction action);

/**
 * rub_wizard_ask_to_stop:
 * @self: a wizard
 *
 * Asks whether what runs shall be stopped.
 */
void rub_wizard_ask_to_stop(RubWizard *self);

/** rub_wizard_answer: answers the open question */
void rub_wizard_answer(RubWizard *self, gboolean is_yes);

/** rub_wizard_check_again: reads the stick that was just built or checked again */
void rub_wizard_check_again(RubWizard *self);

/** rub_wizard_compare: checks the stick that was just checked again, now against the image @path */
void rub_wizard_compare(RubWizard *self, const char *path);

/** rub_wizard_try_out: starts the stick that was just built or checked in a window; it is not
 * written */
void rub_wizard_try_out(RubWizard *self);

/** rub_wizard_is_trying: Returns: whether the stick is being started in a window */
gboolean rub_wizard_is_trying(RubWizard *self);

/** rub_wizard_get_trial_error: Returns: (transfer none) (nullable): why it could not be started in
 * a window */
const GError *rub_wizard_get_trial_error(RubWizard *self);

/** rub_wizard_try_again: goes back to where what failed can be begun again, and looks at the stick
 * anew */
void rub_wizard_try_again(RubWizard *self);

/** rub_wizard_build_another: goes back to the choice of the stick, for a build with the same image
 */
void rub_wizard_build_another(RubWizard *self);

/** rub_wizard_close: drops all work that only reads, and ends a trial */
void rub_wizard_close(RubWizard *self);

G_END_DECLS
