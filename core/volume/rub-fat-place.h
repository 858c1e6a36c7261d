/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-tree.h"

G_BEGIN_DECLS

/**
 * rub_fat_place_entry:
 * @slot: the first slot that is free
 * @entry_slots: how many an entry takes
 * @sector_slots: how many a sector has; 0 where that does not matter
 *
 * Returns: the slot behind the entry
 */
guint rub_fat_place_entry(guint slot, guint entry_slots, guint sector_slots);

/**
 * rub_fat_place_new_nodes:
 * @folder: a folder
 * @sector_slots: how many slots a sector has; no entry is to lie in two sectors that need not, so
 *   that each appears whole; 0 where that does not matter
 * @error: return location
 *
 * Finds the slots for everything that is to appear in a folder, behind those in use, and sets the
 * folder's count of slots. What appears earlier comes first. Errors:
 * %RUB_CODE_NAME_NOT_REPRESENTABLE.
 *
 * Returns: whether FAT can hold that many entries
 */
gboolean rub_fat_place_new_nodes(RubFatNode *folder, guint sector_slots, GError **error);

/**
 * rub_fat_place_get_end:
 * @folder: a folder whose nodes are placed
 * @stage: a stage
 *
 * Returns: the slot behind the last entry that appears in the folder at @stage; 0 if there is none
 */
guint rub_fat_place_get_end(const RubFatNode *folder, RubFatStage stage);

G_END_DECLS
