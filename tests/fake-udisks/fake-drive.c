/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drives: plugged and unplugged by the test, ejected and powered off by the program under test. */
#include "fake-drive.h"

#include "fake-call.h"
#include "fake-mount.h"
#include "fake-node.h"

#include <sys/stat.h>

#define FIRST_INDEX 1000

static const char *
text_of(JsonObject *stick, const char *member, const char *otherwise)
{
    return json_object_get_string_member_with_default(stick, member, otherwise);
}

static gboolean
is_set(JsonObject *stick, const char *member, gboolean otherwise)
{
    return json_object_get_boolean_member_with_default(stick, member, otherwise);
}

/* Appends the way udisksd does: letters, digits and underscores stay, spaces and hyphens become
 * underscores, all else becomes its code. */
static void
append_to_path(GString *path, const char *text)
{
    if (*text == '\0')
        return;
    if (path->str[path->len - 1] != '/')
        g_string_append_c(path, '_');
    for (; *text != '\0'; text++) {
        if (g_ascii_isalnum(*text) || *text == '_')
            g_string_append_c(path, *text);
        else if (*text == ' ' || *text == '-')
            g_string_append_c(path, '_');
        else
            g_string_append_printf(path, "_%02x", (guint) (guchar) *text);
    }
}

static char *
path_of_drive(JsonObject *stick)
{
    if (!is_set(stick, "drive", TRUE))
        return g_strdup("/");
    GString *path = g_string_new(FAKE_ROOT "/drives/");
    append_to_path(path, text_of(stick, "vendor", "Fake"));
    append_to_path(path, text_of(stick, "model", "Stick"));
    append_to_path(path, text_of(stick, "serial", ""));
    return g_string_free(path, FALSE);
}

static UDisksDrive *
make_drive(JsonObject *stick, guint64 size_bytes)
{
    static const char *const no_strings[] = {NULL};
    gboolean is_removable_medium = is_set(stick, "media_removable", TRUE);
    gboolean has_medium = is_set(stick, "medium", TRUE);
    g_autofree char *id =
        g_strdup_printf("%s-%s-%s", text_of(stick, "vendor", "Fake"),
                        text_of(stick, "model", "Stick"), text_of(stick, "serial", ""));
    g_strdelimit(id, " ", '-');
    UDisksDrive *drive = udisks_drive_skeleton_new();
    g_object_set(
        drive, "vendor", text_of(stick, "vendor", "Fake"), "model",
        text_of(stick, "model", "Stick"), "revision", "1.00", "serial",
        text_of(stick, "serial", ""), "wwn", "", "id", id, "media", "", "media-compatibility",
        no_strings, "media-removable", is_removable_medium, "media-available", has_medium,
        "media-change-detected", TRUE, "size", has_medium ? size_bytes : 0, "time-detected",
        (guint64) g_get_real_time(), "time-media-detected", (guint64) g_get_real_time(),
        "rotation-rate", -1, "connection-bus", text_of(stick, "bus", "usb"), "seat", "seat0",
        "removable", is_set(stick, "removable", TRUE), "ejectable",
        is_set(stick, "ejectable", is_removable_medium), "can-power-off",
        is_set(stick, "can_power_off", TRUE), "sort-key", "01hotplug/0", "sibling-id", "", NULL);
    udisks_drive_set_configuration(drive, g_variant_new("a{sv}", NULL));
    return drive;
}

/* Two sticks that tell the same vendor, model and serial are one drive with two block devices. */
static void
export_drive(FakeWorld *world, const char *path, JsonObject *stick, guint64 size_bytes)
{
    if (g_hash_table_contains(world->drives, path) || g_str_equal(path, "/"))
        return;
    UDisksDrive *drive = make_drive(stick, size_bytes);
    fake_call_serve(world, drive);
    g_autoptr(UDisksObjectSkeleton) object = udisks_object_skeleton_new(path);
    udisks_object_skeleton_set_drive(object, drive);
    g_dbus_object_manager_server_export(world->manager, G_DBUS_OBJECT_SKELETON(object));
    g_hash_table_insert(world->drives, g_strdup(path), drive);
}

void
fake_disk_free(gpointer data)
{
    FakeDisk *disk = data;
    /* The partitions go before the disk. */
    while (disk->nodes->len > 0)
        g_ptr_array_remove_index(disk->nodes, disk->nodes->len - 1);
    g_ptr_array_unref(disk->nodes);
    json_array_unref(disk->overrides);
    g_free(disk->image);
    g_free(disk->drive_path);
    g_free(disk);
}

/* Names that the computer the tests run on hardly has: sdx, sdy, sdz, sdxa, sdxb, ... */
static char *
free_name(FakeWorld *world)
{
    g_autofree char *name = NULL;
    for (guint i = 0;; i++) {
        g_free(name);
        name = i < 3 ? g_strdup_printf("sd%c", 'x' + i) : g_strdup_printf("sdx%c", 'a' + i - 3);
        if (fake_world_find_disk(world, name) == NULL)
            return g_steal_pointer(&name);
    }
}

static void
mount_as_plugged(FakeDisk *disk, JsonObject *stick)
{
    for (guint i = 0; i < disk->nodes->len && is_set(stick, "mounted", FALSE); i++) {
        FakeNode *node = disk->nodes->pdata[i];
        node->by_other = is_set(stick, "mounted_by_other", FALSE);
        if (node->filesystem != NULL)
            fake_mount(node, disk->read_only, NULL);
        node->by_other = FALSE;
    }
}

/* Plugs an image file in; the lock is held. */
FakeDisk *
fake_drive_plug(FakeWorld *world, JsonObject *stick, GError **error)
{
    const char *image = text_of(stick, "image", "");
    g_autofree char *name = free_name(world);
    const char *wanted = text_of(stick, "node", name);
    struct stat status;
    if (stat(image, &status) != 0 || fake_world_find_disk(world, wanted) != NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "no image %s, or %s is taken", image,
                    wanted);
        return NULL;
    }
    FakeDisk *disk = g_new0(FakeDisk, 1);
    disk->world = world;
    /* Numbers that no disk of the computer the tests run on has. */
    disk->index = FIRST_INDEX + world->disks_seen++;
    disk->image = g_strdup(image);
    disk->drive_path = path_of_drive(stick);
    disk->read_only = is_set(stick, "read_only", FALSE);
    disk->has_medium = is_set(stick, "medium", TRUE);
    disk->overrides = json_array_new();
    disk->nodes = g_ptr_array_new_with_free_func(fake_node_free);
    g_ptr_array_add(disk->nodes, fake_node_new(disk, wanted, 0));
    g_ptr_array_add(world->disks, disk);
    export_drive(world, disk->drive_path, stick, (guint64) status.st_size);
    fake_disk_refresh(disk);
    mount_as_plugged(disk, stick);
    return disk;
}

static void
unplug(FakeWorld *world, FakeDisk *disk)
{
    g_autofree char *drive_path = g_strdup(disk->drive_path);
    g_ptr_array_remove(world->disks, disk);
    if (fake_world_find_disk_of_drive(world, drive_path) != NULL || g_str_equal(drive_path, "/"))
        return;
    g_dbus_object_manager_server_unexport(world->manager, drive_path);
    g_hash_table_remove(world->drives, drive_path);
}

/* Pulls a stick out, mounted or not; the lock is held. */
gboolean
fake_drive_unplug(FakeWorld *world, const char *name, GError **error)
{
    FakeDisk *disk = fake_world_find_disk(world, name);
    if (disk == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s is not plugged in", name);
        return FALSE;
    }
    unplug(world, disk);
    return TRUE;
}

/* The disk of the drive that was called, if nothing of it is mounted. */
static FakeDisk *
get_idle_disk(FakeCall *call, const char *prefix, GError **error)
{
    FakeDisk *disk = fake_world_find_disk_of_drive(call->world, call->path);
    if (disk == NULL) {
        g_set_error(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD,
                    "Object does not exist at path “%s”", call->path);
        return NULL;
    }
    for (guint i = 0; i < disk->nodes->len; i++) {
        FakeNode *node = disk->nodes->pdata[i];
        if (node->mount == NULL)
            continue;
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_DEVICE_BUSY, "%sDevice /dev/%s is mounted",
                    prefix, node->name);
        return NULL;
    }
    return disk;
}

static GVariant *
power_off(FakeCall *call, GError **error)
{
    FakeDisk *disk = get_idle_disk(call, "The drive in use: ", error);
    if (disk == NULL)
        return NULL;
    if (disk->is_ejected) {
        const FakeNode *whole = disk->nodes->pdata[0];
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                    "Error syncing /dev/%s: Input/output error", whole->name);
        return NULL;
    }
    unplug(call->world, disk);
    return g_variant_new("()");
}

static GVariant *
eject(FakeCall *call, GError **error)
{
    FakeDisk *disk = get_idle_disk(call, "Cannot eject drive in use: ", error);
    if (disk == NULL)
        return NULL;
    UDisksDrive *drive = g_hash_table_lookup(call->world->drives, call->path);
    disk->has_medium = FALSE;
    disk->is_ejected = TRUE;
    fake_disk_refresh(disk);
    g_object_set(drive, "media-available", FALSE, "size", (guint64) 0, NULL);
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(drive));
    return g_variant_new("()");
}

const FakeMethod fake_drive_methods[] = {
    {"Drive.PowerOff", "power-off-drive", power_off},
    {"Drive.Eject", "eject-media", eject},
    {NULL},
};
