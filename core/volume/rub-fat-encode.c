/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-encode.h"

#include <string.h>

#define ROOT_CLUSTER 0

static RubFatSlot
describe(const RubFatNode *node)
{
    return (RubFatSlot){
        .attributes = (guint8) ((node->is_folder ? RUB_FAT_ATTR_FOLDER : RUB_FAT_ATTR_ARCHIVE) |
                                (node->flags & RUB_VOLUME_HIDDEN ? RUB_FAT_ATTR_HIDDEN : 0)),
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
        if (rub_fat_name_to_short(node->name, short_name, &case_bits))
            rub_fat_aliases_reserve(folder->aliases, short_name);
    }
}

void
rub_fat_encode_new_nodes(RubFatNode *folder, guint8 *to)
{
    reserve_short_names(folder);
    for (guint i = 0; i < folder->new_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(folder->new_nodes, i);
        RubFatSlot slot = describe(node);
        if (!rub_fat_name_to_short(node->name, slot.short_name, &slot.case_bits)) {
            rub_fat_aliases_generate(folder->aliases, node->name, slot.short_name);
            slot.case_bits = 0;
            rub_fat_slot_encode_long_name(&slot, node->name, to);
            to += (rub_fat_name_get_slot_count(node->name) - 1) * RUB_FAT_SLOT_BYTES;
        }
        rub_fat_slot_encode(&slot, to);
        to += RUB_FAT_SLOT_BYTES;
    }
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
