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

/** rub_cli_json_make_firmware: Returns: (transfer full): ["uefi-x64", "bios"] */
JsonArray *rub_cli_json_make_firmware(RubMachine uefi_machines, gboolean starts_bios);

/** rub_cli_json_fill_image: puts the facts of an image into @object */
void rub_cli_json_fill_image(JsonObject *object, const RubImageInfo *info);

/** rub_cli_json_fill_device: puts the facts of the target of a preview that has a layout into
 * @object */
void rub_cli_json_fill_device(JsonObject *object, const RubCliPreview *preview);

/** rub_cli_json_fill_finding: puts a finding into @object */
void rub_cli_json_fill_finding(JsonObject *object, const RubFinding *finding);

G_END_DECLS
