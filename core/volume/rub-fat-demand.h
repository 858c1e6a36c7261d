/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubFatDemand:
 *
 * How much room a set of files and folders takes on a FAT32 volume that is empty. It counts what
 * the writer (rub_fat_writer_new()) allocates: both keep the names in the same #RubFatTree. Touches
 * no disk. Where other files are on the volume, folders may take more: there no entry lies in two
 * sectors that need not.
 */
typedef struct _RubFatDemand RubFatDemand;

/** rub_fat_demand_new: Returns: (transfer full): a demand for an empty volume with a label */
RubFatDemand *rub_fat_demand_new(void);

/** rub_fat_demand_free: frees a demand */
void rub_fat_demand_free(RubFatDemand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatDemand, rub_fat_demand_free)

/**
 * rub_fat_demand_add_folder:
 * @self: a demand
 * @path: path from the root, UTF-8, parts separated by "/"; its parent was added before
 * @error: return location
 *
 * Adds a folder; one that was added before under exactly this name is counted once. Errors:
 * %RUB_CODE_NAME_NOT_REPRESENTABLE when FAT cannot hold the name, another name differs from it
 * only in case, or the folder that it goes into is full.
 *
 * Returns: whether FAT32 can hold it
 */
gboolean rub_fat_demand_add_folder(RubFatDemand *self, const char *path, GError **error);

/**
 * rub_fat_demand_add_file:
 * @self: a demand
 * @path: path from the root, UTF-8, parts separated by "/"; its parent was added before
 * @size_bytes: its size
 * @error: return location
 *
 * Adds a file. Errors: those of rub_fat_demand_add_folder(), also for a second file of the same
 * name, and %RUB_CODE_FILE_TOO_LARGE over 4 GiB - 1.
 *
 * Returns: whether FAT32 can hold it
 */
gboolean rub_fat_demand_add_file(RubFatDemand *self, const char *path, guint64 size_bytes,
                                 GError **error);

/**
 * rub_fat_demand_get_clusters:
 * @self: a demand
 * @cluster_bytes: the size of a cluster
 *
 * Counts the clusters of everything added and of the root folder. It all fits a fresh volume if
 * this is at most its cluster_count.
 *
 * Returns: a number of clusters
 */
guint64 rub_fat_demand_get_clusters(const RubFatDemand *self, guint cluster_bytes);

/** rub_fat_demand_get_root_slots: Returns: how many entries the root folder takes, long names and
 * label included: on FAT12 and FAT16 it cannot grow */
guint rub_fat_demand_get_root_slots(const RubFatDemand *self);

G_END_DECLS
