/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs.h"

#include <errno.h>

#include "base/rub-error.h"
#include "volume/rub-ntfs-device.h"
#include "volume/rub-ntfs-geometry.h"
#include "volume/rub-ntfs-order.h"

struct _RubNtfs {
    RubDisk *disk;
    guint64 start_bytes;
    RubNtfsDevice *device;
    ntfs_volume *volume;
    RubNtfsState state;
    /* While we have marked it as dirty: how much was written by then. */
    gboolean is_marked;
    guint64 marked_at_bytes;
    RubNtfsOrder *order;
};

static gboolean
check_boot_sector(RubNtfs *self, guint64 size_bytes, GError **error)
{
    guint8 sector[RUB_NTFS_BOOT_SECTOR_BYTES];
    RubNtfsGeometry geometry;
    if (size_bytes < sizeof sector) {
        g_set_error_literal(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED,
                            "the partition is too small for an NTFS filesystem");
        return FALSE;
    }
    return rub_disk_read(self->disk, self->start_bytes, sector, sizeof sector, error) &&
           rub_ntfs_geometry_parse(&geometry, sector, size_bytes, error);
}

static const char *
get_refusal(int mount_errno)
{
    switch (mount_errno) {
    case EPERM:
        return "Windows is only asleep on it (hibernated, or fast startup); shut it down first";
    case EOPNOTSUPP:
        return "it was not removed safely from Windows";
    case ENOMEM:
        return "there is not enough memory to read it";
    default:
        return "it is damaged";
    }
}

static void
set_refused(RubNtfs *self, GError **error, const char *why)
{
    g_set_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED,
                "the NTFS filesystem at byte %" G_GUINT64_FORMAT " of %s cannot be used: %s",
                self->start_bytes, rub_disk_get_name(self->disk), why);
}

static gboolean
mount(RubNtfs *self, gboolean is_for_writing, GError **error)
{
    self->volume = rub_ntfs_device_mount(
        self->device, is_for_writing ? NTFS_MNT_EXCLUSIVE : NTFS_MNT_RDONLY | NTFS_MNT_FORENSIC);
    int mount_errno = errno;
    const GError *disk_error = rub_ntfs_device_get_error(self->device);
    if (!self->volume && disk_error) {
        g_propagate_error(error, g_error_copy(disk_error));
        return FALSE;
    }
    if (!self->volume) {
        set_refused(self, error, get_refusal(mount_errno));
        return FALSE;
    }
    self->state.is_dirty = (self->volume->flags & VOLUME_IS_DIRTY) != 0;
    if (is_for_writing && self->state.is_dirty) {
        set_refused(self, error, "it is marked as not closed properly; Windows wants to check it");
        return FALSE;
    }
    if (ntfs_set_shown_files(self->volume, TRUE, TRUE, FALSE) == 0 &&
        (!is_for_writing || ntfs_set_ignore_case(self->volume) == 0) &&
        ntfs_volume_get_free_space(self->volume) == 0)
        return TRUE;
    rub_ntfs_set_error(self, error, errno, NULL);
    return FALSE;
}

RubNtfs *
rub_ntfs_open(RubDisk *disk, guint64 start_lba, guint64 sector_count, gboolean is_for_writing,
              GError **error)
{
    guint sector_size = rub_disk_get_sector_size(disk);
    guint64 disk_sectors = rub_disk_get_size_bytes(disk) / sector_size;
    if (start_lba > disk_sectors || sector_count > disk_sectors - start_lba) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED, "the partition lies outside of %s",
                    rub_disk_get_name(disk));
        return NULL;
    }
    g_autoptr(RubNtfs) self = g_new0(RubNtfs, 1);
    self->disk = rub_disk_ref(disk);
    self->start_bytes = start_lba * sector_size;
    self->device = rub_ntfs_device_new(disk, self->start_bytes, sector_count * sector_size);
    if (!check_boot_sector(self, sector_count * sector_size, error) ||
        !mount(self, is_for_writing, error))
        return NULL;
    return g_steal_pointer(&self);
}

/* Where nothing but data has reached the disk, which is free room still, the volume is as good as
 * it was. */
static void
unmark(RubNtfs *self)
{
    if (!self->is_marked || rub_ntfs_device_get_error(self->device) ||
        rub_ntfs_device_get_flushed_bytes(self->device) != self->marked_at_bytes)
        return;
    rub_ntfs_device_forget(self->device);
    rub_ntfs_set_dirty(self, FALSE, NULL);
}

void
rub_ntfs_free(RubNtfs *self)
{
    unmark(self);
    rub_ntfs_device_discard(self->device);
    if (self->volume)
        ntfs_umount(self->volume, FALSE);
    rub_ntfs_device_free(self->device);
    g_clear_pointer(&self->order, rub_ntfs_order_free);
    rub_disk_unref(self->disk);
    g_free(self);
}

ntfs_volume *
rub_ntfs_get_volume(RubNtfs *self)
{
    return self->volume;
}

RubDisk *
rub_ntfs_get_disk(RubNtfs *self)
{
    return self->disk;
}

guint64
rub_ntfs_get_start_bytes(const RubNtfs *self)
{
    return self->start_bytes;
}

const RubNtfsState *
rub_ntfs_get_state(RubNtfs *self)
{
    self->state.cluster_bytes = self->volume->cluster_size;
    self->state.cluster_count = (guint64) self->volume->nr_clusters;
    self->state.free_clusters = (guint64) MAX(self->volume->free_clusters, 0);
    return &self->state;
}

/* What is free now may be written first. */
static gboolean
set_order(RubNtfs *self, gboolean is_on, GError **error)
{
    rub_ntfs_device_set_ranks(self->device, 1, NULL, NULL);
    g_clear_pointer(&self->order, rub_ntfs_order_free);
    if (!is_on)
        return TRUE;
    self->order = rub_ntfs_order_new(self->volume);
    if (!self->order) {
        rub_ntfs_set_error(self, error, errno, NULL);
        return FALSE;
    }
    rub_ntfs_device_set_ranks(self->device, RUB_NTFS_ORDER_RANKS, rub_ntfs_order_get_rank,
                              self->order);
    return TRUE;
}

gboolean
rub_ntfs_set_dirty(RubNtfs *self, gboolean is_dirty, GError **error)
{
    le16 flags = self->volume->flags & ~VOLUME_IS_DIRTY;
    if (is_dirty)
        flags |= VOLUME_IS_DIRTY;
    if (ntfs_volume_write_flags(self->volume, flags) != 0) {
        rub_ntfs_set_error(self, error, errno, NULL);
        return FALSE;
    }
    if (!rub_ntfs_flush(self, error))
        return FALSE;
    self->is_marked = is_dirty;
    self->marked_at_bytes = rub_ntfs_device_get_flushed_bytes(self->device);
    return set_order(self, is_dirty, error);
}

gboolean
rub_ntfs_begin_removing(RubNtfs *self, GError **error)
{
    if (!rub_ntfs_flush(self, error))
        return FALSE;
    rub_ntfs_order_set_removing(self->order, TRUE);
    return TRUE;
}

gboolean
rub_ntfs_flush(RubNtfs *self, GError **error)
{
    return rub_ntfs_device_flush(self->device, error);
}

void
rub_ntfs_set_error(RubNtfs *self, GError **error, int errnum, const char *path)
{
    const GError *disk_error = rub_ntfs_device_get_error(self->device);
    if (disk_error) {
        g_propagate_error(error, g_error_copy(disk_error));
        return;
    }
    rub_error_set_errno(
        error, errnum == ENOSPC ? RUB_CODE_DISK_TOO_SMALL : RUB_CODE_VOLUME_DAMAGED, errnum,
        path ? N_("the NTFS filesystem of {name}, at {path}") : N_("the NTFS filesystem of {name}"),
        "name", rub_disk_get_name(self->disk), "path", path ? path : "", NULL);
}
