/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-action.h"

#include "base/rub-text.h"

static const struct {
    const char *id;
    const char *label;
} actions[] = {
    [RUB_ACTION_NONE] = {NULL, NULL},
    [RUB_ACTION_ERASE] = {"erase", N_("Erase the whole stick instead")},
    [RUB_ACTION_UEFI_ONLY] = {"uefi-only", N_("Build for UEFI only")},
    [RUB_ACTION_NTFS] = {"ntfs", N_("Use NTFS")},
    [RUB_ACTION_BIOS_ON_NTFS] = {"bios-on-ntfs", N_("Build for BIOS on NTFS")},
    [RUB_ACTION_RAW] = {"raw", N_("Write the image as it is")},
    [RUB_ACTION_BY_FILES] = {"by-files", N_("Copy its files instead")},
    [RUB_ACTION_CHOOSE_TARGET] = {"choose-target", N_("Choose another stick")},
    [RUB_ACTION_CHOOSE_IMAGE] = {"choose-image", N_("Choose another image")},
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
