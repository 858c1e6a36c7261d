/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rub-run.h"

G_BEGIN_DECLS

/** RubVerdictMood: how the end of a task is to be taken */
typedef enum {
    RUB_VERDICT_GOOD,
    RUB_VERDICT_STOPPED,
    RUB_VERDICT_BAD,
} RubVerdictMood;

/** rub_verdict_get_mood: Returns: how the end of @run is to be taken */
RubVerdictMood rub_verdict_get_mood(RubRun *run);

/** rub_verdict_get_title: Returns: (transfer none): the end of @run in a few words */
const char *rub_verdict_get_title(RubRun *run);

/** rub_verdict_make_description: Returns: (transfer full): what the end of @run means for the
 * stick;
 * "" if there is nothing more to say */
char *rub_verdict_make_description(RubRun *run);

/** rub_verdict_make_details: Returns: (transfer full): all about the end of @run, its log included,
 * for somebody who helps */
char *rub_verdict_make_details(RubRun *run);

G_END_DECLS
