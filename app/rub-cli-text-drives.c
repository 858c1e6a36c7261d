/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "rub-cli-drives.h"
#include "rub-cli-table.h"
#include "rub-cli-text-facts.h"
#include "rub-cli-words.h"
#include "rub-facts.h"
#include "rub-intl.h"

#define COLUMN_COUNT 6

/* In the order in which they are shown. */
typedef enum {
    GROUP_ORDINARY,
    GROUP_LARGE,
    GROUP_REFUSED,
    GROUP_COUNT,
} Group;

static Group
get_group(RubDrive *drive)
{
    if (!rub_drive_is_suitable(drive))
        return GROUP_REFUSED;
    return rub_drive_is_large(drive) ? GROUP_LARGE : GROUP_ORDINARY;
}

static void
append_volume(GString *out, const RubDriveVolume *volume)
{
    g_autofree char *filesystem = rub_facts_name_filesystem(volume->filesystem, volume->fat_bits);
    g_string_append_printf(out, rub_intl_mark("%s%s"), out->len > 0 ? "; " : "", filesystem);
    if (volume->label && *volume->label)
        g_string_append_printf(out, rub_intl_mark(" \"%s\""), volume->label);
    if (!volume->is_counted)
        return;
    g_autofree char *free_size = g_format_size(volume->free_bytes);
    g_string_append_printf(out, _(", %s free"), free_size);
}

static char *
describe_contents(RubDrive *drive)
{
    const GPtrArray *volumes = rub_drive_get_contents(drive);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < volumes->len; i++)
        append_volume(out, g_ptr_array_index((GPtrArray *) volumes, i));
    if (out->len == 0)
        g_string_append(out, _("empty or unknown"));
    return g_string_free(out, FALSE);
}

static void
add_cell(GPtrArray *cells, const char *text)
{
    g_ptr_array_add(cells, rub_cli_make_printable(text));
}

static void
add_row(RubCliTable *table, RubDrive *drive, guint number)
{
    const RubText *reason = rub_drive_get_reason(drive);
    guint64 size_bytes = rub_drive_get_size_bytes(drive);
    g_autofree char *number_text = number > 0 ? g_strdup_printf("%u", number) : g_strdup("");
    g_autofree char *name = rub_drive_get_display_name(drive);
    g_autofree char *size = size_bytes > 0 ? g_format_size(size_bytes) : g_strdup("-");
    g_autofree char *last =
        reason ? rub_text_format(reason, rub_intl_translate) : describe_contents(drive);
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
    add_cell(cells, number_text);
    add_cell(cells, name);
    add_cell(cells, size);
    add_cell(cells, rub_drive_get_node(drive));
    add_cell(cells, rub_drive_is_removable(drive) ? _("removable") : _("fixed"));
    add_cell(cells, last);
    g_ptr_array_add(cells, NULL);
    rub_cli_table_add_row(table, (const char *const *) cells->pdata);
}

static void
add_group(RubCliTable *table, RubDriveList *drives, Group group)
{
    const char *const headings[GROUP_COUNT] = {
        [GROUP_LARGE] = _("Large drives, look twice:"),
        [GROUP_REFUSED] = _("Cannot be used:"),
    };
    gboolean has_heading = headings[group] == NULL;
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(drives)); i++) {
        g_autoptr(RubDrive) drive = g_list_model_get_item(G_LIST_MODEL(drives), i);
        if (get_group(drive) != group)
            continue;
        if (!has_heading)
            rub_cli_table_add_heading(table, headings[group]);
        has_heading = TRUE;
        add_row(table, drive, rub_cli_drives_get_number(drives, drive));
    }
}

void
rub_cli_text_print_drives(RubDriveList *drives)
{
    if (g_list_model_get_n_items(G_LIST_MODEL(drives)) == 0)
        return;
    const char *const titles[COLUMN_COUNT + 1] = {
        _("No"), _("Drive"), _("Size"), _("Node"), _("Media"), _("Contents"),
    };
    g_autoptr(RubCliTable) table = rub_cli_table_new(COLUMN_COUNT);
    rub_cli_table_add_row(table, titles);
    for (Group group = GROUP_ORDINARY; group < GROUP_COUNT; group++)
        add_group(table, drives, group);
    g_autofree char *lines = rub_cli_table_format(table);
    fputs(lines, stdout);
    fflush(stdout);
}
