/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * rub_blank_probe:
 * @disk: a disk on which nothing was recognised
 *
 * Whether it may be initialised without losing anything: its first 2 MiB, its last MiB and places
 * in between hold nothing but zeros. A disk that only lost its first sector still has files that
 * can be rescued; one that is encrypted as a whole looks like noise. One with the mark of
 * rub_blank_mark() is as good as blank.
 *
 * Returns: whether it is blank; %FALSE also where it cannot be read
 */
gboolean rub_blank_probe(RubDisk *disk);

/**
 * rub_blank_probe_behind_mbr:
 * @disk: a disk whose first sector has an empty partition table
 *
 * Whether the table may be believed: the sectors up to the 63rd, before which no partition begins,
 * hold nothing but zeros. A filesystem that nobody recognises, or a disk that is encrypted as a
 * whole and that somebody had initialised by mistake, has bytes there; a stick whose partitions
 * were deleted has none, whatever is left of them.
 *
 * Returns: whether there is nothing; %FALSE also where it cannot be read
 */
gboolean rub_blank_probe_behind_mbr(RubDisk *disk);

/**
 * rub_blank_mark:
 * @disk: a disk that is open for writing, on which nothing is in use
 * @error: return location
 *
 * Makes a disk blank whatever lies on it: the first sector is emptied, the last one of the first
 * MiB, where no partition begins, gets a mark. Whoever makes a table wipes both. A build that is
 * cut off before leaves a blank disk so, and so does an undo. Errors: %RUB_CODE_WRITE_FAILED,
 * %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether the mark is on the medium
 */
gboolean rub_blank_mark(RubDisk *disk, GError **error);

G_END_DECLS
