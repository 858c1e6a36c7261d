/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-disk.h"

G_BEGIN_DECLS

/**
 * rub_wipe_ends:
 * @disk: a disk that is open for writing
 * @start_bytes: where a disk or a partition begins
 * @size_bytes: its size; all of it lies on @disk
 * @error: return location
 *
 * Writes zeros where the signatures of older tables and filesystems lie: over the first and the
 * last MiB, and never outside what is given. Errors: those of rub_disk_write().
 *
 * Returns: whether nothing there looks like anything any more
 */
gboolean rub_wipe_ends(RubDisk *disk, guint64 start_bytes, guint64 size_bytes, GError **error);

/**
 * rub_wipe_ends_for:
 * @disk: a disk that is open for writing
 * @start_bytes: where a disk or a partition begins
 * @size_bytes: its size; all of it lies on @disk
 * @head: (array length=head_bytes): what is to be at its start
 * @head_bytes: at most a MiB, and half of @size_bytes
 * @error: return location
 *
 * The same, and puts @head there in the write that wipes the start: there is no moment at which the
 * start is empty. Errors: those of rub_disk_write().
 *
 * Returns: whether @head is there and nothing else looks like anything any more
 */
gboolean rub_wipe_ends_for(RubDisk *disk, guint64 start_bytes, guint64 size_bytes,
                           const guint8 *head, gsize head_bytes, GError **error);

G_END_DECLS
