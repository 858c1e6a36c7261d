/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-tree.h"

G_BEGIN_DECLS

/** RUB_FAT_DOT_SLOTS: "." and "..", with which every folder but the root begins */
#define RUB_FAT_DOT_SLOTS 2

/**
 * rub_fat_encode_dots:
 * @folder: a new folder whose first cluster is known
 * @to: room for %RUB_FAT_DOT_SLOTS slots
 *
 * Writes "." and "..".
 */
void rub_fat_encode_dots(const RubFatNode *folder, guint8 *to);

/**
 * rub_fat_encode_new_nodes:
 * @folder: a folder whose nodes are placed
 * @stage: a stage
 * @slots: all slots of the folder; those behind the ones in use are zeros
 *
 * Gives the names that appear in a folder at @stage their short names and writes their slots, which
 * are in use from then on. Slots that they leave out count as deleted.
 */
void rub_fat_encode_new_nodes(RubFatNode *folder, RubFatStage stage, guint8 *slots);

/**
 * rub_fat_encode_redirection:
 * @node: a file that replaces another
 * @slot: the slot to change
 *
 * Makes an existing entry lead to the new bytes.
 */
void rub_fat_encode_redirection(const RubFatNode *node, guint8 *slot);

G_END_DECLS
