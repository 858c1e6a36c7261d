/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "rub-cli-preview.h"

G_BEGIN_DECLS

/**
 * rub_cli_json_set_text:
 * @object: an object
 * @key: a key
 * @text: (nullable): any text, valid UTF-8 or not
 *
 * Sets a member to @text made valid, or to null.
 */
void rub_cli_json_set_text(JsonObject *object, const char *key, const char *text);

/** rub_cli_json_make_texts: Returns: (transfer full): an array of texts that are valid or not;
 * empty for %NULL */
JsonArray *rub_cli_json_make_texts(const GPtrArray *texts);

/** rub_cli_json_make_list: Returns: (transfer full): an array of texts that are valid or not; empty
 * for %NULL */
JsonArray *rub_cli_json_make_list(char **texts);

/**
 * rub_cli_json_make_filesystem:
 * @filesystem: (nullable): libblkid's name of a filesystem
 * @fat_bits: 12, 16 or 32 for a FAT, else 0
 *
 * Returns: (transfer full) (nullable): libblkid's name, but with the width of a FAT
 */
char *rub_cli_json_make_filesystem(const char *filesystem, guint fat_bits);

/** rub_cli_json_make_firmware: Returns: (transfer full): ["uefi-x64", "bios"] */
JsonArray *rub_cli_json_make_firmware(RubMachine uefi_machines, gboolean starts_bios);

/** rub_cli_json_fill_image: puts the facts of an image into @object */
void rub_cli_json_fill_image(JsonObject *object, const RubImageInfo *info);

/**
 * rub_cli_json_fill_device:
 * @object: an object
 * @device: what was named as the target
 * @layout: what is there
 * @plan: (nullable): what a build would do to it
 *
 * Puts the facts of a target into @object.
 */
void rub_cli_json_fill_device(JsonObject *object, const RubCliDevice *device,
                              const RubLayout *layout, const RubPlan *plan);

/** rub_cli_json_fill_drive: puts the facts of a drive into @object; @number is 0 if it has none */
void rub_cli_json_fill_drive(JsonObject *object, RubDrive *drive, guint number);

/** rub_cli_json_fill_finding: puts a finding into @object */
void rub_cli_json_fill_finding(JsonObject *object, const RubFinding *finding);

G_END_DECLS
