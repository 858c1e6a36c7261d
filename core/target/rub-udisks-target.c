/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-udisks-target.h"

#include <stdlib.h>

#include "target/rub-drive-probe.h"
#include "target/rub-drive-rules.h"
#include "target/rub-mbr-editor.h"
#include "target/rub-mbr-maker.h"
#include "target/rub-udisks-drive.h"
#include "target/rub-udisks-target-private.h"
#include "target/rub-volume-maker.h"

gboolean
rub_udisks_target_connect(RubUdisksTarget *self, GCancellable *cancellable, GError **error)
{
    if (!self->udisks)
        self->udisks = rub_udisks_new(cancellable, error);
    if (!self->udisks)
        return FALSE;
    rub_udisks_look(self->udisks);
    return TRUE;
}

RubDriveFacts *
rub_udisks_target_probe(RubUdisksTarget *self, GError **error)
{
    rub_udisks_look(self->udisks);
    RubDriveFacts *facts = rub_drive_probe(rub_udisks_get_client(self->udisks), self->id);
    if (!facts)
        rub_udisks_set_gone(error, self->name);
    return facts;
}

gboolean
rub_udisks_target_check_identity(RubUdisksTarget *self, const RubLayout *reviewed, GError **error)
{
    g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
    if (!facts)
        return FALSE;
    g_autofree char *fingerprint = rub_drive_facts_make_fingerprint(facts);
    if (facts->size_bytes == reviewed->size_bytes &&
        g_str_equal(facts->serial, reviewed->serial ? reviewed->serial : "") &&
        g_strcmp0(fingerprint, reviewed->fingerprint) == 0)
        return TRUE;
    rub_error_take_text(
        error, RUB_CODE_DEVICE_CHANGED,
        rub_text_new(
            N_("{drive} is another drive than the one that was reviewed, or was changed since"),
            "drive", self->name, NULL));
    return FALSE;
}

static gboolean
check_not_refused(RubUdisksTarget *self, GError **error)
{
    g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
    if (!facts)
        return FALSE;
    g_auto(RubDriveVerdict) verdict = rub_drive_judge(facts);
    if (verdict.code == 0)
        return TRUE;
    rub_error_take_text(error, verdict.code, rub_text_new_named(self->name, verdict.reason));
    return FALSE;
}

/* Unmounting takes as long as writing what is still in memory: meanwhile the drive may have been
 * pulled, and another one put in its place. */
static gboolean
open_for_writing(RubTarget *target, const RubLayout *reviewed, RubAccess access,
                 GCancellable *cancellable, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    g_return_val_if_fail(!self->is_open, FALSE);
    if (!rub_udisks_target_connect(self, cancellable, error) ||
        !rub_udisks_target_check_identity(self, reviewed, error) ||
        !check_not_refused(self, error) ||
        !rub_udisks_unmount_all(self->udisks, self->id, cancellable, error) ||
        !rub_udisks_target_check_identity(self, reviewed, error))
        return FALSE;
    if (access == RUB_ACCESS_RAW && !rub_udisks_target_open_raw(self, reviewed, cancellable, error))
        return FALSE;
    self->is_open = TRUE;
    self->access = access;
    return TRUE;
}

static gboolean
make_table(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    return self->disk ? rub_mbr_make(self->disk, volume, error)
                      : rub_udisks_target_make_table(self, error);
}

/* UDisks2 makes partition and filesystem in one go, in make_volume(). */
static gboolean
add_partition(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    return self->disk ? rub_mbr_add_partition(self->disk, volume, error) : TRUE;
}

static gboolean
remove_partition(RubTarget *target, guint number, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    return self->disk ? rub_mbr_remove_partition(self->disk, number, error)
                      : rub_udisks_target_remove_partition(self, number, error);
}

static gboolean
make_volume(RubTarget *target, const RubNewVolume *volume, GCancellable *cancellable,
            GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    return self->disk ? rub_volume_make(self->disk, volume, cancellable, error)
                      : rub_udisks_target_make_volume(self, volume, cancellable, error);
}

static RubDisk *
get_disk(RubTarget *target)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    return self->disk;
}

/* With RUB_ACCESS_MOUNTED everything is on the medium once nothing is mounted. */
static gboolean
finish(RubTarget *target, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    self->is_open = FALSE;
    if (self->disk)
        return rub_udisks_target_finish_raw(self, error);
    return rub_udisks_target_unmount(target, error);
}

static void
free_target(RubTarget *target)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    g_clear_pointer(&self->disk, rub_disk_unref);
    if (self->udisks)
        rub_udisks_target_unmount(target, NULL);
    g_clear_pointer(&self->udisks, rub_udisks_free);
    g_free(self->volume_id);
    g_free(self->folder);
    g_free(self->made_id);
    g_free(self->id);
    g_free(self->name);
    g_free(self);
}

static const RubTargetOps udisks_target_ops = {
    .read_layout = rub_udisks_target_read_layout,
    .open_for_reading = rub_udisks_target_open_for_reading,
    .open_for_writing = open_for_writing,
    .make_table = make_table,
    .add_partition = add_partition,
    .remove_partition = remove_partition,
    .make_volume = make_volume,
    .get_disk = get_disk,
    .mount = rub_udisks_target_mount,
    .unmount = rub_udisks_target_unmount,
    .finish = finish,
    .free = free_target,
};

static RubUdisksTarget *
make_target(const char *id, const char *node)
{
    RubUdisksTarget *self = g_new0(RubUdisksTarget, 1);
    self->parent.ops = &udisks_target_ops;
    self->id = g_strdup(id);
    self->name = g_strdup(node);
    return self;
}

RubTarget *
rub_udisks_target_new(RubDrive *drive)
{
    return &make_target(rub_drive_get_id(drive), rub_drive_get_node(drive))->parent;
}

static gboolean
is_called(UDisksBlock *block, const char *node, const char *real_node)
{
    const char *device = udisks_block_get_device(block);
    const char *const *links = udisks_block_get_symlinks(block);
    return g_strcmp0(device, node) == 0 || g_strcmp0(device, real_node) == 0 ||
           (links && g_strv_contains(links, node));
}

/* Makes sure that the block device is a disk, and not a part of one. */
static gboolean
check_is_disk(UDisksClient *client, UDisksObject *object, const char *node, GError **error)
{
    UDisksPartition *partition = udisks_object_peek_partition(object);
    if (!partition)
        return TRUE;
    UDisksObject *table = udisks_client_peek_object(client, udisks_partition_get_table(partition));
    UDisksBlock *disk = table ? udisks_object_peek_block(table) : NULL;
    if (disk)
        rub_error_set_text(error, RUB_CODE_USAGE,
                           N_("{name} is a partition; a stick is built on a whole drive: {drive}"),
                           "name", node, "drive", udisks_block_get_device(disk), NULL);
    else
        rub_error_set_text(error, RUB_CODE_USAGE,
                           N_("{name} is a partition; a stick is built on a whole drive"), "name",
                           node, NULL);
    return FALSE;
}

static RubUdisksTarget *
find_target(UDisksClient *client, const char *node, GError **error)
{
    g_autofree char *real_node = realpath(node, NULL);
    RubUdisksTarget *self = NULL;
    GList *objects = g_dbus_object_manager_get_objects(udisks_client_get_object_manager(client));
    UDisksObject *found = NULL;
    for (GList *l = objects; l && !found; l = l->next) {
        UDisksBlock *block = udisks_object_peek_block(l->data);
        if (block && is_called(block, node, real_node))
            found = l->data;
    }
    if (!found)
        rub_error_set_text(error, RUB_CODE_USAGE, N_("{name} is not a drive that is plugged in"),
                           "name", node, NULL);
    else if (check_is_disk(client, found, node, error))
        self = make_target(g_dbus_object_get_object_path(G_DBUS_OBJECT(found)),
                           udisks_block_get_device(udisks_object_peek_block(found)));
    g_list_free_full(objects, g_object_unref);
    return self;
}

RubTarget *
rub_udisks_target_new_for_node(const char *node, GError **error)
{
    g_autoptr(RubUdisks) udisks = rub_udisks_new(NULL, error);
    if (!udisks)
        return NULL;
    RubUdisksTarget *self = find_target(rub_udisks_get_client(udisks), node, error);
    return self ? &self->parent : NULL;
}
