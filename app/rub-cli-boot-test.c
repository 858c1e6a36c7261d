/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "emulator/rub-boot-test.h"

#include "rub-cli-agent.h"
#include "rub-cli-commands.h"
#include "rub-cli-device.h"
#include "rub-cli-display.h"
#include "rub-cli-stop.h"
#include "rub-cli-thread.h"
#include "rub-cli-words.h"
#include "rub-intl.h"

typedef struct {
    RubTarget *target;
    RubEmulator *emulator;
    RubDisk *disk;
    /* What it shall be started on, what it is being started on, and what it was. */
    RubFirmware wanted;
    RubFirmware current;
    RubFirmware started_on;
    GError *error;
} BootTest;

static void
boot_test_clear(BootTest *self)
{
    g_clear_pointer(&self->disk, rub_disk_unref);
    g_clear_pointer(&self->emulator, rub_emulator_free);
    g_clear_error(&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BootTest, boot_test_clear)

/* Where both are wanted, the stick says whether it has both. */
static void
prepare_in_thread(gpointer data, GCancellable *cancellable)
{
    BootTest *self = data;
    self->emulator = rub_emulator_new(NULL, &self->error);
    self->disk = self->emulator
                     ? rub_target_open_for_reading(self->target, TRUE, cancellable, &self->error)
                     : NULL;
    if (self->disk && self->wanted == RUB_FIRMWARE_MULTI)
        self->wanted = rub_boot_test_choose(self->disk, cancellable, &self->error);
    if (!self->error)
        rub_emulator_check_firmware(self->emulator, self->wanted, &self->error);
}

static void
run_in_thread(gpointer data, GCancellable *cancellable)
{
    BootTest *self = data;
    if (rub_boot_test_run(self->emulator, self->disk, self->current, cancellable, &self->error))
        self->started_on |= self->current;
}

static void
announce(BootTest *self, RubCliOutput *output)
{
    const char *name = self->current == RUB_FIRMWARE_UEFI ? "UEFI" : "BIOS";
    g_autofree char *text =
        g_strdup_printf(_("Starting %s on %s. Close the window when you have seen enough."),
                        rub_disk_get_name(self->disk), name);
    g_autofree char *shown = rub_cli_make_printable(text);
    rub_cli_output_say(output, shown);
}

static void
run_all(BootTest *self, RubCliOutput *output, GCancellable *cancellable)
{
    static const RubFirmware order[] = {RUB_FIRMWARE_UEFI, RUB_FIRMWARE_BIOS};
    for (gsize i = 0; i < G_N_ELEMENTS(order) && !self->error; i++) {
        if (!(self->wanted & order[i]))
            continue;
        self->current = order[i];
        announce(self, output);
        rub_cli_thread_run(run_in_thread, self, cancellable);
    }
}

/* What a rescue system shows are pictures, so a terminal is of no use. */
static gboolean
check_display(GError **error)
{
    if (rub_cli_has_display())
        return TRUE;
    g_set_error_literal(
        error, RUB_ERROR, RUB_CODE_USAGE,
        _("there is no display to open the window on in which the stick is started; "
          "do it on a desktop, or log in with ssh -X"));
    return FALSE;
}

int
rub_cli_boot_test(const RubCliOptions *options, RubCliOutput *output)
{
    g_autoptr(RubCliStop) stop = rub_cli_stop_new();
    GCancellable *cancellable = rub_cli_stop_get_cancellable(stop);
    g_auto(BootTest) self = {.wanted = options->firmware};
    g_autoptr(RubCliDevice) device = rub_cli_device_open(options, cancellable, &self.error);
    if (!device || !check_display(&self.error))
        return rub_cli_output_fail(output, self.error);
    g_autoptr(RubCliAgent) agent = device->drive ? rub_cli_agent_new() : NULL;
    self.target = device->target;
    rub_cli_thread_run(prepare_in_thread, &self, cancellable);
    if (!self.error)
        run_all(&self, output, cancellable);
    g_autoptr(RubFinding) failure = self.error ? rub_finding_new_from_error(self.error) : NULL;
    const RubCliResult result = {.failure = failure, .started_on = self.started_on};
    if (failure)
        rub_cli_output_show_finding(output, failure);
    return rub_cli_output_finish(output, &result);
}
