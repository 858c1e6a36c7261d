/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <udisks/udisks.h>

#include "base/rub-error.h"

G_BEGIN_DECLS

/** RUB_UDISKS_ROOT: what the names of UDisks2's interfaces begin with */
#define RUB_UDISKS_ROOT "org.freedesktop.UDisks2."

/** RUB_UDISKS_ASKING_TIMEOUT_MS: for calls during which a person may be asked for a password, or
 * that take as long as the medium does */
#define RUB_UDISKS_ASKING_TIMEOUT_MS (10 * 60 * 1000)

/** RUB_UDISKS_TIMEOUT_MS: for calls that nobody is asked for */
#define RUB_UDISKS_TIMEOUT_MS (120 * 1000)

/**
 * RubUdisks:
 *
 * A view of UDisks2's objects that changes only when its owner looks, on a main context of its own.
 * Belongs to one thread at a time.
 */
typedef struct _RubUdisks RubUdisks;

/**
 * RubUdisksCondition:
 * @self: the view
 * @data: as given to rub_udisks_wait()
 *
 * Returns: whether what is waited for is so by now
 */
typedef gboolean (*RubUdisksCondition)(RubUdisks *self, gpointer data);

/**
 * rub_udisks_new:
 * @cancellable: (nullable): to stop it
 * @error: return location
 *
 * Connects to UDisks2, which the bus starts if need be. Errors: %RUB_CODE_USAGE saying what to
 * install or start, %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): a view
 */
RubUdisks *rub_udisks_new(GCancellable *cancellable, GError **error);

/** rub_udisks_free: lets go of it */
void rub_udisks_free(RubUdisks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUdisks, rub_udisks_free)

/**
 * rub_udisks_check_presence:
 * @client: (nullable): a client, as libudisks2 makes it; %NULL where it failed
 * @failure: (nullable): why it failed
 * @error: return location
 *
 * libudisks2 makes a client even where there is no UDisks2. Errors: those of rub_udisks_new().
 *
 * Returns: whether @client can be used
 */
gboolean rub_udisks_check_presence(UDisksClient *client, const GError *failure, GError **error);

/** rub_udisks_set_gone: sets @error to %RUB_CODE_DEVICE_GONE for the drive of this name */
void rub_udisks_set_gone(GError **error, const char *name);

/** rub_udisks_set_busy: replaces @error, which is %RUB_CODE_DEVICE_BUSY, by one that names the
 * place and who is in it, as text for people, and keeps its words */
void rub_udisks_set_busy(GError **error, const char *place, const char *holder);

/** rub_udisks_get_client: Returns: (transfer none): the objects, as of the last look */
UDisksClient *rub_udisks_get_client(RubUdisks *self);

/** rub_udisks_get_bus: Returns: (transfer none): the connection that is used */
GDBusConnection *rub_udisks_get_bus(RubUdisks *self);

/** rub_udisks_look: takes in all that UDisks2 has told until now */
void rub_udisks_look(RubUdisks *self);

/**
 * rub_udisks_wait:
 * @self: the view
 * @id: (nullable): D-Bus path of an object without which waiting is in vain
 * @condition: what to wait for
 * @data: handed to @condition
 * @timeout_ms: when to give up
 * @cancellable: (nullable): to stop it
 *
 * Waits for UDisks2's signals until @condition holds.
 *
 * Returns: whether it does; %FALSE if the time is over, @id is gone or it was cancelled
 */
gboolean rub_udisks_wait(RubUdisks *self, const char *id, RubUdisksCondition condition,
                         gpointer data, guint timeout_ms, GCancellable *cancellable);

/**
 * rub_udisks_call:
 * @self: the view
 * @id: D-Bus path of an object
 * @method: interface and method, such as "Block.Format"
 * @arguments: (transfer floating): the arguments, a tuple
 * @timeout_ms: when to give up: %RUB_UDISKS_TIMEOUT_MS or %RUB_UDISKS_ASKING_TIMEOUT_MS
 * @failure: the code for everything that has none of its own
 * @cancellable: (nullable): to stop waiting for the answer
 * @error: return location
 *
 * Has UDisks2 do something. Errors: @failure with UDisks2's own words, %RUB_CODE_NOT_AUTHORIZED,
 * %RUB_CODE_DEVICE_BUSY, %RUB_CODE_DEVICE_GONE, %RUB_CODE_CANCELLED.
 *
 * Returns: (transfer full) (nullable): the answer
 */
GVariant *rub_udisks_call(RubUdisks *self, const char *id, const char *method, GVariant *arguments,
                          int timeout_ms, RubCode failure, GCancellable *cancellable,
                          GError **error);

/**
 * rub_udisks_open:
 * @self: the view
 * @id: D-Bus path of a block device
 * @mode: "r" or "rw"
 * @flags: flags of open(2) besides
 * @may_ask: whether an administrator's password may be asked for
 * @cancellable: (nullable): to stop waiting for the answer
 * @error: return location
 *
 * Opens a block device. Errors: %RUB_CODE_NOT_AUTHORIZED, %RUB_CODE_DEVICE_BUSY,
 * %RUB_CODE_DEVICE_GONE, %RUB_CODE_TRACK_0_NOT_WRITABLE, %RUB_CODE_CANCELLED.
 *
 * Returns: a descriptor, or -1
 */
int rub_udisks_open(RubUdisks *self, const char *id, const char *mode, int flags, gboolean may_ask,
                    GCancellable *cancellable, GError **error);

G_END_DECLS
