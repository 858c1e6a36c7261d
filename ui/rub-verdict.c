/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-verdict.h"

#include "rub-bidi.h"
#include "rub-facts.h"
#include "rub-intl.h"
#include "rub-log-file.h"
#include "rub-words.h"

RubVerdictMood
rub_verdict_get_mood(RubRun *run)
{
    const RubFinding *failure = rub_run_get_outcome(run)->failure;
    if (!failure)
        return RUB_VERDICT_GOOD;
    return failure->code == RUB_CODE_CANCELLED ? RUB_VERDICT_STOPPED : RUB_VERDICT_BAD;
}

static const char *
get_success_title(RubTask task)
{
    switch (task) {
    case RUB_TASK_CHECK:
        return _("The Stick Is Good");
    case RUB_TASK_UNDO:
        return _("The Rescue System Was Removed");
    default:
        return _("Your Rescue Stick Is Ready");
    }
}

static const char *
get_check_title(const RubCheckReport *report)
{
    switch (report->finding->code) {
    case RUB_CODE_NOT_OUR_STICK:
        return _("Not Made by This Program");
    case RUB_CODE_BUILD_INCOMPLETE:
        return _("The Stick Is Unfinished");
    case RUB_CODE_VERIFY_FAILED:
        return report->state == RUB_CHECK_CHANGED ? _("The Stick Was Changed")
                                                  : _("The Stick Is Damaged");
    default:
        return _("The Stick Could Not Be Checked");
    }
}

const char *
rub_verdict_get_title(RubRun *run)
{
    const RubOutcome *outcome = rub_run_get_outcome(run);
    if (!outcome->failure)
        return get_success_title(outcome->task);
    switch (outcome->failure->code) {
    case RUB_CODE_CANCELLED:
        return _("Stopped");
    case RUB_CODE_DEVICE_GONE:
        return _("The Stick Was Unplugged");
    case RUB_CODE_NOT_AUTHORIZED:
        return _("A Password Is Needed");
    default:
        break;
    }
    if (outcome->check)
        return get_check_title(outcome->check);
    return outcome->undo ? _("The Rescue System Could Not Be Removed")
                         : _("The Stick Could Not Be Built");
}

/* An image that was written byte by byte has no files that would have been counted. */
static char *
describe_amount(guint file_count, guint64 size_bytes)
{
    g_autofree char *size = g_format_size(size_bytes);
    if (file_count == 0)
        return g_steal_pointer(&size);
    g_autofree char *files = rub_facts_count_files(file_count);
    /* Translators: how many files, how large they are together. */
    return g_strdup_printf(_("%s, %s"), files, size);
}

static char *
describe_build(RubRun *run, const RubReport *report)
{
    if (report->left_behind)
        return rub_words_format(report->left_behind);
    const RubLayout *layout = rub_run_get_survey(run)->layout;
    g_autofree char *name = rub_words_name_target(layout);
    g_autofree char *amount = describe_amount(report->file_count, report->copied_bytes);
    g_autofree char *duration = rub_words_describe_duration(report->seconds);
    return g_strdup_printf(report->is_verified
                               ? _("%s: %s, in %s. Everything was read back and found right.")
                               : _("%s: %s, in %s. Nothing was read back."),
                           name, amount, duration);
}

static char *
describe_check(const RubCheckReport *report)
{
    if (report->finding)
        return g_strdup("");
    g_autofree char *amount = describe_amount(report->file_count, report->checked_bytes);
    return g_strdup_printf(_("%s: everything is as it was written."), amount);
}

static char *
describe_undo(const RubUndoReport *report)
{
    if (report->failure)
        return rub_words_format(report->left_behind);
    g_autofree char *done =
        g_strdup_printf(_("Removed: %u. Put back: %u. Left because you changed them: %u."),
                        report->removed->len, report->restored->len, report->stayed->len);
    if (report->missing->len == 0)
        return g_steal_pointer(&done);
    g_autofree char *missing = g_strdup_printf(
        _("Not put back because what was saved is gone: %u."), report->missing->len);
    return g_strdup_printf("%s %s", done, missing);
}

char *
rub_verdict_make_description(RubRun *run)
{
    const RubOutcome *outcome = rub_run_get_outcome(run);
    if (outcome->build)
        return describe_build(run, outcome->build);
    return outcome->check ? describe_check(outcome->check) : describe_undo(outcome->undo);
}

char *
rub_verdict_make_details(RubRun *run)
{
    const RubFinding *failure = rub_run_get_outcome(run)->failure;
    g_autofree char *description = rub_verdict_make_description(run);
    g_autofree char *log = rub_log_file_read(rub_run_get_log_path(run));
    GString *out = g_string_new("Rescue USB Builder " RUB_VERSION "\n");
    g_string_append_printf(out, "%s\n", rub_verdict_get_title(run));
    if (failure) {
        g_autofree char *title = rub_words_make_title(failure);
        g_autofree char *meaning = rub_words_make_meaning(failure);
        g_autofree char *remedy = rub_words_format(failure->remedy);
        g_string_append_printf(out, "%s\n%s\n%s\n", title, meaning, remedy);
    }
    g_string_append_printf(out, "%s\n\n%s", description, log);
    g_autofree char *marked = g_string_free(out, FALSE);
    return rub_bidi_strip(marked);
}
