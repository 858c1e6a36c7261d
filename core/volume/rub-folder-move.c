/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-move.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/msdos_fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES ((gsize) 1024 * 1024)

RubFolderMove *
rub_folder_move_new(RubFolderName *from, RubFolderName *to, RubVolumeFlags flags)
{
    RubFolderMove *self = g_new0(RubFolderMove, 1);
    self->from = from;
    self->to = to;
    self->flags = flags;
    return self;
}

void
rub_folder_move_free(RubFolderMove *self)
{
    g_free(self);
}

static gboolean
write_all(int fd, const guint8 *data, gsize size_bytes)
{
    while (size_bytes > 0) {
        ssize_t n = write(fd, data, size_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        data += n;
        size_bytes -= (gsize) n;
    }
    return TRUE;
}

/* Reads a file to its end, and writes it to the other one if there is one; -1 for none. */
static gboolean
read_through(const RubFolderMove *self, const RubFolder *folder, const char *path, int from_fd,
             int to_fd, char digest_text[RUB_DIGEST_TEXT_BYTES], guint64 *size_bytes,
             GError **error)
{
    g_autofree guint8 *buffer = g_malloc(BUFFER_BYTES);
    g_autoptr(RubDigest) digest = rub_digest_new();
    ssize_t n;
    *size_bytes = 0;
    while ((n = read(from_fd, buffer, BUFFER_BYTES)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return rub_folder_set_error(folder, error, RUB_CODE_VERIFY_FAILED, errno, path);
        rub_digest_add(digest, buffer, (gsize) n);
        *size_bytes += (guint64) n;
        if (to_fd >= 0 && !write_all(to_fd, buffer, (gsize) n))
            return rub_folder_set_error(folder, error, RUB_CODE_WRITE_FAILED, errno,
                                        self->to->path);
    }
    rub_digest_get_text(digest, digest_text);
    return TRUE;
}

/* Filesystems that are not FAT have no such marks; that of system files takes privileges. */
static void
copy_marks(const RubFolderMove *self, int from_fd, int to_fd)
{
    guint32 marks = 0;
    if (ioctl(from_fd, FAT_IOCTL_GET_ATTRIBUTES, &marks) != 0)
        return;
    if (self->flags & RUB_VOLUME_HIDDEN)
        marks |= ATTR_HIDDEN;
    if (ioctl(to_fd, FAT_IOCTL_SET_ATTRIBUTES, &marks) == 0)
        return;
    marks &= ~(guint32) ATTR_SYS;
    ioctl(to_fd, FAT_IOCTL_SET_ATTRIBUTES, &marks);
}

static gboolean
copy_between(RubFolderMove *self, const RubFolder *folder, int from_fd, int to_fd, GError **error)
{
    struct stat st;
    if (!read_through(self, folder, self->from->path, from_fd, to_fd, self->digest,
                      &self->size_bytes, error))
        return FALSE;
    if (fstat(from_fd, &st) != 0 ||
        futimens(to_fd, (struct timespec[]){{.tv_nsec = UTIME_OMIT}, st.st_mtim}) != 0)
        return rub_folder_set_error(folder, error, RUB_CODE_WRITE_FAILED, errno, self->to->path);
    copy_marks(self, from_fd, to_fd);
    return TRUE;
}

static int
open_copy(const RubFolderMove *self, const RubFolder *folder)
{
    if (self->to->is_there && rub_folder_remove(folder, self->to->path, FALSE) != 0)
        return -1;
    self->to->is_there = FALSE;
    return rub_folder_open(folder, self->to->path, O_WRONLY | O_CREAT | O_EXCL);
}

gboolean
rub_folder_move_copy(RubFolderMove *self, const RubFolder *folder, GError **error)
{
    int from_fd = rub_folder_open(folder, self->from->path, O_RDONLY | O_NONBLOCK);
    if (from_fd < 0)
        return rub_folder_set_error(folder, error, RUB_CODE_VERIFY_FAILED, errno, self->from->path);
    int to_fd = open_copy(self, folder);
    gboolean is_copied = to_fd >= 0 ? copy_between(self, folder, from_fd, to_fd, error)
                                    : rub_folder_set_error(folder, error, RUB_CODE_WRITE_FAILED,
                                                           errno, self->to->path);
    close(from_fd);
    if (to_fd >= 0)
        close(to_fd);
    return is_copied;
}

gboolean
rub_folder_move_check(const RubFolderMove *self, const RubFolder *folder, GError **error)
{
    char digest[RUB_DIGEST_TEXT_BYTES];
    guint64 size_bytes;
    int fd = rub_folder_open(folder, self->to->path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return rub_folder_set_error(folder, error, RUB_CODE_VERIFY_FAILED, errno, self->to->path);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    gboolean is_read =
        read_through(self, folder, self->to->path, fd, -1, digest, &size_bytes, error);
    close(fd);
    if (!is_read || (size_bytes == self->size_bytes && strcmp(digest, self->digest) == 0))
        return is_read;
    rub_error_set_text(error, RUB_CODE_WRITE_FAILED,
                       N_("{path} is not read back as it was written"), "path", self->to->path,
                       NULL);
    return FALSE;
}
