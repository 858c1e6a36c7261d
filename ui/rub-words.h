/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan.h"
#include "target/rub-drive.h"

G_BEGIN_DECLS

/** rub_words_format: Returns: (transfer full): @text in the user's language */
char *rub_words_format(const RubText *text);

/** rub_words_make_title: Returns: (transfer full): "The stick is too small (code 4)" */
char *rub_words_make_title(const RubFinding *finding);

/** rub_words_make_meaning: Returns: (transfer full): what @finding means here, as a sentence */
char *rub_words_make_meaning(const RubFinding *finding);

/** rub_words_describe_error: Returns: (transfer full): what @error says, as a sentence */
char *rub_words_describe_error(const GError *error);

/** rub_words_name_target: Returns: (transfer full): what to call a target: "Kingston
 * DataTraveler 3.0 (31.0 GB, /dev/sdb)"; a file by its path */
char *rub_words_name_target(const RubLayout *layout);

/** rub_words_describe_layout: Returns: (transfer full): what is on a target: "“HOLIDAY”, 57 files,
 * 1.2 GB used (FAT32)" */
char *rub_words_describe_layout(const RubLayout *layout);

/** rub_words_name_computers: Returns: (transfer full): what will start from a stick that is built
 * by
 * @plan: "new computers (UEFI 64-bit), old computers (BIOS)" */
char *rub_words_name_computers(const RubPlan *plan);

/** rub_words_describe_drive: Returns: (transfer full): what a drive is and holds, or why no stick
 * can be built on it: "31.0 GB · /dev/sdb · “HOLIDAY”, 9.1 GB free (FAT32)" */
char *rub_words_describe_drive(RubDrive *drive);

/**
 * rub_words_list_lines:
 * @lines: (array length=count): texts, which need not be UTF-8
 * @count: how many
 *
 * Returns: (transfer full): one below the other, and how many more there are if there are very many
 */
char *rub_words_list_lines(char **lines, guint count);

/** rub_words_describe_time_left: Returns: (transfer full): "about 2 minutes left" */
char *rub_words_describe_time_left(double seconds);

/** rub_words_describe_duration: Returns: (transfer full): "40 seconds", "3 minutes" */
char *rub_words_describe_duration(double seconds);

/** rub_words_format_time: Returns: (transfer full): @time, in ISO 8601, as the user writes it;
 * @time itself if it is none */
char *rub_words_format_time(const char *time);

/** rub_words_describe_stop: Returns: (transfer none): what is left when a build by @plan is stopped
 * halfway */
const char *rub_words_describe_stop(const RubPlan *plan);

G_END_DECLS
