/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-encode.h"

#include <string.h>

#include "volume/rub-fat-place.h"

#define ROOT_CLUSTER 0

static RubFatSlot
describe(const RubFatNode *node)
{
    return (RubFatSlot){
        .attributes = node->attributes,
        .first_cluster = node->first_cluster,
        .size_bytes = (guint32) node->size_bytes,
        .mtime_unix = node->mtime_unix,
    };
}

/* Names that are 8.3 come first, wherever they are: no alias may take one from them. */
static void
reserve_short_names(RubFatNode *folder)
{
    guint8 case_bits = 0;
    guint8 short_name[RUB_FAT_SHORT_NAME_BYTES];
    for (guint i = 0; i < folder->new_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(folder->new_nodes, i);
        if (!node->replaces && rub_fat_name_to_short(node->name, short_name, &case_bits))
            rub_fat_aliases_reserve(folder->aliases, short_name);
    }
}

static void
encode_node(RubFatNode *folder, RubFatNode *node, guint8 *to)
{
    RubFatSlot slot = describe(node);
    if (!rub_fat_name_to_short(node->name, slot.short_name, &slot.case_bits)) {
        rub_fat_aliases_generate(folder->aliases, node->name, slot.short_name);
        slot.case_bits = 0;
        rub_fat_slot_encode_long_name(&slot, node->name, to);
        g_autofree char *alias = rub_fat_name_from_short(slot.short_name, 0);
        g_hash_table_insert(folder->names, rub_fat_name_make_key(alias), node);
    }
    rub_fat_slot_encode(&slot, to + (node->entry_slots - 1) * RUB_FAT_SLOT_BYTES);
}

void
rub_fat_encode_new_nodes(RubFatNode *folder, RubFatStage stage, guint8 *slots)
{
    guint end = rub_fat_place_get_end(folder, stage);
    reserve_short_names(folder);
    for (guint slot = folder->old_slot_count; slot < end; slot++)
        rub_fat_slot_delete(slots + slot * RUB_FAT_SLOT_BYTES);
    for (guint i = 0; i < folder->new_nodes->len; i++) {
        RubFatNode *node = g_ptr_array_index(folder->new_nodes, i);
        guint first_slot = node->last_slot + 1 - node->entry_slots;
        if (!node->replaces && node->stage == stage)
            encode_node(folder, node, slots + first_slot * RUB_FAT_SLOT_BYTES);
    }
    folder->old_slot_count = MAX(folder->old_slot_count, end);
}

void
rub_fat_encode_redirection(const RubFatNode *node, guint8 *slot)
{
    RubFatSlot described = describe(node);
    rub_fat_slot_redirect(&described, slot);
}

/* "." leads to the folder itself, ".." to its parent, and to the root as cluster 0. */
void
rub_fat_encode_dots(const RubFatNode *folder, guint8 *to)
{
    RubFatSlot slot = describe(folder);
    slot.attributes = RUB_FAT_ATTR_FOLDER;
    memcpy(slot.short_name, ".          ", RUB_FAT_SHORT_NAME_BYTES);
    rub_fat_slot_encode(&slot, to);
    memcpy(slot.short_name, "..         ", RUB_FAT_SHORT_NAME_BYTES);
    slot.first_cluster = folder->parent->parent ? folder->parent->first_cluster : ROOT_CLUSTER;
    rub_fat_slot_encode(&slot, to + RUB_FAT_SLOT_BYTES);
}
