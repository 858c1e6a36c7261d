/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive-facts.h"
#include "target/rub-target.h"
#include "target/rub-udisks.h"

G_BEGIN_DECLS

/**
 * RubUdisksTarget:
 * @parent: the interface
 * @id: D-Bus path of the drive's block device
 * @name: its node
 * @udisks: (nullable): made when it is first needed, on the thread that needs it
 * @is_open: whether it is open for writing
 * @access: how
 * @disk: (nullable): the open disk, with %RUB_ACCESS_RAW
 * @volume_id: (nullable): D-Bus path of the volume that rub_target_mount() shows
 * @folder: (nullable): where it is shown
 * @was_mounted: whether it was mounted before
 * @made_id: (nullable): D-Bus path of the volume that was made here, with %RUB_ACCESS_MOUNTED
 * @made_number: the number it was asked for
 *
 * A drive as target.
 */
typedef struct {
    RubTarget parent;
    char *id;
    char *name;
    RubUdisks *udisks;
    gboolean is_open;
    RubAccess access;
    RubDisk *disk;
    char *volume_id;
    char *folder;
    gboolean was_mounted;
    char *made_id;
    guint made_number;
} RubUdisksTarget;

/** rub_udisks_target_connect: Returns: whether @self has its view of UDisks2, as of now; errors are
 * those of rub_udisks_new() */
gboolean rub_udisks_target_connect(RubUdisksTarget *self, GCancellable *cancellable,
                                   GError **error);

/** rub_udisks_target_probe: Returns: (transfer full) (nullable): what is known of the drive now;
 * the error is %RUB_CODE_DEVICE_GONE */
RubDriveFacts *rub_udisks_target_probe(RubUdisksTarget *self, GError **error);

/** rub_udisks_target_check_identity: Returns: whether the drive is still what was reviewed; the
 * errors are %RUB_CODE_DEVICE_CHANGED and %RUB_CODE_DEVICE_GONE */
gboolean rub_udisks_target_check_identity(RubUdisksTarget *self, const RubLayout *reviewed,
                                          GError **error);

/** rub_udisks_target_read_layout: rub_target_read_layout() of a drive */
RubLayout *rub_udisks_target_read_layout(RubTarget *target, GCancellable *cancellable,
                                         GError **error);

/** rub_udisks_target_open_for_reading: rub_target_open_for_reading() of a drive */
RubDisk *rub_udisks_target_open_for_reading(RubTarget *target, gboolean may_ask,
                                            GCancellable *cancellable, GError **error);

/** rub_udisks_target_open_raw: opens the drive, which nobody may use, for writing; errors are those
 * of rub_target_open_for_writing() */
gboolean rub_udisks_target_open_raw(RubUdisksTarget *self, const RubLayout *reviewed,
                                    GCancellable *cancellable, GError **error);

/** rub_udisks_target_finish_raw: rub_target_finish() with %RUB_ACCESS_RAW */
gboolean rub_udisks_target_finish_raw(RubUdisksTarget *self, GError **error);

/** rub_udisks_target_make_table: rub_target_make_table() with %RUB_ACCESS_MOUNTED */
gboolean rub_udisks_target_make_table(RubUdisksTarget *self, GError **error);

/** rub_udisks_target_make_volume: rub_target_make_volume() with %RUB_ACCESS_MOUNTED */
gboolean rub_udisks_target_make_volume(RubUdisksTarget *self, const RubNewVolume *volume,
                                       GCancellable *cancellable, GError **error);

/** rub_udisks_target_remove_partition: rub_target_remove_partition() with %RUB_ACCESS_MOUNTED */
gboolean rub_udisks_target_remove_partition(RubUdisksTarget *self, guint number, GError **error);

/** rub_udisks_target_mount: rub_target_mount() of a drive */
char *rub_udisks_target_mount(RubTarget *target, guint number, gboolean is_read_only,
                              GCancellable *cancellable, GError **error);

/** rub_udisks_target_unmount: rub_target_unmount() of a drive */
gboolean rub_udisks_target_unmount(RubTarget *target, GError **error);

G_END_DECLS
