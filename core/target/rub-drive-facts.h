/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubDriveUseKind:
 * @RUB_DRIVE_USE_SYSTEM: something of it is mounted where no user mounts sticks
 * @RUB_DRIVE_USE_CRYPT: an encrypted volume is unlocked
 * @RUB_DRIVE_USE_LVM: a logical volume is active
 * @RUB_DRIVE_USE_RAID: a RAID is running
 * @RUB_DRIVE_USE_SWAP: memory is swapped to it
 * @RUB_DRIVE_USE_OTHER: another driver of the kernel is stacked on it
 *
 * How the running system uses a drive beyond mounting it for its user.
 */
typedef enum {
    RUB_DRIVE_USE_SYSTEM,
    RUB_DRIVE_USE_CRYPT,
    RUB_DRIVE_USE_LVM,
    RUB_DRIVE_USE_RAID,
    RUB_DRIVE_USE_SWAP,
    RUB_DRIVE_USE_OTHER,
} RubDriveUseKind;

/**
 * RubDriveUse:
 * @kind: what it is used as
 * @name: which one: a mount point for %RUB_DRIVE_USE_SYSTEM, else a device
 *
 * A use of a drive.
 */
typedef struct {
    RubDriveUseKind kind;
    char *name;
} RubDriveUse;

/** rub_drive_use_new: Returns: (transfer full): a use with a copy of @name */
RubDriveUse *rub_drive_use_new(RubDriveUseKind kind, const char *name);

/** rub_drive_use_free: frees it */
void rub_drive_use_free(RubDriveUse *self);

/**
 * RubVolumeFacts:
 * @id: D-Bus path of its block device
 * @number: the partition's number, from 1; 0 for the whole drive
 * @offset_bytes: where it begins
 * @size_bytes: its size
 * @type: type of the partition as UDisks2 writes it ("0x0c", or a GUID); "" for the whole drive
 * @flags: flags of the partition as UDisks2 has them
 * @is_container: whether it is an extended partition
 * @is_contained: whether it lies in one
 * @usage: libblkid's usage: "filesystem", "crypto", "raid", "other", or ""
 * @filesystem: libblkid's type, or ""
 * @version: libblkid's version of that, such as "FAT32", or ""
 * @label: its label, or ""
 * @uuid: its identifier, or ""
 * @mount_points: where it is mounted
 *
 * What UDisks2 tells of a partition, or of the drive as a whole.
 */
typedef struct {
    char *id;
    guint number;
    guint64 offset_bytes;
    guint64 size_bytes;
    char *type;
    guint64 flags;
    gboolean is_container;
    gboolean is_contained;
    char *usage;
    char *filesystem;
    char *version;
    char *label;
    char *uuid;
    GStrv mount_points;
} RubVolumeFacts;

/**
 * rub_volume_facts_make_label:
 * @id_label: the label as UDisks2 tells it
 * @links: (nullable) (array zero-terminated=1): the links to its node, as UDisks2 tells them
 *
 * UDisks2 writes "_" for the bytes of a label that is no UTF-8, which is what FAT has for letters
 * beyond ASCII; the link that udev names after it still has them all.
 *
 * Returns: (transfer full): the label as libblkid reads it from the disk; what is no character
 *   becomes U+FFFD
 */
char *rub_volume_facts_make_label(const char *id_label, const char *const *links);

/** rub_volume_facts_get_fat_bits: Returns: 12, 16 or 32 for a FAT, else 0 */
guint rub_volume_facts_get_fat_bits(const RubVolumeFacts *self);

/**
 * RubDriveFacts:
 * @id: D-Bus path of the drive's block device
 * @drive_id: D-Bus path of the drive itself; "/" if there is none
 * @node: device node
 * @vendor: maker, or ""
 * @model: model, or ""
 * @serial: serial number, or ""
 * @bus: "usb", "sdio" (memory cards), …, or ""
 * @is_card: whether it takes memory cards
 * @is_soldered: whether it is a memory chip that only looks like a card
 * @is_optical: whether it takes discs
 * @is_floppy: whether it takes floppy disks
 * @is_internal: whether UDisks2 calls it a disk of the system
 * @is_removable: the removable-media bit
 * @is_read_only: whether it is write-protected
 * @has_medium: whether there is something in it
 * @can_power_off: whether it can be switched off
 * @can_eject: whether its medium can be ejected
 * @disk_sequence: a number that no other disk, and no other medium in this drive, has had since the
 *   computer was started; 0 where the kernel (before 5.15) gives none
 * @size_bytes: its size
 * @sector_size: size of a logical sector in bytes
 * @table: libblkid's name of the partition table, or ""
 * @whole: what the drive holds as a whole, whether it has a table or not
 * @partitions: (element-type RubVolumeFacts): in the order of their numbers
 * @uses: (element-type RubDriveUse): how the running system uses it
 *
 * What UDisks2 and the kernel tell of a drive, as plain data: the rules about which drive may be
 * written are made from it, and tests write it by hand.
 */
typedef struct {
    char *id;
    char *drive_id;
    char *node;
    char *vendor;
    char *model;
    char *serial;
    char *bus;
    gboolean is_card;
    gboolean is_soldered;
    gboolean is_optical;
    gboolean is_floppy;
    gboolean is_internal;
    gboolean is_removable;
    gboolean is_read_only;
    gboolean has_medium;
    gboolean can_power_off;
    gboolean can_eject;
    guint64 disk_sequence;
    guint64 size_bytes;
    guint sector_size;
    char *table;
    RubVolumeFacts *whole;
    GPtrArray *partitions;
    GPtrArray *uses;
} RubDriveFacts;

/** rub_drive_facts_new: Returns: (transfer full): facts of a drive of which only its D-Bus path and
 * its node are known */
RubDriveFacts *rub_drive_facts_new(const char *id, const char *node);

/** rub_drive_facts_free: frees it */
void rub_drive_facts_free(RubDriveFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubDriveFacts, rub_drive_facts_free)

/** rub_drive_facts_add_partition: Returns: (transfer none): a new partition at the end of @self */
RubVolumeFacts *rub_drive_facts_add_partition(RubDriveFacts *self, const char *id, guint number);

/** rub_drive_facts_sort: brings partitions into the order of their numbers */
void rub_drive_facts_sort(RubDriveFacts *self);

/**
 * rub_drive_facts_get_volumes:
 * @self: facts of a drive
 *
 * Returns: (transfer container) (element-type RubVolumeFacts): whatever on it can be mounted: the
 *   drive as a whole first, then its partitions
 */
GPtrArray *rub_drive_facts_get_volumes(const RubDriveFacts *self);

/** rub_drive_facts_equal: Returns: whether nothing differs, where it is mounted included */
gboolean rub_drive_facts_equal(const RubDriveFacts *self, const RubDriveFacts *other);

/**
 * rub_drive_facts_make_fingerprint:
 * @self: facts of a drive
 *
 * Returns: (transfer full): what differs when another drive is in its place, or other partitions or
 *   filesystems are on it; where they are mounted does not matter
 */
char *rub_drive_facts_make_fingerprint(const RubDriveFacts *self);

/** rub_drive_facts_make_name: Returns: (transfer full): vendor and model for people, without a
 * vendor that is in the model already; the node where neither is known */
char *rub_drive_facts_make_name(const RubDriveFacts *self);

G_END_DECLS
