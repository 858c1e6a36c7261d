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

static RubFirmware
find_available(const RubPlanning *self)
{
    RubFirmware available = 0;
    if (self->info->uefi_machines != RUB_MACHINE_NONE)
        available |= RUB_FIRMWARE_UEFI;
    if (self->info->boots_bios && self->layout->sector_size == BIOS_SECTOR_SIZE)
        available |= RUB_FIRMWARE_BIOS;
    return available;
}

/* Why the image's files cannot be started by BIOS. */
static RubText *
explain_no_bios(const RubPlanning *self)
{
    if (self->info->boots_bios)
        return rub_text_new(N_("This stick has sectors of 4096 bytes, which BIOS cannot start: it "
                               "will start on UEFI only."),
                            NULL);
    g_autofree char *missing = join_names(self->info->bios_missing);
    return rub_text_new(N_("It will start on UEFI only: to start on BIOS, the image lacks "
                           "{missing}."),
                        "missing", missing, NULL);
}

/* Why the image's files cannot be started by UEFI. */
static RubText *
explain_no_uefi(const RubPlanning *self)
{
    if (self->info->has_el_torito_efi)
        return rub_text_new(N_("It will start on BIOS only: the image keeps its UEFI loader inside "
                               "a disc's boot image, from where it is not copied yet."),
                            NULL);
    return rub_text_new(N_("It will start on BIOS only: the image has no UEFI loader "
                           "(EFI/BOOT/BOOTX64.EFI and the like)."),
                        NULL);
}

static RubText *
explain_nothing(const RubPlanning *self)
{
    g_autofree char *missing = join_names(self->info->bios_missing);
    if (self->options->firmware == RUB_FIRMWARE_BIOS)
        return rub_text_new(N_("Nothing in it can be started on BIOS: it lacks {missing}."),
                            "missing", missing, NULL);
    if (self->options->firmware == RUB_FIRMWARE_UEFI)
        return rub_text_new(N_("Nothing in it can be started on UEFI: it has no UEFI loader "
                               "(EFI/BOOT/BOOTX64.EFI and the like)."),
                            NULL);
    return rub_text_new(N_("Nothing in it can be started: for UEFI it has no loader "
                           "(EFI/BOOT/BOOTX64.EFI and the like), for BIOS it lacks {missing}."),
                        "missing", missing, NULL);
}

static void
refuse_to_start_nothing(RubPlanning *self)
{
    if (self->info->boots_bios && self->options->firmware == RUB_FIRMWARE_BIOS)
        rub_planning_add_finding(
            self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_ERROR,
            rub_text_new(N_("This stick has sectors of 4096 bytes, which BIOS cannot start."),
                         NULL),
            rub_text_new(N_("Choose another stick, or build for UEFI."), NULL));
    else
        rub_planning_add_finding(self, RUB_CODE_IMAGE_NOT_BOOTABLE, RUB_SEVERITY_ERROR,
                                 explain_nothing(self), NULL);
}

static void
warn_of_loaders(RubPlanning *self)
{
    if (!(self->plan->starts_on & RUB_FIRMWARE_UEFI) || self->info->uefi_missing->len == 0)
        return;
    g_autofree char *missing = join_names(self->info->uefi_missing);
    rub_planning_add_finding(self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_WARNING,
                             rub_text_new(N_("UEFI will start its loader, but Windows may not come "
                                             "up: the image lacks {missing}."),
                                          "missing", missing, NULL),
                             NULL);
}

void
rub_planning_choose_firmware(RubPlanning *self)
{
    RubFirmware wanted = self->options->firmware;
    RubPlan *plan = self->plan;
    plan->starts_on = wanted & find_available(self);
    plan->installs_boot_code = (plan->starts_on & RUB_FIRMWARE_BIOS) != 0;
    if (plan->starts_on & RUB_FIRMWARE_UEFI)
        plan->starts_on_machines = self->info->uefi_machines;
    if (plan->starts_on == 0)
        refuse_to_start_nothing(self);
    else if (wanted != plan->starts_on)
        rub_planning_add_finding(self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_WARNING,
                                 plan->starts_on == RUB_FIRMWARE_UEFI ? explain_no_bios(self)
                                                                      : explain_no_uefi(self),
                                 NULL);
    warn_of_loaders(self);
}
