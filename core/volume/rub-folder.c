/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FILE_MODE 0666
#define FOLDER_MODE 0777

/* Where the kernel shows each block device by its number. */
#define BLOCK_DEVICES "/sys/dev/block"

struct _RubFolder {
    char *path;
    int fd;
    dev_t device;
};

RubFolder *
rub_folder_new(const char *path, GError **error)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int errnum = errno;
        RubCode code = errnum == ENOENT ? RUB_CODE_DEVICE_GONE : RUB_CODE_VERIFY_FAILED;
        rub_error_set_errno(error, code, errnum, N_("cannot look into {name}"), "name", path, NULL);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    RubFolder *self = g_new0(RubFolder, 1);
    self->path = g_strdup(path);
    self->fd = fd;
    self->device = st.st_dev;
    return self;
}

void
rub_folder_free(RubFolder *self)
{
    close(self->fd);
    g_free(self->path);
    g_free(self);
}

int
rub_folder_get_fd(const RubFolder *self)
{
    return self->fd;
}

/* Opens one part of a path, in a descriptor that is closed unless it is the folder's own. */
static int
open_part(const RubFolder *self, int parent_fd, const char *name, int flags)
{
    struct stat st;
    int fd = openat(parent_fd, name, flags | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    int errnum = errno;
    if (parent_fd != self->fd)
        close(parent_fd);
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev != self->device) {
        close(fd);
        fd = -1;
        errnum = EXDEV;
    }
    errno = errnum;
    return fd;
}

/* For kernels before 5.6, and sandboxes that do not know openat2(). */
static int
open_by_parts(const RubFolder *self, const char *path, int flags)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    guint count = g_strv_length(parts);
    int fd = self->fd;
    for (guint i = 0; i < count && fd >= 0; i++) {
        if (g_str_equal(parts[i], "..")) {
            if (fd != self->fd)
                close(fd);
            errno = EXDEV;
            return -1;
        }
        fd = open_part(self, fd, parts[i], i + 1 < count ? O_PATH | O_DIRECTORY : flags);
    }
    return fd;
}

int
rub_folder_open(const RubFolder *self, const char *path, int flags)
{
    struct open_how how = {
        .flags = (guint64) (flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? FILE_MODE : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
    };
    int fd = (int) syscall(SYS_openat2, self->fd, path, &how, sizeof how);
    return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_by_parts(self, path, flags) : fd;
}

/* Opens the folder that @path is in; @name is its last part. */
static int
open_parent(const RubFolder *self, const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = slash ? g_strndup(path, (gsize) (slash - path)) : g_strdup(".");
    *name = slash ? slash + 1 : path;
    return rub_folder_open(self, parent, O_PATH | O_DIRECTORY);
}

/* Closes without touching errno. */
static int
close_with(int fd, int result)
{
    int errnum = errno;
    close(fd);
    errno = errnum;
    return result;
}

int
rub_folder_make_folder(const RubFolder *self, const char *path)
{
    const char *name;
    int parent_fd = open_parent(self, path, &name);
    return parent_fd < 0 ? -1 : close_with(parent_fd, mkdirat(parent_fd, name, FOLDER_MODE));
}

int
rub_folder_remove(const RubFolder *self, const char *path, gboolean is_folder)
{
    const char *name;
    int parent_fd = open_parent(self, path, &name);
    int flags = is_folder ? AT_REMOVEDIR : 0;
    return parent_fd < 0 ? -1 : close_with(parent_fd, unlinkat(parent_fd, name, flags));
}

gboolean
rub_folder_sync(const RubFolder *self, GError **error)
{
    return syncfs(self->fd) == 0 ||
           rub_folder_set_error(self, error, RUB_CODE_WRITE_FAILED, errno, self->path);
}

/* Of a drive that was pulled the driver knows only that reading and writing fail, or that there is
 * no room. */
static gboolean
is_gone(const RubFolder *self, int errnum)
{
    if (errnum == ENODEV || errnum == ENXIO || errnum == ENOMEDIUM || errnum == ESHUTDOWN)
        return TRUE;
    g_autofree char *node =
        g_strdup_printf(BLOCK_DEVICES "/%u:%u", major(self->device), minor(self->device));
    return major(self->device) != 0 && access(BLOCK_DEVICES, F_OK) == 0 && access(node, F_OK) != 0;
}

gboolean
rub_folder_set_error(const RubFolder *self, GError **error, RubCode code, int errnum,
                     const char *path)
{
    gboolean is_write = code == RUB_CODE_WRITE_FAILED;
    if (is_gone(self, errnum))
        rub_error_set_text(
            error, RUB_CODE_DEVICE_GONE,
            is_write ? N_("the drive with {folder} is no longer there, {path} cannot be written")
                     : N_("the drive with {folder} is no longer there, {path} cannot be read"),
            "folder", self->path, "path", path, NULL);
    else if (errnum == EROFS)
        rub_error_set_text(error, code,
                           N_("{path} cannot be written: the kernel does not let anything be "
                              "written to the filesystem any more, because it found errors in it"),
                           "path", path, NULL);
    else
        rub_error_set_errno(error, code, errnum,
                            is_write ? N_("{path} cannot be written") : N_("{path} cannot be read"),
                            "path", path, NULL);
    return FALSE;
}
