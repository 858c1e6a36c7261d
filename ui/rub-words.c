/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-words.h"

#include "plan/rub-catalogue.h"
#include "rub-facts.h"
#include "rub-intl.h"

#define MAX_LISTED_LINES 100

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
    const char *title = _(rub_catalogue_get(finding->code)->title);
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
rub_words_describe_error(const GError *error)
{
    g_autoptr(RubFinding) finding = rub_finding_new_from_error(error);
    return rub_words_make_meaning(finding);
}

/* What people gave it comes first, the technical term last. Takes fact, which may be NULL. */
static char *
describe_filesystem(const char *label, char *fact, char *filesystem)
{
    g_autofree char *owned_fact = fact;
    g_autofree char *owned_filesystem = filesystem;
    if (label && *label && fact)
        /* Translators: the name of a volume, a fact about it, its filesystem: "“HOLIDAY”, 9.1 GB
         * free (FAT32)". */
        return g_strdup_printf(_("“%s”, %s (%s)"), label, fact, filesystem);
    if (label && *label)
        /* Translators: the name of a volume and its filesystem: "“HOLIDAY” (FAT32)". */
        return g_strdup_printf(_("“%s” (%s)"), label, filesystem);
    if (fact)
        /* Translators: a fact about a volume without a name, its filesystem: "9.1 GB free (FAT32)".
         */
        return g_strdup_printf(_("%s (%s)"), fact, filesystem);
    return g_steal_pointer(&owned_filesystem);
}

static char *
describe_use(const RubContents *contents)
{
    if (!contents->is_counted)
        return NULL;
    g_autofree char *files = rub_facts_count_files(contents->file_count);
    g_autofree char *used = g_format_size(contents->used_bytes);
    /* Translators: what is on a volume: how many files, how many bytes. */
    return g_strdup_printf(_("%s, %s used"), files, used);
}

static char *
describe_contents(const RubContents *contents)
{
    return describe_filesystem(contents->label, describe_use(contents),
                               rub_facts_name_filesystem(contents->filesystem, contents->fat_bits));
}

char *
rub_words_name_target(const RubLayout *layout)
{
    g_autofree char *name = rub_layout_make_name(layout);
    return g_filename_display_name(name);
}

char *
rub_words_describe_layout(const RubLayout *layout)
{
    g_autofree char *name = rub_layout_make_name(layout);
    g_autofree char *size = g_format_size(layout->size_bytes);
    if (layout->is_new)
        return g_strdup_printf(_("%s, a new file"), size);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    /* A name that is no more than the path does not tell it. */
    if (g_str_equal(name, layout->name))
        g_ptr_array_add(parts, g_steal_pointer(&size));
    guint count = parts->len;
    if (layout->whole.filesystem)
        g_ptr_array_add(parts, describe_contents(&layout->whole));
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        if (!partition->is_container && partition->contents.filesystem)
            g_ptr_array_add(parts, describe_contents(&partition->contents));
    }
    if (parts->len == count)
        g_ptr_array_add(parts, g_strdup(_("empty or unknown")));
    return rub_intl_join(parts, "; ");
}

char *
rub_words_name_computers(const RubPlan *plan)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    if (plan->starts_on_machines) {
        g_autofree char *machines = rub_facts_name_firmware(plan->starts_on_machines, FALSE);
        /* Translators: what starts from a stick: "new computers (UEFI 64-bit)". */
        g_ptr_array_add(parts, g_strdup_printf(_("new computers (%s)"), machines));
    }
    if (plan->starts_on & RUB_FIRMWARE_BIOS)
        g_ptr_array_add(parts, g_strdup(_("old computers (BIOS)")));
    if (parts->len == 0)
        return g_strdup(_("nothing"));
    return rub_intl_join(parts, _(", "));
}

static char *
describe_volume(const RubDriveVolume *volume)
{
    g_autofree char *size = g_format_size(volume->free_bytes);
    /* Translators: how much room is left on a volume. */
    char *free_space = volume->is_counted ? g_strdup_printf(_("%s free"), size) : NULL;
    return describe_filesystem(volume->label, free_space,
                               rub_facts_name_filesystem(volume->filesystem, volume->fat_bits));
}

static char *
describe_volumes(RubDrive *drive)
{
    const GPtrArray *volumes = rub_drive_get_contents(drive);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < volumes->len; i++) {
        const RubDriveVolume *volume = g_ptr_array_index((GPtrArray *) volumes, i);
        if (volume->filesystem)
            g_ptr_array_add(parts, describe_volume(volume));
    }
    if (parts->len == 0)
        return g_strdup(_("empty or unknown"));
    return rub_intl_join(parts, "; ");
}

char *
rub_words_describe_drive(RubDrive *drive)
{
    const RubText *reason = rub_drive_get_reason(drive);
    const char *node = rub_drive_get_node(drive);
    g_autofree char *size = g_format_size(rub_drive_get_size_bytes(drive));
    g_autofree char *what = reason ? rub_words_format(reason) : describe_volumes(drive);
    if (!rub_drive_has_medium(drive))
        return g_strdup_printf(rub_intl_mark("%s · %s"), node, what);
    return g_strdup_printf(rub_intl_mark("%s · %s · %s"), size, node, what);
}

char *
rub_words_list_lines(char **lines, guint count)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < MIN(count, MAX_LISTED_LINES); i++) {
        g_autofree char *line = g_utf8_make_valid(lines[i], -1);
        if (i > 0)
            g_string_append_c(out, '\n');
        g_string_append_printf(out, rub_intl_mark("%s"), line);
    }
    if (count > MAX_LISTED_LINES) {
        guint rest = count - MAX_LISTED_LINES;
        g_string_append_printf(out, ngettext("\nand %u more", "\nand %u more", rest), rest);
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

char *
rub_words_format_time(const char *time)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(time, utc);
    g_autoptr(GDateTime) local = moment ? g_date_time_to_local(moment) : NULL;
    return local ? g_date_time_format(local, "%c") : g_utf8_make_valid(time, -1);
}

const char *
rub_words_describe_stop(const RubPlan *plan)
{
    switch (plan->mode) {
    case RUB_PLAN_ERASE:
    case RUB_PLAN_RAW:
        return _(
            "What was on the stick may be gone already, and it will not start a computer until "
            "you build it again.");
    case RUB_PLAN_KEEP_BLANK:
        return _("The stick will not start a computer until you build it again.");
    default:
        return _("Your files stay as they are. The stick will not start a computer until you "
                 "build it again.");
    }
}
