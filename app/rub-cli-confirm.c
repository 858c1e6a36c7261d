/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-confirm.h"

#include <unistd.h>

#include "rub-cli-words.h"
#include "rub-intl.h"

/* More names make no better question; the warning before it lists them. */
#define MAX_NAMES 3

static char *
join_lost(const RubPlan *plan)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->lost->len; i++)
        g_ptr_array_add(parts,
                        rub_text_format(g_ptr_array_index(plan->lost, i), rub_intl_translate));
    g_ptr_array_add(parts, NULL);
    return g_strjoinv("; ", (char **) parts->pdata);
}

static char *
join_names(const GPtrArray *paths)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < MIN(paths->len, MAX_NAMES); i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
                               (const char *) g_ptr_array_index(paths, i));
    if (paths->len > MAX_NAMES)
        g_string_append_printf(names,
                               ngettext(" and %u more", " and %u more", paths->len - MAX_NAMES),
                               paths->len - MAX_NAMES);
    return g_string_free(names, FALSE);
}

static char *
word_erasing(const RubCliPreview *preview, const char *name)
{
    g_autofree char *lost = join_lost(preview->plan);
    if (!*lost)
        return g_strdup_printf(_("Everything on %s will be erased; nothing was found on it."),
                               name);
    return g_strdup_printf(_("Everything on %s will be erased: %s."), name, lost);
}

static char *
word_keeping(const RubCliPreview *preview, const char *name)
{
    g_autofree char *replaced = join_names(preview->plan->replaced);
    guint count = preview->plan->files->len;
    if (!*replaced)
        return g_strdup_printf(ngettext("%u file will be added to %s; nothing is erased.",
                                        "%u files will be added to %s; nothing is erased.", count),
                               count, name);
    return g_strdup_printf(ngettext("%u file will be added to %s; nothing is erased, but these "
                                    "are replaced: %s. --undo puts them back.",
                                    "%u files will be added to %s; nothing is erased, but these "
                                    "are replaced: %s. --undo puts them back.",
                                    count),
                           count, name, replaced);
}

static char *
word_build(const RubCliPreview *preview)
{
    const RubLayout *layout = preview->layout;
    g_autofree char *name = rub_cli_name_target(layout);
    if (layout->is_new)
        return g_strdup_printf(_("%s will be made; nothing is erased."), name);
    return rub_plan_erases(preview->plan) ? word_erasing(preview, name)
                                          : word_keeping(preview, name);
}

static gboolean
needs_answer(const RubCliOptions *options)
{
    return !options->is_forced && isatty(STDOUT_FILENO);
}

gboolean
rub_cli_confirm_build(const RubCliOptions *options, RubCliOutput *output,
                      const RubCliPreview *preview, GCancellable *cancellable)
{
    if (!needs_answer(options))
        return TRUE;
    g_autofree char *text = word_build(preview);
    return rub_cli_output_ask(output, text, _("Build?"), cancellable);
}

static char *
word_undo(const RubLayout *layout, const RubUndoPreview *preview)
{
    g_autofree char *name = rub_cli_name_target(layout);
    g_autofree char *restored = join_names(preview->restored);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text,
                           ngettext("%u file that was added to %s will be removed, unless it was "
                                    "changed since.",
                                    "%u files that were added to %s will be removed, but for those "
                                    "that were changed since.",
                                    preview->file_count),
                           preview->file_count, name);
    if (*restored)
        g_string_append_printf(text, _(" These are put back: %s."), restored);
    g_string_append(text, _(" Files of your own stay."));
    if (layout->password == RUB_PASSWORD_NEEDED && preview->access == RUB_ACCESS_RAW)
        g_string_append(text, _(" An administrator's password will be asked for: the drive itself "
                                "is written to."));
    return g_string_free(text, FALSE);
}

gboolean
rub_cli_confirm_undo(const RubCliOptions *options, RubCliOutput *output, const RubLayout *layout,
                     const RubUndoPreview *preview, GCancellable *cancellable)
{
    if (!needs_answer(options))
        return TRUE;
    g_autofree char *text = word_undo(layout, preview);
    return rub_cli_output_ask(output, text, _("Undo?"), cancellable);
}

RubFinding *
rub_cli_confirm_refuse(const RubLayout *layout)
{
    return rub_finding_new(RUB_CODE_CANCELLED, RUB_SEVERITY_ERROR,
                           rub_text_new(N_("The answer was not yes, so nothing was changed on "
                                           "{name}."),
                                        "name", layout->name, NULL),
                           NULL);
}
