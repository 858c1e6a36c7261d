/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-words.h"

#include "rub-facts.h"
#include "rub-intl.h"

#define NO_BREAK_SPACE 0x00a0
#define REPLACEMENT_CHARACTER 0xfffd

char *
rub_cli_make_printable(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_new(NULL);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == NO_BREAK_SPACE)
            g_string_append_c(out, ' ');
        else
            g_string_append_unichar(out, rub_intl_is_shown(c) ? c : REPLACEMENT_CHARACTER);
    }
    return g_string_free(out, FALSE);
}

char *
rub_cli_lower_first(const char *sentence)
{
    /* Translators: keep "colon:lower" if a sentence that goes on after a colon begins in lower case
     * in your language, as in English; write "colon:keep" to have sentences left as they are. */
    if (!g_str_equal(_("colon:lower"), "colon:lower"))
        return g_strdup(sentence);
    gboolean is_abbreviation = *sentence && g_ascii_isupper(sentence[1]);
    char first = is_abbreviation ? *sentence : g_ascii_tolower(*sentence);
    return first ? g_strdup_printf("%c%s", first, sentence + 1) : g_strdup("");
}

char *
rub_cli_name_target(const RubLayout *layout)
{
    g_autofree char *size = g_format_size(layout->size_bytes);
    g_autofree char *name = rub_layout_make_name(layout);
    if (g_str_equal(name, layout->name))
        return g_strdup_printf(rub_intl_mark("%s (%s)"), name, size);
    return g_strdup_printf(rub_intl_mark("%s"), name);
}

static void
append_contents(GString *out, const RubContents *contents, guint64 size_bytes)
{
    g_autofree char *filesystem =
        rub_facts_name_filesystem(contents->filesystem, contents->fat_bits);
    g_string_append_printf(out, rub_intl_mark("; %s"), filesystem);
    if (contents->label && *contents->label)
        g_string_append_printf(out, rub_intl_mark(" \"%s\""), contents->label);
    g_autofree char *size = g_format_size(contents->is_counted ? contents->used_bytes : size_bytes);
    if (contents->is_counted) {
        g_autofree char *files = rub_facts_count_files(contents->file_count);
        g_string_append_printf(out, _(", %s, %s used"), files, size);
    } else {
        g_string_append_printf(out, rub_intl_mark(", %s"), size);
    }
}

char *
rub_cli_describe_contents(const RubLayout *layout)
{
    if (layout->is_new)
        return g_strdup(_("new file"));
    GString *out = g_string_new(rub_facts_name_table(layout));
    if (layout->whole.filesystem)
        append_contents(out, &layout->whole, layout->size_bytes);
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (!partition->is_container)
            append_contents(out, &partition->contents,
                            partition->sector_count * layout->sector_size);
    }
    return g_string_free(out, FALSE);
}

char *
rub_cli_format_duration(double seconds)
{
    if (seconds < 1)
        return g_strdup(_("less than 1 s"));
    guint64 whole = (guint64) (seconds + 0.5);
    if (whole < 60)
        return g_strdup_printf(_("%u s"), (guint) whole);
    if (whole < 3600)
        return g_strdup_printf(_("%u min %u s"), (guint) (whole / 60), (guint) (whole % 60));
    return g_strdup_printf(_("%u h %u min"), (guint) (whole / 3600), (guint) (whole % 3600 / 60));
}

gboolean
rub_cli_knows_state(const RubCheckReport *report)
{
    return !report->finding || report->finding->code == RUB_CODE_VERIFY_FAILED ||
           report->finding->code == RUB_CODE_NOT_OUR_STICK ||
           report->finding->code == RUB_CODE_BUILD_INCOMPLETE;
}

const char *
rub_cli_describe_state(RubCheckState state)
{
    switch (state) {
    case RUB_CHECK_GOOD:
        return _("good: everything is as it was written");
    case RUB_CHECK_CHANGED:
        return _("changed since it was built");
    case RUB_CHECK_DAMAGED:
        return _("damaged");
    case RUB_CHECK_INCOMPLETE:
        return _("unfinished: a build was cut off");
    default:
        return _("not made by this program");
    }
}

char *
rub_cli_format_time(const char *time)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(time ? time : "", utc);
    g_autoptr(GDateTime) local = moment ? g_date_time_to_local(moment) : NULL;
    return local ? g_date_time_format(local, "%Y-%m-%d %H:%M") : g_strdup(time);
}
