/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-undo-preview.h"
#include "rub-cli-output.h"

G_BEGIN_DECLS

/**
 * rub_cli_confirm_build:
 * @options: what the user chose
 * @output: where the question goes
 * @preview: what a build would do; with a layout
 * @cancellable: ends the question
 *
 * Asks whether to build, naming what is erased or replaced. Who forces it, and who cannot see the
 * question because the output goes elsewhere, is not asked.
 *
 * Returns: whether to go on
 */
gboolean rub_cli_confirm_build(const RubCliOptions *options, RubCliOutput *output,
                               const RubCliPreview *preview, GCancellable *cancellable);

/**
 * rub_cli_confirm_undo:
 * @options: what the user chose
 * @output: where the question goes
 * @layout: the target
 * @preview: what would be done
 * @cancellable: ends the question
 *
 * Asks whether to take a build off again, as rub_cli_confirm_build() does.
 *
 * Returns: whether to go on
 */
gboolean rub_cli_confirm_undo(const RubCliOptions *options, RubCliOutput *output,
                              const RubLayout *layout, const RubUndoPreview *preview,
                              GCancellable *cancellable);

/** rub_cli_confirm_refuse: Returns: (transfer full): what is found where the answer was not yes */
RubFinding *rub_cli_confirm_refuse(const RubLayout *layout);

G_END_DECLS
