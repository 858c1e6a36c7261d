/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <udisks/udisks.h>

#include "target/rub-drive-facts.h"

G_BEGIN_DECLS

/**
 * rub_drive_probe_is_disk:
 * @object: an object of UDisks2
 *
 * Returns: whether it is a block device that is no partition
 */
gboolean rub_drive_probe_is_disk(UDisksObject *object);

/**
 * rub_drive_probe:
 * @client: what UDisks2 tells, as of now
 * @id: D-Bus path of a block device that is no partition
 *
 * Gathers what UDisks2 and the kernel tell of a drive. Asks nobody, waits for nothing.
 *
 * Returns: (transfer full) (nullable): the facts; %NULL if it is not there
 */
RubDriveFacts *rub_drive_probe(UDisksClient *client, const char *id);

G_END_DECLS
