/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-error.h"
#include "base/rub-text.h"
#include "source/rub-entry.h"

G_BEGIN_DECLS

/**
 * RubTableKind:
 * @RUB_TABLE_NONE: blank: no partition table, no filesystem, nothing that could be lost
 * @RUB_TABLE_SUPERFLOPPY: a filesystem starts at sector 0
 * @RUB_TABLE_MBR: a partition table as DOS made it
 * @RUB_TABLE_GPT: a GUID partition table
 * @RUB_TABLE_HYBRID_ISO: a rescue image that was written raw: ISO 9660 and a table at once
 * @RUB_TABLE_OTHER: another kind (Apple, BSD, Sun …), whose name is in #RubLayout.table_name; or,
 *   without a name, something unknown that must not be taken for free space, such as a disk that
 *   is encrypted as a whole
 *
 * How a disk is divided.
 */
typedef enum {
    RUB_TABLE_NONE,
    RUB_TABLE_SUPERFLOPPY,
    RUB_TABLE_MBR,
    RUB_TABLE_GPT,
    RUB_TABLE_HYBRID_ISO,
    RUB_TABLE_OTHER,
} RubTableKind;

/**
 * RubKeptVolume:
 * @listing: (nullable): everything on the volume; of a build of ours that was cut off, what was
 *   there before it; %NULL where there is a fault
 * @cluster_bytes: the size of a cluster; 0 where not even that is known
 * @free_clusters: how many are free, or will be once such a build is taken back
 * @record_bytes: bytes a record of the table of files of NTFS; 0 where that is not known
 * @free_records: how many records of that table are free; known where @record_bytes is
 * @index_block_bytes: bytes a block of a folder of NTFS; known where @record_bytes is
 * @damage: (nullable): why nothing may be written to it: a dirty volume, lost clusters that are not
 *   ours, any other fault; a sentence part such as "the file A: its chain loops"
 * @has_manifest: whether a build of ours was finished on it
 * @has_pending: whether a build of ours was cut off on it; if its only faults come from that,
 *   @damage is %NULL
 * @has_leftovers: whether files of that build are there, or may be
 * @has_boot_code: whether the volume's boot record holds code of somebody else
 * @fits_boot_record: whether there is room for our boot record, with which BIOS starts from it
 *
 * An existing FAT or NTFS volume whose files shall stay.
 */
typedef struct {
    RubListing *listing;
    guint cluster_bytes;
    guint64 free_clusters;
    guint record_bytes;
    guint64 free_records;
    guint index_block_bytes;
    RubText *damage;
    gboolean has_manifest;
    gboolean has_pending;
    gboolean has_leftovers;
    gboolean has_boot_code;
    gboolean fits_boot_record;
} RubKeptVolume;

/** rub_kept_volume_free: frees it */
void rub_kept_volume_free(RubKeptVolume *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubKeptVolume, rub_kept_volume_free)

/**
 * RubContents:
 * @filesystem: (nullable): libblkid's name of the filesystem ("vfat", "ntfs", "ext4", or a member
 *   of something larger such as "crypto_LUKS"); %NULL if there is none that it knows
 * @fat_bits: 12, 16 or 32 for a FAT, else 0
 * @label: (nullable): the filesystem's label
 * @is_counted: whether @file_count and @used_bytes are known
 * @file_count: files in it
 * @used_bytes: bytes in use
 * @free_bytes: bytes free
 * @kept: (nullable): what a build that keeps files has to know; %NULL for what is neither a
 *   FAT nor an NTFS volume, or could not be looked into
 *
 * What a partition, or a whole disk without a table, holds.
 */
typedef struct {
    char *filesystem;
    guint fat_bits;
    char *label;
    gboolean is_counted;
    guint file_count;
    guint64 used_bytes;
    guint64 free_bytes;
    RubKeptVolume *kept;
} RubContents;

/** rub_contents_is_ntfs: Returns: whether it is an NTFS volume */
gboolean rub_contents_is_ntfs(const RubContents *self);

/** rub_contents_clear: frees what @self holds and leaves it empty */
void rub_contents_clear(RubContents *self);

/**
 * RubPartition:
 * @number: as the table counts, from 1
 * @start_lba: first sector
 * @sector_count: how many sectors
 * @mbr_type: type byte of an MBR entry; 0 in other tables
 * @is_active: whether the MBR's active flag is set
 * @is_logical: whether it lies in an extended partition
 * @is_container: whether it is an extended partition
 * @contents: what it holds
 *
 * A partition.
 */
typedef struct {
    guint number;
    guint64 start_lba;
    guint64 sector_count;
    guint8 mbr_type;
    gboolean is_active;
    gboolean is_logical;
    gboolean is_container;
    RubContents contents;
} RubPartition;

/**
 * RubGap:
 * @start_lba: first free sector, aligned to 1 MiB
 * @sector_count: how many sectors
 *
 * Space that no partition covers.
 */
typedef struct {
    guint64 start_lba;
    guint64 sector_count;
} RubGap;

/**
 * RubPasswordNeed:
 * @RUB_PASSWORD_NOT_NEEDED: the disk can be opened as it is
 * @RUB_PASSWORD_NEEDED: an administrator's password will be asked for
 * @RUB_PASSWORD_REFUSED: nobody would be asked: this user may not open it
 *
 * What it takes to open a disk for %RUB_ACCESS_RAW.
 */
typedef enum {
    RUB_PASSWORD_NOT_NEEDED,
    RUB_PASSWORD_NEEDED,
    RUB_PASSWORD_REFUSED,
} RubPasswordNeed;

/**
 * RubLayout:
 * @name: what to call the target in messages: a path or a node
 * @is_file: whether the target is a disk-image file
 * @is_new: whether the file does not exist yet and will be made
 * @is_removable: the drive's removable-media bit; a disk-image file counts as fixed
 * @is_read_only: whether it cannot be written
 * @is_outline: whether the disk itself was not read: what it holds was told by others (UDisks2,
 *   the kernel's driver); boot code and everything else that only sector 0 and boot records tell is
 *   unknown then
 * @can_mount: whether it can be written with %RUB_ACCESS_MOUNTED
 * @password: what %RUB_ACCESS_RAW takes
 * @refusal: (nullable): why nothing may be written to it, whatever the plan, with the code in
 *   @refusal_code: it belongs to the running system, is in use, has no medium, …
 * @refusal_code: see @refusal
 * @size_bytes: size of the whole disk
 * @sector_size: size of a logical sector in bytes
 * @model: (nullable): the drive's vendor and model
 * @serial: (nullable): the drive's serial number
 * @mount_points: (nullable) (array zero-terminated=1): where something of it was mounted
 * @table: how it is divided
 * @table_name: (nullable): libblkid's name of the table, such as "dos" or "gpt"
 * @has_boot_code: whether the first 440 bytes of sector 0 hold code
 * @has_our_boot_code: whether that is the code that this program puts there
 * @disk_signature: the MBR's disk signature
 * @fingerprint: identifies sector 0, the table and the size: when it differs from what was
 *   reviewed, the disk is another one or was changed
 * @whole: what the disk holds where there is no table
 * @partitions: (element-type RubPartition): in the order of the table
 * @gaps: (element-type RubGap): in the order of the disk; only for %RUB_TABLE_MBR
 *
 * A snapshot of a target's partition table, filesystems and free space. Plain data: the plan is
 * made from it, and tests write it by hand.
 */
typedef struct {
    char *name;
    gboolean is_file;
    gboolean is_new;
    gboolean is_removable;
    gboolean is_read_only;
    gboolean is_outline;
    gboolean can_mount;
    RubPasswordNeed password;
    RubText *refusal;
    RubCode refusal_code;
    guint64 size_bytes;
    guint sector_size;
    char *model;
    char *serial;
    GStrv mount_points;
    RubTableKind table;
    char *table_name;
    gboolean has_boot_code;
    gboolean has_our_boot_code;
    guint32 disk_signature;
    char *fingerprint;
    RubContents whole;
    GPtrArray *partitions;
    GArray *gaps;
} RubLayout;

/** rub_layout_new: Returns: (transfer full): a blank layout of 512-byte sectors */
RubLayout *rub_layout_new(const char *name, guint64 size_bytes);

/** rub_layout_free: frees a layout and all it holds */
void rub_layout_free(RubLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubLayout, rub_layout_free)

/**
 * rub_layout_add_partition:
 * @self: a layout
 *
 * Returns: (transfer none): a new empty partition at the end of @self
 */
RubPartition *rub_layout_add_partition(RubLayout *self);

/**
 * rub_layout_find_gaps:
 * @layout: a layout with an MBR table whose partitions are all there
 *
 * Fills in the space that no partition covers, as far as an MBR entry can tell of it.
 */
void rub_layout_find_gaps(RubLayout *layout);

/** rub_layout_make_name: Returns: (transfer full): what to call the target where people have to
 * tell it from others: "Kingston DataTraveler 3.0 (31.0 GB, /dev/sdb)"; a file, and a drive without
 * a name of its own, by its path */
char *rub_layout_make_name(const RubLayout *self);

/** rub_layout_advise_permission: Returns: (transfer full): what to do about a disk-image file that
 * may not be read or written */
RubText *rub_layout_advise_permission(void);

G_END_DECLS
