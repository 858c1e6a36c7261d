/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of file systems: a mounted one is a folder with its files. */
#include "fake-mount.h"

#include "fake-block.h"
#include "fake-call.h"
#include "fake-fat.h"
#include "fake-image.h"
#include "fake-node.h"
#include "fake-run.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAT_LABEL_LENGTH 11

static void
remove_folder(const char *folder)
{
    const char *const arguments[] = {"rm", "-rf", "--one-file-system", folder, NULL};
    fake_run(arguments, NULL, NULL, NULL);
}

/* Throws away what was mounted. */
void
fake_mount_free(FakeMount *mount)
{
    g_chmod(mount->folder, 0755);
    remove_folder(mount->folder);
    g_clear_pointer(&mount->files, g_hash_table_unref);
    g_free(mount->folder);
    g_free(mount);
}

/* As udisksd names mount points: by label, else by UUID, with a number if that is taken. */
static char *
make_folder(FakeNode *node)
{
    const char *label = udisks_block_get_id_label(node->block);
    const char *uuid = udisks_block_get_id_uuid(node->block);
    const char *name = *label != '\0' ? label : *uuid != '\0' ? uuid : "disk";
    g_autofree char *parent = g_strconcat(node->disk->world->folder, "/media", NULL);
    g_autofree char *folder = g_strdup_printf("%s/%s", parent, name);
    g_mkdir_with_parents(parent, 0755);
    for (guint i = 1; g_mkdir(folder, 0755) != 0 && errno == EEXIST; i++) {
        g_free(folder);
        folder = g_strdup_printf("%s/%s%u", parent, name, i);
    }
    return g_steal_pointer(&folder);
}

static gboolean
set_claimed_error(FakeNode *node, const char *folder, GError **error)
{
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                "Error mounting /dev/%s at %s: /dev/%s already mounted or mount point busy",
                node->name, folder, node->name);
    return FALSE;
}

static gboolean
extract(FakeNode *node, FakeMount *mount, GError **error)
{
    if (mount->is_fat)
        return fake_fat_extract(node, mount, error);
    return !g_str_equal(node->type, "ntfs") || fake_image_extract_ntfs(node, mount->folder, error);
}

/* Mounts the file system of a node: NTFS read-only. What is neither that nor a FAT is an empty
 * folder. */
gboolean
fake_mount(FakeNode *node, gboolean read_only, GError **error)
{
    FakeWorld *world = node->disk->world;
    if (node->mount != NULL) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_ALREADY_MOUNTED,
                    "Device /dev/%s is already mounted at `%s'.\n", node->name,
                    node->mount->folder);
        return FALSE;
    }
    FakeMount *mount = g_new0(FakeMount, 1);
    mount->folder = make_folder(node);
    mount->is_fat = g_str_equal(node->type, "vfat");
    mount->read_only = read_only || node->disk->read_only || !mount->is_fat;
    mount->by_other = node->by_other;
    gboolean done = fake_block_is_claimed(node->disk)
                        ? set_claimed_error(node, mount->folder, error)
                        : extract(node, mount, error);
    if (!done) {
        fake_mount_free(mount);
        return FALSE;
    }
    if (mount->read_only)
        g_chmod(mount->folder, 0555);
    node->mount = mount;
    world->mounts++;
    fake_node_set_mount_points(node);
    fake_node_flush(node);
    return TRUE;
}

typedef struct {
    FakeWorld *world;
    char *path;
} FakeWish;

static void
wish_free(gpointer data)
{
    FakeWish *wish = data;
    g_free(wish->path);
    g_free(wish);
}

static gboolean
on_automount(gpointer data)
{
    FakeWish *wish = data;
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&wish->world->lock);
    FakeNode *node = fake_world_find_node(wish->world, wish->path);
    if (node != NULL && node->filesystem != NULL && node->mount == NULL)
        fake_mount(node, FALSE, NULL);
    return G_SOURCE_REMOVE;
}

/* A desktop's automounter, if the test has one: mounts what appears or was looked at again. */
void
fake_mount_automatically(FakeDisk *disk)
{
    FakeWorld *world = disk->world;
    for (guint i = 0; i < disk->nodes->len && world->automount_ms >= 0; i++) {
        FakeNode *node = disk->nodes->pdata[i];
        if (node->filesystem == NULL || node->mount != NULL)
            continue;
        FakeWish *wish = g_new0(FakeWish, 1);
        wish->world = world;
        wish->path = g_strdup(node->path);
        g_timeout_add_full(G_PRIORITY_DEFAULT, (guint) world->automount_ms, on_automount, wish,
                           wish_free);
    }
}

static gboolean
is_link_below(const char *link, const char *folder)
{
    g_autofree char *target = g_file_read_link(link, NULL);
    gsize length = strlen(folder);
    return target != NULL && g_str_has_prefix(target, folder) &&
           (target[length] == '\0' || target[length] == '/');
}

static gboolean
has_open_below(const char *pid, const char *folder)
{
    g_autofree char *list = g_strdup_printf("/proc/%s/fd", pid);
    g_autoptr(GDir) dir = g_dir_open(list, 0, NULL);
    for (const char *fd; dir != NULL && (fd = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *link = g_strdup_printf("%s/%s", list, fd);
        if (is_link_below(link, folder))
            return TRUE;
    }
    return FALSE;
}

/* Whether a process has its working folder or an open file there. */
static gboolean
is_in_use(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
    for (const char *pid; dir != NULL && (pid = g_dir_read_name(dir)) != NULL;) {
        if (!g_ascii_isdigit(*pid) || g_ascii_strtoull(pid, NULL, 10) == (guint64) getpid())
            continue;
        g_autofree char *cwd = g_strdup_printf("/proc/%s/cwd", pid);
        if (is_link_below(cwd, folder) || has_open_below(pid, folder))
            return TRUE;
    }
    return FALSE;
}

static GVariant *
mount_filesystem(FakeCall *call, GError **error)
{
    FakeNode *node = fake_call_get_node(call, error);
    const char *options = fake_call_get_string(call, "options");
    g_auto(GStrv) words = g_strsplit(options != NULL ? options : "", ",", 0);
    if (node == NULL ||
        !fake_mount(node, g_strv_contains((const char *const *) words, "ro"), error))
        return NULL;
    return g_variant_new("(s)", node->mount->folder);
}

static GVariant *
unmount_filesystem(FakeCall *call, GError **error)
{
    FakeNode *node = fake_call_get_node(call, error);
    if (node == NULL)
        return NULL;
    FakeMount *mount = node->mount;
    if (mount == NULL) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_NOT_MOUNTED,
                    "Device `/dev/%s' is not mounted", node->name);
        return NULL;
    }
    if (is_in_use(mount->folder)) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_DEVICE_BUSY,
                    "Error unmounting /dev/%s: target is busy", node->name);
        return NULL;
    }
    if (!mount->read_only && !fake_fat_write_back(node, mount, error))
        return NULL;
    node->mount = NULL;
    fake_mount_free(mount);
    fake_node_set_mount_points(node);
    fake_node_flush(node);
    return g_variant_new("()");
}

/* The file system that was called, if it is a FAT and not mounted. */
static FakeNode *
get_unmounted(FakeCall *call, const char *what, GError **error)
{
    FakeNode *node = fake_call_get_node(call, error);
    if (node == NULL)
        return NULL;
    if (!g_str_equal(node->type, "vfat") && !g_str_equal(node->type, "ntfs"))
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_NOT_SUPPORTED,
                    "Cannot %s %s filesystem on /dev/%s", what, node->type, node->name);
    else if (node->mount != NULL)
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_NOT_SUPPORTED,
                    "Cannot %s %s filesystem on /dev/%s if mounted", what, node->type, node->name);
    else
        return node;
    return NULL;
}

static GVariant *
check(FakeCall *call, GError **error)
{
    FakeNode *node = get_unmounted(call, "check", error);
    g_autofree char *output = NULL;
    int status;
    if (node == NULL || !fake_image_check(node, "-n", &status, &output, error))
        return NULL;
    return g_variant_new("(b)", status == 0);
}

/* What 2.9.4 does, as measured: that something was repaired is an error, because of the exit status
 * 1 that fsck.fat has then. */
static GVariant *
repair(FakeCall *call, GError **error)
{
    FakeNode *node = get_unmounted(call, "repair", error);
    g_autofree char *output = NULL;
    int status;
    if (node == NULL || !fake_image_check(node, "-a", &status, &output, error))
        return NULL;
    fake_disk_refresh(node->disk);
    if (status == 0)
        return g_variant_new("(b)", TRUE);
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                "Error reparing filesystem on /dev/%s: Process reported exit code %d: %s",
                node->name, status, output);
    return NULL;
}

static GVariant *
set_label(FakeCall *call, GError **error)
{
    FakeNode *node = get_unmounted(call, "change label of", error);
    const char *label;
    g_variant_get_child(call->parameters, 0, "&s", &label);
    if (node == NULL)
        return NULL;
    if (strlen(label) > FAT_LABEL_LENGTH) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                    "Error setting label: Command-line `fatlabel '/dev/%s' '%s'' exited with "
                    "non-zero exit status 1: fatlabel: labels can be no longer than 11 characters",
                    node->name, label);
        return NULL;
    }
    if (!fake_fat_set_label(node, label, error))
        return NULL;
    fake_disk_refresh(node->disk);
    return g_variant_new("()");
}

const FakeMethod fake_filesystem_methods[] = {
    {"Filesystem.Mount", "filesystem-mount", mount_filesystem},
    {"Filesystem.Unmount", NULL, unmount_filesystem},
    {"Filesystem.Check", "modify-device", check},
    {"Filesystem.Repair", "modify-device", repair},
    {"Filesystem.SetLabel", "modify-device", set_label},
    {NULL},
};
