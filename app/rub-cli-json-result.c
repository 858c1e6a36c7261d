/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-json-result.h"

#include "rub-cli-json-facts.h"
#include "rub-cli-words.h"
#include "rub-intl.h"

static void
set_finding(JsonObject *object, const RubFinding *finding)
{
    if (!finding) {
        json_object_set_null_member(object, "finding");
        return;
    }
    JsonObject *member = json_object_new();
    rub_cli_json_fill_finding(member, finding);
    json_object_set_object_member(object, "finding", member);
}

static void
set_nulls(JsonObject *object, const char *const *keys)
{
    for (; *keys; keys++)
        json_object_set_null_member(object, *keys);
}

static void
set_report(JsonObject *object, const RubReport *report)
{
    static const char *const keys[] = {"files", "bytes", "seconds", "verified", NULL};
    if (!report) {
        set_nulls(object, keys);
        return;
    }
    json_object_set_int_member(object, "files", report->file_count);
    json_object_set_int_member(object, "bytes", (gint64) report->copied_bytes);
    json_object_set_double_member(object, "seconds", report->seconds);
    json_object_set_boolean_member(object, "verified", report->is_verified);
}

static void
set_starts_on(JsonObject *object, const RubCliResult *result)
{
    const RubPlan *plan = result->failure || !result->preview ? NULL : result->preview->plan;
    if (!plan) {
        json_object_set_null_member(object, "starts_on");
        return;
    }
    gboolean starts_bios = (plan->starts_on & RUB_FIRMWARE_BIOS) != 0;
    json_object_set_array_member(object, "starts_on",
                                 rub_cli_json_make_firmware(plan->starts_on_machines, starts_bios));
}

static void
set_build(JsonObject *object, const RubCliResult *result)
{
    g_autofree char *left_behind =
        result->left_behind ? rub_text_format(result->left_behind, rub_intl_translate) : NULL;
    set_report(object, result->report);
    set_starts_on(object, result);
    rub_cli_json_set_text(object, "left_behind", left_behind);
}

static void
set_check(JsonObject *object, const RubCliResult *result)
{
    static const char *const keys[] = {
        "state", "image", "created", "checked", "bytes", "boot_code_checked", NULL,
    };
    const RubCheckReport *report = result->check;
    json_object_set_array_member(
        object, "files", rub_cli_json_make_list(result->failure ? result->failure->files : NULL));
    if (!report) {
        set_nulls(object, keys);
        return;
    }
    gboolean is_known = rub_cli_knows_state(report);
    rub_cli_json_set_text(object, "state", is_known ? rub_check_state_get_id(report->state) : NULL);
    rub_cli_json_set_text(object, "image", report->image_name);
    rub_cli_json_set_text(object, "created", report->created);
    json_object_set_int_member(object, "checked", report->file_count);
    json_object_set_int_member(object, "bytes", (gint64) report->checked_bytes);
    json_object_set_boolean_member(object, "boot_code_checked", report->is_boot_code_checked);
}

static void
set_undo(JsonObject *object, const RubUndoReport *report)
{
    json_object_set_array_member(object, "removed",
                                 rub_cli_json_make_texts(report ? report->removed : NULL));
    json_object_set_array_member(object, "restored",
                                 rub_cli_json_make_texts(report ? report->restored : NULL));
    json_object_set_array_member(object, "stayed",
                                 rub_cli_json_make_texts(report ? report->stayed : NULL));
    json_object_set_array_member(object, "missing",
                                 rub_cli_json_make_texts(report ? report->missing : NULL));
    json_object_set_boolean_member(object, "boot_code_restored",
                                   report && report->is_boot_code_restored);
    json_object_set_boolean_member(object, "partition_removed",
                                   report && report->is_partition_removed);
}

static void
set_started_on(JsonObject *object, RubFirmware started_on)
{
    JsonArray *names = json_array_new();
    if (started_on & RUB_FIRMWARE_UEFI)
        json_array_add_string_element(names, "uefi");
    if (started_on & RUB_FIRMWARE_BIOS)
        json_array_add_string_element(names, "bios");
    json_object_set_array_member(object, "firmware", names);
}

void
rub_cli_json_fill_result(JsonObject *object, RubCliCommand command, const RubCliResult *result)
{
    json_object_set_boolean_member(object, "ok", result->failure == NULL);
    json_object_set_int_member(object, "code", result->failure ? (int) result->failure->code : 0);
    set_finding(object, result->failure);
    if (command != RUB_CLI_BOOT_TEST)
        rub_cli_json_set_text(object, "log", result->log_path);
    if (command == RUB_CLI_CHECK)
        set_check(object, result);
    else if (command == RUB_CLI_UNDO)
        set_undo(object, result->undo);
    else if (command == RUB_CLI_BOOT_TEST)
        set_started_on(object, result->started_on);
    else
        set_build(object, result);
}
