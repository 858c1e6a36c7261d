/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crash-volume.h"

#include "../unit/test-fat-image.h"

/* What the parts of a CrashVolume share: the model of what the user has and what the build does to
 * it. crash-volume.c makes it, crash-build.c builds, crash-judge.c looks at what came of it. */

#define PENDING ".rescue-usb-builder/pending.json"
#define MANIFEST ".rescue-usb-builder/manifest.json"

/* What the build does to a file. */
typedef enum { KEPT, REPLACED, SAVED, MOVED, REMOVED, ADDED } Fate;

typedef struct {
    Fate fate;
    char *path;
    /* Where it is saved or moved to. */
    char *to;
    guint8 *old;
    gsize old_bytes;
    guint8 *new;
    gsize new_bytes;
    /* Where the old bytes were before the build. */
    GArray *old_extents;
    gint64 old_mtime;
    guint id;
    gboolean is_declared;
} File;

struct _CrashVolume {
    FatImage *image;
    CrashDisk *crash;
    RubDisk *disk;
    guint cluster_bytes;
    guint64 data_start;
    gboolean is_nearly_full;
    GPtrArray *files;
    GPtrArray *new_folders;
    GHashTable *folders;
    RubFatBitmap *claims;
};

/** crash_volume_check: Returns: (transfer full): what is on the volume, which holds together */
RubFatCheck *crash_volume_check(CrashVolume *self, RubListing **listing);

/** crash_volume_index: Returns: (transfer full): the entries by their paths */
GHashTable *crash_volume_index(const RubListing *listing);

/** crash_volume_extents_hold: Returns: whether these bytes are there */
gboolean crash_volume_extents_hold(const CrashVolume *self, const GArray *extents,
                                   const guint8 *bytes);

/** crash_volume_holds_old: Returns: whether @entry is a file with the bytes before the build */
gboolean crash_volume_holds_old(const CrashVolume *self, const RubEntry *entry, const File *file);

/** crash_volume_holds_new: Returns: whether @entry is a file with the bytes of the build */
gboolean crash_volume_holds_new(const CrashVolume *self, const RubEntry *entry, const File *file);

/** crash_volume_prepare_build: declares the first round of a build on what @listing has */
void crash_volume_prepare_build(CrashVolume *self, RubVolume *volume, const RubListing *listing,
                                guint *pending_id);
