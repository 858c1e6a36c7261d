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

/**
 * RubManifestFile:
 * @path: path on the stick
 * @size_bytes: its size
 * @digest: the digest of its bytes
 *
 * A file that a build wrote.
 */
typedef struct {
    char *path;
    guint64 size_bytes;
    char digest[RUB_DIGEST_TEXT_BYTES];
} RubManifestFile;

/**
 * RubManifest:
 * @is_complete: whether all that it lists was written; a manifest that is written before its build
 *   says no
 * @tool_version: the version of the program that made the stick
 * @created: when, in ISO 8601
 * @mode: how: "erase"
 * @firmware: what it starts on: "multi", "uefi" or "bios"
 * @image_name: the image's file name
 * @image_volume_name: the image's volume name
 * @image_size_bytes: the image's size
 * @sector_size: the size of a sector of the stick in bytes
 * @partition_number: the partition's number in the table
 * @volume: the partition and the filesystem
 * @mbr_code: the digest of our 440 bytes of code in the MBR; "" if there are none
 * @boot_record: the digest of our boot record, its backup and its second stage; "" if there is none
 * @folders: (element-type utf8): the folders that the build made, parents first, but for the one
 *   the manifest is in
 * @files: (element-type RubManifestFile): the files that it wrote, but for the manifest
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
    guint sector_size;
    guint partition_number;
    RubNewVolume volume;
    char mbr_code[RUB_DIGEST_TEXT_BYTES];
    char boot_record[RUB_DIGEST_TEXT_BYTES];
    GPtrArray *folders;
    GPtrArray *files;
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
 */
void rub_manifest_add_file(RubManifest *self, const char *path, guint64 size_bytes,
                           const char *digest);

/**
 * rub_manifest_to_json:
 * @self: a manifest
 *
 * Returns: (transfer full): the manifest as it is kept on the stick; the same bytes for the same
 *   manifest
 */
GBytes *rub_manifest_to_json(const RubManifest *self);

G_END_DECLS
