/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-private.h"

/* Hybrid images count in sectors of 512 bytes: with others their tables lead nowhere. */
#define SECTOR_BYTES 512

static gboolean
is_windows(const RubPlanning *self)
{
    return self->info->kind == RUB_IMAGE_WINDOWS_PE || self->info->kind == RUB_IMAGE_WINDOWS_SETUP;
}

static RubFirmware
find_available(const RubPlanning *self)
{
    RubFirmware available = 0;
    if (self->info->raw_uefi_machines != RUB_MACHINE_NONE)
        available |= RUB_FIRMWARE_UEFI;
    if (self->info->raw_starts_bios)
        available |= RUB_FIRMWARE_BIOS;
    return available;
}

gboolean
rub_planning_wants_raw(const RubPlanning *self)
{
    if (self->options->method != RUB_METHOD_AUTO)
        return self->options->method == RUB_METHOD_RAW;
    return self->info->is_hybrid && rub_planning_could_go_raw(self, self->options->firmware);
}

gboolean
rub_planning_could_go_raw(const RubPlanning *self, RubFirmware firmware)
{
    return (find_available(self) & firmware) != 0 && !is_windows(self) && !self->options->keep &&
           self->layout->sector_size == SECTOR_BYTES;
}

/* Takes remedy. */
static void
offer(RubFinding *finding, RubAction action, RubText *remedy)
{
    rub_text_unref(finding->remedy);
    finding->remedy = remedy;
    finding->action = action;
}

void
rub_planning_offer_raw(const RubPlanning *self, RubFinding *finding, RubFirmware firmware)
{
    if (!rub_planning_could_go_raw(self, firmware))
        return;
    offer(finding, RUB_ACTION_RAW,
          finding->severity == RUB_SEVERITY_ERROR
              ? rub_text_new(N_("Write the image byte by byte instead."), NULL)
              : rub_text_new(N_("Go on, or write the image byte by byte instead."), NULL));
}

/* By its files it would go another way. */
static void
refuse_raw(RubPlanning *self, RubCode code, RubText *meaning)
{
    RubFinding *finding = rub_planning_add_finding(
        self, code, RUB_SEVERITY_ERROR, meaning,
        rub_text_new(N_("Copy the image's files to the stick instead."), NULL));
    finding->action = RUB_ACTION_BY_FILES;
}

static void
refuse_nothing_to_start(RubPlanning *self)
{
    const char *name = self->info->display_name;
    if (is_windows(self))
        refuse_raw(self, RUB_CODE_IMAGE_NOT_BOOTABLE,
                   rub_text_new(N_("{name} is a Windows image, which starts nothing when it is "
                                   "written byte by byte."),
                                "name", name, NULL));
    else if (find_available(self) != 0)
        refuse_raw(self, RUB_CODE_IMAGE_NOT_BOOTABLE,
                   rub_text_new(self->options->firmware == RUB_FIRMWARE_UEFI
                                    ? N_("Written byte by byte, {name} would start on BIOS only.")
                                    : N_("Written byte by byte, {name} would start on UEFI only."),
                                "name", name, NULL));
    else
        refuse_raw(self, RUB_CODE_IMAGE_NOT_BOOTABLE,
                   rub_text_new(N_("{name} was not made to be written byte by byte: nothing in it "
                                   "would start from a stick."),
                                "name", name, NULL));
}

/* By its files it may start where it does not byte by byte, if not on both. */
static void
warn_of_limits(RubPlanning *self)
{
    gboolean is_uefi_only = self->plan->starts_on == RUB_FIRMWARE_UEFI;
    RubFinding *finding = rub_planning_add_finding(
        self, RUB_CODE_FIRMWARE_LIMITED, RUB_SEVERITY_WARNING,
        is_uefi_only ? rub_text_new(N_("It will start on UEFI only: the image has nothing for BIOS "
                                       "to start from a stick."),
                                    NULL)
                     : rub_text_new(N_("It will start on BIOS only: the image has nothing for UEFI "
                                       "to start from a stick."),
                                    NULL),
        NULL);
    if (!is_uefi_only && self->info->uefi_machines != RUB_MACHINE_NONE)
        offer(finding, RUB_ACTION_BY_FILES,
              rub_text_new(N_("Go on if the computer to be rescued has BIOS. For UEFI, put the "
                              "image on the stick by its files."),
                           NULL));
}

static void
choose_firmware(RubPlanning *self)
{
    RubPlan *plan = self->plan;
    RubFirmware wanted = self->options->firmware;
    plan->starts_on = wanted & find_available(self);
    if (plan->starts_on & RUB_FIRMWARE_UEFI)
        plan->starts_on_machines = self->info->raw_uefi_machines;
    if (self->layout->sector_size != SECTOR_BYTES)
        refuse_raw(self, RUB_CODE_FIRMWARE_LIMITED,
                   rub_text_new(N_("This stick has sectors of 4096 bytes; the image was made for "
                                   "512 and would not start from it."),
                                NULL));
    else if (plan->starts_on == 0)
        refuse_nothing_to_start(self);
    else if (plan->starts_on != wanted)
        warn_of_limits(self);
}

static void
check_room(RubPlanning *self)
{
    guint64 image_bytes = self->info->size_bytes;
    guint64 disk_bytes = self->layout->size_bytes;
    if (image_bytes <= disk_bytes)
        return;
    g_autofree char *needed = g_format_size(image_bytes);
    g_autofree char *have = g_format_size(disk_bytes);
    g_autofree char *missing =
        g_format_size_full(image_bytes - disk_bytes, G_FORMAT_SIZE_LONG_FORMAT);
    rub_planning_add_finding(
        self, RUB_CODE_DISK_TOO_SMALL, RUB_SEVERITY_ERROR,
        rub_text_new_plural(N_PLURAL("The image needs a stick of {needed}; this one has "
                                     "{have}. {missing} is missing.",
                                     "The image needs a stick of {needed}; this one has "
                                     "{have}. {missing} are missing."),
                            image_bytes - disk_bytes, "needed", needed, "have", have, "missing",
                            missing, NULL),
        NULL);
}

void
rub_planning_plan_raw(RubPlanning *self)
{
    RubPlan *plan = self->plan;
    plan->mode = RUB_PLAN_RAW;
    plan->access = RUB_ACCESS_RAW;
    plan->password = self->layout->password;
    plan->copy_bytes = self->info->size_bytes;
    choose_firmware(self);
    rub_planning_tell_secure_boot(self);
    if (self->options->label && *self->options->label)
        g_ptr_array_add(plan->notes,
                        rub_text_new(N_("The name {label} is not used: written byte by byte, the "
                                        "image brings its own."),
                                     "label", self->options->label, NULL));
    if (rub_planning_accept_target(self))
        check_room(self);
}
