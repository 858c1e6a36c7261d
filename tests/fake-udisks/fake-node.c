/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block devices on the bus: their interfaces and properties follow what lies in the image. */
#include "fake-node.h"

#include "fake-call.h"
#include "fake-mount.h"
#include "fake-probe.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

/* As the kernel names partitions: sdx1, mmcblk0p1. */
static char *
name_of(const char *disk_name, guint number)
{
    gboolean ends_in_digit = g_ascii_isdigit(disk_name[strlen(disk_name) - 1]);
    if (number == 0)
        return g_strdup(disk_name);
    return g_strdup_printf("%s%s%u", disk_name, ends_in_digit ? "p" : "", number);
}

static char *
path_of(const char *name)
{
    GString *path = g_string_new(FAKE_ROOT "/block_devices/");
    for (; *name != '\0'; name++) {
        if (g_ascii_isalnum(*name))
            g_string_append_c(path, *name);
        else
            g_string_append_printf(path, "_%02x", (guint) (guchar) *name);
    }
    return g_string_free(path, FALSE);
}

FakeNode *
fake_node_new(FakeDisk *disk, const char *disk_name, guint number)
{
    FakeNode *node = g_new0(FakeNode, 1);
    node->disk = disk;
    node->number = number;
    node->name = name_of(disk_name, number);
    node->path = path_of(node->name);
    node->object = udisks_object_skeleton_new(node->path);
    node->block = udisks_block_skeleton_new();
    fake_call_serve(disk->world, node->block);
    udisks_object_skeleton_set_block(node->object, node->block);
    return node;
}

/* Also takes the device off the bus; what was mounted is thrown away. */
void
fake_node_free(gpointer data)
{
    FakeNode *node = data;
    g_dbus_object_manager_server_unexport(node->disk->world->manager, node->path);
    if (node->mount != NULL)
        fake_mount_free(node->mount);
    g_clear_object(&node->table);
    g_clear_object(&node->partition);
    g_clear_object(&node->filesystem);
    g_clear_object(&node->swapspace);
    g_clear_object(&node->encrypted);
    g_clear_object(&node->block);
    g_clear_object(&node->object);
    g_free(node->name);
    g_free(node->path);
    g_free(node->usage);
    g_free(node->type);
    g_free(node);
}

static void
flush(gpointer interface)
{
    if (interface != NULL)
        g_dbus_interface_skeleton_flush(interface);
}

/* Sends the changes of properties before the reply to the call that made them. */
void
fake_node_flush(FakeNode *node)
{
    flush(node->block);
    flush(node->table);
    flush(node->partition);
    flush(node->filesystem);
}

void
fake_node_set_mount_points(FakeNode *node)
{
    const char *points[] = {node->mount != NULL ? node->mount->folder : NULL, NULL};
    if (node->filesystem != NULL)
        udisks_filesystem_set_mount_points(node->filesystem, points);
}

static guint64
size_of_image(const FakeDisk *disk)
{
    struct stat status;
    if (!disk->has_medium || stat(disk->image, &status) != 0)
        return 0;
    return (guint64) status.st_size;
}

static void
update_block(FakeNode *node, const FakeContents *contents)
{
    FakeDisk *disk = node->disk;
    g_autofree char *device = g_strconcat("/dev/", node->name, NULL);
    static const char *const no_strings[] = {NULL};
    g_object_set(node->block, "device", device, "preferred-device", device, "symlinks", no_strings,
                 "device-number", (guint64) makedev(8, disk->index * 16 + node->number), "drive",
                 disk->drive_path, "size", node->size_bytes, "read-only", disk->read_only,
                 "id-usage", contents->usage, "id-type", contents->type, "id-version",
                 contents->version, "id-label", contents->label, "id-uuid", contents->uuid,
                 "crypto-backing-device", "/", "mdraid", "/", "mdraid-member", "/",
                 "hint-partitionable", TRUE, "hint-system", FALSE, "hint-ignore", FALSE,
                 "hint-auto", TRUE, "userspace-mount-options", no_strings, NULL);
    udisks_block_set_configuration(node->block, g_variant_new("a(sa{sv})", NULL));
    g_free(node->usage);
    node->usage = g_strdup(contents->usage);
    g_free(node->type);
    node->type = g_strdup(contents->type);
}

/* Gives the object an interface, or takes it away, as WANTED says. */
static void
want_interface(FakeNode *node, gpointer *interface, gboolean wanted, gpointer (*make)(void))
{
    if (wanted == (*interface != NULL))
        return;
    if (!wanted) {
        g_dbus_object_skeleton_remove_interface(G_DBUS_OBJECT_SKELETON(node->object), *interface);
        g_clear_object(interface);
        return;
    }
    *interface = make();
    fake_call_serve(node->disk->world, *interface);
}

static void
add_interface(FakeNode *node, gpointer interface)
{
    GDBusObjectSkeleton *object = G_DBUS_OBJECT_SKELETON(node->object);
    if (interface != NULL && g_dbus_interface_get_object(interface) == NULL)
        g_dbus_object_skeleton_add_interface(object, interface);
}

static void
update_contents(FakeNode *node, gboolean has_table)
{
    g_autoptr(FakeContents) contents =
        fake_contents_probe(node->disk->image, node->offset, node->size_bytes);
    update_block(node, contents);
    /* A hybrid image on a whole disk has no Filesystem interface, only its partitions have. */
    gboolean is_filesystem = g_str_equal(contents->usage, "filesystem") && !has_table;
    want_interface(node, (gpointer *) &node->filesystem, is_filesystem || node->mount != NULL,
                   (gpointer(*)(void)) udisks_filesystem_skeleton_new);
    want_interface(node, (gpointer *) &node->swapspace, g_str_equal(contents->type, "swap"),
                   (gpointer(*)(void)) udisks_swapspace_skeleton_new);
    want_interface(node, (gpointer *) &node->encrypted, g_str_equal(contents->usage, "crypto"),
                   (gpointer(*)(void)) udisks_encrypted_skeleton_new);
    if (node->filesystem != NULL)
        /* Since 2.9 the size is that of file systems that tell it; vfat does not. */
        udisks_filesystem_set_size(node->filesystem, 0);
    fake_node_set_mount_points(node);
    add_interface(node, node->filesystem);
    add_interface(node, node->swapspace);
    add_interface(node, node->encrypted);
}

static void
update_partition(FakeNode *node, const FakeSlot *slot)
{
    FakeNode *whole = node->disk->nodes->pdata[0];
    want_interface(node, (gpointer *) &node->partition, TRUE,
                   (gpointer(*)(void)) udisks_partition_skeleton_new);
    g_object_set(node->partition, "number", slot->number, "type", slot->type, "flags", slot->flags,
                 "offset", slot->offset, "size", slot->size_bytes, "name",
                 slot->name != NULL ? slot->name : "", "uuid", slot->uuid != NULL ? slot->uuid : "",
                 "table", whole->path, "is-container", slot->is_container, "is-contained",
                 slot->is_contained, NULL);
    add_interface(node, node->partition);
}

static void
update_table(FakeNode *whole, const char *type)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    for (guint i = 1; i < whole->disk->nodes->len; i++)
        g_ptr_array_add(paths, ((FakeNode *) whole->disk->nodes->pdata[i])->path);
    g_ptr_array_add(paths, NULL);
    /* While the kernel has partitions the interface stays, also without a table. */
    want_interface(whole, (gpointer *) &whole->table, type != NULL || paths->len > 1,
                   (gpointer(*)(void)) udisks_partition_table_skeleton_new);
    if (whole->table == NULL)
        return;
    udisks_partition_table_set_type_(whole->table, type);
    udisks_partition_table_set_partitions(whole->table, (const char *const *) paths->pdata);
    add_interface(whole, whole->table);
}

static const FakeSlot *
find_slot(GPtrArray *slots, guint number)
{
    for (guint i = 0; i < slots->len; i++)
        if (((FakeSlot *) slots->pdata[i])->number == number)
            return slots->pdata[i];
    return NULL;
}

/* Partition NUMBER, or NULL. */
FakeNode *
fake_disk_find_partition(FakeDisk *disk, guint number)
{
    for (guint i = 1; i < disk->nodes->len; i++)
        if (((FakeNode *) disk->nodes->pdata[i])->number == number)
            return disk->nodes->pdata[i];
    return NULL;
}

static void
remove_vanished(FakeDisk *disk, GPtrArray *slots)
{
    for (guint i = disk->nodes->len; i-- > 1;) {
        FakeNode *node = disk->nodes->pdata[i];
        const FakeSlot *slot = find_slot(slots, node->number);
        if (slot == NULL || slot->offset != node->offset || slot->size_bytes != node->size_bytes)
            g_ptr_array_remove_index(disk->nodes, i);
    }
}

static void
put_slot(FakeDisk *disk, const FakeSlot *slot)
{
    FakeNode *whole = disk->nodes->pdata[0];
    FakeNode *node = fake_disk_find_partition(disk, slot->number);
    gboolean is_new = node == NULL;
    if (is_new) {
        node = fake_node_new(disk, whole->name, slot->number);
        g_ptr_array_add(disk->nodes, node);
    }
    node->offset = slot->offset;
    node->size_bytes = slot->size_bytes;
    update_partition(node, slot);
    update_contents(node, slot->is_container);
    if (is_new)
        g_dbus_object_manager_server_export(disk->world->manager,
                                            G_DBUS_OBJECT_SKELETON(node->object));
}

static void
apply_overrides(FakeDisk *disk)
{
    for (guint i = 0; i < json_array_get_length(disk->overrides); i++) {
        JsonObject *change = json_array_get_object_element(disk->overrides, i);
        const char *name = json_object_get_string_member(change, "node");
        for (guint j = 0; j < disk->nodes->len; j++) {
            FakeNode *node = disk->nodes->pdata[j];
            if (g_str_equal(node->name, name))
                fake_property_set(node, change, NULL);
        }
    }
}

/* Looks at the image again and lets the bus see what is there. As with the kernel, partitions do
 * not change while one of them is mounted. */
void
fake_disk_refresh(FakeDisk *disk)
{
    FakeNode *whole = disk->nodes->pdata[0];
    g_autofree char *table_type = NULL;
    whole->size_bytes = size_of_image(disk);
    g_autoptr(GPtrArray) slots = fake_slots_probe(disk->image, &table_type);
    if (whole->size_bytes == 0) {
        g_ptr_array_set_size(slots, 0);
        g_clear_pointer(&table_type, g_free);
    }
    gboolean is_mounted = fake_disk_is_mounted(disk);
    if (!is_mounted)
        remove_vanished(disk, slots);
    update_contents(whole, table_type != NULL);
    update_table(whole, table_type);
    if (!g_dbus_object_manager_server_is_exported(disk->world->manager,
                                                  G_DBUS_OBJECT_SKELETON(whole->object)))
        g_dbus_object_manager_server_export(disk->world->manager,
                                            G_DBUS_OBJECT_SKELETON(whole->object));
    for (guint i = 0; i < slots->len && !is_mounted; i++)
        put_slot(disk, slots->pdata[i]);
    update_table(whole, table_type);
    apply_overrides(disk);
    for (guint i = 0; i < disk->nodes->len; i++)
        fake_node_flush(disk->nodes->pdata[i]);
    fake_mount_automatically(disk);
}

static gpointer
find_interface(FakeNode *node, const char *name)
{
    if (g_str_equal(name, "Drive"))
        return g_hash_table_lookup(node->disk->world->drives, node->disk->drive_path);
    g_autofree char *full = g_strconcat("org.freedesktop.UDisks2.", name, NULL);
    g_autoptr(GDBusInterface) interface =
        g_dbus_object_get_interface(G_DBUS_OBJECT(node->object), full);
    return interface;
}

/* Makes of a JSON value what the property takes; FALSE if it cannot be that. */
static gboolean
convert_value(JsonNode *json, GValue *value)
{
    g_auto(GValue) simple = G_VALUE_INIT;
    if (JSON_NODE_HOLDS_ARRAY(json) != G_VALUE_HOLDS(value, G_TYPE_STRV))
        return FALSE;
    if (!JSON_NODE_HOLDS_ARRAY(json)) {
        json_node_get_value(json, &simple);
        return g_value_transform(&simple, value);
    }
    JsonArray *array = json_node_get_array(json);
    g_autoptr(GStrvBuilder) strings = g_strv_builder_new();
    for (guint i = 0; i < json_array_get_length(array); i++)
        g_strv_builder_add(strings, json_array_get_string_element(array, i));
    g_value_take_boxed(value, g_strv_builder_end(strings));
    return TRUE;
}

/* Sets a property to a value a test has chosen. */
gboolean
fake_property_set(FakeNode *node, JsonObject *change, GError **error)
{
    const char *name = json_object_get_string_member(change, "property");
    gpointer interface = find_interface(node, json_object_get_string_member(change, "interface"));
    GParamSpec *spec = interface == NULL
                           ? NULL
                           : g_object_class_find_property(G_OBJECT_GET_CLASS(interface), name);
    g_auto(GValue) value = G_VALUE_INIT;
    if (spec == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no property %s", name);
        return FALSE;
    }
    g_value_init(&value, spec->value_type);
    if (!convert_value(json_object_get_member(change, "value"), &value)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "bad value for %s", name);
        return FALSE;
    }
    g_object_set_property(interface, name, &value);
    g_dbus_interface_skeleton_flush(interface);
    return TRUE;
}
