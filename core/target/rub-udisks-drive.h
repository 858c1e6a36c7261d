/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "target/rub-drive-facts.h"
#include "target/rub-udisks.h"

G_BEGIN_DECLS

/**
 * rub_udisks_find_partition:
 * @self: the view
 * @id: D-Bus path of a disk's block device
 * @number: a partition's number, from 1; 0 for the disk itself
 *
 * Returns: (transfer full) (nullable): D-Bus path of the partition's block device
 */
char *rub_udisks_find_partition(RubUdisks *self, const char *id, guint number);

/**
 * rub_udisks_get_mount_point:
 * @self: the view
 * @id: D-Bus path of a block device
 *
 * Returns: (transfer full) (nullable): where it is mounted
 */
char *rub_udisks_get_mount_point(RubUdisks *self, const char *id);

/** rub_udisks_is_mounted: Returns: whether any volume of the disk with this D-Bus path is mounted
 */
gboolean rub_udisks_is_mounted(RubUdisks *self, const char *id);

/**
 * rub_udisks_mount:
 * @self: the view
 * @id: D-Bus path of a block device
 * @is_read_only: whether nothing will be written
 * @may_ask: whether a password may be asked for
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Mounts a volume. Errors: %RUB_CODE_VERIFY_FAILED with UDisks2's own words,
 * %RUB_CODE_DEVICE_BUSY where somebody else has just mounted it, and the others of
 * rub_udisks_call().
 *
 * Returns: (transfer full) (nullable): the folder
 */
char *rub_udisks_mount(RubUdisks *self, const char *id, gboolean is_read_only, gboolean may_ask,
                       GCancellable *cancellable, GError **error);

/**
 * rub_udisks_unmount:
 * @self: the view
 * @id: D-Bus path of a block device
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Unmounts a volume, wherever it is mounted, and never by force. Errors: %RUB_CODE_DEVICE_BUSY
 * naming the folder and the program that is in it, and the others of rub_udisks_call().
 *
 * Returns: whether it is not mounted any more
 */
gboolean rub_udisks_unmount(RubUdisks *self, const char *id, GCancellable *cancellable,
                            GError **error);

/**
 * rub_udisks_unmount_all:
 * @self: the view
 * @id: D-Bus path of a disk's block device
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Unmounts all volumes of a disk. Errors: those of rub_udisks_unmount().
 *
 * Returns: whether none is mounted any more
 */
gboolean rub_udisks_unmount_all(RubUdisks *self, const char *id, GCancellable *cancellable,
                                GError **error);

/**
 * rub_udisks_check:
 * @self: the view
 * @id: D-Bus path of a block device that is not mounted
 * @may_ask: whether a password may be asked for
 * @is_sound: (out): whether its filesystem is without fault
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Has the filesystem's own tool look for faults; nothing is repaired. Errors: those of
 * rub_udisks_call(), %RUB_CODE_VERIFY_FAILED where it could not be looked at.
 *
 * Returns: whether @is_sound is known
 */
gboolean rub_udisks_check(RubUdisks *self, const char *id, gboolean may_ask, gboolean *is_sound,
                          GCancellable *cancellable, GError **error);

/**
 * rub_udisks_power_off:
 * @self: the view
 * @id: D-Bus path of a disk's block device
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Unmounts what is mounted and switches the drive off; one without a switch has its medium ejected.
 * Of two drives that UDisks2 cannot tell apart neither is switched off.
 * Errors: %RUB_CODE_WRITE_FAILED with UDisks2's own words, and the others of rub_udisks_unmount().
 *
 * Returns: whether it can be pulled out
 */
gboolean rub_udisks_power_off(RubUdisks *self, const char *id, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
