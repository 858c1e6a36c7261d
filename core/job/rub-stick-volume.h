/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "job/rub-file-reader.h"
#include "job/rub-manifest.h"
#include "job/rub-volume-place.h"
#include "target/rub-target.h"
#include "volume/rub-fat-check.h"
#include "volume/rub-fat.h"
#include "volume/rub-pending.h"

G_BEGIN_DECLS

/**
 * RubStickVolume:
 * @place: where it is
 * @reader: reads its files
 * @fat: (nullable): the volume; %NULL in a folder
 *   and for NTFS
 * @fat_bits: 12, 16 or 32; 0 for what is no FAT, and for a folder of which that is not known
 * @check: (nullable): whether it holds together; %NULL in a folder: that is for those to say who
 *   can look at the disk; and for NTFS, where our rounds leave nothing behind
 * @listing: (nullable): everything on it; %NULL if its folders are damaged
 * @index: (element-type utf8 RubEntry): the same for rub_path_index_find()
 * @damage: (nullable): what is wrong with it beside what a build of ours left; completes a sentence
 * @is_built_on: whether a record of a build, or of what is under way, was found
 * @was_cut_off: whether a build or an undo of ours was cut off on it
 * @is_round_cut_off: whether the next one that writes has to complete a round of ours first, before
 *   which others may not see the volume as it is here
 * @note: (nullable): what that one wrote down about itself
 * @manifest: (nullable): what was built on it last
 * @manifest_error: (nullable): why a manifest that is there could not be read
 * @is_in_place: whether the manifest, if there is one, was written for this disk and for a
 * partition that begins here; %FALSE where somebody copied it, with all it tells of boot sectors
 * and table
 * @is_manifest_cut: whether that is because the kernel's driver was cut off while it wrote it
 *
 * A volume that may have been built on, with all that says so.
 */
typedef struct {
    RubVolumePlace place;
    RubFileReader *reader;
    RubFat *fat;
    guint fat_bits;
    RubFatCheck *check;
    RubListing *listing;
    GHashTable *index;
    RubText *damage;
    gboolean is_built_on;
    gboolean was_cut_off;
    gboolean is_round_cut_off;
    RubPending *note;
    RubManifest *manifest;
    GError *manifest_error;
    gboolean is_in_place;
    gboolean is_manifest_cut;
} RubStickVolume;

/**
 * rub_stick_volume_open:
 * @place: where it is
 * @cancellable: (nullable): stops the listing of a folder
 * @error: return location
 *
 * Looks at a volume; writes nothing. Errors: those of rub_fat_open() and rub_disk_read(), or of
 * rub_folder_listing_read().
 *
 * Returns: (transfer full) (nullable): the volume
 */
RubStickVolume *rub_stick_volume_open(const RubVolumePlace *place, GCancellable *cancellable,
                                      GError **error);

/**
 * rub_stick_volume_tell_damage:
 * @self: a volume with damage
 *
 * Returns: (transfer full): the damage as the message of an error
 */
RubText *rub_stick_volume_tell_damage(const RubStickVolume *self);

/** rub_stick_volume_free: frees it */
void rub_stick_volume_free(RubStickVolume *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubStickVolume, rub_stick_volume_free)

/**
 * rub_stick_volume_find:
 * @disk: a disk
 * @cancellable: (nullable): stops the search
 * @error: return location
 *
 * Looks for the volume that was built on: through the partitions of an MBR table. Where there are
 * several it is the one on which a build was cut off, or else the one that was built on last.
 * Errors: %RUB_CODE_NOT_OUR_STICK where there is none, %RUB_CODE_VERIFY_FAILED where none was found
 * but not all could be read, %RUB_CODE_CANCELLED, those of rub_layout_probe_table().
 *
 * Returns: (transfer full) (nullable): the volume
 */
RubStickVolume *rub_stick_volume_find(RubDisk *disk, GCancellable *cancellable, GError **error);

/**
 * rub_stick_volume_find_mounted:
 * @target: a target that is not open for writing
 * @cancellable: (nullable): stops the search
 * @error: return location
 *
 * As rub_stick_volume_find() where the disk cannot be opened: its FAT and NTFS volumes are
 * mounted read-only, one after the other. The one that is found stays mounted until
 * rub_target_unmount(), before which it has to be freed. Errors: those of rub_target_read_layout(),
 * rub_target_mount() and rub_stick_volume_open(); %RUB_CODE_NOT_OUR_STICK.
 *
 * Returns: (transfer full) (nullable): the volume
 */
RubStickVolume *rub_stick_volume_find_mounted(RubTarget *target, GCancellable *cancellable,
                                              GError **error);

/** rub_stick_volume_find_first_cluster: Returns: where on a FAT volume a file begins; 0 if it is
 * empty, and where the volume is another one */
guint32 rub_stick_volume_find_first_cluster(const RubStickVolume *self, const RubEntry *file);

/**
 * rub_stick_volume_read_file:
 * @self: a volume
 * @path: a file on it
 * @max_bytes: how large it may be
 * @error: return location
 *
 * Errors: those of rub_file_reader_read(); %RUB_CODE_VERIFY_FAILED where there is no such file, or
 * it is larger.
 *
 * Returns: (transfer full) (nullable): its bytes
 */
GBytes *rub_stick_volume_read_file(const RubStickVolume *self, const char *path, guint64 max_bytes,
                                   GError **error);

G_END_DECLS
