/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-wizard.h"

#include <string.h>

#include "../unit/made-image.h"

#define STICK_BYTES ((guint64) 64 * 1000 * 1000)

typedef struct {
    MadeFolder *folder;
    const char *image;
    RubWizard *wizard;
} Fixture;

/* NULL where the tools to make it are missing. */
static char *image;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    fixture->folder = made_folder_new();
    g_setenv("XDG_STATE_HOME", fixture->folder, TRUE);
    fixture->image = image;
    fixture->wizard = rub_wizard_new();
    g_object_set(rub_wizard_get_stick(fixture->wizard), "new-size-bytes", STICK_BYTES, NULL);
}

static void
settle(RubWizard *wizard)
{
    while (rub_wizard_is_inspecting(wizard) || rub_wizard_is_looking(wizard) ||
           rub_wizard_is_running(wizard))
        g_main_context_iteration(NULL, TRUE);
}

/* Work that was replaced holds the wizard until its thread has ended. */
static void
tear_down(Fixture *fixture, gconstpointer data)
{
    RubWizard *wizard = fixture->wizard;
    settle(wizard);
    g_object_add_weak_pointer(G_OBJECT(wizard), (gpointer *) &fixture->wizard);
    g_object_unref(wizard);
    while (fixture->wizard)
        g_main_context_iteration(NULL, TRUE);
    made_folder_free(fixture->folder);
}

static gboolean
has_image(const Fixture *fixture)
{
    if (!fixture->image)
        g_test_skip("the tools to make an image are not installed");
    return fixture->image != NULL;
}

static char *
get_stick_path(const Fixture *fixture)
{
    return g_build_filename(fixture->folder, "stick.img", NULL);
}

static void
choose_image(Fixture *fixture)
{
    rub_wizard_choose_image(fixture->wizard, fixture->image);
    settle(fixture->wizard);
    g_assert_true(rub_wizard_can_go_next(fixture->wizard));
}

/* Up to the review of a build on the disk-image file of the fixture. */
static RubDraft *
review(Fixture *fixture)
{
    g_autofree char *stick = get_stick_path(fixture);
    choose_image(fixture);
    rub_wizard_go_next(fixture->wizard);
    rub_stick_choice_choose_file(rub_wizard_get_stick(fixture->wizard), stick);
    rub_wizard_go_next(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_REVIEW);
    settle(fixture->wizard);
    return rub_wizard_get_draft(fixture->wizard);
}

static const RubOutcome *
build(Fixture *fixture)
{
    g_object_set(fixture->wizard, "acknowledged", TRUE, NULL);
    rub_wizard_go_next(fixture->wizard);
    rub_wizard_answer(fixture->wizard, TRUE);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_WORK);
    settle(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_RESULT);
    return rub_run_get_outcome(rub_wizard_get_run(fixture->wizard));
}

static void
test_begins_without_a_choice(Fixture *fixture, gconstpointer data)
{
    RubStickChoice *stick = rub_wizard_get_stick(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_IMAGE);
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
    g_assert_false(rub_wizard_can_go_back(fixture->wizard));
    g_assert_cmpstr(rub_stick_choice_get_chosen(stick), ==, "");
    rub_wizard_go_next(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_IMAGE);
}

static void
test_names_of_images_come_in_many_spellings(Fixture *fixture, gconstpointer data)
{
    g_autofree char *in_home = g_build_filename(g_get_home_dir(), "a.iso", NULL);
    const struct {
        const char *name;
        const char *path;
    } cases[] = {
        {"/a b.iso", "/a b.iso"},
        {"  /a.iso \n", "/a.iso"},
        {"'/a.iso'", "/a.iso"},
        {"\"/a.iso\"", "/a.iso"},
        {"~/a.iso", in_home},
        {"/b/../a.iso", "/a.iso"},
        {"file:///a%20b.iso", "/a b.iso"},
        {"'", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        rub_wizard_choose_image(fixture->wizard, cases[i].name);
        if (cases[i].path)
            g_assert_cmpstr(rub_wizard_get_image_path(fixture->wizard), ==, cases[i].path);
    }
}

static void
test_what_is_no_image_leads_nowhere(Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = made_file(fixture->folder, "no.iso", "x", 1, 100000);
    rub_wizard_choose_image(fixture->wizard, path);
    settle(fixture->wizard);
    RubInspection *inspection = rub_wizard_get_inspection(fixture->wizard);
    const RubFinding *finding = g_ptr_array_index(inspection->findings, 0);
    g_assert_null(inspection->info);
    g_assert_cmpint(finding->code, ==, RUB_CODE_IMAGE_UNREADABLE);
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
}

static void
test_a_newer_image_replaces_one_under_way(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    rub_wizard_choose_image(fixture->wizard, "/there/is/none.iso");
    rub_wizard_choose_image(fixture->wizard, fixture->image);
    settle(fixture->wizard);
    g_assert_cmpstr(rub_wizard_get_inspection(fixture->wizard)->path, ==, fixture->image);
    g_assert_true(rub_wizard_can_go_next(fixture->wizard));
}

static void
test_a_new_disk_image_is_built_checked_and_built_again(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    g_assert_nonnull(review(fixture));
    g_assert_null(build(fixture)->failure);
    g_assert_nonnull(rub_run_get_log_path(rub_wizard_get_run(fixture->wizard)));

    rub_wizard_check_again(fixture->wizard);
    settle(fixture->wizard);
    const RubOutcome *outcome = rub_run_get_outcome(rub_wizard_get_run(fixture->wizard));
    g_assert_cmpint(outcome->task, ==, RUB_TASK_CHECK);
    g_assert_null(outcome->failure);

    rub_wizard_build_another(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_STICK);
    g_assert_cmpint(rub_wizard_get_task(fixture->wizard), ==, RUB_TASK_BUILD);
    g_assert_nonnull(rub_wizard_get_inspection(fixture->wizard));
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
}

static void
test_erasing_asks_once_more(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    g_autofree char *stick = get_stick_path(fixture);
    g_autofree char *existing = made_file(fixture->folder, "stick.img", "", 0, STICK_BYTES);
    g_object_set(fixture->wizard, "treatment", RUB_TREATMENT_ERASE, NULL);
    g_assert_true(rub_draft_erases(review(fixture)));
    g_object_set(fixture->wizard, "acknowledged", TRUE, NULL);

    rub_wizard_go_next(fixture->wizard);
    g_assert_true(rub_wizard_is_asking(fixture->wizard));
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
    rub_wizard_answer(fixture->wizard, FALSE);
    g_assert_false(rub_wizard_is_asking(fixture->wizard));
    g_assert_null(rub_wizard_get_run(fixture->wizard));

    rub_wizard_go_next(fixture->wizard);
    rub_wizard_go_back(fixture->wizard);
    g_assert_false(rub_wizard_is_asking(fixture->wizard));
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_REVIEW);
    g_assert_null(build(fixture)->failure);
}

static void
test_a_remedy_plans_anew(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    /* A filesystem without a partition table cannot be kept. */
    g_autofree char *existing = made_file(fixture->folder, "stick.img", "", 0, STICK_BYTES);
    made_run(fixture->folder, "PATH=$PATH:/sbin:/usr/sbin mkfs.fat -F 32 stick.img");
    const RubFinding *obstacle = rub_plan_get_obstacle(review(fixture)->plan);
    g_assert_cmpint(obstacle->code, ==, RUB_CODE_FILESYSTEM_AT_START);
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));

    rub_wizard_apply(fixture->wizard, obstacle->action);
    g_assert_true(rub_wizard_is_looking(fixture->wizard));
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
    settle(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_REVIEW);
    g_assert_true(rub_draft_is_possible(rub_wizard_get_draft(fixture->wizard)));

    rub_wizard_apply(fixture->wizard, RUB_ACTION_CHOOSE_TARGET);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_STICK);
    g_assert_null(rub_wizard_get_draft(fixture->wizard));
}

static void
test_a_yes_is_for_what_was_read(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    gboolean is_acknowledged = TRUE;
    g_autofree char *no_bios = made_windows_like(fixture->folder, "--shape plain --remove bootmgr");
    fixture->image = no_bios;
    g_assert_true(rub_draft_has_warnings(review(fixture)));
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
    g_object_set(fixture->wizard, "acknowledged", TRUE, NULL);
    g_assert_true(rub_wizard_can_go_next(fixture->wizard));

    g_object_set(fixture->wizard, "verifies", FALSE, NULL);
    settle(fixture->wizard);
    g_object_get(fixture->wizard, "acknowledged", &is_acknowledged, NULL);
    g_assert_false(is_acknowledged);
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
}

static void
test_the_image_is_not_built_onto_itself(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    choose_image(fixture);
    rub_wizard_go_next(fixture->wizard);
    rub_stick_choice_choose_file(rub_wizard_get_stick(fixture->wizard), fixture->image);
    g_object_set(fixture->wizard, "treatment", RUB_TREATMENT_ERASE, NULL);
    rub_wizard_go_next(fixture->wizard);
    settle(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_draft(fixture->wizard)->failure->code, ==, RUB_CODE_DEVICE_BUSY);
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
}

/* Puts a program that never ends in the place of the one that formats, so that no build is quicker
 * than the test. Returns the search path as it was. */
static char *
halt_formatting(const Fixture *fixture)
{
    static const char script[] = "#!/bin/sh\nexec tail -f /dev/null\n";
    g_autofree char *program =
        made_file(fixture->folder, "mkfs.fat", script, sizeof script - 1, sizeof script - 1);
    char *search_path = g_strdup(g_getenv("PATH"));
    g_autofree char *longer = g_strconcat(fixture->folder, ":", search_path, NULL);
    g_assert_cmpint(g_chmod(program, 0700), ==, 0);
    g_setenv("PATH", longer, TRUE);
    return search_path;
}

static void
test_a_build_is_stopped_only_after_a_yes(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    g_autofree char *search_path = halt_formatting(fixture);
    review(fixture);
    rub_wizard_go_next(fixture->wizard);
    RubRun *run = rub_wizard_get_run(fixture->wizard);
    rub_wizard_ask_to_stop(fixture->wizard);
    g_assert_true(rub_wizard_is_asking(fixture->wizard));
    rub_wizard_answer(fixture->wizard, FALSE);
    g_assert_false(rub_run_is_stopping(run));
    rub_wizard_ask_to_stop(fixture->wizard);
    rub_wizard_answer(fixture->wizard, TRUE);
    g_assert_true(rub_run_is_stopping(run));
    settle(fixture->wizard);
    g_setenv("PATH", search_path, TRUE);
    g_assert_cmpint(rub_run_get_outcome(run)->failure->code, ==, RUB_CODE_CANCELLED);

    rub_wizard_try_again(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_REVIEW);
    settle(fixture->wizard);
    g_assert_null(build(fixture)->failure);
}

static void
test_a_kept_build_is_undone_after_a_yes(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    review(fixture);
    g_assert_null(build(fixture)->failure);
    rub_wizard_set_task(fixture->wizard, RUB_TASK_UNDO);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_STICK);
    rub_wizard_go_next(fixture->wizard);
    settle(fixture->wizard);
    guint told_count = rub_wizard_get_survey(fixture->wizard)->undo->file_count;
    rub_wizard_go_next(fixture->wizard);
    g_assert_true(rub_wizard_is_asking(fixture->wizard));
    rub_wizard_answer(fixture->wizard, TRUE);
    settle(fixture->wizard);
    const RubOutcome *outcome = rub_run_get_outcome(rub_wizard_get_run(fixture->wizard));
    g_assert_null(outcome->failure);
    g_assert_cmpuint(told_count, >, 0);
    g_assert_cmpuint(outcome->undo->removed->len, ==, told_count);
}

static void
test_what_cannot_be_undone_is_not_asked_for(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    g_object_set(fixture->wizard, "treatment", RUB_TREATMENT_ERASE, NULL);
    review(fixture);
    g_assert_null(build(fixture)->failure);
    rub_wizard_set_task(fixture->wizard, RUB_TASK_UNDO);
    rub_wizard_go_next(fixture->wizard);
    settle(fixture->wizard);
    const RubSurvey *survey = rub_wizard_get_survey(fixture->wizard);
    g_assert_error(survey->error, RUB_ERROR, RUB_CODE_NOT_OUR_STICK);
    g_assert_null(survey->undo);
    g_assert_false(rub_wizard_can_go_next(fixture->wizard));
}

static void
test_an_image_is_written_in_the_way_a_finding_offers(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    g_object_set(fixture->wizard, "treatment", RUB_TREATMENT_ERASE, NULL);
    g_assert_cmpint(review(fixture)->plan->mode, ==, RUB_PLAN_ERASE);
    rub_wizard_apply(fixture->wizard, RUB_ACTION_RAW);
    settle(fixture->wizard);
    const RubPlan *plan = rub_wizard_get_draft(fixture->wizard)->plan;
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_RAW);
    g_assert_cmpint(rub_plan_get_obstacle(plan)->action, ==, RUB_ACTION_BY_FILES);

    rub_wizard_apply(fixture->wizard, RUB_ACTION_BY_FILES);
    settle(fixture->wizard);
    g_assert_true(rub_draft_is_possible(rub_wizard_get_draft(fixture->wizard)));

    rub_wizard_apply(fixture->wizard, RUB_ACTION_NTFS);
    settle(fixture->wizard);
    plan = rub_wizard_get_draft(fixture->wizard)->plan;
    g_assert_cmpint(plan->starts_on, ==, RUB_FIRMWARE_BIOS);
}

/* A disk-image file with nothing but an NTFS partition; FALSE where the tools are missing. */
static gboolean
make_ntfs_stick(const Fixture *fixture)
{
    g_autofree char *path = get_stick_path(fixture);
    g_autofree char *command = g_strdup_printf(
        "PATH=$PATH:/usr/sbin:/sbin; cd '%s' && truncate -s 65M '%s' && truncate -s 64M volume && "
        "echo 'label: dos\n2048,131072,7' | sfdisk -q '%s' && mkntfs -F -Q -q volume 2>&1 && "
        "dd if=volume of='%s' bs=1M seek=1 conv=notrunc,sparse status=none",
        fixture->folder, path, path, path);
    const char *const arguments[] = {"sh", "-c", command, NULL};
    int status = 0;
    g_autofree char *output = NULL;
    return g_spawn_sync(NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                        NULL, &status, NULL) &&
           status == 0;
}

static void
test_files_are_kept_on_ntfs_where_a_finding_offers_it(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    if (!make_ntfs_stick(fixture)) {
        g_test_skip("the tools to make an NTFS are not installed");
        return;
    }
    const RubPlan *plan = review(fixture)->plan;
    g_assert_cmpint(rub_plan_get_obstacle(plan)->action, ==, RUB_ACTION_BIOS_ON_NTFS);
    rub_wizard_apply(fixture->wizard, RUB_ACTION_BIOS_ON_NTFS);
    settle(fixture->wizard);
    plan = rub_wizard_get_draft(fixture->wizard)->plan;
    g_assert_null(rub_plan_get_obstacle(plan));
    g_assert_cmpint(plan->mode, ==, RUB_PLAN_KEEP_VOLUME);
    g_assert_cmpint(plan->volume.filesystem, ==, RUB_FILESYSTEM_NTFS);
    g_assert_cmpint(plan->starts_on, ==, RUB_FIRMWARE_BIOS);
}

static void
assert_choices(RubWizard *wizard, RubFilesystemChoice expected_filesystem,
               RubMethod expected_method)
{
    RubFilesystemChoice filesystem;
    RubMethod method;
    g_object_get(wizard, "filesystem", &filesystem, "method", &method, NULL);
    g_assert_cmpint(filesystem, ==, expected_filesystem);
    g_assert_cmpint(method, ==, expected_method);
}

/* Buttons of findings and the options of the page before change the same choices. */
static void
test_filesystem_and_method_stay_chosen_until_another_image(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    RubWizard *wizard = fixture->wizard;
    g_object_set(wizard, "treatment", RUB_TREATMENT_ERASE, NULL);
    review(fixture);
    assert_choices(wizard, RUB_CHOICE_AUTO, RUB_METHOD_AUTO);
    rub_wizard_apply(wizard, RUB_ACTION_NTFS);
    rub_wizard_apply(wizard, RUB_ACTION_BY_FILES);
    settle(wizard);
    rub_wizard_go_back(wizard);
    assert_choices(wizard, RUB_CHOICE_NTFS, RUB_METHOD_FILES);
    rub_wizard_go_next(wizard);
    settle(wizard);
    g_assert_cmpint(rub_wizard_get_draft(wizard)->plan->starts_on, ==, RUB_FIRMWARE_BIOS);

    g_object_set(wizard, "filesystem", RUB_CHOICE_AUTO, NULL);
    settle(wizard);
    g_assert_cmpint(rub_wizard_get_draft(wizard)->plan->starts_on, ==, RUB_FIRMWARE_MULTI);

    g_object_set(wizard, "filesystem", RUB_CHOICE_NTFS, "method", RUB_METHOD_RAW, NULL);
    choose_image(fixture);
    assert_choices(wizard, RUB_CHOICE_AUTO, RUB_METHOD_AUTO);
}

/* What is kept cannot be overwritten, and gets no other filesystem. */
static void
test_where_files_are_kept_other_choices_count(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    RubWizard *wizard = fixture->wizard;
    review(fixture);
    g_object_set(wizard, "method", RUB_METHOD_RAW, NULL);
    settle(wizard);
    g_assert_cmpint(rub_wizard_get_draft(wizard)->plan->mode, ==, RUB_PLAN_KEEP_BLANK);
    rub_wizard_apply(wizard, RUB_ACTION_BIOS_ON_NTFS);
    assert_choices(wizard, RUB_CHOICE_NTFS, RUB_METHOD_RAW);
    settle(wizard);
    g_assert_false(rub_draft_is_possible(rub_wizard_get_draft(wizard)));
    g_object_set(wizard, "treatment", RUB_TREATMENT_ERASE, NULL);
    settle(wizard);
    g_assert_cmpint(rub_wizard_get_draft(wizard)->plan->mode, ==, RUB_PLAN_RAW);
}

static void
test_windows_is_not_written_byte_by_byte(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    g_assert_false(rub_wizard_has_methods(fixture->wizard));
    choose_image(fixture);
    g_assert_false(rub_wizard_has_methods(fixture->wizard));
}

/* A copy of an image is what a stick is that was written byte by byte. */
static void
test_a_stick_without_a_manifest_is_compared_with_an_image(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    RubWizard *wizard = fixture->wizard;
    rub_wizard_set_task(wizard, RUB_TASK_CHECK);
    rub_stick_choice_choose_file(rub_wizard_get_stick(wizard), fixture->image);
    rub_wizard_go_next(wizard);
    settle(wizard);
    const RubOutcome *outcome = rub_run_get_outcome(rub_wizard_get_run(wizard));
    g_assert_cmpint(outcome->failure->code, ==, RUB_CODE_NOT_OUR_STICK);

    rub_wizard_compare(wizard, "/there/is/none.iso");
    settle(wizard);
    outcome = rub_run_get_outcome(rub_wizard_get_run(wizard));
    g_assert_cmpint(outcome->failure->code, ==, RUB_CODE_IMAGE_UNREADABLE);

    rub_wizard_compare(wizard, fixture->image);
    settle(wizard);
    outcome = rub_run_get_outcome(rub_wizard_get_run(wizard));
    g_assert_null(outcome->failure);
    g_assert_cmpuint(outcome->check->checked_bytes, >, 0);
}

static void
test_a_stick_cannot_be_tried_out_without_an_emulator(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    g_autofree char *search_path = g_strdup(g_getenv("PATH"));
    review(fixture);
    g_assert_null(build(fixture)->failure);
    g_setenv("PATH", fixture->folder, TRUE);
    rub_wizard_try_out(fixture->wizard);
    g_assert_true(rub_wizard_is_trying(fixture->wizard));
    while (rub_wizard_is_trying(fixture->wizard))
        g_main_context_iteration(NULL, TRUE);
    g_setenv("PATH", search_path, TRUE);
    g_assert_error(rub_wizard_get_trial_error(fixture->wizard), RUB_ERROR, RUB_CODE_USAGE);

    rub_wizard_build_another(fixture->wizard);
    g_assert_null(rub_wizard_get_trial_error(fixture->wizard));
}

static void
test_the_way_back_leads_to_the_image(Fixture *fixture, gconstpointer data)
{
    if (!has_image(fixture))
        return;
    review(fixture);
    rub_wizard_go_back(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_STICK);
    g_assert_null(rub_wizard_get_draft(fixture->wizard));
    rub_wizard_go_back(fixture->wizard);
    g_assert_cmpint(rub_wizard_get_page(fixture->wizard), ==, RUB_PAGE_IMAGE);
    g_assert_true(rub_wizard_can_go_next(fixture->wizard));
}

#define ADD(name, function) g_test_add("/wizard/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(MadeFolder) folder = made_folder_new();
    image = made_windows_like(folder, "--shape plain");
    ADD("begins-without-a-choice", test_begins_without_a_choice);
    ADD("names-of-images-come-in-many-spellings", test_names_of_images_come_in_many_spellings);
    ADD("what-is-no-image-leads-nowhere", test_what_is_no_image_leads_nowhere);
    ADD("a-newer-image-replaces-one-under-way", test_a_newer_image_replaces_one_under_way);
    ADD("a-new-disk-image-is-built-checked-and-built-again",
        test_a_new_disk_image_is_built_checked_and_built_again);
    ADD("erasing-asks-once-more", test_erasing_asks_once_more);
    ADD("a-remedy-plans-anew", test_a_remedy_plans_anew);
    ADD("a-yes-is-for-what-was-read", test_a_yes_is_for_what_was_read);
    ADD("the-image-is-not-built-onto-itself", test_the_image_is_not_built_onto_itself);
    ADD("a-build-is-stopped-only-after-a-yes", test_a_build_is_stopped_only_after_a_yes);
    ADD("a-kept-build-is-undone-after-a-yes", test_a_kept_build_is_undone_after_a_yes);
    ADD("what-cannot-be-undone-is-not-asked-for", test_what_cannot_be_undone_is_not_asked_for);
    ADD("an-image-is-written-in-the-way-a-finding-offers",
        test_an_image_is_written_in_the_way_a_finding_offers);
    ADD("files-are-kept-on-ntfs-where-a-finding-offers-it",
        test_files_are_kept_on_ntfs_where_a_finding_offers_it);
    ADD("filesystem-and-method-stay-chosen-until-another-image",
        test_filesystem_and_method_stay_chosen_until_another_image);
    ADD("where-files-are-kept-other-choices-count", test_where_files_are_kept_other_choices_count);
    ADD("windows-is-not-written-byte-by-byte", test_windows_is_not_written_byte_by_byte);
    ADD("a-stick-without-a-manifest-is-compared-with-an-image",
        test_a_stick_without_a_manifest_is_compared_with_an_image);
    ADD("a-stick-cannot-be-tried-out-without-an-emulator",
        test_a_stick_cannot_be_tried_out_without_an_emulator);
    ADD("the-way-back-leads-to-the-image", test_the_way_back_leads_to_the_image);
    int status = g_test_run();
    g_free(image);
    return status;
}
