/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drive that is opened as a whole. */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/rub-drive-probe.h"
#include "target/rub-file-holder.h"
#include "target/rub-layout-probe.h"
#include "target/rub-udisks-drive.h"
#include "target/rub-udisks-target-private.h"

/* An automounter mounts what has just been unmounted, or whoever looks at a new drive still has it
 * open: both go away. */
#define MAX_OPEN_ATTEMPTS 8
#define BUSY_MS 500
#define RESCAN_MS 10000

/* The descriptor knows better than UDisks2 how large the disk is; in tests it is a plain file. That
 * it passes by the kernel's cache is RubDisk's business. */
static RubDisk *
make_disk(RubUdisksTarget *self, int fd, const RubDriveFacts *facts)
{
    struct stat st;
    guint64 size_bytes = facts->size_bytes;
    if (fstat(fd, &st) == 0 && S_ISBLK(st.st_mode))
        ioctl(fd, BLKGETSIZE64, &size_bytes);
    return rub_disk_new(fd, size_bytes / facts->sector_size * facts->sector_size,
                        facts->sector_size, self->name);
}

/* What the kernel's driver has mounted it marks as in use, so that it looks as if it had not been
 * closed properly, and holds back some of what was written. */
static gboolean
check_not_mounted(RubUdisksTarget *self, GError **error)
{
    if (!rub_udisks_is_mounted(self->udisks, self->id))
        return TRUE;
    g_set_error(error, RUB_ERROR, RUB_CODE_NOT_AUTHORIZED, "%s is mounted", self->name);
    return FALSE;
}

RubDisk *
rub_udisks_target_open_for_reading(RubTarget *target, gboolean may_ask, GCancellable *cancellable,
                                   GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    if (!rub_udisks_target_connect(self, cancellable, error))
        return NULL;
    g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
    if (!facts || (!may_ask && !check_not_mounted(self, error)))
        return NULL;
    int fd = rub_udisks_open(self->udisks, self->id, "r", O_CLOEXEC, may_ask, cancellable, error);
    return fd >= 0 ? make_disk(self, fd, facts) : NULL;
}

static gboolean
is_mounted(RubUdisks *udisks, gpointer id)
{
    return rub_udisks_is_mounted(udisks, id);
}

static gboolean
write_back_sector_0(RubDisk *disk, GError **error)
{
    gsize size_bytes = rub_disk_get_sector_size(disk);
    g_autofree guint8 *sector = g_malloc(size_bytes);
    GError *io_error = NULL;
    if (rub_disk_read(disk, 0, sector, size_bytes, &io_error) &&
        rub_disk_write(disk, 0, sector, size_bytes, &io_error) && rub_disk_sync(disk, &io_error))
        return TRUE;
    rub_disk_propagate_error(error, io_error, RUB_CODE_TRACK_0_NOT_WRITABLE);
    return FALSE;
}

/* Returns a descriptor that nobody shares, or -1. */
static int
open_exclusively(RubUdisksTarget *self, GCancellable *cancellable, GError **error)
{
    g_autoptr(GError) failure = NULL;
    for (guint i = 0; i < MAX_OPEN_ATTEMPTS; i++) {
        g_clear_error(&failure);
        int fd = rub_udisks_open(self->udisks, self->id, "rw", O_EXCL | O_CLOEXEC, TRUE,
                                 cancellable, &failure);
        if (fd >= 0)
            return fd;
        if (!g_error_matches(failure, RUB_ERROR, RUB_CODE_DEVICE_BUSY))
            break;
        rub_udisks_wait(self->udisks, self->id, is_mounted, self->id, BUSY_MS, cancellable);
        if (!rub_udisks_unmount_all(self->udisks, self->id, cancellable, error))
            return -1;
    }
    if (g_error_matches(failure, RUB_ERROR, RUB_CODE_DEVICE_BUSY)) {
        g_autofree char *holder = rub_file_holder_find_user(self->name, "/");
        rub_udisks_set_busy(&failure, self->name, holder);
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return -1;
}

gboolean
rub_udisks_target_open_raw(RubUdisksTarget *self, const RubLayout *reviewed,
                           GCancellable *cancellable, GError **error)
{
    int fd = open_exclusively(self, cancellable, error);
    if (fd < 0)
        return FALSE;
    g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
    if (!facts) {
        close(fd);
        return FALSE;
    }
    /* A password takes its time: meanwhile the drive may have become another one. */
    g_autoptr(RubDisk) disk = make_disk(self, fd, facts);
    if (!rub_udisks_target_check_identity(self, reviewed, error) ||
        !write_back_sector_0(disk, error))
        return FALSE;
    self->disk = g_steal_pointer(&disk);
    return TRUE;
}

typedef struct {
    const char *id;
    const RubLayout *layout;
} RubExpectation;

static gboolean
has_partition(const RubDriveFacts *facts, const RubPartition *wanted, guint sector_size)
{
    for (guint i = 0; i < facts->partitions->len; i++) {
        const RubVolumeFacts *volume = g_ptr_array_index(facts->partitions, i);
        if (volume->number == wanted->number &&
            volume->offset_bytes == wanted->start_lba * sector_size)
            return TRUE;
    }
    return FALSE;
}

/* Whether UDisks2 shows the partitions that are on the disk. */
static gboolean
is_as_expected(RubUdisks *udisks, gpointer data)
{
    const RubExpectation *expectation = data;
    const RubLayout *layout = expectation->layout;
    g_autoptr(RubDriveFacts) facts =
        rub_drive_probe(rub_udisks_get_client(udisks), expectation->id);
    for (guint i = 0; facts && i < layout->partitions->len; i++)
        if (!has_partition(facts, g_ptr_array_index(layout->partitions, i), layout->sector_size))
            return FALSE;
    return facts != NULL;
}

/* Has the kernel and UDisks2 look at the disk anew. That they do not, or not in time, changes
 * nothing of what is on it. */
static void
show_result(RubUdisksTarget *self, const RubLayout *layout)
{
    RubExpectation expectation = {self->id, layout};
    g_autoptr(GVariant) answer =
        rub_udisks_call(self->udisks, self->id, "Block.Rescan", g_variant_new("(a{sv})", NULL),
                        RUB_UDISKS_TIMEOUT_MS, RUB_CODE_WRITE_FAILED, NULL, NULL);
    if (answer)
        rub_udisks_wait(self->udisks, self->id, is_as_expected, &expectation, RESCAN_MS, NULL);
}

gboolean
rub_udisks_target_finish_raw(RubUdisksTarget *self, GError **error)
{
    g_autoptr(RubLayout) layout = rub_layout_new(self->name, 0);
    g_autoptr(RubDisk) disk = g_steal_pointer(&self->disk);
    if (!rub_disk_sync(disk, error))
        return FALSE;
    gboolean is_known = rub_layout_probe_table(layout, disk, NULL);
    g_clear_pointer(&disk, rub_disk_unref);
    if (is_known)
        show_result(self, layout);
    return TRUE;
}
