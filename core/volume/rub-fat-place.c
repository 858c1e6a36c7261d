/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-place.h"

#include "base/rub-error.h"

static gboolean
appears_at(const RubFatNode *self, RubFatStage stage)
{
    return !self->replaces && self->stage == stage;
}

/* An entry that does not fit into the rest of a sector but into a sector begins with the next one.
 * Linux and fsck.fat read on behind the end of a folder, and would see a part of it. */
guint
rub_fat_place_entry(guint slot, guint entry_slots, guint sector_slots)
{
    if (sector_slots == 0 || entry_slots > sector_slots)
        return slot + entry_slots;
    guint used = slot % sector_slots;
    guint skipped = used + entry_slots > sector_slots ? sector_slots - used : 0;
    return slot + skipped + entry_slots;
}

static guint
place_from(RubFatNode *folder, guint first_slot, guint sector_slots)
{
    guint slot = first_slot;
    for (guint stage = RUB_FAT_STAGE_MAIN; stage <= RUB_FAT_STAGE_MOVED; stage++) {
        for (guint i = 0; i < folder->new_nodes->len; i++) {
            RubFatNode *node = g_ptr_array_index(folder->new_nodes, i);
            if (!appears_at(node, stage))
                continue;
            slot = rub_fat_place_entry(slot, node->entry_slots, sector_slots);
            node->last_slot = slot - 1;
        }
    }
    return slot;
}

/* In a folder without an end mark new entries go into what is left of its last sector, or all of
 * them behind it: then one sector makes all of them appear. */
gboolean
rub_fat_place_new_nodes(RubFatNode *folder, guint sector_slots, GError **error)
{
    guint end = place_from(folder, folder->old_slot_count, sector_slots);
    if (end > folder->full_at && folder->old_slot_count < folder->full_at) {
        folder->old_slot_count = folder->full_at;
        end = place_from(folder, folder->old_slot_count, sector_slots);
    }
    folder->slot_count = end;
    if (end <= RUB_FAT_MAX_FOLDER_SLOTS)
        return TRUE;
    g_autofree char *path = rub_fat_node_get_path(folder);
    g_set_error(error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE,
                "the folder “%s” has more entries than FAT can hold", *path ? path : "/");
    return FALSE;
}

guint
rub_fat_place_get_end(const RubFatNode *folder, RubFatStage stage)
{
    guint end = 0;
    for (guint i = 0; i < folder->new_nodes->len; i++) {
        const RubFatNode *node = g_ptr_array_index(folder->new_nodes, i);
        if (appears_at(node, stage))
            end = node->last_slot + 1;
    }
    return end;
}
