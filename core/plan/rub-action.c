/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-action.h"

#include "base/rub-text.h"

static const struct {
    const char *id;
    const char *label;
} actions[] = {
    [RUB_ACTION_NONE] = {NULL, NULL},
    [RUB_ACTION_ERASE] = {"erase", N_("Erase the Whole Stick Instead")},
    [RUB_ACTION_UEFI_ONLY] = {"uefi-only", N_("Build for UEFI Only")},
    [RUB_ACTION_NTFS] = {"ntfs", N_("Use NTFS")},
    [RUB_ACTION_BIOS_ON_NTFS] = {"bios-on-ntfs", N_("Build for BIOS on NTFS")},
    [RUB_ACTION_RAW] = {"raw", N_("Write the Image as It Is")},
    [RUB_ACTION_BY_FILES] = {"by-files", N_("Copy Its Files Instead")},
    [RUB_ACTION_CHOOSE_TARGET] = {"choose-target", N_("Choose Another Stick")},
    [RUB_ACTION_CHOOSE_IMAGE] = {"choose-image", N_("Choose Another Image")},
};

const char *
rub_action_get_id(RubAction action)
{
    return actions[action].id;
}

const char *
rub_action_get_label(RubAction action)
{
    return actions[action].label;
}
