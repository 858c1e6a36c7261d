/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "plan/rub-finding.h"
#include "source/rub-image-info.h"
#include "source/rub-source.h"

G_BEGIN_DECLS

/**
 * RubInspection:
 * @path: the image that was looked into
 * @source: (nullable): it, opened; %NULL where it cannot be read
 * @info: (nullable): what it is; %NULL where it cannot be read
 * @grub: (nullable): what BIOS would start its files with; %NULL where there is nothing of that
 * kind
 * @findings: (element-type RubFinding): what is to be known about the image wherever it goes, the
 *   gravest first
 *
 * What is known of an image. Immutable and reference counted.
 */
typedef struct {
    char *path;
    RubSource *source;
    RubImageInfo *info;
    RubEntry *grub;
    GPtrArray *findings;
} RubInspection;

#define RUB_TYPE_INSPECTION (rub_inspection_get_type())
GType rub_inspection_get_type(void);

/**
 * rub_inspection_new:
 * @path: an image
 * @cancellable: stops it
 *
 * Looks into an image, which can take a while. Whatever goes wrong is a finding.
 *
 * Returns: (transfer full): what it is
 */
RubInspection *rub_inspection_new(const char *path, GCancellable *cancellable);

/** rub_inspection_ref: Returns: (transfer full): @self with one reference more */
RubInspection *rub_inspection_ref(RubInspection *self);

/** rub_inspection_unref: drops a reference */
void rub_inspection_unref(RubInspection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubInspection, rub_inspection_unref)

/** rub_inspection_is_usable: Returns: whether a stick can be made from the image */
gboolean rub_inspection_is_usable(const RubInspection *self);

G_END_DECLS
