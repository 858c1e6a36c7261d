/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubDriveCount:
 * @mount_point: where a volume is mounted
 * @is_counted: whether the rest is known
 * @used_bytes: bytes in use
 * @free_bytes: bytes free
 *
 * How full a mounted volume is.
 */
typedef struct {
    char *mount_point;
    gboolean is_counted;
    guint64 used_bytes;
    guint64 free_bytes;
} RubDriveCount;

/** rub_drive_count_new: Returns: (transfer full): a volume that is not counted yet */
RubDriveCount *rub_drive_count_new(const char *mount_point);

/** rub_drive_count_free: frees it */
void rub_drive_count_free(gpointer self);

/**
 * rub_drive_count_all:
 * @counts: (element-type RubDriveCount): the volumes
 *
 * Asks the filesystems how full they are. May take as long as they please.
 */
void rub_drive_count_all(GPtrArray *counts);

G_END_DECLS
