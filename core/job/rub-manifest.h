/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-digest.h"

G_BEGIN_DECLS

/** RUB_MANIFEST_VERSION: the version of the manifest's format */
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
 * @tool_version: the version of the program that made the stick
 * @created: when, in ISO 8601
 * @mode: how: "erase"
 * @firmware: what it was made to start on: "multi", "uefi" or "bios"
 * @image_name: the image's file name
 * @image_volume_name: the image's volume name
 * @image_size_bytes: the image's size
 * @disk_signature: the disk signature in the MBR
 * @start_lba: first sector of the partition
 * @sector_count: how many sectors it has
 * @volume_id: the filesystem's serial number
 * @boot_records: (nullable): the digest of our boot code; %NULL if none was written
 * @folders: (element-type utf8): the folders that the build made, parents first
 * @files: (element-type RubManifestFile): the files that it wrote
 *
 * What was put on a stick and from what, so that the stick can be checked again later and the
 * build taken off again. It lies hidden on the stick itself.
 */
typedef struct {
    char *tool_version;
    char *created;
    char *mode;
    char *firmware;
    char *image_name;
    char *image_volume_name;
    guint64 image_size_bytes;
    guint32 disk_signature;
    guint64 start_lba;
    guint64 sector_count;
    guint32 volume_id;
    char *boot_records;
    GPtrArray *folders;
    GPtrArray *files;
} RubManifest;

/** rub_manifest_new: Returns: (transfer full): an empty manifest of this program's version */
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
 * Returns: (transfer full): the manifest as it is kept on the stick
 */
GBytes *rub_manifest_to_json(const RubManifest *self);

G_END_DECLS
