/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-log-file.h"

char *
rub_log_file_read(const char *path)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!path || !g_file_get_contents(path, &text, &length, NULL))
        return g_strdup("");
    return g_utf8_make_valid(text, (gssize) length);
}

char *
rub_log_file_read_tail(const char *path, guint line_count)
{
    g_autofree char *text = g_strchomp(rub_log_file_read(path));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint count = g_strv_length(lines);
    return g_strjoinv("\n", lines + (count > line_count ? count - line_count : 0));
}
