/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-digest.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RUB_MANIFEST_VERSION:
 *
 * The version of the manifest's format, its member "manifest". Readers ignore members that they do
 * not know and take a list that is not there for empty, so that new members need no new version;
 * it grows only when a reader that ignores them would do harm, and readers refuse versions above
 * their own.
 */
#define RUB_MANIFEST_VERSION 1

/** RUB_MANIFEST_MAX_BYTES: how large a manifest can be that is still read */
#define RUB_MANIFEST_MAX_BYTES ((guint64) 64 * 1024 * 1024)

/** RUB_MANIFEST_FAT32: how a FAT32 filesystem is called */
#define RUB_MANIFEST_FAT32 "fat32"

/** RUB_MANIFEST_NTFS: how an NTFS is called */
#define RUB_MANIFEST_NTFS "ntfs"

/** RUB_MANIFEST_MODE_ERASE: how a build is told that erased the stick */
#define RUB_MANIFEST_MODE_ERASE "erase"

/** RUB_MANIFEST_MODE_KEEP: how a build is told that kept what was on the stick */
#define RUB_MANIFEST_MODE_KEEP "keep"

/**
 * RubManifestFile:
 * @path: path on the stick
 * @size_bytes: its size
 * @digest: the digest of its bytes
 * @is_earlier: whether it comes from a build that cannot be taken off, the one that erased the
 *   stick: it is checked, but undo leaves it
 *
 * A file that a build wrote.
 */
typedef struct {
    char *path;
    guint64 size_bytes;
    char digest[RUB_DIGEST_TEXT_BYTES];
    gboolean is_earlier;
} RubManifestFile;

/**
 * RubManifestSaved:
 * @path: where the file was
 * @saved_as: where it is
 * @size_bytes: its size
 * @digest: the digest of its bytes
 *
 * A file of the user's that gave way to one of the build's.
 */
typedef struct {
    char *path;
    char *saved_as;
    guint64 size_bytes;
    char digest[RUB_DIGEST_TEXT_BYTES];
} RubManifestSaved;

/**
 * RubManifest:
 * @is_complete: whether all that it lists was written; a manifest that is written before its build
 *   says no
 * @tool_version: the version of the program that made the stick
 * @created: when, in ISO 8601
 * @mode: how: %RUB_MANIFEST_MODE_ERASE or %RUB_MANIFEST_MODE_KEEP
 * @firmware: what it starts on: "multi", "uefi" or "bios"
 * @image_name: the image's file name
 * @image_volume_name: the image's volume name
 * @image_size_bytes: the image's size
 * @image_digest: the digest of the digests, as text, of all files of the image in the order of its
 *   bytes: it tells one image from another without a second reading of the whole image. "" if not
 *   known
 * @sector_size: the size of a sector of the stick in bytes
 * @partition_number: the partition's number in the table
 * @volume: the partition and the filesystem; the disk's signature is 0 where it is not known
 * @mbr_code: the digest of our 440 bytes of code in the MBR; "" if there are none
 * @boot_record: the digest of our boot record, its backup and its second stage; "" if there is none
 * @folders: (element-type utf8): the folders that the build made, parents first, but for the one
 *   the manifest is in
 * @files: (element-type RubManifestFile): the files that it wrote, but for the manifest
 * @saved: (element-type RubManifestSaved): the files that gave way
 * @boot_sectors_digest: the digest of the file in which the old boot sectors are; "" if there is
 *   none
 * @made_table: whether the build made the partition table, on a disk that was blank
 * @made_partition: whether it made the partition
 *
 * What was put on a stick and from what, so that the stick can be checked again later and the
 * build taken off again. It lies hidden on the stick itself and is its last file.
 */
typedef struct {
    gboolean is_complete;
    char *tool_version;
    char *created;
    char *mode;
    char *firmware;
    char *image_name;
    char *image_volume_name;
    guint64 image_size_bytes;
    char image_digest[RUB_DIGEST_TEXT_BYTES];
    guint sector_size;
    guint partition_number;
    RubNewVolume volume;
    char mbr_code[RUB_DIGEST_TEXT_BYTES];
    char boot_record[RUB_DIGEST_TEXT_BYTES];
    GPtrArray *folders;
    GPtrArray *files;
    GPtrArray *saved;
    char boot_sectors_digest[RUB_DIGEST_TEXT_BYTES];
    gboolean made_table;
    gboolean made_partition;
} RubManifest;

/** rub_manifest_new: Returns: (transfer full): an empty manifest of this program's version, not
 * complete */
RubManifest *rub_manifest_new(void);

/** rub_manifest_free: frees a manifest */
void rub_manifest_free(RubManifest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubManifest, rub_manifest_free)

/**
 * rub_manifest_add_file:
 * @self: a manifest
 * @path: path on the stick
 * @size_bytes: its size
 * @digest: the digest of its bytes
 *
 * Records a file.
 *
 * Returns: (transfer none): what was recorded
 */
RubManifestFile *rub_manifest_add_file(RubManifest *self, const char *path, guint64 size_bytes,
                                       const char *digest);

/**
 * rub_manifest_add_saved:
 * @self: a manifest
 * @path: where the file was
 * @saved_as: where it is
 * @size_bytes: its size
 * @digest: the digest of its bytes
 *
 * Records a file that gave way.
 */
void rub_manifest_add_saved(RubManifest *self, const char *path, const char *saved_as,
                            guint64 size_bytes, const char *digest);

/** rub_manifest_can_be_undone: Returns: whether the build can be taken off again */
gboolean rub_manifest_can_be_undone(const RubManifest *self);

/**
 * rub_manifest_to_json:
 * @self: a manifest
 *
 * Returns: (transfer full): the manifest as it is kept on the stick; the same bytes for the same
 *   manifest
 */
GBytes *rub_manifest_to_json(const RubManifest *self);

/**
 * rub_manifest_parse:
 * @json: what lies on a stick
 * @error: return location
 *
 * Reads a manifest, of which nothing is trusted: every path stays on the volume, every number is in
 * its range, and neither its size nor how it is nested costs more memory than a manifest does.
 * Errors: %RUB_CODE_NOT_OUR_STICK for a version that is newer than this program,
 * %RUB_CODE_VERIFY_FAILED for everything else that is not a manifest.
 *
 * Returns: (transfer full) (nullable): the manifest
 */
RubManifest *rub_manifest_parse(GBytes *json, GError **error);

G_END_DECLS
