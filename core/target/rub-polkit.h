/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-layout.h"

G_BEGIN_DECLS

/**
 * rub_polkit_check:
 * @bus: the system bus
 * @action: PolicyKit's name of what is to be done, such as "org.freedesktop.udisks2.open-device"
 * @cancellable: (nullable): to stop it
 *
 * Asks PolicyKit whether this process may do something, without anybody being asked for a password.
 * Where there is no PolicyKit, only an administrator may.
 *
 * Returns: what it takes
 */
RubPasswordNeed rub_polkit_check(GDBusConnection *bus, const char *action,
                                 GCancellable *cancellable);

G_END_DECLS
