/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-image-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rub-error.h"

struct _RubImageFile {
    int fd;
    char *path;
    guint64 size_bytes;
    struct stat opened; /* what it was when it was opened */
};

static void
rub_image_file_clear(gpointer data)
{
    RubImageFile *self = data;
    if (self->fd >= 0)
        close(self->fd);
    g_free(self->path);
}

static void
set_unopened(const RubImageFile *self, GError **error)
{
    rub_error_take_text(error, RUB_CODE_IMAGE_UNREADABLE,
                        rub_text_new(N_("cannot open {path}: {reason}"), "path", self->path,
                                     "reason", g_strerror(errno), NULL));
}

/* The seek to the end works on files and on drives alike. */
static gboolean
measure(RubImageFile *self, GError **error)
{
    if (fstat(self->fd, &self->opened) != 0) {
        set_unopened(self, error);
        return FALSE;
    }
    mode_t mode = self->opened.st_mode;
    if (!S_ISREG(mode) && !S_ISBLK(mode)) {
        rub_error_take_text(error, RUB_CODE_IMAGE_UNREADABLE,
                            rub_text_new(S_ISDIR(mode)
                                             ? N_("{path} is a folder, not an image file")
                                             : N_("{path} is a special file, not an image file"),
                                         "path", self->path, NULL));
        return FALSE;
    }
    off_t end = lseek(self->fd, 0, SEEK_END);
    if (end < 0) {
        rub_error_set_errno(error, RUB_CODE_IMAGE_UNREADABLE, errno, N_("cannot measure {path}"),
                            "path", self->path, NULL);
        return FALSE;
    }
    if (end == 0) {
        rub_error_take_text(
            error, RUB_CODE_IMAGE_UNREADABLE,
            rub_text_new(N_("{path} is empty (0 bytes)"), "path", self->path, NULL));
        return FALSE;
    }
    self->size_bytes = (guint64) end;
    return TRUE;
}

RubImageFile *
rub_image_file_open(const char *path, GError **error)
{
    g_autoptr(RubImageFile) self = g_atomic_rc_box_new0(RubImageFile);
    self->path = g_strdup(path);
    /* Not blocking: a FIFO without a writer would hang the open for ever. */
    self->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (self->fd < 0) {
        set_unopened(self, error);
        return NULL;
    }
    if (!measure(self, error))
        return NULL;
    return g_steal_pointer(&self);
}

RubImageFile *
rub_image_file_ref(RubImageFile *self)
{
    return g_atomic_rc_box_acquire(self);
}

void
rub_image_file_unref(RubImageFile *self)
{
    g_atomic_rc_box_release_full(self, rub_image_file_clear);
}

const char *
rub_image_file_get_path(const RubImageFile *self)
{
    return self->path;
}

char *
rub_image_file_find_path(const RubImageFile *self)
{
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", self->fd);
    return g_file_read_link(link, NULL);
}

guint64
rub_image_file_get_size_bytes(const RubImageFile *self)
{
    return self->size_bytes;
}

int
rub_image_file_get_fd(const RubImageFile *self)
{
    return self->fd;
}

gboolean
rub_image_file_is_same(const RubImageFile *self, int fd)
{
    struct stat mine, other;
    if (fstat(self->fd, &mine) != 0 || fstat(fd, &other) != 0)
        return FALSE;
    if (S_ISBLK(mine.st_mode) && S_ISBLK(other.st_mode))
        return mine.st_rdev == other.st_rdev;
    return mine.st_dev == other.st_dev && mine.st_ino == other.st_ino;
}

/* The time of the last change (ctime) is no sign: a new name, or a mark that a desktop's search
 * puts on the file, moves it, too. A drive has no times. */
gboolean
rub_image_file_check_unchanged(const RubImageFile *self, GError **error)
{
    const struct timespec *before = &self->opened.st_mtim;
    struct stat now;
    if (!S_ISREG(self->opened.st_mode) ||
        (fstat(self->fd, &now) == 0 && now.st_size == self->opened.st_size &&
         now.st_mtim.tv_sec == before->tv_sec && now.st_mtim.tv_nsec == before->tv_nsec))
        return TRUE;
    rub_error_set_text(error, RUB_CODE_IMAGE_UNREADABLE,
                       N_("{path} was written to while it was read"), "path", self->path, NULL);
    rub_error_take_remedy(error,
                          rub_text_new(N_("Wait until the download, or whatever else changes the "
                                          "image, is done, and start again."),
                                       NULL));
    return FALSE;
}

gboolean
rub_image_file_check_size(const RubImageFile *self, guint64 wanted_bytes, GError **error)
{
    if (wanted_bytes <= self->size_bytes)
        return TRUE;
    g_autofree char *name = g_filename_display_basename(self->path);
    g_autofree char *wanted = g_format_size(wanted_bytes);
    g_autofree char *missing =
        g_format_size_full(wanted_bytes - self->size_bytes, G_FORMAT_SIZE_LONG_FORMAT);
    rub_error_set_text(error, RUB_CODE_IMAGE_INCOMPLETE,
                       N_("{path} is incomplete: it lacks {missing} of {wanted}"), "path", name,
                       "missing", missing, "wanted", wanted, NULL);
    return FALSE;
}

gboolean
rub_image_file_read(RubImageFile *self, guint64 offset_bytes, void *buffer, gsize size_bytes,
                    GError **error)
{
    if (offset_bytes > self->size_bytes || size_bytes > self->size_bytes - offset_bytes) {
        g_set_error(error, RUB_ERROR, RUB_CODE_IMAGE_INCOMPLETE,
                    "%s ends at byte %" G_GUINT64_FORMAT ", but refers to %" G_GSIZE_FORMAT
                    " bytes at byte %" G_GUINT64_FORMAT,
                    self->path, self->size_bytes, size_bytes, offset_bytes);
        return FALSE;
    }
    guint8 *to = buffer;
    while (size_bytes > 0) {
        ssize_t n = pread(self->fd, to, size_bytes, (off_t) offset_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            g_autofree char *offset = g_strdup_printf("%" G_GUINT64_FORMAT, offset_bytes);
            rub_error_set_errno(error, RUB_CODE_IMAGE_UNREADABLE, errno,
                                N_("cannot read {name} at byte {offset}"), "name", self->path,
                                "offset", offset, NULL);
            return FALSE;
        }
        if (n == 0) {
            g_autofree char *offset = g_strdup_printf("%" G_GUINT64_FORMAT, offset_bytes);
            rub_error_set_text(
                error, RUB_CODE_IMAGE_INCOMPLETE,
                N_("{path} became shorter while it was read: it ends before byte {offset}"), "path",
                self->path, "offset", offset, NULL);
            return FALSE;
        }
        to += n;
        offset_bytes += (guint64) n;
        size_bytes -= (gsize) n;
    }
    return TRUE;
}
