/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "target/rub-drive-list.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/** RUB_STICK_CHOICE_FILE: the "chosen" of a disk-image file */
#define RUB_STICK_CHOICE_FILE "file"

/**
 * RubStickChoice:
 *
 * What the user wants to write to: a drive or a disk-image file. Never chosen by itself, but for a
 * drive that was chosen, was unplugged and is plugged in again. Properties that notify: "chosen",
 * writable: "" for nothing, %RUB_STICK_CHOICE_FILE, or the id of a drive; "path" of the disk-image
 * file; "new-size-bytes", writable, for one that does not exist; "is-for-reading"; "is-complete";
 * "drives". Emits "lost" when the chosen drive is unplugged.
 */
#define RUB_TYPE_STICK_CHOICE (rub_stick_choice_get_type())
G_DECLARE_FINAL_TYPE(RubStickChoice, rub_stick_choice, RUB, STICK_CHOICE, GObject)

/** rub_stick_choice_new: Returns: (transfer full): a choice that is not made yet */
RubStickChoice *rub_stick_choice_new(void);

/** rub_stick_choice_list_drives: begins to list drives, unless that is done or under way */
void rub_stick_choice_list_drives(RubStickChoice *self);

/** rub_stick_choice_take_drives: has the drives of @drives (element-type RubDrive) to choose from
 */
void rub_stick_choice_take_drives(RubStickChoice *self, GListModel *drives);

/** rub_stick_choice_get_drives: Returns: (transfer none) (nullable) (element-type RubDrive): the
 * drives to choose from, a list that follows what is plugged in; %NULL as long as it is not known
 */
GListModel *rub_stick_choice_get_drives(RubStickChoice *self);

/** rub_stick_choice_get_drives_error: Returns: (transfer none) (nullable): why drives cannot be
 * listed */
const GError *rub_stick_choice_get_drives_error(RubStickChoice *self);

/** rub_stick_choice_set_for_reading: says whether what is chosen will only be read */
void rub_stick_choice_set_for_reading(RubStickChoice *self, gboolean is_for_reading);

/** rub_stick_choice_suits: Returns: whether @drive can be chosen: what is write-protected can only
 * be read */
gboolean rub_stick_choice_suits(RubStickChoice *self, RubDrive *drive);

/** rub_stick_choice_get_chosen: Returns: (transfer none): what "chosen" is */
const char *rub_stick_choice_get_chosen(RubStickChoice *self);

/** rub_stick_choice_get_drive: Returns: (transfer none) (nullable): the chosen drive; %NULL if none
 * is, or as long as it is unplugged */
RubDrive *rub_stick_choice_get_drive(RubStickChoice *self);

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
