/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-disk.h"

G_BEGIN_DECLS

/** RUB_MOLD_PATH: where a program that makes a filesystem finds the file to make it in */
#define RUB_MOLD_PATH "/proc/self/fd/3"

/**
 * RubMold:
 *
 * A filesystem that a program of others makes beside the disk it is for, in a file as large as the
 * partition of which only what was written takes room. What it made is looked at, and then copied.
 * All errors say what failed, for which disk.
 */
typedef struct _RubMold RubMold;

/**
 * rub_mold_new:
 * @disk: the disk the filesystem is for
 * @start_lba: where it will begin
 * @sector_count: how many sectors of @disk it has
 * @is_in_memory: whether what will be written into the file fits in memory; else it is one without
 *   a name in the folder for temporary files
 * @arguments: (array zero-terminated=1): the program and its arguments, %RUB_MOLD_PATH among them
 * @package: the package that has the program, for a message
 * @cancellable: (nullable): to stop it, now and later
 * @error: return location
 *
 * Runs the program. Errors: %RUB_CODE_CREATE_FAT32_FAILED with its own words where it has some,
 * %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): what it made
 */
RubMold *rub_mold_new(RubDisk *disk, guint64 start_lba, guint64 sector_count, gboolean is_in_memory,
                      const char *const *arguments, const char *package, GCancellable *cancellable,
                      GError **error);

/** rub_mold_free: frees it, and the file */
void rub_mold_free(RubMold *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubMold, rub_mold_free)

/**
 * rub_mold_set_failed:
 * @error: return location
 * @disk: the disk
 * @words: why
 *
 * Sets @error to %RUB_CODE_CREATE_FAT32_FAILED: making the filesystem failed.
 */
void rub_mold_set_failed(GError **error, RubDisk *disk, const char *words);

/**
 * rub_mold_read:
 * @self: a mold
 * @offset_bytes: where to begin
 * @buffer: (out caller-allocates): room for @size_bytes bytes
 * @size_bytes: how much to read
 * @error: return location
 *
 * Errors: %RUB_CODE_CREATE_FAT32_FAILED.
 *
 * Returns: whether all of it was read
 */
gboolean rub_mold_read(RubMold *self, guint64 offset_bytes, void *buffer, gsize size_bytes,
                       GError **error);

/**
 * rub_mold_write:
 * @self: a mold
 * @offset_bytes: where to begin
 * @data: what to write
 * @size_bytes: how much
 * @error: return location
 *
 * Changes what the program made, for what it has no options for. Errors:
 * %RUB_CODE_CREATE_FAT32_FAILED.
 *
 * Returns: whether all of it was written
 */
gboolean rub_mold_write(RubMold *self, guint64 offset_bytes, const void *data, gsize size_bytes,
                        GError **error);

/**
 * rub_mold_place:
 * @self: a mold
 * @whole_bytes: how much from the front is copied whether it was written or not; behind it only
 *   what was written
 * @error: return location
 *
 * Wipes what would still look like an older filesystem on the disk, copies, and syncs before the
 * boot sector comes, so that a cut leaves no filesystem rather than a half. Errors:
 * %RUB_CODE_CREATE_FAT32_FAILED, %RUB_CODE_DEVICE_GONE, %RUB_CODE_CANCELLED.
 *
 * Returns: whether the filesystem is on the disk
 */
gboolean rub_mold_place(RubMold *self, guint64 whole_bytes, GError **error);

G_END_DECLS
