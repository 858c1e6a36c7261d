/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of block devices: Format, OpenDevice, Rescan. */
#include "fake-block.h"

#include "fake-call.h"
#include "fake-image.h"
#include "fake-mount.h"
#include "fake-node.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

/* A lock is set free a moment after a descriptor was closed: the watcher below held it. */
#define LOCK_TRIES 50
#define LOCK_PAUSE_US 2000

typedef struct {
    FakeWorld *world;
    char *path;
    char *image;
} FakeLate;

static void
late_free(gpointer data)
{
    FakeLate *late = data;
    g_free(late->path);
    g_free(late->image);
    g_free(late);
}

static gboolean
on_late(gpointer data)
{
    FakeLate *late = data;
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&late->world->lock);
    FakeNode *node = fake_world_find_node(late->world, late->path);
    if (node != NULL && g_str_equal(node->disk->image, late->image))
        fake_disk_refresh(node->disk);
    return G_SOURCE_REMOVE;
}

/* Lets the bus learn of a change, as late as the test wants that. */
static void
refresh_late(FakeNode *node)
{
    FakeWorld *world = node->disk->world;
    if (world->late_ms == 0) {
        fake_disk_refresh(node->disk);
        return;
    }
    FakeLate *late = g_new0(FakeLate, 1);
    late->world = world;
    late->path = g_strdup(node->path);
    late->image = g_strdup(node->disk->image);
    g_timeout_add_full(G_PRIORITY_DEFAULT, world->late_ms, on_late, late, late_free);
}

static void
count_open(FakeWorld *world, int change)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&world->wait_lock);
    world->exclusive_opens += (guint) change;
    g_cond_broadcast(&world->changed);
}

/* Waits until the program under test has closed its exclusive descriptor, for that is when udev
 * looks at a disk again: the lock of the descriptor ends with the last process that holds it. */
static gpointer
watch_close(gpointer data)
{
    FakeLate *late = data;
    int fd = g_open(late->image, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_SH) != 0)
        continue;
    if (fd >= 0)
        close(fd);
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&late->world->lock);
    FakeNode *node = fake_world_find_node(late->world, late->path);
    if (node != NULL && g_str_equal(node->disk->image, late->image))
        refresh_late(node);
    count_open(late->world, -1);
    late_free(late);
    return NULL;
}

static gboolean
try_lock(int fd)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return TRUE;
        g_usleep(LOCK_PAUSE_US);
    }
    return FALSE;
}

/* Whether another program has the disk open with O_EXCL. */
gboolean
fake_block_is_claimed(const FakeDisk *disk)
{
    int fd = g_open(disk->image, O_RDONLY | O_CLOEXEC);
    gboolean is_free = fd < 0 || try_lock(fd);
    if (fd >= 0)
        close(fd);
    return !is_free;
}

static gboolean
set_open_error(FakeNode *node, int code, GError **error)
{
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED, "Error opening device /dev/%s: %s",
                node->name, g_strerror(code));
    return FALSE;
}

/* Opens the image as open(2) would open the device; -1 with an error. */
static int
open_node(FakeNode *node, int flags, GError **error)
{
    FakeDisk *disk = node->disk;
    gboolean is_exclusive = (flags & O_EXCL) != 0;
    if (!disk->has_medium)
        return set_open_error(node, ENOMEDIUM, error) - 1;
    if (disk->read_only && (flags & O_ACCMODE) != O_RDONLY)
        return set_open_error(node, EROFS, error) - 1;
    if (is_exclusive && fake_disk_is_mounted(disk))
        return set_open_error(node, EBUSY, error) - 1;
    int fd = g_open(disk->image, (flags & ~O_EXCL) | O_CLOEXEC);
    if (fd < 0 && errno == EINVAL) /* a file system without O_DIRECT */
        fd = g_open(disk->image, (flags & ~(O_EXCL | O_DIRECT)) | O_CLOEXEC);
    if (fd < 0)
        return set_open_error(node, errno, error) - 1;
    if (!is_exclusive || try_lock(fd))
        return fd;
    close(fd);
    return set_open_error(node, EBUSY, error) - 1;
}

static void
watch(FakeNode *node)
{
    FakeLate *late = g_new0(FakeLate, 1);
    late->world = node->disk->world;
    late->path = g_strdup(node->path);
    late->image = g_strdup(node->disk->image);
    count_open(late->world, 1);
    g_thread_unref(g_thread_new("watch-close", watch_close, late));
}

static GVariant *
open_device(FakeCall *call, GError **error)
{
    static const char *const modes[] = {"r", "w", "rw", NULL};
    FakeNode *node = fake_call_get_node(call, error);
    const char *mode;
    gint32 flags = 0;
    if (node == NULL)
        return NULL;
    if (node->number != 0) {
        g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_NOT_SUPPORTED,
                            "The fake service opens whole disks only");
        return NULL;
    }
    g_variant_get(call->parameters, "(&sa{sv})", &mode, NULL);
    g_variant_lookup(call->options, "flags", "i", &flags);
    if (!g_strv_contains(modes, mode)) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED, "Unknown mode '%s'", mode);
        return NULL;
    }
    int access = g_str_equal(mode, "r") ? O_RDONLY : g_str_equal(mode, "w") ? O_WRONLY : O_RDWR;
    int fd = open_node(node, flags | access, error);
    if (fd < 0)
        return NULL;
    if ((flags & O_EXCL) != 0)
        watch(node);
    int index = g_unix_fd_list_append(call->descriptors, fd, error);
    close(fd);
    return index < 0 ? NULL : g_variant_new("(h)", index);
}

static GVariant *
rescan(FakeCall *call, GError **error)
{
    FakeNode *node = fake_call_get_node(call, error);
    if (node == NULL)
        return NULL;
    refresh_late(node);
    return g_variant_new("()");
}

/* As measured: the signatures are gone, the mount stays, and the call hangs before it fails. */
static gboolean
format_mounted(FakeNode *node, GError **error)
{
    FakeWorld *world = node->disk->world;
    guint wait_ms = world->busy_format_ms;
    g_rec_mutex_unlock(&world->lock);
    g_usleep(wait_ms * 1000);
    g_rec_mutex_lock(&world->lock);
    g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                        "Error synchronizing after initial wipe: Timed out waiting for object");
    return FALSE;
}

/* The words of mkfs.vfat on a device that it must not touch. */
static gboolean
refuse_mkfs(FakeNode *node, const char *label, const char *why, GError **error)
{
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                "Error creating file system: Command-line `mkfs.vfat -I -n '%s' --mbr=n '/dev/%s'' "
                "exited with non-zero exit status 1:\nstdout: `mkfs.fat 4.2 (2021-01-31)\n'\n"
                "stderr: `mkfs.vfat: %s\n'\n",
                label, node->name, why);
    return FALSE;
}

static gboolean
make_contents(FakeNode *node, const char *type, const char *label, GError **error)
{
    if (g_str_equal(type, "empty"))
        return TRUE;
    if (g_str_equal(type, "dos") || g_str_equal(type, "gpt"))
        return fake_image_make_table(node->disk, type, error);
    g_autofree char *mounted =
        g_strdup_printf("/dev/%s contains a mounted filesystem.", node->name);
    g_autofree char *claimed =
        g_strdup_printf("unable to open /dev/%s: Device or resource busy", node->name);
    if (node->mount != NULL)
        return refuse_mkfs(node, label, mounted, error);
    if (fake_block_is_claimed(node->disk))
        return refuse_mkfs(node, label, claimed, error);
    return fake_image_make_vfat(node, label, error);
}

/* Formats a device; where that fails, what was there is gone already. */
gboolean
fake_block_format(FakeNode *node, const char *type, const char *label, GError **error)
{
    static const char *const known[] = {"empty", "dos", "gpt", "vfat", NULL};
    if (!g_strv_contains(known, type)) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_NOT_SUPPORTED,
                    "Creation of file system type %s is not supported", type);
        return FALSE;
    }
    if (!fake_image_wipe(node, error)) {
        g_prefix_error(error, "Error wiping device: ");
        return FALSE;
    }
    if (node->number == 0 && fake_disk_is_mounted(node->disk))
        return format_mounted(node, error);
    /* A wiped disk has no partitions any more; a partition stays what it is. */
    fake_disk_refresh(node->disk);
    return make_contents(node, type, label, error);
}

static GVariant *
format(FakeCall *call, GError **error)
{
    FakeNode *node = fake_call_get_node(call, error);
    const char *type;
    gboolean tears_down = FALSE;
    const char *label = fake_call_get_string(call, "label");
    if (node == NULL)
        return NULL;
    g_variant_get(call->parameters, "(&sa{sv})", &type, NULL);
    g_variant_lookup(call->options, "tear-down", "b", &tears_down);
    if (tears_down) {
        g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED,
                            "Not authorized to perform operation");
        return NULL;
    }
    gboolean done = fake_block_format(node, type, label != NULL ? label : "", error);
    /* The device may have been unplugged while the call hung. */
    node = fake_world_find_node(call->world, call->path);
    if (node != NULL)
        fake_disk_refresh(node->disk);
    return done ? g_variant_new("()") : NULL;
}

const FakeMethod fake_block_methods[] = {
    {"Block.Format", "modify-device", format},
    {"Block.OpenDevice", "open-device", open_device},
    {"Block.Rescan", "rescan", rescan},
    {NULL},
};
