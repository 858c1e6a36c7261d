/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of partition tables and partitions. */
#include "fake-block.h"
#include "fake-call.h"
#include "fake-image.h"
#include "fake-node.h"
#include "fake-probe.h"

#define GRAIN_BYTES (G_GUINT64_CONSTANT(1) << 20)
#define MBR_PARTITIONS 4
#define GPT_BACKUP_BYTES (33 * 512)

static gboolean
can_create(FakeNode *whole, GError **error)
{
    const char *type = udisks_partition_table_get_type_(whole->table);
    if (g_strcmp0(type, "dos") == 0 || g_strcmp0(type, "gpt") == 0)
        return TRUE;
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                "Don't know how to create partitions this partition table of type `%s'",
                type != NULL ? type : "(null)");
    return FALSE;
}

/* The first number no partition has. */
static guint
free_number(FakeDisk *disk)
{
    guint number = 1;
    while (fake_disk_find_partition(disk, number) != NULL)
        number++;
    return number;
}

static guint64
align_down(guint64 offset)
{
    return offset / GRAIN_BYTES * GRAIN_BYTES;
}

static guint64
align_up(guint64 offset)
{
    return align_down(offset + GRAIN_BYTES - 1);
}

/* The partition that OFFSET lies in, or NULL. */
static const FakeNode *
find_partition_at(FakeDisk *disk, guint64 offset)
{
    for (guint i = 1; i < disk->nodes->len; i++) {
        const FakeNode *node = disk->nodes->pdata[i];
        if (offset >= node->offset && offset - node->offset < node->size_bytes)
            return node;
    }
    return NULL;
}

/* Where the next partition starts, or what a table can use of the disk ends. */
static guint64
end_of_gap(FakeNode *whole, guint64 offset)
{
    gboolean is_gpt = g_str_equal(udisks_partition_table_get_type_(whole->table), "gpt");
    guint64 reserved = is_gpt ? GPT_BACKUP_BYTES : 0;
    guint64 end = whole->size_bytes - MIN(whole->size_bytes, reserved);
    for (guint i = 1; i < whole->disk->nodes->len; i++) {
        const FakeNode *node = whole->disk->nodes->pdata[i];
        if (node->offset >= offset)
            end = MIN(end, node->offset);
    }
    return align_down(end);
}

static gboolean
set_create_error(FakeNode *whole, const char *why, GError **error)
{
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED, "Error creating partition on /dev/%s: %s",
                whole->name, why);
    return FALSE;
}

/* Where the partition will lie: libparted aligns both ends to 1 MiB, as was measured. */
static gboolean
place(FakeNode *whole, guint64 offset, guint64 size_bytes, guint64 *start, guint64 *end,
      GError **error)
{
    const FakeNode *other = find_partition_at(whole->disk, MAX(offset, GRAIN_BYTES));
    if (other != NULL) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                    "Requested start for the new partition %" G_GUINT64_FORMAT
                    " overlaps with existing partition /dev/%s.",
                    offset, other->name);
        return FALSE;
    }
    *start = MAX(align_up(offset), GRAIN_BYTES);
    *end = end_of_gap(whole, *start);
    if (size_bytes > whole->size_bytes ||
        (size_bytes != 0 && offset > whole->size_bytes - size_bytes))
        return set_create_error(whole, "Failed to meet partition size on device", error);
    if (*end <= *start)
        return set_create_error(whole, "Failed to find free space on device", error);
    if (size_bytes == 0)
        return TRUE;
    guint64 wanted = align_up(*start + size_bytes);
    if (wanted > *end && *end < align_down(whole->size_bytes))
        return set_create_error(whole,
                                "Failed to set partition size on device (Can't have overlapping "
                                "partitions.)",
                                error);
    *end = MIN(*end, wanted);
    return TRUE;
}

static gboolean
add(FakeNode *whole, guint number, guint64 start, guint64 end, const char *type, GError **error)
{
    gboolean is_dos = g_str_equal(udisks_partition_table_get_type_(whole->table), "dos");
    if (is_dos && number > MBR_PARTITIONS)
        return set_create_error(whole, "Too many primary partitions.", error);
    if (whole->disk->read_only)
        return set_create_error(whole, "Failed to open the device: Read-only file system", error);
    if (*type == '\0')
        type = is_dos ? "0x83" : "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
    if (fake_image_add_partition(whole->disk, number, start, end - start, type, error))
        return TRUE;
    g_prefix_error(error, "Error creating partition on /dev/%s: ", whole->name);
    return FALSE;
}

static FakeNode *
create(FakeNode *whole, guint64 offset, guint64 size_bytes, const char *type, GError **error)
{
    FakeDisk *disk = whole->disk;
    guint number = free_number(disk);
    guint64 start;
    guint64 end;
    if (!can_create(whole, error) || !place(whole, offset, size_bytes, &start, &end, error) ||
        !add(whole, number, start, end, type, error))
        return NULL;
    fake_disk_refresh(disk);
    FakeNode *node = fake_disk_find_partition(disk, number);
    if (node == NULL)
        g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                            "Error waiting for partition to appear: Timed out waiting for object");
    else if (!fake_image_wipe(node, error))
        g_prefix_error(error, "Error wiping newly created partition /dev/%s: ", node->name);
    else
        return node;
    return NULL;
}

static FakeNode *
create_as_called(FakeCall *call, GError **error)
{
    FakeNode *whole = fake_call_get_node(call, error);
    guint64 offset;
    guint64 size_bytes;
    const char *type;
    if (whole == NULL)
        return NULL;
    g_variant_get_child(call->parameters, 0, "t", &offset);
    g_variant_get_child(call->parameters, 1, "t", &size_bytes);
    g_variant_get_child(call->parameters, 2, "&s", &type);
    return create(whole, offset, size_bytes, type, error);
}

static GVariant *
create_partition(FakeCall *call, GError **error)
{
    FakeNode *node = create_as_called(call, error);
    if (node == NULL)
        return NULL;
    fake_disk_refresh(node->disk);
    return g_variant_new("(o)", node->path);
}

/* Where formatting fails, the partition stays. */
static GVariant *
create_partition_and_format(FakeCall *call, GError **error)
{
    FakeNode *node = create_as_called(call, error);
    if (node == NULL)
        return NULL;
    g_autofree char *path = g_strdup(node->path);
    const char *type;
    const char *label = NULL;
    g_autoptr(GVariant) options = g_variant_get_child_value(call->parameters, 6);
    g_variant_get_child(call->parameters, 5, "&s", &type);
    g_variant_lookup(options, "label", "&s", &label);
    gboolean done = fake_block_format(node, type, label != NULL ? label : "", error);
    node = fake_world_find_node(call->world, path);
    if (node != NULL)
        fake_disk_refresh(node->disk);
    return done ? g_variant_new("(o)", path) : NULL;
}

static GVariant *
finish(FakeNode *node, gboolean done, const char *what, GError **error)
{
    if (!done) {
        g_prefix_error(error, "Error %s on /dev/%s: ", what, node->name);
        return NULL;
    }
    fake_disk_refresh(node->disk);
    return g_variant_new("()");
}

/* The partition that was called, if it may be written. */
static FakeNode *
get_partition(FakeCall *call, const char *what, GError **error)
{
    FakeNode *node = fake_call_get_node(call, error);
    if (node == NULL || !node->disk->read_only)
        return node;
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                "Error %s on /dev/%s: Failed to open the device: Read-only file system", what,
                node->name);
    return NULL;
}

static GVariant *
set_flags(FakeCall *call, GError **error)
{
    FakeNode *node = get_partition(call, "setting partition flags", error);
    guint64 flags;
    if (node == NULL)
        return NULL;
    g_variant_get_child(call->parameters, 0, "t", &flags);
    gboolean done = fake_image_set_flags(node, (guint8) flags, error);
    return finish(node, done, "setting partition flags", error);
}

static GVariant *
set_type(FakeCall *call, GError **error)
{
    FakeNode *node = get_partition(call, "setting partition type", error);
    const char *type;
    if (node == NULL)
        return NULL;
    g_variant_get_child(call->parameters, 0, "&s", &type);
    gboolean done = fake_image_edit_table(node, "--part-type",
                                          g_str_has_prefix(type, "0x") ? type + 2 : type, error);
    return finish(node, done, "setting partition type", error);
}

static GVariant *
delete_partition(FakeCall *call, GError **error)
{
    FakeNode *node = get_partition(call, "deleting partition", error);
    if (node == NULL)
        return NULL;
    FakeDisk *disk = node->disk;
    if (fake_disk_is_mounted(disk)) {
        g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                    "Error deleting partition /dev/%s: Failed to commit changes to device: Device "
                    "or resource busy",
                    node->name);
        return NULL;
    }
    if (!fake_image_edit_table(node, "--delete", NULL, error))
        return finish(node, FALSE, "deleting partition", error);
    fake_disk_refresh(disk);
    return g_variant_new("()");
}

const FakeMethod fake_partition_methods[] = {
    {"PartitionTable.CreatePartition", "modify-device", create_partition},
    {"PartitionTable.CreatePartitionAndFormat", "modify-device", create_partition_and_format},
    {"Partition.SetFlags", "modify-device", set_flags},
    {"Partition.SetType", "modify-device", set_type},
    {"Partition.Delete", "modify-device", delete_partition},
    {NULL},
};
