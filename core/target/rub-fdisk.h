/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <libfdisk/libfdisk.h>

G_BEGIN_DECLS

typedef struct fdisk_context RubFdisk;
typedef struct fdisk_table RubFdiskTable;
typedef struct fdisk_iter RubFdiskIter;
typedef struct fdisk_partition RubFdiskPartition;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFdisk, fdisk_unref_context)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFdiskTable, fdisk_unref_table)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFdiskIter, fdisk_free_iter)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFdiskPartition, fdisk_unref_partition)

/**
 * RubFdiskAccess:
 * @RUB_FDISK_READ: only look
 * @RUB_FDISK_WRITE: changes may be written
 *
 * What a libfdisk context may do with its descriptor.
 */
typedef enum {
    RUB_FDISK_READ,
    RUB_FDISK_WRITE,
} RubFdiskAccess;

/**
 * rub_fdisk_new:
 * @fd: descriptor of a disk; borrowed, must outlive the context
 * @sector_size: size of a logical sector in bytes
 * @access: whether libfdisk may write
 *
 * Opens a libfdisk context in which every question is answered with no and nothing is printed.
 *
 * Returns: (transfer full) (nullable): a context, or %NULL with errno set
 */
RubFdisk *rub_fdisk_new(int fd, guint sector_size, RubFdiskAccess access);

G_END_DECLS
