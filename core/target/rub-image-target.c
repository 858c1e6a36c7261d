/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-image-target.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "target/rub-file-holder.h"
#include "target/rub-layout-probe.h"
#include "target/rub-mbr-editor.h"
#include "target/rub-mbr-maker.h"
#include "target/rub-volume-maker.h"

/* A disk-image file has no sector size of its own; firmware and emulators take 512. */
#define SECTOR_BYTES 512

typedef struct {
    RubTarget parent;
    char *path;
    char *name;
    guint64 new_size_bytes;
    RubDisk *disk;
    gboolean is_created;
} RubImageTarget;

static guint64
round_to_sectors(guint64 size_bytes)
{
    return size_bytes / SECTOR_BYTES * SECTOR_BYTES;
}

static gboolean
check_kind(const RubImageTarget *self, mode_t mode, GError **error)
{
    if (S_ISREG(mode))
        return TRUE;
    if (S_ISBLK(mode))
        rub_error_set_text(error, RUB_CODE_USAGE, N_("{name} is a drive, not a disk-image file"),
                           "name", self->name, NULL);
    else
        rub_error_set_text(error, RUB_CODE_USAGE,
                           S_ISDIR(mode) ? N_("{name} is a folder, not a disk-image file")
                                         : N_("{name} is a special file, not a disk-image file"),
                           "name", self->name, NULL);
    return FALSE;
}

/* A layout of the file that will be made; nothing is made here. */
static RubLayout *
describe_new_file(RubImageTarget *self, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(self->path);
    struct stat st;
    if (lstat(self->path, &st) == 0) {
        rub_error_set_text(error, RUB_CODE_USAGE,
                           N_("{name} is a link to a file that does not exist"), "name", self->name,
                           NULL);
        return NULL;
    }
    if (self->new_size_bytes == 0) {
        rub_error_set_text(error, RUB_CODE_USAGE,
                           N_("{name} does not exist; to make it, its size is needed"), "name",
                           self->name, NULL);
        return NULL;
    }
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
        rub_error_set_text(error, RUB_CODE_USAGE, N_("the folder of {name} does not exist"), "name",
                           self->name, NULL);
        return NULL;
    }
    RubLayout *layout = rub_layout_new(self->name, round_to_sectors(self->new_size_bytes));
    layout->is_file = TRUE;
    layout->is_new = TRUE;
    layout->is_read_only = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0;
    return layout;
}

static gboolean
set_changed(const RubImageTarget *self, GError **error)
{
    rub_error_set_text(error, RUB_CODE_DEVICE_CHANGED,
                       N_("{name} is not what was reviewed any more"), "name", self->name, NULL);
    return FALSE;
}

/* What keeps a file from being opened is its mode, or that of a folder or filesystem around it. */
static void
set_access_error(const RubImageTarget *self, const char *sentence, int errnum, GError **error)
{
    rub_error_set_errno(error, RUB_CODE_TRACK_0_NOT_WRITABLE, errnum, sentence, "name", self->name,
                        NULL);
    if (errnum == EACCES || errnum == EPERM || errnum == EROFS)
        rub_error_take_remedy(error, rub_layout_advise_permission());
}

static gboolean
set_open_error(const RubImageTarget *self, const char *sentence, int errnum, GError **error)
{
    if (errnum == ENOENT || errnum == EEXIST)
        return set_changed(self, error);
    if (rub_disk_set_full(error, errnum, self->name))
        return FALSE;
    if (errnum == ETXTBSY)
        rub_error_set_errno(error, RUB_CODE_DEVICE_BUSY, errnum, sentence, "name", self->name,
                            NULL);
    else
        set_access_error(self, sentence, errnum, error);
    return FALSE;
}

/* Not blocking: the path may name a FIFO by now, whose open would wait for a writer. */
static RubDisk *
open_regular(const RubImageTarget *self, int access_mode, GError **error)
{
    int fd = open(self->path, access_mode | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        set_open_error(self,
                       access_mode == O_RDWR ? N_("cannot write {name}") : N_("cannot read {name}"),
                       errno, error);
        return NULL;
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        set_changed(self, error);
        return NULL;
    }
    return rub_disk_new(fd, round_to_sectors((guint64) st.st_size), SECTOR_BYTES, self->name);
}

/* A lock on the whole file collides with the locks that QEMU takes on single bytes of an image,
 * and with those of another build. */
static gboolean
is_locked_against(int fd, short lock_type)
{
    struct flock lock = {.l_type = lock_type, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static RubText *
describe_locker(const RubImageTarget *self, int fd)
{
    g_autofree char *holder = rub_file_holder_find_locker(fd);
    return rub_text_new(N_("{name} is in use by {holder}"), "name", self->name, "holder", holder,
                        NULL);
}

static RubText *
describe_loop(const RubImageTarget *self, int fd)
{
    g_autofree char *drive = rub_file_holder_find_loop(fd, "/");
    return drive ? rub_text_new(N_("{name} is in use as the drive {drive}"), "name", self->name,
                                "drive", drive, NULL)
                 : NULL;
}

/* Tells before a build what would stop it. Our own lock is none. */
static void
note_user(const RubImageTarget *self, RubLayout *layout, int fd)
{
    if (self->disk)
        return;
    layout->refusal =
        is_locked_against(fd, F_WRLCK) ? describe_locker(self, fd) : describe_loop(self, fd);
    layout->refusal_code = layout->refusal ? RUB_CODE_DEVICE_BUSY : 0;
}

static RubLayout *
describe_existing_file(RubImageTarget *self, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubDisk) disk = open_regular(self, O_RDONLY, error);
    if (!disk)
        return NULL;
    g_autoptr(RubLayout) layout = rub_layout_new(self->name, rub_disk_get_size_bytes(disk));
    layout->is_file = TRUE;
    layout->is_read_only = faccessat(AT_FDCWD, self->path, W_OK, AT_EACCESS) != 0;
    if (!rub_layout_probe(layout, disk, cancellable, error))
        return NULL;
    note_user(self, layout, rub_disk_get_fd(disk));
    return g_steal_pointer(&layout);
}

static RubLayout *
read_layout(RubTarget *target, GCancellable *cancellable, GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    struct stat st;
    /* Looked at before it is opened: opening a device node may already do something. */
    if (stat(self->path, &st) != 0) {
        if (errno == ENOENT)
            return describe_new_file(self, error);
        set_access_error(self, N_("cannot read {name}"), errno, error);
        return NULL;
    }
    if (!check_kind(self, st.st_mode, error))
        return NULL;
    if (self->new_size_bytes != 0) {
        rub_error_set_text(error, RUB_CODE_USAGE,
                           N_("{name} exists already, so its size cannot be chosen"), "name",
                           self->name, NULL);
        return NULL;
    }
    return describe_existing_file(self, cancellable, error);
}

static RubDisk *
open_for_reading(RubTarget *target, gboolean may_ask, GCancellable *cancellable, GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    struct stat st;
    if (stat(self->path, &st) != 0) {
        if (errno == ENOENT)
            rub_error_set_errno(error, RUB_CODE_USAGE, errno, N_("cannot read {name}"), "name",
                                self->name, NULL);
        else
            set_access_error(self, N_("cannot read {name}"), errno, error);
        return NULL;
    }
    g_autoptr(RubDisk) disk =
        check_kind(self, st.st_mode, error) ? open_regular(self, O_RDONLY, error) : NULL;
    if (!disk || !is_locked_against(rub_disk_get_fd(disk), F_RDLCK))
        return g_steal_pointer(&disk);
    rub_error_take_text(error, RUB_CODE_DEVICE_BUSY, describe_locker(self, rub_disk_get_fd(disk)));
    return NULL;
}

static gboolean
create_file(RubImageTarget *self, GError **error)
{
    int fd = open(self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return set_open_error(self, N_("cannot make {name}"), errno, error);
    guint64 size_bytes = round_to_sectors(self->new_size_bytes);
    self->disk = rub_disk_new(fd, size_bytes, SECTOR_BYTES, self->name);
    self->is_created = TRUE;
    if (ftruncate(fd, (off_t) size_bytes) == 0)
        return TRUE;
    int errnum = errno;
    if (rub_disk_set_full(error, errnum, self->name))
        return FALSE;
    g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, size_bytes);
    rub_error_set_errno(error, RUB_CODE_WRITE_FAILED, errnum,
                        N_("cannot make {name} {size} bytes large"), "name", self->name, "size",
                        size, NULL);
    rub_disk_advise_size(error, errnum);
    return FALSE;
}

static gboolean
open_file(RubImageTarget *self, GError **error)
{
    self->disk = open_regular(self, O_RDWR, error);
    return self->disk != NULL;
}

/* Belongs to the descriptor and goes with it. */
static gboolean
take_lock(RubImageTarget *self, GError **error)
{
    int fd = rub_disk_get_fd(self->disk);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return TRUE;
    if (errno != EAGAIN && errno != EACCES)
        rub_error_set_errno(error, RUB_CODE_DEVICE_BUSY, errno, N_("cannot lock {name}"), "name",
                            self->name, NULL);
    else
        rub_error_take_text(error, RUB_CODE_DEVICE_BUSY, describe_locker(self, fd));
    return FALSE;
}

static gboolean
check_not_a_loop(RubImageTarget *self, GError **error)
{
    RubText *user = describe_loop(self, rub_disk_get_fd(self->disk));
    if (user)
        rub_error_take_text(error, RUB_CODE_DEVICE_BUSY, user);
    return user == NULL;
}

static gboolean
check_unchanged(RubImageTarget *self, const RubLayout *reviewed, GError **error)
{
    g_autoptr(RubLayout) now = rub_layout_new(self->name, 0);
    if (!rub_layout_probe_table(now, self->disk, error))
        return FALSE;
    if (now->size_bytes == reviewed->size_bytes &&
        g_strcmp0(now->fingerprint, reviewed->fingerprint) == 0)
        return TRUE;
    return set_changed(self, error);
}

static gboolean
write_back_sector_0(RubImageTarget *self, GError **error)
{
    guint8 sector[SECTOR_BYTES];
    GError *io_error = NULL;
    if (rub_disk_read(self->disk, 0, sector, sizeof sector, &io_error) &&
        rub_disk_write(self->disk, 0, sector, sizeof sector, &io_error) &&
        rub_disk_sync(self->disk, &io_error))
        return TRUE;
    rub_disk_propagate_error(error, io_error, RUB_CODE_TRACK_0_NOT_WRITABLE);
    return FALSE;
}

static gboolean
open_for_writing(RubTarget *target, const RubLayout *reviewed, RubAccess access,
                 GCancellable *cancellable, GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    g_return_val_if_fail(self->disk == NULL && access == RUB_ACCESS_RAW, FALSE);
    gboolean is_open = reviewed->is_new ? create_file(self, error) : open_file(self, error);
    if (is_open && take_lock(self, error) && check_not_a_loop(self, error) &&
        (reviewed->is_new || check_unchanged(self, reviewed, error)) &&
        write_back_sector_0(self, error))
        return TRUE;
    if (self->is_created)
        unlink(self->path);
    self->is_created = FALSE;
    g_clear_pointer(&self->disk, rub_disk_unref);
    return FALSE;
}

static gboolean
make_table(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    return rub_mbr_make(self->disk, volume, error);
}

static gboolean
add_partition(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    return rub_mbr_add_partition(self->disk, volume, error);
}

static gboolean
remove_partition(RubTarget *target, guint number, GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    return rub_mbr_remove_partition(self->disk, number, error);
}

static gboolean
make_volume(RubTarget *target, const RubNewVolume *volume, GCancellable *cancellable,
            GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    return rub_volume_make(self->disk, volume, cancellable, error);
}

static RubDisk *
get_disk(RubTarget *target)
{
    RubImageTarget *self = (RubImageTarget *) target;
    return self->disk;
}

static char *
mount_volume(RubTarget *target, guint number, gboolean is_read_only, GCancellable *cancellable,
             GError **error)
{
    const RubImageTarget *self = (RubImageTarget *) target;
    g_set_error(error, RUB_ERROR, RUB_CODE_USAGE, "%s is a disk-image file, which is not mounted",
                self->name);
    return NULL;
}

static gboolean
unmount_volume(RubTarget *target, GError **error)
{
    return TRUE;
}

static gboolean
finish(RubTarget *target, GError **error)
{
    RubImageTarget *self = (RubImageTarget *) target;
    g_autoptr(RubDisk) disk = g_steal_pointer(&self->disk);
    return rub_disk_sync(disk, error);
}

static void
free_target(RubTarget *target)
{
    RubImageTarget *self = (RubImageTarget *) target;
    g_clear_pointer(&self->disk, rub_disk_unref);
    g_free(self->path);
    g_free(self->name);
    g_free(self);
}

static const RubTargetOps image_target_ops = {
    .read_layout = read_layout,
    .open_for_reading = open_for_reading,
    .open_for_writing = open_for_writing,
    .make_table = make_table,
    .add_partition = add_partition,
    .remove_partition = remove_partition,
    .make_volume = make_volume,
    .get_disk = get_disk,
    .mount = mount_volume,
    .unmount = unmount_volume,
    .finish = finish,
    .free = free_target,
};

RubTarget *
rub_image_target_new(const char *path, guint64 new_size_bytes)
{
    RubImageTarget *self = g_new0(RubImageTarget, 1);
    self->parent.ops = &image_target_ops;
    self->path = g_strdup(path);
    self->name = g_filename_display_name(path);
    self->new_size_bytes = new_size_bytes;
    return &self->parent;
}
