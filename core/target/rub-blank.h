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
 * can be rescued; one that is encrypted as a whole looks like noise.
 *
 * Returns: whether it is blank; %FALSE also where it cannot be read
 */
gboolean rub_blank_probe(RubDisk *disk);

G_END_DECLS
