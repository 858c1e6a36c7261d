/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-error.h"
#include "base/rub-text.h"

G_BEGIN_DECLS

/**
 * RubDriveVolume:
 * @number: the partition's number, from 1; 0 for a volume that has the drive to itself
 * @filesystem: (nullable): libblkid's name of the filesystem or of what it is a member of; %NULL if
 *   there is none that it knows
 * @fat_bits: 12, 16 or 32 for a FAT, else 0
 * @label: (nullable): the filesystem's label
 * @size_bytes: the size of the volume
 * @mount_point: (nullable): where it is mounted
 * @is_counted: whether @used_bytes and @free_bytes are known, which takes a mounted volume
 * @used_bytes: bytes in use
 * @free_bytes: bytes free
 *
 * What a partition of a drive, or a drive without a table, holds.
 */
typedef struct {
    guint number;
    char *filesystem;
    guint fat_bits;
    char *label;
    guint64 size_bytes;
    char *mount_point;
    gboolean is_counted;
    guint64 used_bytes;
    guint64 free_bytes;
} RubDriveVolume;

/** rub_drive_volume_free: frees it */
void rub_drive_volume_free(RubDriveVolume *self);

/**
 * RubDrive:
 *
 * A drive as UDisks2 shows it, with a judgement on whether a stick can be built on it. What is told
 * of it is a snapshot that #RubDriveList replaces; then the signal #RubDrive::changed is emitted.
 * Belongs to one thread, but for its reference count.
 */
#define RUB_TYPE_DRIVE (rub_drive_get_type())
G_DECLARE_FINAL_TYPE(RubDrive, rub_drive, RUB, DRIVE, GObject)

/** rub_drive_get_id: Returns: (transfer none): what tells it from all others as long as it is
 * plugged in: the D-Bus path of its block device */
const char *rub_drive_get_id(RubDrive *self);

/** rub_drive_get_vendor: Returns: (transfer none): the maker's name; "" if unknown */
const char *rub_drive_get_vendor(RubDrive *self);

/** rub_drive_get_model: Returns: (transfer none): the model's name; "" if unknown */
const char *rub_drive_get_model(RubDrive *self);

/** rub_drive_get_serial: Returns: (transfer none): the serial number; "" if unknown */
const char *rub_drive_get_serial(RubDrive *self);

/** rub_drive_get_node: Returns: (transfer none): the device node, such as "/dev/sdb" */
const char *rub_drive_get_node(RubDrive *self);

/** rub_drive_get_display_name: Returns: (transfer full): vendor and model for people, such as
 * "Kingston DataTraveler 3.0"; the node where neither is known */
char *rub_drive_get_display_name(RubDrive *self);

/** rub_drive_get_size_bytes: Returns: the size; 0 without a medium */
guint64 rub_drive_get_size_bytes(RubDrive *self);

/** rub_drive_is_removable: Returns: the removable-media bit: set for sticks and cards, not for USB
 * hard disks */
gboolean rub_drive_is_removable(RubDrive *self);

/** rub_drive_is_large: Returns: whether it is so large (over 256 GB) that it may be somebody's
 * backup disk */
gboolean rub_drive_is_large(RubDrive *self);

/** rub_drive_has_medium: Returns: whether there is a card in the reader */
gboolean rub_drive_has_medium(RubDrive *self);

/** rub_drive_can_power_off: Returns: whether rub_drive_power_off_async() can do anything */
gboolean rub_drive_can_power_off(RubDrive *self);

/** rub_drive_is_suitable: Returns: whether a stick can be built on it */
gboolean rub_drive_is_suitable(RubDrive *self);

/** rub_drive_get_reason: Returns: (transfer none) (nullable): why it is not suitable, a sentence;
 * %NULL if it is */
const RubText *rub_drive_get_reason(RubDrive *self);

/** rub_drive_get_reason_code: Returns: the code of rub_drive_get_reason():
 * %RUB_CODE_SYSTEM_DISK, %RUB_CODE_DEVICE_GONE (no medium), %RUB_CODE_DEVICE_BUSY,
 * %RUB_CODE_TRACK_0_NOT_WRITABLE (write-protected); 0 if it is suitable */
RubCode rub_drive_get_reason_code(RubDrive *self);

/** rub_drive_get_contents: Returns: (transfer none) (element-type RubDriveVolume): its volumes, in
 * the order of their numbers; valid until the next #RubDrive::changed */
const GPtrArray *rub_drive_get_contents(RubDrive *self);

/**
 * rub_drive_power_off_async:
 * @self: a drive
 * @cancellable: (nullable): to stop waiting
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Unmounts what is mounted on the drive and switches it off, so that it can be pulled out. Where
 * it has no switch, its medium is ejected.
 */
void rub_drive_power_off_async(RubDrive *self, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);

/**
 * rub_drive_power_off_finish:
 * @self: a drive
 * @result: what the callback was given
 * @error: return location
 *
 * Errors: %RUB_CODE_DEVICE_BUSY naming who uses it, %RUB_CODE_NOT_AUTHORIZED,
 * %RUB_CODE_DEVICE_GONE, %RUB_CODE_WRITE_FAILED with UDisks2's own words, %RUB_CODE_CANCELLED.
 *
 * Returns: whether it can be pulled out
 */
gboolean rub_drive_power_off_finish(RubDrive *self, GAsyncResult *result, GError **error);

G_END_DECLS
