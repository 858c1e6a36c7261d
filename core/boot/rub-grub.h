/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "source/rub-entry.h"
#include "source/rub-image-info.h"

G_BEGIN_DECLS

/** RUB_GRUB_PATH: where our boot records look for what they start */
#define RUB_GRUB_PATH "bootmgr"

/** RUB_GRUB_PARTITION: the partition that it must be on */
#define RUB_GRUB_PARTITION 1

/**
 * rub_grub_new:
 * @info: what an image is
 * @cancellable: (nullable): to stop it
 *
 * Has the GRUB of this computer (grub-mkimage and its modules for BIOS) make a loader that reads
 * the image's boot menu from partition %RUB_GRUB_PARTITION of the disk that it is started from, in
 * the shape of a BOOTMGR, which our boot records start. Takes about a second.
 *
 * Returns: (transfer full) (nullable): the file %RUB_GRUB_PATH, in memory; %NULL where the image
 *   has no menu that GRUB could read, where GRUB is not installed for BIOS, where it failed, and
 *   where it was stopped
 */
RubEntry *rub_grub_new(const RubImageInfo *info, GCancellable *cancellable);

G_END_DECLS
