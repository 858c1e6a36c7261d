/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-catalogue.h"

#include "base/rub-text.h"

static const RubCatalogueEntry catalogue[] = {
    {RUB_CODE_TRACK_0_NOT_WRITABLE, "track-0-not-writable", N_("The stick cannot be written to"),
     N_("Switch off write protection (some sticks have a small slider), or choose another stick."),
     RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_FILESYSTEM_AT_START, "filesystem-at-start",
     N_("The stick has a filesystem but no partition table"),
     N_("Erase the whole stick instead, or choose another one."), RUB_ACTION_ERASE},
    {RUB_CODE_UNSUPPORTED_DISK_TYPE, "unsupported-disk-type",
     N_("The stick is partitioned in a way that cannot be extended"),
     N_("Erase the whole stick instead, or choose another one."), RUB_ACTION_ERASE},
    {RUB_CODE_DISK_TOO_SMALL, "disk-too-small", N_("The stick is too small"),
     N_("Choose a larger stick."), RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_MAX_PARTITIONS, "max-partitions",
     N_("The stick has no room for another partition in its table"),
     N_("Erase the whole stick instead, or choose another one."), RUB_ACTION_ERASE},
    {RUB_CODE_NO_FREE_SPACE, "no-free-space", N_("There is not enough free space on the stick"),
     N_("Delete files that are not needed, erase the whole stick, or choose another one."),
     RUB_ACTION_ERASE},
    {RUB_CODE_INIT_FAILED, "init-failed", N_("The partition table could not be written"),
     N_("Try again. If it fails again, the stick may be worn out: choose another one."),
     RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_CREATE_FAT32_FAILED, "create-fat32-failed",
     N_("The partition could not be formatted"),
     N_("Try again. If it fails again, the stick may be worn out: choose another one."),
     RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_IMAGE_UNREADABLE, "image-unreadable", N_("The rescue image cannot be read"),
     N_("Choose an ISO image that you may read, or download or create it anew."),
     RUB_ACTION_CHOOSE_IMAGE},
    {RUB_CODE_IMAGE_INCOMPLETE, "image-incomplete", N_("The rescue image is incomplete"),
     N_("Download or copy the image again; the last time was cut off."), RUB_ACTION_CHOOSE_IMAGE},
    {RUB_CODE_IMAGE_NOT_BOOTABLE, "image-not-bootable",
     N_("The rescue image does not start a computer"),
     N_("Choose an image of rescue or installation media."), RUB_ACTION_CHOOSE_IMAGE},
    {RUB_CODE_DEVICE_GONE, "device-gone", N_("The stick is no longer there"),
     N_("Plug it in again, directly into the computer and not through a hub, and start over."),
     RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_DEVICE_BUSY, "device-busy", N_("The stick is in use"),
     N_("Close the programs that use it, and windows that show what is on it, and try again."),
     RUB_ACTION_NONE},
    {RUB_CODE_NOT_AUTHORIZED, "not-authorized", N_("Permission was not given"),
     N_("Try again and enter an administrator's password, or ask your administrator. Building "
        "only for UEFI needs no password."),
     RUB_ACTION_NONE},
    {RUB_CODE_WRITE_FAILED, "write-failed", N_("Writing failed"),
     N_("Try again with another USB port. If it fails again, choose another stick."),
     RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_VERIFY_FAILED, "verify-failed",
     N_("What was read back differs from what was written"),
     N_("Do not rely on this stick. Build again with another one."), RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_CANCELLED, "cancelled", N_("Stopped"), N_("Start again when you are ready."),
     RUB_ACTION_NONE},
    {RUB_CODE_SYSTEM_DISK, "system-disk", N_("This drive is refused"),
     N_("Choose a USB stick or a memory card."), RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_FILE_TOO_LARGE, "file-too-large", N_("A file is too large for FAT32"),
     N_("Choose an image without files over 4 GiB."), RUB_ACTION_CHOOSE_IMAGE},
    {RUB_CODE_NAME_NOT_REPRESENTABLE, "name-not-representable",
     N_("A name cannot be kept on the stick"),
     N_("Choose another image, or have this one made anew with other names."),
     RUB_ACTION_CHOOSE_IMAGE},
    {RUB_CODE_DEVICE_CHANGED, "device-changed", N_("The stick is not the one that was reviewed"),
     N_("Look at the list of sticks again and choose anew."), RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_FIRMWARE_LIMITED, "firmware-limited", N_("The stick will not start every computer"),
     N_("Go on if the computer to be rescued is one that it starts."), RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_FILES_REPLACED, "files-replaced",
     N_("Files or boot code on the stick will be replaced"),
     N_("Go on if you do not need them; they can be put back later."), RUB_ACTION_NONE},
    {RUB_CODE_VOLUME_DAMAGED, "volume-damaged", N_("The filesystem on the stick is damaged"),
     N_("Have it checked and repaired first, or erase the whole stick instead."), RUB_ACTION_ERASE},
    {RUB_CODE_NOT_OUR_STICK, "not-our-stick", N_("This stick was not made by this program"),
     N_("Choose a stick that this program made."), RUB_ACTION_NONE},
    {RUB_CODE_BUILD_INCOMPLETE, "build-incomplete", N_("The stick is unfinished"),
     N_("Build it again."), RUB_ACTION_NONE},
    {RUB_CODE_USAGE, "usage", N_("The command cannot be understood"), N_("See --help."),
     RUB_ACTION_NONE},
    {RUB_CODE_SMALL_FAT, "small-fat", N_("The filesystem is FAT12 or FAT16, not FAT32"),
     N_("Erase the whole stick instead, or choose a larger one."), RUB_ACTION_CHOOSE_TARGET},
    {RUB_CODE_NO_PARTITION_TABLE, "no-partition-table",
     N_("No partition table is found on the stick after writing it"),
     N_("The stick does not keep what is written to it: choose another one."),
     RUB_ACTION_CHOOSE_TARGET},
};

/* From the design: with several errors, the first of these decides. */
static const RubCode order[] = {
    RUB_CODE_IMAGE_UNREADABLE,    RUB_CODE_IMAGE_INCOMPLETE,       RUB_CODE_IMAGE_NOT_BOOTABLE,
    RUB_CODE_SYSTEM_DISK,         RUB_CODE_DEVICE_CHANGED,         RUB_CODE_NOT_AUTHORIZED,
    RUB_CODE_DEVICE_BUSY,         RUB_CODE_TRACK_0_NOT_WRITABLE,   RUB_CODE_VOLUME_DAMAGED,
    RUB_CODE_FILESYSTEM_AT_START, RUB_CODE_UNSUPPORTED_DISK_TYPE,  RUB_CODE_DISK_TOO_SMALL,
    RUB_CODE_FILE_TOO_LARGE,      RUB_CODE_NAME_NOT_REPRESENTABLE, RUB_CODE_SMALL_FAT,
    RUB_CODE_MAX_PARTITIONS,      RUB_CODE_NO_FREE_SPACE,
};

const RubCatalogueEntry *
rub_catalogue_get(RubCode code)
{
    const RubCatalogueEntry *fallback = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(catalogue); i++) {
        if (catalogue[i].code == code)
            return &catalogue[i];
        if (catalogue[i].code == RUB_CODE_WRITE_FAILED)
            fallback = &catalogue[i];
    }
    return fallback;
}

const RubCatalogueEntry *
rub_catalogue_get_all(gsize *count)
{
    *count = G_N_ELEMENTS(catalogue);
    return catalogue;
}

guint
rub_catalogue_get_rank(RubCode code)
{
    for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
        if (order[i] == code)
            return i;
    }
    return G_N_ELEMENTS(order) + (guint) code;
}
