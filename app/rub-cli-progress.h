/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubCliProgress:
 * @id: a stable name of the current step for programs; of the last one when all are done
 * @stage: what is happening in that step, for people
 * @is_waiting: whether it waits for a person
 * @is_done: whether all steps are done
 * @step: number of that step, from 0
 * @fraction: how much of everything is done, 0 to 1
 * @done_bytes: bytes done in that step
 * @total_bytes: bytes of that step; 0 where it has none to count
 * @item: (nullable): what is being worked on
 * @bytes_per_second: how fast it goes; 0 as long as that is not known
 * @seconds_left: how long everything will still take; below 0 as long as that is not known
 *
 * How far a build or a check is at one moment.
 */
typedef struct {
    const char *id;
    const char *stage;
    gboolean is_waiting;
    gboolean is_done;
    guint step;
    double fraction;
    guint64 done_bytes;
    guint64 total_bytes;
    const char *item;
    double bytes_per_second;
    double seconds_left;
} RubCliProgress;

/**
 * rub_cli_progress_render:
 * @progress: how far a build is
 * @stage: what is happening, for people
 * @width: how many columns there are
 *
 * Draws a progress bar with as much text as has room:
 * "[#######-------]  45 %  Copying 147 MB of 327 MB, 38.2 MB/s, 12 s left".
 *
 * Returns: (transfer full): one line of at most @width columns
 */
char *rub_cli_progress_render(const RubCliProgress *progress, const char *stage, guint width);

G_END_DECLS
