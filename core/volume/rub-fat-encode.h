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
 * @folder: a folder
 * @to: room for the slots of everything new in it
 *
 * Gives the new names of a folder their short names and writes their slots, in the order in
 * which they were declared.
 */
void rub_fat_encode_new_nodes(RubFatNode *folder, guint8 *to);

G_END_DECLS
