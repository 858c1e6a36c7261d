/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-probe.h"

#include <string.h>

#include "target/rub-drive-use.h"

/* UDisks2 writes this where an object could be, but is not. */
#define NO_OBJECT "/"
#define KERNEL_ROOT "/"
#define MIN_SECTOR_BYTES 512
#define MAX_SECTOR_BYTES 4096

typedef GList RubObjects;

static void
rub_objects_free(RubObjects *objects)
{
    g_list_free_full(objects, g_object_unref);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubObjects, rub_objects_free)

static void
set_text(char **field, const char *value)
{
    g_free(*field);
    *field = g_strstrip(g_strdup(value ? value : ""));
}

static const char *
get_kernel_name(const char *node)
{
    const char *slash = strrchr(node, '/');
    return slash ? slash + 1 : node;
}

gboolean
rub_drive_probe_is_disk(UDisksObject *object)
{
    return udisks_object_peek_block(object) && !udisks_object_peek_partition(object);
}

static void
read_volume(RubVolumeFacts *volume, UDisksObject *object)
{
    UDisksBlock *block = udisks_object_peek_block(object);
    UDisksFilesystem *filesystem = udisks_object_peek_filesystem(object);
    g_autofree char *label = rub_volume_facts_make_label(udisks_block_get_id_label(block),
                                                         udisks_block_get_symlinks(block));
    volume->size_bytes = udisks_block_get_size(block);
    set_text(&volume->usage, udisks_block_get_id_usage(block));
    set_text(&volume->filesystem, udisks_block_get_id_type(block));
    set_text(&volume->version, udisks_block_get_id_version(block));
    set_text(&volume->label, label);
    set_text(&volume->uuid, udisks_block_get_id_uuid(block));
    const char *const *mount_points =
        filesystem ? udisks_filesystem_get_mount_points(filesystem) : NULL;
    if (!mount_points)
        return;
    g_strfreev(volume->mount_points);
    volume->mount_points = g_strdupv((char **) mount_points);
}

static void
read_partition(RubDriveFacts *facts, UDisksObject *object)
{
    UDisksPartition *partition = udisks_object_peek_partition(object);
    if (!partition || !udisks_object_peek_block(object) ||
        g_strcmp0(udisks_partition_get_table(partition), facts->id) != 0)
        return;
    RubVolumeFacts *volume =
        rub_drive_facts_add_partition(facts, g_dbus_object_get_object_path(G_DBUS_OBJECT(object)),
                                      udisks_partition_get_number(partition));
    read_volume(volume, object);
    set_text(&volume->type, udisks_partition_get_type_(partition));
    volume->offset_bytes = udisks_partition_get_offset(partition);
    volume->size_bytes = udisks_partition_get_size(partition);
    volume->flags = udisks_partition_get_flags(partition);
    volume->is_container = udisks_partition_get_is_container(partition);
    volume->is_contained = udisks_partition_get_is_contained(partition);
}

static gboolean
has_medium_kind(UDisksDrive *drive, const char *prefix)
{
    const char *const *kinds = udisks_drive_get_media_compatibility(drive);
    for (; kinds && *kinds; kinds++)
        if (g_str_has_prefix(*kinds, prefix))
            return TRUE;
    return FALSE;
}

static void
read_drive(RubDriveFacts *facts, UDisksDrive *drive)
{
    set_text(&facts->vendor, udisks_drive_get_vendor(drive));
    set_text(&facts->model, udisks_drive_get_model(drive));
    set_text(&facts->serial, udisks_drive_get_serial(drive));
    set_text(&facts->bus, udisks_drive_get_connection_bus(drive));
    facts->is_card = has_medium_kind(drive, "flash");
    facts->is_optical = has_medium_kind(drive, "optical");
    facts->is_floppy = has_medium_kind(drive, "floppy");
    facts->is_removable = udisks_drive_get_media_removable(drive);
    facts->can_power_off = udisks_drive_get_can_power_off(drive);
    facts->can_eject = udisks_drive_get_ejectable(drive);
    facts->has_medium = facts->size_bytes > 0 && udisks_drive_get_media_available(drive);
}

/* The chip of a computer without a hard disk is an MMC, as old cards were; cards are of type SD. */
static void
read_kernel(RubDriveFacts *facts)
{
    const char *name = get_kernel_name(facts->node);
    g_autofree char *sector =
        rub_drive_use_read_attribute(KERNEL_ROOT, name, "queue/logical_block_size");
    g_autofree char *card = rub_drive_use_read_attribute(KERNEL_ROOT, name, "device/type");
    g_autofree char *sequence = rub_drive_use_read_attribute(KERNEL_ROOT, name, "diskseq");
    facts->disk_sequence = sequence ? g_ascii_strtoull(sequence, NULL, 10) : 0;
    guint64 sector_size = sector ? g_ascii_strtoull(sector, NULL, 10) : 0;
    if (sector_size >= MIN_SECTOR_BYTES && sector_size <= MAX_SECTOR_BYTES)
        facts->sector_size = (guint) sector_size;
    facts->is_soldered = g_str_has_prefix(name, "mmcblk") && g_strcmp0(card, "MMC") == 0;
    rub_drive_use_find_all(facts->uses, name, KERNEL_ROOT);
}

static gboolean
has_id(const RubDriveFacts *facts, const char *id)
{
    g_autoptr(GPtrArray) volumes = rub_drive_facts_get_volumes(facts);
    for (guint i = 0; i < volumes->len; i++) {
        const RubVolumeFacts *volume = g_ptr_array_index(volumes, i);
        if (g_strcmp0(volume->id, id) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_running_raid(UDisksClient *client, const char *id)
{
    if (!id || g_str_equal(id, NO_OBJECT))
        return FALSE;
    UDisksObject *object = udisks_client_peek_object(client, id);
    UDisksMDRaid *raid = object ? udisks_object_peek_mdraid(object) : NULL;
    return raid && udisks_mdraid_get_running(raid);
}

/* What UDisks2 knows of the uses; most of it the kernel tells as well, except in tests. */
static void
read_use(RubDriveFacts *facts, UDisksClient *client, UDisksObject *object)
{
    UDisksBlock *block = udisks_object_peek_block(object);
    if (!block)
        return;
    const char *node = udisks_block_get_device(block);
    if (has_id(facts, udisks_block_get_crypto_backing_device(block)))
        rub_drive_use_add(facts->uses, RUB_DRIVE_USE_CRYPT, node);
    if (!has_id(facts, g_dbus_object_get_object_path(G_DBUS_OBJECT(object))))
        return;
    UDisksSwapspace *swap = udisks_object_peek_swapspace(object);
    UDisksEncrypted *encrypted = udisks_object_peek_encrypted(object);
    const char *cleartext = encrypted ? udisks_encrypted_get_cleartext_device(encrypted) : NULL;
    if (swap && udisks_swapspace_get_active(swap))
        rub_drive_use_add(facts->uses, RUB_DRIVE_USE_SWAP, node);
    if (cleartext && *cleartext && !g_str_equal(cleartext, NO_OBJECT))
        rub_drive_use_add(facts->uses, RUB_DRIVE_USE_CRYPT, node);
    if (is_running_raid(client, udisks_block_get_mdraid_member(block)))
        rub_drive_use_add(facts->uses, RUB_DRIVE_USE_RAID, node);
}

RubDriveFacts *
rub_drive_probe(UDisksClient *client, const char *id)
{
    UDisksObject *object = udisks_client_peek_object(client, id);
    UDisksBlock *block = object ? udisks_object_peek_block(object) : NULL;
    if (!block)
        return NULL;
    RubDriveFacts *facts = rub_drive_facts_new(id, udisks_block_get_device(block));
    UDisksPartitionTable *table = udisks_object_peek_partition_table(object);
    g_autoptr(UDisksDrive) drive = udisks_client_get_drive_for_block(client, block);
    facts->size_bytes = udisks_block_get_size(block);
    facts->is_read_only = udisks_block_get_read_only(block);
    facts->is_internal = udisks_block_get_hint_system(block);
    facts->has_medium = facts->size_bytes > 0;
    read_volume(facts->whole, object);
    if (table)
        set_text(&facts->table, udisks_partition_table_get_type_(table));
    set_text(&facts->drive_id, udisks_block_get_drive(block));
    if (drive)
        read_drive(facts, drive);
    g_autoptr(RubObjects) objects =
        g_dbus_object_manager_get_objects(udisks_client_get_object_manager(client));
    for (GList *l = objects; l; l = l->next)
        read_partition(facts, l->data);
    rub_drive_facts_sort(facts);
    read_kernel(facts);
    for (GList *l = objects; l; l = l->next)
        read_use(facts, client, l->data);
    return facts;
}
