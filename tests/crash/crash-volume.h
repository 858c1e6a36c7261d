/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "crash-disk.h"
#include "volume/rub-fat-bitmap.h"
#include "volume/rub-fat-check.h"

/**
 * CrashLayout:
 * @name: what to call it
 * @options: for mkfs.fat
 * @size_kib: the size of the volume
 * @root_fill: how many more files the user has in the root folder, which shifts what follows
 * @new_files: how many files the build adds
 * @is_fragmented: whether free space lies between the user's files
 * @is_nearly_full: whether what the build takes just fits
 * @is_untidy: whether there is something behind the ends of folders; fsck.fat cannot judge that
 *
 * A volume with a user's files.
 */
typedef struct {
    const char *name;
    const char *options;
    guint size_kib;
    guint root_fill;
    guint new_files;
    gboolean is_fragmented;
    gboolean is_nearly_full;
    gboolean is_untidy;
} CrashLayout;

/**
 * CrashVolume:
 *
 * A volume with a user's files, and a build that adds files, replaces some, saving a part of them,
 * moves and removes others, in two rounds: an early file announces the first one, and goes away in
 * the second one. It knows what must be there at any cut.
 */
typedef struct _CrashVolume CrashVolume;

/** crash_volume_new: Returns: (transfer full): a volume as a user left it */
CrashVolume *crash_volume_new(const CrashLayout *layout);

/** crash_volume_free: frees it, and deletes its file */
void crash_volume_free(CrashVolume *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CrashVolume, crash_volume_free)

/** crash_volume_get_disk: Returns: (transfer none): what to record and replay with */
CrashDisk *crash_volume_get_disk(CrashVolume *self);

/** crash_volume_get_path: Returns: (transfer none): the image file */
const char *crash_volume_get_path(const CrashVolume *self);

/** crash_volume_build: builds on whatever is there: what an earlier build left is reclaimed, and
 * the files whose moves were cut off are adopted */
void crash_volume_build(CrashVolume *self);

/** crash_volume_judge: asserts that nothing of the user's is lost, that nothing belongs to two, and
 * that only clusters are lost that the build announced */
void crash_volume_judge(CrashVolume *self);

/** crash_volume_judge_finished: asserts that all that the build should have done is done, and the
 * volume is clean */
void crash_volume_judge_finished(CrashVolume *self);
