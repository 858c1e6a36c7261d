/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/rub-progress.h"
#include "plan/rub-finding.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RubUndoReport:
 * @failure: (nullable): why it was not done, or not to the end; %NULL if it was
 * @left_behind: (nullable): with @failure, what is on the stick now
 * @removed: (element-type utf8): the files of ours that went; like the next three empty with
 * @failure
 * @restored: (element-type utf8): the files that are back
 * @stayed: (element-type utf8): the files of ours that were changed since, and so stayed
 * @missing: (element-type utf8): the files that gave way and are not there to be put back: somebody
 *   removed them, or repaired the filesystem while a build was unfinished
 * @is_boot_code_restored: whether the old boot sectors and active flags are back
 * @is_partition_removed: whether the partition that the build made is gone
 *
 * The outcome of taking a kept build off a stick.
 */
typedef struct {
    RubFinding *failure;
    RubText *left_behind;
    GPtrArray *removed;
    GPtrArray *restored;
    GPtrArray *stayed;
    GPtrArray *missing;
    gboolean is_boot_code_restored;
    gboolean is_partition_removed;
} RubUndoReport;

/**
 * rub_undo_run:
 * @target: the stick
 * @reviewed: what the user saw of it before saying yes
 * @progress: a progress without steps; gets its own
 * @cancellable: (nullable): stops it before anything is changed
 *
 * Takes a build that kept files off again: removes the files that still equal the manifest and the
 * folders of ours that are empty then, puts back what was replaced, the boot sectors and the active
 * flags. A partition that the build made goes only if nothing was added to it. Finishes an undo
 * that was cut off.
 *
 * Codes of a failure that touched nothing: %RUB_CODE_NOT_OUR_STICK where there is no manifest of
 * ours or the build erased the stick, %RUB_CODE_DEVICE_CHANGED where it is not the stick of
 * @reviewed any more, %RUB_CODE_DEVICE_BUSY, %RUB_CODE_NOT_AUTHORIZED,
 * %RUB_CODE_TRACK_0_NOT_WRITABLE, %RUB_CODE_SYSTEM_DISK, %RUB_CODE_VOLUME_DAMAGED,
 * %RUB_CODE_CANCELLED, %RUB_CODE_VERIFY_FAILED where the manifest or a file cannot be read. At any
 * moment, %RUB_CODE_DEVICE_GONE, %RUB_CODE_WRITE_FAILED, and %RUB_CODE_NO_FREE_SPACE for our own
 * notes; what was begun then is finished by another undo.
 *
 * Returns: (transfer full): how it went
 */
RubUndoReport *rub_undo_run(RubTarget *target, const RubLayout *reviewed, RubProgress *progress,
                            GCancellable *cancellable);

/** rub_undo_report_free: frees it */
void rub_undo_report_free(RubUndoReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubUndoReport, rub_undo_report_free)

G_END_DECLS
