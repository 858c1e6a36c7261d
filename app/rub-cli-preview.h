/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "plan/rub-plan.h"
#include "rub-cli-device.h"
#include "rub-cli-options.h"
#include "source/rub-source.h"

G_BEGIN_DECLS

/**
 * RubCliPreview:
 * @source: (nullable): the image; %NULL where it cannot be read
 * @info: (nullable): what it is; %NULL where it cannot be read
 * @grub: (nullable): what BIOS would start its files with, of rub_grub_new()
 * @device: (nullable): where it goes; %NULL if no target was named
 * @layout: (nullable): what is there; %NULL without a target or @plan, or where that cannot be read
 * @plan: (nullable): what a build does; %NULL without @info, or where looking was stopped. Without
 *   @layout it is made for the roomiest stick there is, so that its findings are those of the image
 *   alone
 * @failure: (nullable): why the image or the target cannot be read
 *
 * Everything that is known before a build. Nothing was written to learn it.
 */
typedef struct {
    RubSource *source;
    RubImageInfo *info;
    RubEntry *grub;
    RubCliDevice *device;
    RubLayout *layout;
    RubPlan *plan;
    RubFinding *failure;
} RubCliPreview;

/**
 * rub_cli_preview_new:
 * @options: the image and what the user chose
 * @device: (transfer full) (nullable): where it goes; %NULL to look at the image only
 * @cancellable: stops it
 * @error: return location
 *
 * Looks at the image and the target, on a thread of its own while this thread's main context goes
 * on. Errors: %RUB_CODE_USAGE where the target is none that can be used at all. Everything else
 * that goes wrong is in the preview.
 *
 * Returns: (transfer full) (nullable): what is known
 */
RubCliPreview *rub_cli_preview_new(const RubCliOptions *options, RubCliDevice *device,
                                   GCancellable *cancellable, GError **error);

/** rub_cli_preview_free: frees a preview */
void rub_cli_preview_free(RubCliPreview *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubCliPreview, rub_cli_preview_free)

/**
 * rub_cli_preview_get_obstacle:
 * @self: a preview
 *
 * Returns: (transfer none) (nullable): the error that decides why nothing can be built; %NULL if
 *   nothing stands in the way
 */
const RubFinding *rub_cli_preview_get_obstacle(const RubCliPreview *self);

/**
 * rub_cli_preview_get_findings:
 * @self: a preview
 *
 * Returns: (transfer container) (element-type RubFinding): all findings, the gravest first
 */
GPtrArray *rub_cli_preview_get_findings(const RubCliPreview *self);

G_END_DECLS
