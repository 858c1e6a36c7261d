/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-private.h"

/* Our boot records read sectors of 512 bytes, as BIOSes do. */
#define BIOS_SECTOR_SIZE 512

static char *
join_names(const GPtrArray *names)
{
    GString *joined = g_string_new(NULL);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index((GPtrArray *) names, i);
        g_string_append_printf(joined, "%s%s", i > 0 ? ", " : "", name);
    }
    return g_string_free(joined, FALSE);
}

static gboolean
has_large_sectors(const RubPlanning *self)
{
    return self->layout->sector_size != BIOS_SECTOR_SIZE;
}

/* Beside a user's files there may be another one's boot menu. */
static gboolean
could_use_grub(const RubPlanning *self)
{
    return self->info->bios_menu && !self->info->boots_bios && !self->options->keep &&
           !rub_planning_uses_ntfs(self);
}

/* Whether the image itself, or GRUB beside it, is for BIOS. */
static gboolean
has_bios_loader(const RubPlanning *self)
{
    return self->info->boots_bios || (self->options->grub && could_use_grub(self));
}

static RubFirmware
find_available(const RubPlanning *self)
{
    RubFirmware available = 0;
    if (self->info->uefi_machines != RUB_MACHINE_NONE && !rub_planning_uses_ntfs(self))
        available |= RUB_FIRMWARE_UEFI;
    if (has_bios_loader(self) && !has_large_sectors(self))
        available |= RUB_FIRMWARE_BIOS;
    return available;
}

static gboolean
is_windows(const RubPlanning *self)
{
    return self->info->kind == RUB_IMAGE_WINDOWS_PE || self->info->kind == RUB_IMAGE_WINDOWS_SETUP;
}

/* Why BIOS does not start the image's files. Of other systems than Windows only the disc does, or
 * a stick that it is written to byte by byte. */
static RubText *
explain_no_bios(const RubPlanning *self)
{
    if (has_bios_loader(self))
        return rub_text_new(N_("It will start on UEFI only: this stick has sectors of 4096 bytes, "
                               "from which BIOS does not start."),
                            NULL);
    if (could_use_grub(self))
        return rub_text_new(N_("It will start on UEFI only: for BIOS, GRUB is needed, which is not "
                               "installed here (packages grub-common and grub-pc-bin)."),
                            NULL);
    if (!is_windows(self))
        return rub_text_new(N_("It will start on UEFI only: from copied files BIOS starts Windows, "
                               "or a system whose boot menu GRUB reads if the stick is erased."),
                            NULL);
    g_autofree char *missing = join_names(self->info->bios_missing);
    return rub_text_new(N_("It will start on UEFI only: to start on BIOS, the image lacks "
                           "{missing}."),
                        "missing", missing, NULL);
}

/* Why UEFI does not start the image's files. */
static RubText *
explain_no_uefi(const RubPlanning *self)
{
    if (rub_planning_uses_ntfs(self))
        return rub_text_new(N_("It will start on BIOS only: UEFI does not start from NTFS."), NULL);
    return rub_text_new(N_("It will start on BIOS only: the image has no UEFI loader that works "
                           "(EFI/BOOT/BOOTX64.EFI and the like)."),
                        NULL);
}

static RubText *
explain_nothing_on_uefi(const RubPlanning *self)
{
    if (rub_planning_uses_ntfs(self))
        return rub_text_new(N_("UEFI does not start from NTFS."), NULL);
    return rub_text_new(N_("UEFI would start none of its files: it has no UEFI loader that works "
                           "(EFI/BOOT/BOOTX64.EFI and the like)."),
                        NULL);
}

static RubText *
explain_nothing_on_bios(const RubPlanning *self)
{
    if (could_use_grub(self))
        return rub_text_new(N_("BIOS would start none of its files: GRUB is needed for that, which "
                               "is not installed here (packages grub-common and grub-pc-bin)."),
                            NULL);
    if (!is_windows(self))
        return rub_text_new(N_("BIOS would start none of its files: it starts Windows, or a system "
                               "whose boot menu GRUB reads if the stick is erased."),
                            NULL);
    g_autofree char *missing = join_names(self->info->bios_missing);
    return rub_text_new(N_("BIOS would start none of its files: it lacks {missing}."), "missing",
                        missing, NULL);
}

static RubText *
explain_nothing(const RubPlanning *self)
{
    if (self->options->firmware == RUB_FIRMWARE_UEFI)
        return explain_nothing_on_uefi(self);
    if (self->options->firmware == RUB_FIRMWARE_BIOS)
        return explain_nothing_on_bios(self);
    g_autofree char *missing = join_names(self->info->bios_missing);
    return rub_text_new(N_("Neither UEFI nor BIOS would start its files: for UEFI it has no loader "
                           "that works (EFI/BOOT/BOOTX64.EFI and the like), for BIOS it lacks "
                           "{missing}."),
                        "missing", missing, NULL);
}

/* The image would do, but not on this stick. */
static void
refuse_large_sectors(RubPlanning *self)
{
    gboolean helps_uefi = self->info->uefi_machines != RUB_MACHINE_NONE;
    RubFinding *finding = rub_planning_add_finding(
        self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_ERROR,
        rub_text_new(N_("This stick has sectors of 4096 bytes, from which BIOS does not start."),
                     NULL),
        helps_uefi ? rub_text_new(N_("Choose another stick, or build for UEFI."), NULL)
                   : rub_text_new(N_("Choose another stick."), NULL));
    if (helps_uefi)
        finding->action = RUB_ACTION_UEFI_ONLY;
}

/* Where the filesystem is in the way, another image would not help. */
static RubText *
advise_nothing(const RubPlanning *self)
{
    gboolean is_ntfs_in_the_way = rub_planning_uses_ntfs(self) &&
                                  (self->options->firmware & RUB_FIRMWARE_UEFI) &&
                                  self->info->uefi_machines != RUB_MACHINE_NONE;
    return is_ntfs_in_the_way
               ? rub_text_new(N_("Use FAT32, from which UEFI starts, or build for BIOS."), NULL)
               : NULL;
}

static void
refuse_to_start_nothing(RubPlanning *self)
{
    if ((self->options->firmware & RUB_FIRMWARE_BIOS) && has_bios_loader(self))
        refuse_large_sectors(self);
    else
        rub_planning_offer_raw(self,
                               rub_planning_add_finding(self, RUB_CODE_IMAGE_NOT_BOOTABLE,
                                                        RUB_SEVERITY_ERROR, explain_nothing(self),
                                                        advise_nothing(self)),
                               self->options->firmware);
}

static RubFinding *
warn(RubPlanning *self, RubText *meaning)
{
    return rub_planning_add_finding(self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_WARNING, meaning,
                                    NULL);
}

static void
warn_of_missing_windows_files(RubPlanning *self)
{
    if (!(self->plan->starts_on & RUB_FIRMWARE_UEFI) || self->info->uefi_missing->len == 0)
        return;
    g_autofree char *missing = join_names(self->info->uefi_missing);
    warn(self, rub_text_new(N_("UEFI will start its loader, but Windows may not come up: the image "
                               "lacks {missing}."),
                            "missing", missing, NULL));
}

static void
warn_of_damaged_wims(RubPlanning *self)
{
    if (self->info->damaged_wims->len == 0)
        return;
    g_autofree char *files = join_names(self->info->damaged_wims);
    warn(self, rub_text_new(N_("Windows may not come up: {files} should be a Windows image, but is "
                               "not a whole one."),
                            "files", files, NULL));
}

static RubText *
describe_bad_loader(const RubUefiLoader *loader)
{
    static const char *const sentences[] = {
        [RUB_LOADER_EMPTY] = N_("UEFI will not start {path}: it is empty."),
        [RUB_LOADER_NOT_A_PROGRAM] = N_("UEFI will not start {path}: it is not a UEFI program."),
        [RUB_LOADER_WRONG_MACHINE] =
            N_("UEFI will not start {path}: it is for another kind of computer than its name "
               "says."),
    };
    return rub_text_new(sentences[loader->state], "path", loader->path, NULL);
}

/* Only of those that firmware looks for by name. */
static void
warn_of_bad_loaders(RubPlanning *self)
{
    if (!(self->options->firmware & RUB_FIRMWARE_UEFI))
        return;
    for (guint i = 0; i < self->info->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = g_ptr_array_index(self->info->uefi_loaders, i);
        if (loader->named_for != RUB_MACHINE_NONE && loader->state != RUB_LOADER_GOOD)
            warn(self, describe_bad_loader(loader));
    }
}

static void
warn_of_rivals(RubPlanning *self)
{
    for (guint i = 0; i < self->info->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = g_ptr_array_index(self->info->uefi_loaders, i);
        if (!loader->has_rival || !(self->plan->starts_on & RUB_FIRMWARE_UEFI))
            continue;
        rub_planning_add_finding(
            self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_WARNING,
            rub_text_new(N_("The image has two different UEFI loaders called {path}: the stick "
                            "gets the one among its files, while discs start with the other one, "
                            "in the boot image."),
                         "path", loader->path, NULL),
            rub_text_new(N_("Go on. If a computer does not start from the stick, look for a newer "
                            "version of the image."),
                         NULL));
    }
}

void
rub_planning_choose_firmware(RubPlanning *self)
{
    RubFirmware wanted = self->options->firmware;
    RubPlan *plan = self->plan;
    plan->starts_on = wanted & find_available(self);
    plan->installs_boot_code = (plan->starts_on & RUB_FIRMWARE_BIOS) != 0;
    plan->uses_grub = plan->installs_boot_code && !self->info->boots_bios;
    if (plan->starts_on & RUB_FIRMWARE_UEFI)
        plan->starts_on_machines = self->info->uefi_machines;
    if (plan->starts_on == 0)
        refuse_to_start_nothing(self);
    else if (wanted != plan->starts_on)
        rub_planning_offer_raw(self,
                               warn(self, plan->starts_on == RUB_FIRMWARE_UEFI
                                              ? explain_no_bios(self)
                                              : explain_no_uefi(self)),
                               wanted & ~plan->starts_on);
    else if (self->options->keep && rub_planning_uses_ntfs(self))
        warn(self, explain_no_uefi(self));
    warn_of_missing_windows_files(self);
    warn_of_damaged_wims(self);
    warn_of_bad_loaders(self);
    warn_of_rivals(self);
}
