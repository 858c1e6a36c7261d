/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-device.h"

#include <errno.h>
#include <fcntl.h>

/* The tables of 50,000 files. */
#define CACHE_BYTES ((gsize) 64 * 1024 * 1024)

struct _RubNtfsDevice {
    RubDisk *disk;
    RubDiskCache *cache;
    guint64 size_bytes;
    s64 position_bytes;
    gboolean is_discarded;
    GError *error;
};

RubNtfsDevice *
rub_ntfs_device_new(RubDisk *disk, guint64 start_bytes, guint64 size_bytes)
{
    RubNtfsDevice *self = g_new0(RubNtfsDevice, 1);
    self->disk = rub_disk_ref(disk);
    self->cache = rub_disk_cache_new(disk, start_bytes, size_bytes, CACHE_BYTES);
    self->size_bytes = size_bytes;
    return self;
}

void
rub_ntfs_device_free(RubNtfsDevice *self)
{
    g_clear_error(&self->error);
    rub_disk_cache_free(self->cache);
    rub_disk_unref(self->disk);
    g_free(self);
}

const GError *
rub_ntfs_device_get_error(const RubNtfsDevice *self)
{
    return self->error;
}

void
rub_ntfs_device_discard(RubNtfsDevice *self)
{
    self->is_discarded = TRUE;
}

RubDiskCache *
rub_ntfs_device_get_cache(RubNtfsDevice *self)
{
    return self->cache;
}

/* Flushes as the library sees it: what is discarded counts as written. */
static gboolean
flush(RubNtfsDevice *self)
{
    return self->is_discarded || (!self->error && rub_disk_cache_flush(self->cache, &self->error) &&
                                  rub_disk_sync(self->disk, &self->error));
}

static RubNtfsDevice *
get_self(struct ntfs_device *device)
{
    return device->d_private;
}

static int
on_open(struct ntfs_device *device, int flags)
{
    if (NDevOpen(device)) {
        errno = EBUSY;
        return -1;
    }
    if ((flags & O_ACCMODE) == O_RDONLY)
        NDevSetReadOnly(device);
    NDevSetOpen(device);
    return 0;
}

static int
on_sync(struct ntfs_device *device)
{
    if (NDevReadOnly(device))
        return 0;
    if (!flush(get_self(device))) {
        errno = EIO;
        return -1;
    }
    NDevClearDirty(device);
    return 0;
}

static int
on_close(struct ntfs_device *device)
{
    int result = on_sync(device);
    NDevClearOpen(device);
    return result;
}

static s64
on_seek(struct ntfs_device *device, s64 offset, int whence)
{
    RubNtfsDevice *self = get_self(device);
    s64 base = whence == SEEK_SET   ? 0
               : whence == SEEK_CUR ? self->position_bytes
                                    : (s64) self->size_bytes;
    s64 position;
    if (__builtin_add_overflow(base, offset, &position) || position < 0 ||
        (guint64) position > self->size_bytes) {
        errno = EINVAL;
        return -1;
    }
    return self->position_bytes = position;
}

/* As at the end of a file, less than was asked for may be there. Returns -1 for what is nowhere. */
static s64
clip(const RubNtfsDevice *self, s64 size_bytes, s64 offset_bytes)
{
    if (size_bytes < 0 || offset_bytes < 0 || (guint64) offset_bytes > self->size_bytes) {
        errno = EINVAL;
        return -1;
    }
    return MIN(size_bytes, (s64) self->size_bytes - offset_bytes);
}

static s64
on_pread(struct ntfs_device *device, void *buffer, s64 size_bytes, s64 offset_bytes)
{
    RubNtfsDevice *self = get_self(device);
    s64 n = clip(self, size_bytes, offset_bytes);
    if (n <= 0)
        return n;
    if (self->error || !rub_disk_cache_read(self->cache, (guint64) offset_bytes, buffer, (gsize) n,
                                            &self->error)) {
        errno = EIO;
        return -1;
    }
    return n;
}

static s64
on_pwrite(struct ntfs_device *device, const void *data, s64 size_bytes, s64 offset_bytes)
{
    RubNtfsDevice *self = get_self(device);
    s64 n = clip(self, size_bytes, offset_bytes);
    if (NDevReadOnly(device)) {
        errno = EROFS;
        return -1;
    }
    if (n < size_bytes) {
        errno = n < 0 ? EINVAL : ENOSPC;
        return -1;
    }
    NDevSetDirty(device);
    if (self->is_discarded)
        return n;
    if (self->error ||
        !rub_disk_cache_write(self->cache, (guint64) offset_bytes, data, (gsize) n, &self->error)) {
        errno = EIO;
        return -1;
    }
    return n;
}

static s64
on_read(struct ntfs_device *device, void *buffer, s64 size_bytes)
{
    RubNtfsDevice *self = get_self(device);
    s64 n = on_pread(device, buffer, size_bytes, self->position_bytes);
    self->position_bytes += MAX(n, 0);
    return n;
}

static s64
on_write(struct ntfs_device *device, const void *data, s64 size_bytes)
{
    RubNtfsDevice *self = get_self(device);
    s64 n = on_pwrite(device, data, size_bytes, self->position_bytes);
    self->position_bytes += MAX(n, 0);
    return n;
}

static int
on_stat(struct ntfs_device *device, struct stat *status)
{
    *status =
        (struct stat){.st_mode = S_IFREG | 0600, .st_size = (off_t) get_self(device)->size_bytes};
    return 0;
}

static int
on_ioctl(struct ntfs_device *device, unsigned long request, void *argument)
{
    errno = EOPNOTSUPP;
    return -1;
}

static struct ntfs_device_operations operations = {
    .open = on_open,
    .close = on_close,
    .seek = on_seek,
    .read = on_read,
    .write = on_write,
    .pread = on_pread,
    .pwrite = on_pwrite,
    .sync = on_sync,
    .stat = on_stat,
    .ioctl = on_ioctl,
};

ntfs_volume *
rub_ntfs_device_mount(RubNtfsDevice *self, ntfs_mount_flags flags)
{
    struct ntfs_device *device =
        ntfs_device_alloc(rub_disk_get_name(self->disk), 0, &operations, self);
    if (!device)
        return NULL;
    /* The library prints by itself. */
    ntfs_log_set_handler(ntfs_log_handler_null);
    ntfs_volume *volume = ntfs_device_mount(device, flags);
    if (!volume) {
        int mount_errno = errno;
        ntfs_device_free(device);
        errno = mount_errno;
    }
    return volume;
}
