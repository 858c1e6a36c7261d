/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-table.h"

#define GAP "  "

/* A heading is a line with one text only. */
struct _RubCliTable {
    guint column_count;
    GPtrArray *lines; /* (element-type GStrv) */
};

RubCliTable *
rub_cli_table_new(guint column_count)
{
    RubCliTable *self = g_new0(RubCliTable, 1);
    self->column_count = column_count;
    self->lines = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    return self;
}

void
rub_cli_table_free(RubCliTable *self)
{
    g_ptr_array_unref(self->lines);
    g_free(self);
}

void
rub_cli_table_add_row(RubCliTable *self, const char *const *cells)
{
    g_ptr_array_add(self->lines, g_strdupv((char **) cells));
}

void
rub_cli_table_add_heading(RubCliTable *self, const char *text)
{
    const char *const cells[] = {text, NULL};
    rub_cli_table_add_row(self, cells);
}

guint
rub_cli_count_columns(const char *text)
{
    guint columns = 0;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!g_unichar_iszerowidth(c))
            columns += g_unichar_iswide(c) ? 2 : 1;
    }
    return columns;
}

static gboolean
is_heading(const RubCliTable *self, char **cells)
{
    return self->column_count > 1 && !cells[1];
}

static guint *
measure(const RubCliTable *self)
{
    guint *widths = g_new0(guint, self->column_count);
    for (guint i = 0; i < self->lines->len; i++) {
        char **cells = g_ptr_array_index(self->lines, i);
        if (is_heading(self, cells))
            continue;
        for (guint column = 0; column < self->column_count; column++)
            widths[column] = MAX(widths[column], rub_cli_count_columns(cells[column]));
    }
    return widths;
}

static void
append_row(GString *out, const RubCliTable *self, char **cells, const guint *widths)
{
    for (guint column = 0; column < self->column_count; column++) {
        int padding = (int) (widths[column] - rub_cli_count_columns(cells[column]));
        if (column == 0)
            g_string_append_printf(out, "%*s%s", padding, "", cells[column]);
        else if (column + 1 == self->column_count)
            g_string_append_printf(out, GAP "%s", cells[column]);
        else
            g_string_append_printf(out, GAP "%s%*s", cells[column], padding, "");
    }
}

char *
rub_cli_table_format(const RubCliTable *self)
{
    g_autofree guint *widths = measure(self);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < self->lines->len; i++) {
        char **cells = g_ptr_array_index(self->lines, i);
        if (is_heading(self, cells))
            g_string_append(out, cells[0]);
        else
            append_row(out, self, cells, widths);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}
