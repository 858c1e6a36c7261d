/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-disk.h"
#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * rub_layout_probe:
 * @layout: a layout with nothing in it but what names it
 * @disk: the disk to look at
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Fills @layout from what is on @disk: the table, its partitions, the gaps of an MBR table and
 * what each partition holds. Writes nothing. A partition that reaches beyond the disk, or whose
 * contents cannot be read, is listed without contents. Errors: %RUB_CODE_TRACK_0_NOT_WRITABLE when
 * the first sectors cannot even be read, %RUB_CODE_DEVICE_GONE, %RUB_CODE_CANCELLED.
 *
 * Returns: whether @layout is filled
 */
gboolean rub_layout_probe(RubLayout *layout, RubDisk *disk, GCancellable *cancellable,
                          GError **error);

/**
 * rub_layout_probe_table:
 * @layout: a layout with nothing in it but what names it
 * @disk: the disk to look at
 * @error: return location
 *
 * Like rub_layout_probe(), but leaves out what the partitions hold: enough to tell by
 * #RubLayout.fingerprint whether the disk is still the one that was reviewed. Errors:
 * %RUB_CODE_TRACK_0_NOT_WRITABLE, %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether @layout is filled
 */
gboolean rub_layout_probe_table(RubLayout *layout, RubDisk *disk, GError **error);

G_END_DECLS
