/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-error.h"
#include "base/rub-text.h"
#include "target/rub-drive-facts.h"

G_BEGIN_DECLS

/** RUB_DRIVE_LARGE_BYTES: a drive that is larger may be somebody's backup disk. Drives that are
 * sold as 256 GB have a little more than that. */
#define RUB_DRIVE_LARGE_BYTES ((guint64) 256 * 1024 * 1024 * 1024)

/**
 * RubDriveVerdict:
 * @is_listed: whether it is shown at all: it is a USB drive or memory card
 * @code: 0 if a stick may be built on it; else %RUB_CODE_SYSTEM_DISK, %RUB_CODE_DEVICE_GONE
 *   (no medium), %RUB_CODE_DEVICE_BUSY or %RUB_CODE_TRACK_0_NOT_WRITABLE (write-protected)
 * @reason: (nullable): a sentence for @code
 *
 * Whether a drive may be written. Nothing overrides it.
 */
typedef struct {
    gboolean is_listed;
    RubCode code;
    RubText *reason;
} RubDriveVerdict;

/** rub_drive_verdict_clear: frees what @self holds */
void rub_drive_verdict_clear(RubDriveVerdict *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RubDriveVerdict, rub_drive_verdict_clear)

/**
 * rub_drive_judge:
 * @facts: what is known of a drive
 *
 * Judges a drive. Where several things speak against it, the one that matters most is told: it
 * belongs to the system, there is no medium, it is in use, it is write-protected.
 *
 * Returns: (transfer full): the verdict
 */
RubDriveVerdict rub_drive_judge(const RubDriveFacts *facts);

/**
 * rub_drive_is_user_place:
 * @mount_point: where something is mounted
 *
 * Returns: whether users mount their sticks there, and the running system does not need it
 */
gboolean rub_drive_is_user_place(const char *mount_point);

G_END_DECLS
