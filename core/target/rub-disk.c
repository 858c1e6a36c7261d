/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "target/rub-direct-io.h"

#define LARGE_WRITE_BYTES (1024 * 1024)

/* What is written to a file is handed to the device in pieces of the first size as it comes, and
 * once more than the second is on its way, half of that is waited for: copying and the device work
 * at the same time, progress is never far ahead of the device, and little is left for the last
 * sync. */
#define PUSH_BYTES ((guint64) 8 * 1024 * 1024)
#define MAX_UNDERWAY_BYTES ((guint64) 128 * 1024 * 1024)

/* What reads past the kernel's cache must be aligned to on every drive and filesystem of today. */
#define DIRECT_ALIGNMENT 4096

/* A drive that is pulled fails what is under way before the kernel takes it away, which no event on
 * its descriptor tells: this is how often, and how far apart, it is looked whether it is there. */
#define GONE_LOOKS 25
#define GONE_INTERVAL_US (20 * 1000)

struct _RubDisk {
    int fd;
    RubDirectIo *drive; /* (nullable): for a drive */
    int direct_fd; /* open on the same file, reads past the cache; -1 if that is not wanted or not
                      possible */
    guint64 size_bytes;
    guint sector_size;
    char *name;
    RubDiskStats stats;
    guint64 last_end_bytes;
    /* Of the last run of consecutive writes: what came before is known to be on the device, and
     * what came before has been handed to it. */
    guint64 awaited_end_bytes;
    guint64 pushed_end_bytes;
    RubDiskWriteHook hook;
    gpointer hook_data;
};

RubDisk *
rub_disk_new_shared(int fd, guint64 size_bytes, guint sector_size, const char *name)
{
    RubDisk *self = g_atomic_rc_box_new0(RubDisk);
    self->fd = fd;
    self->direct_fd = -1;
    self->size_bytes = size_bytes;
    self->sector_size = sector_size;
    self->name = g_strdup(name);
    return self;
}

RubDisk *
rub_disk_new(int fd, guint64 size_bytes, guint sector_size, const char *name)
{
    RubDisk *self = rub_disk_new_shared(fd, size_bytes, sector_size, name);
    self->drive = rub_direct_io_new(fd, sector_size);
    return self;
}

RubDisk *
rub_disk_ref(RubDisk *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_disk_clear(gpointer data)
{
    RubDisk *self = data;
    g_clear_pointer(&self->drive, rub_direct_io_free);
    close(self->fd);
    if (self->direct_fd >= 0)
        close(self->direct_fd);
    g_free(self->name);
}

void
rub_disk_unref(RubDisk *self)
{
    g_atomic_rc_box_release_full(self, rub_disk_clear);
}

guint64
rub_disk_get_size_bytes(const RubDisk *self)
{
    return self->size_bytes;
}

guint
rub_disk_get_sector_size(const RubDisk *self)
{
    return self->sector_size;
}

const char *
rub_disk_get_name(const RubDisk *self)
{
    return self->name;
}

int
rub_disk_get_fd(RubDisk *self)
{
    if (self->drive)
        rub_direct_io_lend(self->drive);
    return self->fd;
}

const RubDiskStats *
rub_disk_get_stats(RubDisk *self)
{
    if (self->drive)
        self->stats.requests = rub_direct_io_get_requests(self->drive);
    return &self->stats;
}

void
rub_disk_set_write_hook(RubDisk *self, RubDiskWriteHook hook, gpointer user_data)
{
    self->hook = hook;
    self->hook_data = user_data;
}

static gboolean
is_inside(const RubDisk *self, guint64 offset_bytes, gsize size_bytes)
{
    return offset_bytes <= self->size_bytes && size_bytes <= self->size_bytes - offset_bytes;
}

static gboolean
is_drive(const RubDisk *self)
{
    struct stat st;
    return fstat(self->fd, &st) == 0 && S_ISBLK(st.st_mode);
}

static gboolean
is_size_gone(const RubDisk *self)
{
    guint64 size_bytes = 0;
    return is_drive(self) && (ioctl(self->fd, BLKGETSIZE64, &size_bytes) != 0 || size_bytes == 0);
}

/* A drive that was pulled answers ENODEV or ENXIO, or ENOSPC because its size fell to 0. */
static gboolean
is_gone(const RubDisk *self, int errnum)
{
    if (errnum == ENODEV || errnum == ENXIO || errnum == ENOMEDIUM || is_size_gone(self))
        return TRUE;
    gboolean is_gone = FALSE;
    for (guint i = 0; self->drive && !is_gone && i < GONE_LOOKS; i++) {
        g_usleep(GONE_INTERVAL_US);
        is_gone = is_size_gone(self);
    }
    return is_gone;
}

static void
set_gone(const RubDisk *self, GError **error)
{
    rub_error_set_text(error, RUB_CODE_DEVICE_GONE, N_("{drive} is no longer there"), "drive",
                       self->name, NULL);
}

static void
set_io_error(const RubDisk *self, GError **error, RubCode code, int errnum, guint64 offset_bytes)
{
    g_autofree char *offset = g_strdup_printf("%" G_GUINT64_FORMAT, offset_bytes);
    if (is_gone(self, errnum))
        set_gone(self, error);
    else if (is_drive(self) || !rub_disk_set_full(error, errnum, self->name))
        rub_error_set_errno(error, code, errnum,
                            code == RUB_CODE_WRITE_FAILED
                                ? N_("cannot write {name} at byte {offset}")
                                : N_("cannot read {name} at byte {offset}"),
                            "name", self->name, "offset", offset, NULL);
    rub_disk_advise_size(error, errnum);
}

static gboolean
set_fault(const RubDisk *self, GError **error, const RubIoFault *fault)
{
    RubCode code = fault->is_write ? RUB_CODE_WRITE_FAILED : RUB_CODE_VERIFY_FAILED;
    set_io_error(self, error, code, fault->errnum, fault->offset_bytes);
    return FALSE;
}

static gboolean
is_direct(const RubDisk *self, guint64 offset_bytes, const void *buffer, gsize size_bytes)
{
    return self->direct_fd >= 0 &&
           ((guintptr) buffer | offset_bytes | size_bytes) % DIRECT_ALIGNMENT == 0;
}

/* A filesystem that opens files for direct reading and then refuses to read is read as usual. */
static ssize_t
read_some(RubDisk *self, guint64 offset_bytes, void *buffer, gsize size_bytes)
{
    if (is_direct(self, offset_bytes, buffer, size_bytes)) {
        ssize_t n = pread(self->direct_fd, buffer, size_bytes, (off_t) offset_bytes);
        if (n >= 0 || errno != EINVAL)
            return n;
    }
    return pread(self->fd, buffer, size_bytes, (off_t) offset_bytes);
}

gboolean
rub_disk_read(RubDisk *self, guint64 offset_bytes, void *buffer, gsize size_bytes, GError **error)
{
    if (!is_inside(self, offset_bytes, size_bytes)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED,
                    "byte %" G_GUINT64_FORMAT " lies outside %s", offset_bytes, self->name);
        return FALSE;
    }
    RubIoFault fault;
    if (self->drive)
        return rub_direct_io_read(self->drive, offset_bytes, buffer, size_bytes, &fault) ||
               set_fault(self, error, &fault);
    guint8 *to = buffer;
    while (size_bytes > 0) {
        ssize_t n = read_some(self, offset_bytes, to, size_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            set_io_error(self, error, RUB_CODE_VERIFY_FAILED, n < 0 ? errno : EIO, offset_bytes);
            return FALSE;
        }
        to += n;
        offset_bytes += (guint64) n;
        size_bytes -= (gsize) n;
    }
    return TRUE;
}

/* Some filesystems and drives cannot do this, which costs nothing but an honest progress. */
static gboolean
sync_range(RubDisk *self, guint64 start_bytes, guint64 end_bytes, guint flags, GError **error)
{
    /* A length of 0 would mean up to the end of the disk. */
    if (start_bytes == end_bytes ||
        sync_file_range(self->fd, (off_t) start_bytes, (off_t) (end_bytes - start_bytes), flags) ==
            0 ||
        errno == ENOSYS || errno == EINVAL || errno == ESPIPE)
        return TRUE;
    set_io_error(self, error, RUB_CODE_WRITE_FAILED, errno, start_bytes);
    return FALSE;
}

/* Hands what was written to the device, and waits for the oldest of it if too much is on its way.
 */
static gboolean
push_written(RubDisk *self, guint64 end_bytes, GError **error)
{
    guint64 start = self->pushed_end_bytes;
    if (end_bytes - start < PUSH_BYTES)
        return TRUE;
    self->pushed_end_bytes = end_bytes;
    if (!sync_range(self, start, end_bytes, SYNC_FILE_RANGE_WRITE, error))
        return FALSE;
    guint64 oldest = self->awaited_end_bytes;
    if (end_bytes - oldest <= MAX_UNDERWAY_BYTES)
        return TRUE;
    self->awaited_end_bytes = oldest + MAX_UNDERWAY_BYTES / 2;
    if (!sync_range(self, oldest, self->awaited_end_bytes,
                    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                        SYNC_FILE_RANGE_WAIT_AFTER,
                    error))
        return FALSE;
    /* What is on the medium need not push out of memory what other programs keep there. */
    posix_fadvise(self->fd, (off_t) oldest, (off_t) (self->awaited_end_bytes - oldest),
                  POSIX_FADV_DONTNEED);
    return TRUE;
}

static void
count_write(RubDisk *self, guint64 offset_bytes, gsize size_bytes)
{
    self->stats.writes++;
    self->stats.written_bytes += size_bytes;
    if (size_bytes >= LARGE_WRITE_BYTES)
        self->stats.large_written_bytes += size_bytes;
    if (offset_bytes < self->last_end_bytes)
        self->stats.backward_seeks++;
    if (offset_bytes != self->last_end_bytes)
        self->awaited_end_bytes = self->pushed_end_bytes = offset_bytes;
    self->last_end_bytes = offset_bytes + size_bytes;
}

/* Writes through the kernel's cache. */
static gboolean
write_cached(RubDisk *self, guint64 offset_bytes, const void *data, gsize size_bytes,
             GError **error)
{
    const guint8 *from = data;
    self->stats.requests++;
    while (size_bytes > 0) {
        ssize_t n = pwrite(self->fd, from, size_bytes, (off_t) offset_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            set_io_error(self, error, RUB_CODE_WRITE_FAILED, n < 0 ? errno : EIO, offset_bytes);
            return FALSE;
        }
        from += n;
        offset_bytes += (guint64) n;
        size_bytes -= (gsize) n;
    }
    return push_written(self, offset_bytes, error);
}

gboolean
rub_disk_write(RubDisk *self, guint64 offset_bytes, const void *data, gsize size_bytes,
               GError **error)
{
    if (!is_inside(self, offset_bytes, size_bytes)) {
        g_set_error(error, RUB_ERROR, RUB_CODE_WRITE_FAILED,
                    "byte %" G_GUINT64_FORMAT " lies outside %s", offset_bytes, self->name);
        return FALSE;
    }
    int errnum = self->hook ? self->hook(offset_bytes, data, size_bytes, self->hook_data) : 0;
    if (errnum != 0) {
        set_io_error(self, error, RUB_CODE_WRITE_FAILED, errnum, offset_bytes);
        return FALSE;
    }
    count_write(self, offset_bytes, size_bytes);
    if (!self->drive)
        return write_cached(self, offset_bytes, data, size_bytes, error);
    RubIoFault fault;
    return rub_direct_io_write(self->drive, offset_bytes, data, size_bytes, &fault) ||
           set_fault(self, error, &fault);
}

gboolean
rub_disk_sync(RubDisk *self, GError **error)
{
    RubIoFault fault;
    if (self->drive && !rub_direct_io_drain(self->drive, &fault))
        return set_fault(self, error, &fault);
    if (fsync(self->fd) == 0)
        return TRUE;
    int errnum = errno;
    if (is_gone(self, errnum))
        set_gone(self, error);
    else if (is_drive(self) || !rub_disk_set_full(error, errnum, self->name))
        rub_error_set_errno(error, RUB_CODE_WRITE_FAILED, errnum,
                            N_("cannot finish writing {name}"), "name", self->name, NULL);
    rub_disk_advise_size(error, errnum);
    return FALSE;
}

gboolean
rub_disk_set_full(GError **error, int errnum, const char *name)
{
    if (errnum != ENOSPC && errnum != EDQUOT)
        return FALSE;
    rub_error_set_errno(error, RUB_CODE_WRITE_FAILED, errnum,
                        N_("the disk on which the file {name} lies is full"), "name", name, NULL);
    rub_error_take_remedy(error, rub_text_new(N_("Delete files on that disk that are not needed, "
                                                 "or put the disk-image file on another disk."),
                                              NULL));
    return TRUE;
}

void
rub_disk_advise_size(GError **error, int errnum)
{
    if (errnum == EFBIG)
        rub_error_take_remedy(
            error, rub_text_new(N_("Put the disk-image file on a disk that takes files of this "
                                   "size (FAT32 takes none of 4 GiB), or lift the limit on the "
                                   "size of files that is set for this program (ulimit -f)."),
                                NULL));
}

void
rub_disk_advise_limit(GError **error, int errnum)
{
    if (errnum == EFBIG)
        rub_error_take_remedy(error, rub_text_new(N_("Lift the limit on the size of files that is "
                                                     "set for this program (ulimit -f)."),
                                                  NULL));
}

void
rub_disk_propagate_error(GError **error, GError *io_error, int code)
{
    gboolean is_about_disk = !g_error_matches(io_error, RUB_ERROR, RUB_CODE_DEVICE_GONE) &&
                             !rub_error_get_remedy(io_error);
    if (is_about_disk)
        io_error->code = code;
    g_propagate_error(error, io_error);
}

void
rub_disk_drop_cache(RubDisk *self)
{
    posix_fadvise(rub_disk_get_fd(self), 0, 0, POSIX_FADV_DONTNEED);
    if (self->drive || self->direct_fd >= 0)
        return;
    /* The path may name another file by now; the descriptor does not. */
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", self->fd);
    self->direct_fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
}
