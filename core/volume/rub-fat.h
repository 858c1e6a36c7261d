/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "source/rub-entry.h"
#include "target/rub-disk.h"
#include "volume/rub-fat-geometry.h"
#include "volume/rub-fat-table.h"

G_BEGIN_DECLS

/**
 * RubFat:
 *
 * An existing FAT12, FAT16 or FAT32 volume, opened for reading. Nothing on it is trusted.
 */
typedef struct _RubFat RubFat;

/**
 * rub_fat_open:
 * @disk: a disk
 * @start_lba: where the volume begins, in sectors of @disk
 * @sector_count: how many sectors of @disk the partition has
 * @error: return location
 *
 * Reads the boot sector, the state of the volume, and the label. Errors:
 * %RUB_CODE_VOLUME_DAMAGED when it is not a FAT volume or contradicts itself; those of
 * rub_disk_read().
 *
 * Returns: (transfer full): a volume, which keeps a reference to @disk
 */
RubFat *rub_fat_open(RubDisk *disk, guint64 start_lba, guint64 sector_count, GError **error);

/** rub_fat_free: frees it */
void rub_fat_free(RubFat *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFat, rub_fat_free)

/** rub_fat_get_geometry: Returns: (transfer none): what its boot sector says */
const RubFatGeometry *rub_fat_get_geometry(const RubFat *self);

/** rub_fat_get_table: Returns: (transfer none): its table, for the other parts of the engine */
RubFatTable *rub_fat_get_table(RubFat *self);

/** rub_fat_get_disk: Returns: (transfer none): the disk that it is on */
RubDisk *rub_fat_get_disk(RubFat *self);

/** rub_fat_get_start_bytes: Returns: where it begins on the disk */
guint64 rub_fat_get_start_bytes(const RubFat *self);

/**
 * rub_fat_get_cluster_offset:
 * @self: a volume
 * @cluster: the number of a cluster that exists
 *
 * Returns: where the cluster begins, in bytes from the start of the disk
 */
guint64 rub_fat_get_cluster_offset(const RubFat *self, guint32 cluster);

/** rub_fat_get_label: Returns: (transfer none) (nullable): the label in the root folder, UTF-8 */
const char *rub_fat_get_label(const RubFat *self);

/** rub_fat_is_dirty: Returns: whether it was not closed properly, or met errors */
gboolean rub_fat_is_dirty(const RubFat *self);

/**
 * rub_fat_mark_clean:
 * @self: a volume of FAT32
 * @error: return location
 *
 * Says in the table and in the boot sector that the volume was closed properly. A note that the
 * drive had errors stays. Errors: those of rub_disk_read() and rub_disk_write().
 *
 * Returns: whether it is written
 */
gboolean rub_fat_mark_clean(RubFat *self, GError **error);

/**
 * rub_fat_count_free_clusters:
 * @self: a volume
 * @free_clusters: (out): how many clusters are free, counted in the table itself
 * @error: return location
 *
 * Reads the whole table. Used bytes are (cluster_count - free clusters) *
 * cluster_bytes. Errors: those of rub_disk_read().
 *
 * Returns: whether they could be counted
 */
gboolean rub_fat_count_free_clusters(RubFat *self, guint32 *free_clusters, GError **error);

/**
 * rub_fat_list:
 * @self: a volume
 * @error: return location
 *
 * Walks all folders. The extents of files are in bytes from the start of the disk, not of the
 * volume. A broken long name gives way to the short one. Errors: %RUB_CODE_VOLUME_DAMAGED, naming
 * the file, for chains that loop, are shared, end too early or lead out of the volume, and for
 * what no sane volume has; those of rub_disk_read().
 *
 * Returns: (transfer full): everything on the volume
 */
RubListing *rub_fat_list(RubFat *self, GError **error);

/**
 * rub_fat_list_owned:
 * @self: a volume
 * @owned: an empty bitmap; the clusters that belong to something are added
 * @error: return location
 *
 * As rub_fat_list(), and is stricter: a folder that does not begin with an entry for itself is
 * damaged, too.
 *
 * Returns: (transfer full): everything on the volume
 */
RubListing *rub_fat_list_owned(RubFat *self, RubFatBitmap *owned, GError **error);

G_END_DECLS
