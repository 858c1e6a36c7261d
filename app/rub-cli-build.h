/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-log.h"
#include "job/rub-report.h"
#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * rub_cli_build_run:
 * @preview: what to build; nothing stands in its way
 * @log: (nullable): where to keep a record
 * @output: is told about steps and progress
 * @cancellable: stops the build
 *
 * Builds, and returns when the target was let go of.
 *
 * Returns: (transfer full): how it went
 */
RubReport *rub_cli_build_run(const RubCliPreview *preview, RubLog *log, RubCliOutput *output,
                             GCancellable *cancellable);

G_END_DECLS
