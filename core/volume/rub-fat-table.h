/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "target/rub-disk.h"
#include "volume/rub-fat-allocator.h"
#include "volume/rub-fat-bitmap.h"
#include "volume/rub-fat-geometry.h"

G_BEGIN_DECLS

/** RUB_FAT_END: what the last cluster of a chain holds, whatever the width of the table */
#define RUB_FAT_END 0x0fffffff

/** RUB_FAT_BAD: what a cluster holds that must not be used */
#define RUB_FAT_BAD 0x0ffffff7

/**
 * RubFatTable:
 *
 * The file allocation table of a volume. It is read in windows, of which a few are kept; changes
 * are kept as runs until they are written.
 */
typedef struct _RubFatTable RubFatTable;

/**
 * rub_fat_table_new:
 * @disk: a disk
 * @start_bytes: where the volume begins on it
 * @geometry: the volume's geometry
 *
 * Returns: (transfer full): its table; nothing is read yet
 */
RubFatTable *rub_fat_table_new(RubDisk *disk, guint64 start_bytes, const RubFatGeometry *geometry);

/** rub_fat_table_free: frees a table */
void rub_fat_table_free(RubFatTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatTable, rub_fat_table_free)

/**
 * rub_fat_table_get:
 * @self: a table
 * @cluster: a cluster that exists
 * @next: (out): the cluster that follows it, 0 if it is free, %RUB_FAT_END or %RUB_FAT_BAD
 * @error: return location
 *
 * Errors: those of rub_disk_read().
 *
 * Returns: whether it could be read
 */
gboolean rub_fat_table_get(RubFatTable *self, guint32 cluster, guint32 *next, GError **error);

/**
 * rub_fat_table_read_chain:
 * @self: a table
 * @first: the first cluster of a chain
 * @seen: (nullable): the clusters met so far; those of the chain are added
 * @max_clusters: how long the chain may be
 * @runs: (element-type RubFatRun): where to append its clusters
 * @error: return location
 *
 * Follows a chain to its end. Errors: %RUB_CODE_VOLUME_DAMAGED, with words that complete "the file
 * x: …", when it leads nowhere, meets a cluster in @seen, or is too long; those of
 * rub_disk_read().
 *
 * Returns: whether the chain is sound
 */
gboolean rub_fat_table_read_chain(RubFatTable *self, guint32 first, RubFatBitmap *seen,
                                  guint32 max_clusters, GArray *runs, GError **error);

/**
 * rub_fat_table_read_used:
 * @self: a table
 * @error: return location
 *
 * Reads the whole table. Errors: those of rub_disk_read().
 *
 * Returns: (transfer full): the clusters that are not free
 */
RubFatBitmap *rub_fat_table_read_used(RubFatTable *self, GError **error);

/**
 * rub_fat_table_compare_copies:
 * @self: a table
 * @differ: (out): whether the copies say different things about a cluster; %FALSE where they are
 *   not meant to be the same
 * @error: return location
 *
 * Reads all copies. Errors: those of rub_disk_read().
 *
 * Returns: whether they could be read
 */
gboolean rub_fat_table_compare_copies(RubFatTable *self, gboolean *differ, GError **error);

/**
 * rub_fat_table_is_clean:
 * @self: a table
 * @is_clean: (out): whether the volume was closed properly and without errors
 * @error: return location
 *
 * Reads the two bits of entry 1 (Microsoft FAT specification, "FAT Volume Initialization").
 * Errors: those of rub_disk_read().
 *
 * Returns: whether it could be read
 */
gboolean rub_fat_table_is_clean(RubFatTable *self, gboolean *is_clean, GError **error);

/**
 * rub_fat_table_add_chain:
 * @self: a table of FAT32
 * @runs: (element-type RubFatRun): clusters that were free
 * @first_run: the first one that counts
 *
 * Chains up the clusters, in memory.
 */
void rub_fat_table_add_chain(RubFatTable *self, const GArray *runs, guint first_run);

/**
 * rub_fat_table_extend:
 * @self: a table of FAT32
 * @last: the last cluster of a chain that exists
 * @next: the first cluster of the chain that continues it
 *
 * Makes a chain longer, in memory.
 */
void rub_fat_table_extend(RubFatTable *self, guint32 last, guint32 next);

/**
 * rub_fat_table_free_clusters:
 * @self: a table of FAT32
 * @runs: (element-type RubFatRun): clusters that nothing leads to any more
 *
 * Frees the clusters, in memory.
 */
void rub_fat_table_free_clusters(RubFatTable *self, const GArray *runs);

/**
 * rub_fat_table_write_chains:
 * @self: a table of FAT32
 * @error: return location
 *
 * Writes the chains that were added to all copies, or the active one. Errors: those of
 * rub_disk_read() and rub_disk_write().
 *
 * Returns: whether it is written
 */
gboolean rub_fat_table_write_chains(RubFatTable *self, GError **error);

/**
 * rub_fat_table_write_extensions:
 * @self: a table of FAT32 whose new chains are written, so that a cut leaves no chain that runs
 *   into free clusters
 * @error: return location
 *
 * Writes what makes chains longer. Errors: those of rub_fat_table_write_chains().
 *
 * Returns: whether it is written
 */
gboolean rub_fat_table_write_extensions(RubFatTable *self, GError **error);

/**
 * rub_fat_table_write_freed:
 * @self: a table of FAT32
 * @error: return location
 *
 * Writes which clusters were freed. Errors: those of rub_fat_table_write_chains().
 *
 * Returns: whether it is written
 */
gboolean rub_fat_table_write_freed(RubFatTable *self, GError **error);

/**
 * rub_fat_table_equalize_copies:
 * @self: a table of FAT32
 * @error: return location
 *
 * Makes the other copies say what the first one says, where they are meant to be the same.
 * Errors: those of rub_disk_read() and rub_disk_write().
 *
 * Returns: whether they do
 */
gboolean rub_fat_table_equalize_copies(RubFatTable *self, GError **error);

/**
 * rub_fat_table_write_clean:
 * @self: a table of FAT32
 * @is_clean: what to say
 * @error: return location
 *
 * Writes whether the volume was closed properly. Errors: those of rub_disk_read() and
 * rub_disk_write().
 *
 * Returns: whether it is written
 */
gboolean rub_fat_table_write_clean(RubFatTable *self, gboolean is_clean, GError **error);

G_END_DECLS
