/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-private.h"

/* Files for UEFI need no more than a mounted filesystem; boot code for BIOS lies outside of all
 * files. */
void
rub_planning_choose_access(RubPlanning *self)
{
    RubPlan *plan = self->plan;
    gboolean is_mounted = self->layout->can_mount && !plan->installs_boot_code;
    plan->access = is_mounted ? RUB_ACCESS_MOUNTED : RUB_ACCESS_RAW;
    plan->password = is_mounted ? RUB_PASSWORD_NOT_NEEDED : self->layout->password;
}

gboolean
rub_planning_would_mount_for_uefi(const RubPlanning *self)
{
    return self->layout->can_mount && self->plan->installs_boot_code &&
           (self->plan->starts_on & RUB_FIRMWARE_UEFI);
}

static RubText *
explain_password(const RubPlanning *self)
{
    if (self->plan->mode == RUB_PLAN_RAW)
        return rub_text_new(N_("An administrator's password will be asked for: the image is "
                               "written to the drive itself."),
                            NULL);
    if (!self->plan->installs_boot_code)
        return rub_text_new(N_("An administrator's password will be asked for: this drive cannot "
                               "be mounted here, so it is written directly."),
                            NULL);
    if (rub_planning_would_mount_for_uefi(self))
        return rub_text_new(N_("An administrator's password will be asked for: boot code for BIOS "
                               "is written to the drive itself. Building only for UEFI "
                               "needs no password."),
                            NULL);
    return rub_text_new(N_("An administrator's password will be asked for: boot code for BIOS is "
                           "written to the drive itself."),
                        NULL);
}

/* Copied to a mounted filesystem instead of written byte by byte. */
static gboolean
would_mount_for_files(const RubPlanning *self)
{
    return self->plan->mode == RUB_PLAN_RAW && self->layout->can_mount && !self->info->boots_bios &&
           (self->options->firmware & RUB_FIRMWARE_UEFI) &&
           self->info->uefi_machines != RUB_MACHINE_NONE;
}

static void
offer_mounting(const RubPlanning *self, RubFinding *finding)
{
    const char *remedy = N_("Run the program as an administrator.");
    finding->action = RUB_ACTION_NONE;
    if (rub_planning_would_mount_for_uefi(self)) {
        finding->action = RUB_ACTION_UEFI_ONLY;
        remedy = N_("Run the program as an administrator, or build for UEFI only, which needs no "
                    "password.");
    } else if (would_mount_for_files(self)) {
        finding->action = RUB_ACTION_BY_FILES;
        remedy = N_("Run the program as an administrator, or copy the image's files instead, which "
                    "starts on UEFI only and needs no password.");
    }
    rub_text_unref(finding->remedy);
    finding->remedy = rub_text_new(remedy, NULL);
}

static void
refuse_access(RubPlanning *self)
{
    const char *sentence =
        self->plan->mode == RUB_PLAN_RAW
            ? N_("The image is written to the drive itself, which this user may not do, and "
                 "there is no way here to ask for a password.")
        : self->plan->installs_boot_code
            ? N_("Boot code for BIOS is written to the drive itself, which this user may not do, "
                 "and there is no way here to ask for a password.")
            : N_("This drive cannot be mounted here, and this user may not write to it directly, "
                 "and there is no way here to ask for a password.");
    offer_mounting(self, rub_planning_add_finding(self, RUB_CODE_NOT_AUTHORIZED, RUB_SEVERITY_ERROR,
                                                  rub_text_new(sentence, NULL), NULL));
}

void
rub_planning_tell_password(RubPlanning *self)
{
    if (rub_planning_is_refused(self))
        return;
    if (self->plan->password == RUB_PASSWORD_NEEDED)
        self->plan->password_reason = explain_password(self);
    else if (self->plan->password == RUB_PASSWORD_REFUSED)
        refuse_access(self);
}
