/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-target.h"

G_BEGIN_DECLS

/** RUB_STICK_CHOICE_FILE: the "chosen" of a disk-image file */
#define RUB_STICK_CHOICE_FILE "file"

/**
 * RubStickChoice:
 *
 * What the user wants to write to: a drive or a disk-image file. Properties that notify: "chosen",
 * writable: "" for nothing, %RUB_STICK_CHOICE_FILE, or the id of a drive; "path" of the disk-image
 * file; "new-size-bytes", writable, for one that does not exist; "is-complete".
 */
#define RUB_TYPE_STICK_CHOICE (rub_stick_choice_get_type())
G_DECLARE_FINAL_TYPE(RubStickChoice, rub_stick_choice, RUB, STICK_CHOICE, GObject)

/** rub_stick_choice_new: Returns: (transfer full): a choice that is not made yet */
RubStickChoice *rub_stick_choice_new(void);

/** rub_stick_choice_get_chosen: Returns: (transfer none): what "chosen" is */
const char *rub_stick_choice_get_chosen(RubStickChoice *self);

/**
 * rub_stick_choice_choose_file:
 * @self: a choice
 * @path: a disk-image file; one that does not exist will be made
 *
 * Chooses a disk-image file.
 */
void rub_stick_choice_choose_file(RubStickChoice *self, const char *path);

/** rub_stick_choice_clear: chooses nothing */
void rub_stick_choice_clear(RubStickChoice *self);

/** rub_stick_choice_get_path: Returns: (transfer none) (nullable): the disk-image file, also while
 * another choice is made */
const char *rub_stick_choice_get_path(RubStickChoice *self);

/** rub_stick_choice_get_new_size_bytes: Returns: how large a new disk-image file becomes; 0 if the
 * file exists */
guint64 rub_stick_choice_get_new_size_bytes(RubStickChoice *self);

/** rub_stick_choice_is_complete: Returns: whether rub_stick_choice_make_target() can be called */
gboolean rub_stick_choice_is_complete(RubStickChoice *self);

/** rub_stick_choice_make_target: Returns: (transfer full): what was chosen */
RubTarget *rub_stick_choice_make_target(RubStickChoice *self);

G_END_DECLS
