/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "job/rub-check.h"
#include "plan/rub-plan.h"
#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * rub_cli_make_printable:
 * @text: any text, also from an image or a stick
 *
 * Makes a text safe for a terminal: valid UTF-8, nothing in it that steers the terminal, and plain
 * spaces for the non-breaking ones in formatted sizes, so that they are found by those who search.
 *
 * Returns: (transfer full): the text
 */
char *rub_cli_make_printable(const char *text);

/**
 * rub_cli_lower_first:
 * @sentence: a sentence in the user's language
 *
 * Returns: (transfer full): @sentence to go on after a colon: in languages that do so it begins in
 *   lower case, unless its first word is an abbreviation
 */
char *rub_cli_lower_first(const char *sentence);

/**
 * rub_cli_describe_contents:
 * @layout: a target
 *
 * Returns: (transfer full): what is on it: "MBR; FAT32 "HOLIDAY", 57 files, 1.2 GB used"
 */
char *rub_cli_describe_contents(const RubLayout *layout);

/**
 * rub_cli_name_target:
 * @layout: a target
 *
 * Returns: (transfer full): what tells it from others: "Kingston DataTraveler 3.0 (31.0 GB,
 *   /dev/sdb)", "stick.img (8.6 GB)"
 */
char *rub_cli_name_target(const RubLayout *layout);

/**
 * rub_cli_knows_state:
 * @report: the outcome of a check
 *
 * Returns: whether the check got as far as an answer
 */
gboolean rub_cli_knows_state(const RubCheckReport *report);

/** rub_cli_describe_state: Returns: (transfer none): what a check found, for people */
const char *rub_cli_describe_state(RubCheckState state);

/**
 * rub_cli_format_time:
 * @time: (nullable): a time in ISO 8601
 *
 * Returns: (transfer full): the time in the user's time zone, "2026-11-20 12:10"; @time itself if
 * it is none
 */
char *rub_cli_format_time(const char *time);

/** rub_cli_format_duration: Returns: (transfer full): "less than 1 s", "12 s", "3 min 20 s",
 * "1 h 5 min" */
char *rub_cli_format_duration(double seconds);

G_END_DECLS
