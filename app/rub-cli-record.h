/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-log.h"
#include "job/rub-check.h"
#include "job/rub-undo.h"
#include "rub-cli-preview.h"

G_BEGIN_DECLS

/**
 * rub_cli_record_preview:
 * @log: (nullable): a log
 * @preview: what is known before a build
 *
 * Writes all that is known into the log, for people who help other people.
 */
void rub_cli_record_preview(RubLog *log, const RubCliPreview *preview);

/** rub_cli_record_layout: writes what is on a target into @log (nullable) */
void rub_cli_record_layout(RubLog *log, const RubLayout *layout);

/** rub_cli_record_check: writes what a check found into @log (nullable), but for its finding */
void rub_cli_record_check(RubLog *log, const RubCheckReport *report);

/** rub_cli_record_undo: writes what was taken off and put back into @log (nullable) */
void rub_cli_record_undo(RubLog *log, const RubUndoReport *report);

/** rub_cli_record_finding: writes a finding into @log (nullable) */
void rub_cli_record_finding(RubLog *log, const RubFinding *finding);

G_END_DECLS
