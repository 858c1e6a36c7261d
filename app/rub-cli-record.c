/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-record.h"

#include "plan/rub-catalogue.h"
#include "rub-cli-words.h"
#include "rub-facts.h"

/* Names come from foreign images and sticks: none of them may look like a line of its own. */
static void
record(RubLog *log, const char *name, const char *fact)
{
    g_autofree char *shown = rub_cli_make_printable(fact);
    rub_log_write(log, "%s: %s", name, shown);
}

/* The log is English wherever it is written, so none of the words for people are in it. */
static char *
list_firmware(const RubImageInfo *info)
{
    GString *out = g_string_new(info->boots_bios ? "bios" : "");
    for (guint bit = 1; bit <= RUB_MACHINE_ALL; bit <<= 1) {
        if (info->uefi_machines & bit)
            g_string_append_printf(out, "%suefi-%s", out->len > 0 ? ", " : "",
                                   rub_machine_get_id(bit));
    }
    return g_string_free(out, FALSE);
}

static void
record_image(RubLog *log, const RubImageInfo *info)
{
    g_autofree char *kind = rub_image_info_describe(info, NULL);
    g_autofree char *starts_on = list_firmware(info);
    record(log, "image", info->path);
    record(log, "volume name", info->volume_name);
    record(log, "kind", kind);
    record(log, "image starts on", starts_on);
    rub_log_write(log,
                  "%s, %" G_GUINT64_FORMAT " bytes; %u files with %" G_GUINT64_FORMAT
                  " bytes, %u folders, %u symbolic links",
                  info->format, info->size_bytes, info->file_count, info->files_size_bytes,
                  info->folder_count, info->symlink_count);
}

static void
record_partition(RubLog *log, const RubPartition *partition)
{
    const RubContents *contents = &partition->contents;
    g_autofree char *label = rub_cli_make_printable(contents->label ? contents->label : "");
    rub_log_write(log,
                  "partition %u: first sector %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
                  " sectors, type 0x%02x%s, %s \"%s\"",
                  partition->number, partition->start_lba, partition->sector_count,
                  partition->mbr_type, partition->is_active ? ", active" : "",
                  contents->filesystem ? contents->filesystem : "no known filesystem", label);
    if (!contents->is_counted)
        return;
    g_autofree char *filesystem =
        rub_facts_name_filesystem(contents->filesystem, contents->fat_bits);
    rub_log_write(log, "partition %u: %s, %u files, %" G_GUINT64_FORMAT " bytes used",
                  partition->number, filesystem, contents->file_count, contents->used_bytes);
}

static void
record_drive(RubLog *log, const RubLayout *layout)
{
    if (layout->is_file)
        return;
    record(log, "model", layout->model ? layout->model : "");
    record(log, "serial number", layout->serial ? layout->serial : "");
    rub_log_write(log, "%s media, %s", layout->is_removable ? "removable" : "fixed",
                  layout->can_mount ? "can be mounted" : "cannot be mounted");
}

void
rub_cli_record_layout(RubLog *log, const RubLayout *layout)
{
    record(log, "target", layout->name);
    record_drive(log, layout);
    rub_log_write(log, "%" G_GUINT64_FORMAT " bytes in sectors of %u bytes, disk signature %08x",
                  layout->size_bytes, layout->sector_size, layout->disk_signature);
    for (guint i = 0; i < layout->partitions->len; i++)
        record_partition(log, g_ptr_array_index(layout->partitions, i));
}

/* The steps are told by the job that takes them. */
static void
record_plan(RubLog *log, const RubPlan *plan)
{
    for (guint i = 0; i < plan->lost->len; i++) {
        g_autofree char *lost = rub_text_format(g_ptr_array_index(plan->lost, i), NULL);
        record(log, "lost", lost);
    }
    rub_log_write(log, "written %s", plan->access == RUB_ACCESS_RAW ? "directly" : "mounted");
    rub_log_write(log,
                  "new volume: first sector %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
                  " sectors, %u in a cluster, disk signature %08x, volume id %08x",
                  plan->volume.start_lba, plan->volume.sector_count,
                  plan->volume.sectors_per_cluster, plan->volume.disk_signature,
                  plan->volume.volume_id);
}

void
rub_cli_record_preview(RubLog *log, const RubCliPreview *preview)
{
    g_autoptr(GPtrArray) findings = rub_cli_preview_get_findings(preview);
    if (preview->info)
        record_image(log, preview->info);
    if (preview->layout) {
        rub_cli_record_layout(log, preview->layout);
        record_plan(log, preview->plan);
    }
    for (guint i = 0; i < findings->len; i++)
        rub_cli_record_finding(log, g_ptr_array_index(findings, i));
}

void
rub_cli_record_check(RubLog *log, const RubCheckReport *report)
{
    if (report->image_name)
        record(log, "made from", report->image_name);
    if (report->created)
        record(log, "made on", report->created);
    rub_log_write(log, "%u files, %" G_GUINT64_FORMAT " bytes read again, boot code %s",
                  report->file_count, report->checked_bytes,
                  report->is_boot_code_checked ? "looked at" : "not looked at");
    record(log, "state", rub_check_state_get_id(report->state));
}

static void
record_paths(RubLog *log, const char *name, const GPtrArray *paths)
{
    for (guint i = 0; i < paths->len; i++)
        record(log, name, g_ptr_array_index(paths, i));
}

void
rub_cli_record_undo(RubLog *log, const RubUndoReport *report)
{
    record_paths(log, "removed", report->removed);
    record_paths(log, "put back", report->restored);
    record_paths(log, "changed, stays", report->stayed);
    record_paths(log, "not there to be put back", report->missing);
    if (report->is_boot_code_restored)
        rub_log_write(log, "the old boot sectors are back");
    if (report->is_partition_removed)
        rub_log_write(log, "the partition was removed");
}

void
rub_cli_record_finding(RubLog *log, const RubFinding *finding)
{
    const char *severity = finding->severity == RUB_SEVERITY_ERROR ? "error" : "warning";
    g_autofree char *meaning = rub_text_format(finding->meaning, NULL);
    g_autofree char *shown = rub_cli_make_printable(meaning);
    rub_log_write(log, "%s %d (%s): %s", severity, (int) finding->code,
                  rub_catalogue_get(finding->code)->id, shown);
    for (guint i = 0; finding->files && finding->files[i]; i++) {
        g_autofree char *line = rub_finding_get_line(finding, i, NULL);
        record(log, "concerns", line);
    }
}
