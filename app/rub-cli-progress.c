/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-progress.h"

#include "rub-cli-table.h"
#include "rub-cli-words.h"
#include "rub-intl.h"

#define MIN_BAR_COLUMNS 10
#define MAX_BAR_COLUMNS 30

static void
append_bytes(GString *out, const RubCliProgress *progress)
{
    if (progress->total_bytes == 0 || progress->is_done)
        return;
    g_autofree char *done = g_format_size(progress->done_bytes);
    g_autofree char *total = g_format_size(progress->total_bytes);
    g_string_append_printf(out, _(" %s of %s"), done, total);
}

static void
append_speed(GString *out, const RubCliProgress *progress)
{
    if (progress->bytes_per_second <= 0)
        return;
    g_autofree char *speed = g_format_size((guint64) progress->bytes_per_second);
    g_string_append_printf(out, _(", %s/s"), speed);
}

static void
append_time_left(GString *out, const RubCliProgress *progress)
{
    if (progress->seconds_left < 0)
        return;
    g_autofree char *duration = rub_cli_format_duration(progress->seconds_left);
    g_string_append_printf(out, _(", %s left"), duration);
}

/* With 3 details it says everything; with each one less, the one that is missed least goes. */
static char *
describe(const RubCliProgress *progress, const char *stage, int details)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%3d %%  %s", (int) (progress->fraction * 100), stage);
    if (details >= 1)
        append_bytes(out, progress);
    if (details >= 3)
        append_speed(out, progress);
    if (details >= 2)
        append_time_left(out, progress);
    return g_string_free(out, FALSE);
}

static char *
draw(const RubCliProgress *progress, const char *text, guint columns)
{
    guint filled = MIN((guint) (progress->fraction * columns), columns);
    g_autofree char *done = g_strnfill(filled, '#');
    g_autofree char *open = g_strnfill(columns - filled, '-');
    return g_strdup_printf("[%s%s] %s", done, open, text);
}

char *
rub_cli_progress_render(const RubCliProgress *progress, const char *stage, guint width)
{
    static const guint frame_columns = 3; /* the brackets and the space behind them */
    g_autofree char *text = NULL;
    for (int details = 3; details >= 0; details--) {
        g_free(text);
        text = describe(progress, stage, details);
        guint columns = rub_cli_count_columns(text) + frame_columns;
        if (columns + MIN_BAR_COLUMNS <= width)
            return draw(progress, text, MIN(width - columns, MAX_BAR_COLUMNS));
    }
    return g_utf8_substring(text, 0, MIN((glong) width, g_utf8_strlen(text, -1)));
}
