/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-words.h"

#include "plan/rub-catalogue.h"
#include "rub-intl.h"

char *
rub_words_format(const RubText *text)
{
    return rub_text_format(text, rub_intl_translate);
}

/* What cannot be used at all has no code of its own: its number is only the exit status of the
 * command line. */
char *
rub_words_make_title(const RubFinding *finding)
{
    if (finding->code == RUB_CODE_USAGE)
        return g_strdup(_("This cannot be used"));
    const char *title = gettext(rub_catalogue_get(finding->code)->title);
    /* Translators: what is wrong, and its number: "The stick is too small (code 4)". */
    return g_strdup_printf(_("%s (code %d)"), title, (int) finding->code);
}

/* Names of files need not be UTF-8. */
char *
rub_words_make_meaning(const RubFinding *finding)
{
    g_autofree char *meaning = rub_words_format(finding->meaning);
    return g_utf8_make_valid(meaning, -1);
}

char *
rub_words_name_firmware(RubMachine uefi_machines, gboolean starts_bios)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint bit = 1; bit <= RUB_MACHINE_ALL; bit <<= 1) {
        if (uefi_machines & bit)
            g_ptr_array_add(names, g_strdup_printf("UEFI %s", gettext(rub_machine_get_name(bit))));
    }
    if (starts_bios)
        g_ptr_array_add(names, g_strdup("BIOS"));
    if (names->len == 0)
        return g_strdup(_("nothing"));
    g_ptr_array_add(names, NULL);
    return g_strjoinv(_(", "), (char **) names->pdata);
}

char *
rub_words_count_files(guint count)
{
    return g_strdup_printf(ngettext("%u file", "%u files", count), count);
}

static const char *
name_table(const RubLayout *layout)
{
    switch (layout->table) {
    case RUB_TABLE_SUPERFLOPPY:
        return _("no partition table");
    case RUB_TABLE_MBR:
        return "MBR";
    case RUB_TABLE_GPT:
        return "GPT";
    case RUB_TABLE_HYBRID_ISO:
        return _("an image written byte by byte");
    case RUB_TABLE_OTHER:
        return layout->table_name ? layout->table_name : _("another kind of table");
    default:
        return _("empty or unknown");
    }
}

static void
append_contents(GString *out, const RubContents *contents)
{
    g_autofree char *filesystem = contents->fat_bits ? g_strdup_printf("FAT%u", contents->fat_bits)
                                                     : g_ascii_strup(contents->filesystem, -1);
    g_string_append_printf(out, "; %s", filesystem);
    if (contents->label && *contents->label)
        g_string_append_printf(out, _(" “%s”"), contents->label);
    if (!contents->is_counted)
        return;
    g_autofree char *files = rub_words_count_files(contents->file_count);
    g_autofree char *used = g_format_size(contents->used_bytes);
    g_string_append_printf(out, _(", %s, %s used"), files, used);
}

char *
rub_words_describe_layout(const RubLayout *layout)
{
    g_autofree char *size = g_format_size(layout->size_bytes);
    if (layout->is_new)
        return g_strdup_printf(_("%s, a new file"), size);
    GString *out = g_string_new(size);
    g_string_append_printf(out, _(", %s"), name_table(layout));
    if (layout->whole.filesystem)
        append_contents(out, &layout->whole);
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (!partition->is_container && partition->contents.filesystem)
            append_contents(out, &partition->contents);
    }
    return g_string_free(out, FALSE);
}

char *
rub_words_describe_duration(double seconds)
{
    guint whole = (guint) MAX(seconds + 0.5, 1);
    if (whole < 60)
        return g_strdup_printf(ngettext("%u second", "%u seconds", whole), whole);
    guint minutes = (whole + 30) / 60;
    if (minutes < 60)
        return g_strdup_printf(ngettext("%u minute", "%u minutes", minutes), minutes);
    guint hours = (minutes + 30) / 60;
    return g_strdup_printf(ngettext("%u hour", "%u hours", hours), hours);
}

char *
rub_words_describe_time_left(double seconds)
{
    g_autofree char *duration = rub_words_describe_duration(seconds);
    return g_strdup_printf(_("about %s left"), duration);
}

const char *
rub_words_describe_stop(const RubPlan *plan)
{
    switch (plan->mode) {
    case RUB_PLAN_ERASE:
        return _("What was on the stick is gone already, and it will not start a computer until "
                 "you build it again.");
    case RUB_PLAN_KEEP_BLANK:
        return _("The stick will not start a computer until you build it again.");
    default:
        return _("Your files stay as they are. The stick will not start a computer until you "
                 "build it again.");
    }
}
