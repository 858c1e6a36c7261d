/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-fat-demand.h"

#include "volume/rub-fat-place.h"
#include "volume/rub-fat-tree.h"

struct _RubFatDemand {
    RubFatTree *tree;
};

RubFatDemand *
rub_fat_demand_new(void)
{
    RubFatDemand *self = g_new0(RubFatDemand, 1);
    self->tree = rub_fat_tree_new(NULL, NULL);
    return self;
}

void
rub_fat_demand_free(RubFatDemand *self)
{
    rub_fat_tree_free(self->tree);
    g_free(self);
}

gboolean
rub_fat_demand_add_folder(RubFatDemand *self, const char *path, GError **error)
{
    return rub_fat_tree_add_folder(self->tree, path, 0, RUB_VOLUME_NONE, error);
}

gboolean
rub_fat_demand_add_file(RubFatDemand *self, const char *path, guint64 size_bytes, GError **error)
{
    return rub_fat_tree_add_file(self->tree, path, size_bytes, 0, RUB_VOLUME_NONE, error) != NULL;
}

static guint64
count_folder_bytes(RubFatNode *folder)
{
    rub_fat_place_new_nodes(folder, 0, NULL);
    return (guint64) folder->slot_count * RUB_FAT_SLOT_BYTES;
}

guint
rub_fat_demand_get_root_slots(const RubFatDemand *self)
{
    rub_fat_place_new_nodes(self->tree->root, 0, NULL);
    return self->tree->root->slot_count;
}

guint64
rub_fat_demand_get_clusters(const RubFatDemand *self, guint cluster_bytes)
{
    guint64 clusters = 0;
    for (guint i = 0; i < self->tree->nodes->len; i++) {
        RubFatNode *node = g_ptr_array_index(self->tree->nodes, i);
        guint64 size_bytes = node->is_folder ? count_folder_bytes(node) : node->size_bytes;
        clusters += (size_bytes + cluster_bytes - 1) / cluster_bytes;
    }
    return clusters;
}
