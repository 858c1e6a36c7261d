/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-disk.h"
#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * RubTarget:
 *
 * Where a stick is written to. The kinds of target share this interface; the job knows no other.
 */
typedef struct _RubTarget RubTarget;

/**
 * RubAccess:
 * @RUB_ACCESS_RAW: the whole disk is opened, exclusively; on a drive this takes an administrator's
 *   password
 * @RUB_ACCESS_MOUNTED: the drive's own services make table and filesystem, and files go through
 *   the kernel's driver; no password
 *
 * How a target is written.
 */
typedef enum {
    RUB_ACCESS_RAW,
    RUB_ACCESS_MOUNTED,
} RubAccess;

/**
 * RubFilesystem:
 * @RUB_FILESYSTEM_FAT32: starts UEFI and BIOS
 * @RUB_FILESYSTEM_NTFS: for BIOS only, and for files of any size
 *
 * The filesystem that a build uses.
 */
typedef enum {
    RUB_FILESYSTEM_FAT32,
    RUB_FILESYSTEM_NTFS,
} RubFilesystem;

/**
 * RubNewVolume:
 * @number: the partition's number in the table, from 1
 * @start_lba: first sector of the partition
 * @sector_count: how many sectors it has; sectors are the target's own, logical ones
 * @mbr_type: type byte of the MBR entry
 * @filesystem: what is in it
 * @is_active: whether it becomes the active partition
 * @sectors_per_cluster: cluster size to format with, in sectors; 0 for what suits NTFS
 * @label: volume label, valid for FAT: up to 11 characters
 * @disk_signature: the new table's disk signature, not 0; of a table that stays, the one it has
 * @volume_id: the new filesystem's serial number
 *
 * The volume that a build makes, or adds files to, and what the table says of it. Plain data: a
 * copy is independent.
 */
typedef struct {
    guint number;
    guint64 start_lba;
    guint64 sector_count;
    guint8 mbr_type;
    RubFilesystem filesystem;
    gboolean is_active;
    guint sectors_per_cluster;
    char label[12];
    guint32 disk_signature;
    guint32 volume_id;
} RubNewVolume;

/** RubTargetOps: what a kind of target provides; one constant table each. The functions follow
 * the rub_target_ function of the same name. */
typedef struct {
    RubLayout *(*read_layout)(RubTarget *self, GCancellable *cancellable, GError **error);
    RubDisk *(*open_for_reading)(RubTarget *self, gboolean may_ask, GCancellable *cancellable,
                                 GError **error);
    gboolean (*open_for_writing)(RubTarget *self, const RubLayout *reviewed, RubAccess access,
                                 GCancellable *cancellable, GError **error);
    gboolean (*make_table)(RubTarget *self, const RubNewVolume *volume, GError **error);
    gboolean (*add_partition)(RubTarget *self, const RubNewVolume *volume, GError **error);
    gboolean (*remove_partition)(RubTarget *self, guint number, GError **error);
    gboolean (*make_volume)(RubTarget *self, const RubNewVolume *volume, GCancellable *cancellable,
                            GError **error);
    RubDisk *(*get_disk)(RubTarget *self);
    char *(*mount)(RubTarget *self, guint number, gboolean is_read_only, GCancellable *cancellable,
                   GError **error);
    gboolean (*unmount)(RubTarget *self, GError **error);
    gboolean (*finish)(RubTarget *self, GError **error);
    void (*free)(RubTarget *self);
} RubTargetOps;

/** The start of every kind of target's own struct. */
struct _RubTarget {
    const RubTargetOps *ops;
};

/**
 * rub_target_free:
 * @self: a target
 *
 * Closes what is open and frees it.
 */
static inline void
rub_target_free(RubTarget *self)
{
    self->ops->free(self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubTarget, rub_target_free)

/**
 * rub_target_read_layout:
 * @self: a target
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Looks at the target without changing it. Errors: %RUB_CODE_DEVICE_GONE, %RUB_CODE_DEVICE_BUSY,
 * %RUB_CODE_TRACK_0_NOT_WRITABLE where it cannot even be read, %RUB_CODE_USAGE where there is no
 * such target, %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): a snapshot; %NULL on an error
 */
static inline RubLayout *
rub_target_read_layout(RubTarget *self, GCancellable *cancellable, GError **error)
{
    return self->ops->read_layout(self, cancellable, error);
}

/**
 * rub_target_open_for_reading:
 * @self: a target that is not open for writing
 * @may_ask: whether a password may be asked for
 * @cancellable: (nullable): stops the wait for it
 * @error: return location
 *
 * Opens the target without changing it. Errors: those of rub_target_read_layout();
 * %RUB_CODE_NOT_AUTHORIZED where it takes a password, and, unless @may_ask, where one of its
 * volumes is mounted: what is in a volume can then still be read with rub_target_mount();
 * %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): its disk, which cannot be written; %NULL on an error
 */
static inline RubDisk *
rub_target_open_for_reading(RubTarget *self, gboolean may_ask, GCancellable *cancellable,
                            GError **error)
{
    return self->ops->open_for_reading(self, may_ask, cancellable, error);
}

/**
 * rub_target_open_for_writing:
 * @self: a target
 * @reviewed: the snapshot that the user agreed to
 * @access: how it will be written; %RUB_ACCESS_MOUNTED only if @reviewed says that it can be
 * @cancellable: (nullable): stops the wait for a password or for whoever holds the target
 * @error: return location
 *
 * Takes hold of the target for the whole build: nobody else writes to it until it is freed. Then
 * compares it with @reviewed and, with %RUB_ACCESS_RAW, proves that sector 0 can be written, by
 * writing back what it holds. Errors: %RUB_CODE_DEVICE_BUSY naming who holds it,
 * %RUB_CODE_DEVICE_CHANGED, %RUB_CODE_DEVICE_GONE, %RUB_CODE_TRACK_0_NOT_WRITABLE,
 * %RUB_CODE_NOT_AUTHORIZED, %RUB_CODE_CANCELLED, %RUB_CODE_SYSTEM_DISK where it is refused by now,
 * %RUB_CODE_WRITE_FAILED where the disk below a disk-image file is full (rub_disk_set_full()); on
 * each nothing was changed.
 *
 * Returns: whether it may be written now
 */
static inline gboolean
rub_target_open_for_writing(RubTarget *self, const RubLayout *reviewed, RubAccess access,
                            GCancellable *cancellable, GError **error)
{
    return self->ops->open_for_writing(self, reviewed, access, cancellable, error);
}

/**
 * rub_target_make_table:
 * @self: a target that is open for writing
 * @volume: what the table shall describe
 * @error: return location
 *
 * Replaces whatever was there by a new MBR table with one partition, without boot code. Errors:
 * %RUB_CODE_INIT_FAILED where writing failed, %RUB_CODE_NO_PARTITION_TABLE where no table is found
 * afterwards; what rub_disk_propagate_error() hands on as it is.
 *
 * Returns: whether the table is there
 */
static inline gboolean
rub_target_make_table(RubTarget *self, const RubNewVolume *volume, GError **error)
{
    return self->ops->make_table(self, volume, error);
}

/**
 * rub_target_add_partition:
 * @self: a target with an MBR table that is open for writing
 * @volume: the partition to add, in a slot and in sectors that are free
 * @error: return location
 *
 * Adds one primary partition to a table that stays as it is otherwise: boot code, disk signature,
 * active flags and the other entries are not touched. The new one is not active, whatever @volume
 * says: whoever puts boot code on the disk makes it the only active one, in the same write. Comes
 * after rub_target_make_volume(): a build that is cut off between the two leaves free space behind,
 * and not a partition without a filesystem. Errors: %RUB_CODE_INIT_FAILED,
 * %RUB_CODE_MAX_PARTITIONS where the slot is taken, %RUB_CODE_NO_FREE_SPACE where the sectors are;
 * what rub_disk_propagate_error() hands on as it is.
 *
 * Returns: whether the partition is there
 */
static inline gboolean
rub_target_add_partition(RubTarget *self, const RubNewVolume *volume, GError **error)
{
    return self->ops->add_partition(self, volume, error);
}

/**
 * rub_target_remove_partition:
 * @self: a target with an MBR table that is open for writing
 * @number: the partition to take out of the table, from 1
 * @error: return location
 *
 * Takes one primary partition out of a table that stays as it is otherwise; one that is not there
 * any more is no error. Errors: %RUB_CODE_INIT_FAILED; what rub_disk_propagate_error() hands on as
 * it is.
 *
 * Returns: whether it is gone
 */
static inline gboolean
rub_target_remove_partition(RubTarget *self, guint number, GError **error)
{
    return self->ops->remove_partition(self, number, error);
}

/**
 * rub_target_make_volume:
 * @self: a target that is open for writing
 * @volume: what to format
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Makes an empty filesystem in the sectors of @volume; whether the table knows them already
 * does not matter. Errors: %RUB_CODE_CREATE_FAT32_FAILED with the formatting tool's own words,
 * %RUB_CODE_SMALL_FAT, %RUB_CODE_CANCELLED; what rub_disk_propagate_error() hands on as it is.
 *
 * Returns: whether the filesystem is there
 */
static inline gboolean
rub_target_make_volume(RubTarget *self, const RubNewVolume *volume, GCancellable *cancellable,
                       GError **error)
{
    return self->ops->make_volume(self, volume, cancellable, error);
}

/**
 * rub_target_get_disk:
 * @self: a target
 *
 * Returns: (transfer none) (nullable): the disk of a target that is open for writing with
 *   %RUB_ACCESS_RAW, until rub_target_finish(); %NULL for any other
 */
static inline RubDisk *
rub_target_get_disk(RubTarget *self)
{
    return self->ops->get_disk(self);
}

/**
 * rub_target_mount:
 * @self: a target that is open for writing with %RUB_ACCESS_MOUNTED, or not open
 * @number: the partition, from 1; 0 for a volume that has the disk to itself
 * @is_read_only: whether nothing will be written
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Has the kernel's driver show a volume as a folder, whose contents come from the medium. A volume
 * that is mounted already is used where it is if @is_read_only. Only one volume at a time. Errors:
 * %RUB_CODE_DEVICE_BUSY, %RUB_CODE_DEVICE_GONE, %RUB_CODE_NOT_AUTHORIZED,
 * %RUB_CODE_VERIFY_FAILED where the driver cannot read it, %RUB_CODE_VOLUME_DAMAGED where it shall
 * be written, was not made here, and its check finds faults, %RUB_CODE_USAGE for a kind of target
 * that has no such driver.
 *
 * Returns: (transfer full) (nullable): the path of the folder; %NULL on an error
 */
static inline char *
rub_target_mount(RubTarget *self, guint number, gboolean is_read_only, GCancellable *cancellable,
                 GError **error)
{
    return self->ops->mount(self, number, is_read_only, cancellable, error);
}

/**
 * rub_target_unmount:
 * @self: a target one of whose volumes was mounted by rub_target_mount()
 * @error: return location
 *
 * Waits until everything is on the medium and takes the folder away again, unless the volume was
 * mounted before. Errors: %RUB_CODE_DEVICE_BUSY naming who uses it, %RUB_CODE_WRITE_FAILED,
 * %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether it is done
 */
static inline gboolean
rub_target_unmount(RubTarget *self, GError **error)
{
    return self->ops->unmount(self, error);
}

/**
 * rub_target_finish:
 * @self: a target that is open for writing
 * @error: return location
 *
 * Brings everything to the medium and lets go of the target. Errors: %RUB_CODE_WRITE_FAILED,
 * %RUB_CODE_DEVICE_GONE.
 *
 * Returns: whether everything is on the medium
 */
static inline gboolean
rub_target_finish(RubTarget *self, GError **error)
{
    return self->ops->finish(self, error);
}

G_END_DECLS
