/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "volume/rub-fat.h"

G_BEGIN_DECLS

/**
 * rub_fat_fsinfo_write:
 * @fat: a FAT32 volume
 * @free_clusters: how many clusters are free
 * @next_free: where to look for one first
 * @error: return location
 *
 * Brings FSInfo up to date. Where there is none, or something else in its place, nothing is
 * written: it is only a hint. Errors: those of rub_disk_read() and rub_disk_write().
 *
 * Returns: whether all went well
 */
gboolean rub_fat_fsinfo_write(RubFat *fat, guint32 free_clusters, guint32 next_free,
                              GError **error);

G_END_DECLS
