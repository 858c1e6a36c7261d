/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RubAction:
 * @RUB_ACTION_NONE: nothing that the program could do
 * @RUB_ACTION_ERASE: plan again without keeping what is on the stick
 * @RUB_ACTION_UEFI_ONLY: plan again for UEFI only
 * @RUB_ACTION_NTFS: plan again for NTFS
 * @RUB_ACTION_BIOS_ON_NTFS: plan again for NTFS, from which only BIOS starts
 * @RUB_ACTION_RAW: plan again to write the image byte by byte
 * @RUB_ACTION_BY_FILES: plan again to put the image on the stick by its files
 * @RUB_ACTION_CHOOSE_TARGET: go back to the choice of the stick
 * @RUB_ACTION_CHOOSE_IMAGE: go back to the choice of the image
 *
 * What helps against a finding and can be done with one click: a change of the user's choices,
 * after which everything is planned again.
 */
typedef enum {
    RUB_ACTION_NONE,
    RUB_ACTION_ERASE,
    RUB_ACTION_UEFI_ONLY,
    RUB_ACTION_NTFS,
    RUB_ACTION_BIOS_ON_NTFS,
    RUB_ACTION_RAW,
    RUB_ACTION_BY_FILES,
    RUB_ACTION_CHOOSE_TARGET,
    RUB_ACTION_CHOOSE_IMAGE,
} RubAction;

/** rub_action_get_id: Returns: (transfer none) (nullable): a stable name of @action for programs;
 * %NULL for %RUB_ACTION_NONE */
const char *rub_action_get_id(RubAction action);

/** rub_action_get_label: Returns: (transfer none) (nullable): the English text of a button, for the
 * translators; %NULL for %RUB_ACTION_NONE */
const char *rub_action_get_label(RubAction action);

G_END_DECLS
