/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-check.h"
#include "job/rub-undo.h"
#include "rub-cli-preview.h"
#include "target/rub-drive-list.h"

G_BEGIN_DECLS

/**
 * rub_cli_text_print_facts:
 * @preview: what is known before a build
 *
 * Prints it for people on standard output, a fact a line with its name before it.
 */
void rub_cli_text_print_facts(const RubCliPreview *preview);

/** rub_cli_text_print_drives: prints the drives, numbered as far as they can be written */
void rub_cli_text_print_drives(RubDriveList *drives);

/** rub_cli_text_print_target: prints what is on a target */
void rub_cli_text_print_target(const RubLayout *layout);

/** rub_cli_text_print_check: prints what a check found, but for its finding */
void rub_cli_text_print_check(const RubCheckReport *report);

/** rub_cli_text_print_undo: prints what was taken off and put back */
void rub_cli_text_print_undo(const RubUndoReport *report);

G_END_DECLS
