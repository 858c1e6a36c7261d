/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-rules.h"

#include <string.h>

void
rub_drive_verdict_clear(RubDriveVerdict *self)
{
    g_clear_pointer(&self->reason, rub_text_unref);
}

/* All other places count as the system's: live systems are mounted at /run/live/medium, /cdrom and
 * many more. */
gboolean
rub_drive_is_user_place(const char *mount_point)
{
    static const char *const places[] = {"/media", "/run/media", "/mnt"};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        gsize length = strlen(places[i]);
        if (g_str_has_prefix(mount_point, places[i]) &&
            (mount_point[length] == '/' || mount_point[length] == '\0'))
            return TRUE;
    }
    return FALSE;
}

static const RubDriveUse *
find_use(const RubDriveFacts *facts, gboolean is_system)
{
    for (guint i = 0; i < facts->uses->len; i++) {
        const RubDriveUse *use = g_ptr_array_index(facts->uses, i);
        if ((use->kind == RUB_DRIVE_USE_SYSTEM) == is_system)
            return use;
    }
    return NULL;
}

static RubText *
explain_use(const RubDriveUse *use)
{
    switch (use->kind) {
    case RUB_DRIVE_USE_SYSTEM:
        return rub_text_new(N_("The running system needs this drive: {place} is on it."), "place",
                            use->name, NULL);
    case RUB_DRIVE_USE_CRYPT:
        return rub_text_new(N_("An encrypted volume of this drive is unlocked: {name}."), "name",
                            use->name, NULL);
    case RUB_DRIVE_USE_LVM:
        return rub_text_new(N_("A logical volume (LVM) of this drive is active: {name}."), "name",
                            use->name, NULL);
    case RUB_DRIVE_USE_RAID:
        return rub_text_new(N_("This drive is part of a RAID that is running: {name}."), "name",
                            use->name, NULL);
    case RUB_DRIVE_USE_SWAP:
        return rub_text_new(N_("The running system uses this drive as swap space: {name}."), "name",
                            use->name, NULL);
    case RUB_DRIVE_USE_OTHER:
    default:
        return rub_text_new(N_("This drive is in use by {name}."), "name", use->name, NULL);
    }
}

static gboolean
is_usb_or_card(const RubDriveFacts *facts)
{
    if (facts->is_optical || facts->is_floppy || facts->is_internal || facts->is_soldered)
        return FALSE;
    return facts->is_card || g_str_equal(facts->bus, "usb") || g_str_equal(facts->bus, "sdio");
}

RubDriveVerdict
rub_drive_judge(const RubDriveFacts *facts)
{
    RubDriveVerdict verdict = {.is_listed = is_usb_or_card(facts)};
    const RubDriveUse *system = find_use(facts, TRUE);
    const RubDriveUse *use = find_use(facts, FALSE);
    if (system) {
        verdict.code = RUB_CODE_SYSTEM_DISK;
        verdict.reason = explain_use(system);
    } else if (!verdict.is_listed) {
        verdict.code = RUB_CODE_SYSTEM_DISK;
        verdict.reason = rub_text_new(
            N_("This is not a USB drive or a memory card, so it is not touched."), NULL);
    } else if (!facts->has_medium) {
        verdict.code = RUB_CODE_DEVICE_GONE;
        verdict.reason = rub_text_new(N_("There is no medium in this drive."), NULL);
    } else if (use) {
        verdict.code = RUB_CODE_DEVICE_BUSY;
        verdict.reason = explain_use(use);
    } else if (facts->is_read_only) {
        verdict.code = RUB_CODE_TRACK_0_NOT_WRITABLE;
        verdict.reason = rub_text_new(N_("This drive is write-protected."), NULL);
    }
    return verdict;
}
