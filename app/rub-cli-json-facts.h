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

/** rub_cli_json_make_lines: Returns: (transfer full): the files that a finding concerns; empty for
 * %NULL */
JsonArray *rub_cli_json_make_lines(const RubFinding *finding);

/** rub_cli_json_make_firmware: Returns: (transfer full): ["uefi-x64", "bios"] */
JsonArray *rub_cli_json_make_firmware(RubMachine uefi_machines, gboolean starts_bios);

/** rub_cli_json_fill_image: puts the facts of an image into @object */
void rub_cli_json_fill_image(JsonObject *object, const RubImageInfo *info);

/**
 * rub_cli_json_fill_device:
 * @object: an object
 * @layout: a target
 * @plan: (nullable): what a build would do to it
 *
 * Puts the facts of a target into @object.
 */
void rub_cli_json_fill_device(JsonObject *object, const RubLayout *layout, const RubPlan *plan);

/** rub_cli_json_fill_finding: puts a finding into @object */
void rub_cli_json_fill_finding(JsonObject *object, const RubFinding *finding);

G_END_DECLS
