/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job/rub-stick-volume.h"

G_BEGIN_DECLS

/**
 * rub_adopt_saved:
 * @stick: (inout): a volume that can be written; opened anew where something changed
 * @error: return location
 *
 * Gives the user's files names again that a cut caught between two names, one in their folders and
 * one among what is saved: their bytes are in lost clusters, and the note of what was under way
 * says where. Errors: those of rub_fat_writer_adopt() and rub_volume_commit().
 *
 * Returns: whether every such file has a name
 */
gboolean rub_adopt_saved(RubStickVolume **stick, GError **error);

G_END_DECLS
