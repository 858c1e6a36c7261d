/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-count.h"

#include <sys/statvfs.h>

RubDriveCount *
rub_drive_count_new(const char *mount_point)
{
    RubDriveCount *self = g_new0(RubDriveCount, 1);
    self->mount_point = g_strdup(mount_point);
    return self;
}

void
rub_drive_count_free(gpointer data)
{
    RubDriveCount *self = data;
    g_free(self->mount_point);
    g_free(self);
}

void
rub_drive_count_all(GPtrArray *counts)
{
    for (guint i = 0; i < counts->len; i++) {
        RubDriveCount *count = g_ptr_array_index(counts, i);
        struct statvfs st;
        if (statvfs(count->mount_point, &st) != 0)
            continue;
        count->is_counted = TRUE;
        count->used_bytes = (guint64) (st.f_blocks - st.f_bfree) * st.f_frsize;
        count->free_bytes = (guint64) st.f_bfree * st.f_frsize;
    }
}
