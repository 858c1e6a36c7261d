/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-job.h"

#include "boot/rub-boot-code.h"
#include "job/rub-copy.h"
#include "job/rub-manifest.h"
#include "job/rub-verify.h"
#include "volume/rub-fat-writer.h"

/* How long steps without bytes take, in bytes that could be moved meanwhile. */
#define WEIGHT_OF_SMALL_STEP ((double) 16 * 1024 * 1024)

struct _RubJob {
    RubSource *source;
    const RubImageInfo *info;
    RubTarget *target;
    const RubLayout *layout;
    const RubPlan *plan;
    RubLog *log;
    RubProgress *progress;
    RubManifest *manifest;
    RubVolume *volume;
    gboolean has_written;
};

typedef gboolean (*StepFunc)(RubJob *self, GCancellable *cancellable, GError **error);

RubJob *
rub_job_new(RubSource *source, const RubImageInfo *info, RubTarget *target, const RubLayout *layout,
            const RubPlan *plan, RubLog *log)
{
    RubJob *self = g_new0(RubJob, 1);
    self->source = rub_source_ref(source);
    self->info = info;
    self->target = target;
    self->layout = layout;
    self->plan = plan;
    self->log = log ? rub_log_ref(log) : NULL;
    self->progress = rub_progress_new();
    for (guint i = 0; i < plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(plan->steps, i);
        rub_progress_add_step(self->progress, WEIGHT_OF_SMALL_STEP + (double) step->size_bytes,
                              step->size_bytes);
    }
    return self;
}

void
rub_job_free(RubJob *self)
{
    rub_source_unref(self->source);
    g_clear_pointer(&self->log, rub_log_unref);
    g_clear_pointer(&self->manifest, rub_manifest_free);
    g_clear_pointer(&self->volume, rub_volume_free);
    rub_progress_unref(self->progress);
    g_free(self);
}

RubProgress *
rub_job_get_progress(RubJob *self)
{
    return self->progress;
}

static const char *
get_firmware_id(RubFirmware firmware)
{
    switch (firmware) {
    case RUB_FIRMWARE_UEFI:
        return "uefi";
    case RUB_FIRMWARE_BIOS:
        return "bios";
    default:
        return "multi";
    }
}

static RubManifest *
make_manifest(const RubJob *self)
{
    RubManifest *manifest = rub_manifest_new();
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    manifest->created = g_date_time_format_iso8601(now);
    manifest->mode = g_strdup("erase");
    manifest->firmware = g_strdup(get_firmware_id(self->plan->starts_on));
    manifest->image_name = g_strdup(self->info->display_name);
    manifest->image_volume_name = g_strdup(self->info->volume_name);
    manifest->image_size_bytes = self->info->size_bytes;
    manifest->disk_signature = self->plan->volume.disk_signature;
    manifest->start_lba = self->plan->volume.start_lba;
    manifest->sector_count = self->plan->volume.sector_count;
    manifest->volume_id = self->plan->volume.volume_id;
    return manifest;
}

static gboolean
make_table(RubJob *self, GCancellable *cancellable, GError **error)
{
    if (!rub_target_open_for_writing(self->target, self->layout, error))
        return FALSE;
    self->has_written = TRUE;
    return rub_target_make_table(self->target, &self->plan->volume, error);
}

static gboolean
make_volume(RubJob *self, GCancellable *cancellable, GError **error)
{
    return rub_target_make_volume(self->target, &self->plan->volume, cancellable, error);
}

static gboolean
write_manifest(RubJob *self, GError **error)
{
    g_autoptr(GBytes) json = rub_manifest_to_json(self->manifest);
    gsize size_bytes;
    const void *data = g_bytes_get_data(json, &size_bytes);
    guint file_id;
    return rub_volume_add_folder(self->volume, RUB_MANIFEST_FOLDER, 0, RUB_VOLUME_HIDDEN, error) &&
           rub_volume_add_file(self->volume, RUB_MANIFEST_PATH, size_bytes, 0, RUB_VOLUME_HIDDEN,
                               &file_id, error) &&
           rub_volume_prepare(self->volume, error) &&
           rub_volume_write(self->volume, file_id, data, size_bytes, error) &&
           rub_volume_commit(self->volume, error);
}

static char *
digest_bytes(GBytes *bytes)
{
    gsize size_bytes;
    const void *data = g_bytes_get_data(bytes, &size_bytes);
    char text[RUB_DIGEST_TEXT_BYTES];
    g_autoptr(RubDigest) digest = rub_digest_new();
    rub_digest_add(digest, data, size_bytes);
    rub_digest_get_text(digest, text);
    return g_strdup(text);
}

/* The manifest is the last file that is written and holds the digest of the boot record, so the
 * boot record comes before it. */
static gboolean
install_boot_record(RubJob *self, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    guint64 start_lba = self->plan->volume.start_lba;
    if (!rub_boot_install_fat32_record(disk, start_lba, error))
        return FALSE;
    g_autoptr(GBytes) records = rub_boot_read_records(disk, start_lba, error);
    if (!records)
        return FALSE;
    self->manifest->boot_records = digest_bytes(records);
    return TRUE;
}

static gboolean
copy_files(RubJob *self, GCancellable *cancellable, GError **error)
{
    const RubNewVolume *volume = &self->plan->volume;
    RubDisk *disk = rub_target_get_disk(self->target);
    self->manifest = make_manifest(self);
    self->volume = rub_fat_writer_new(disk, volume->start_lba, volume->sector_count, error);
    return self->volume &&
           rub_copy_files(self->plan, self->source, self->volume, self->manifest, self->progress,
                          cancellable, error) &&
           (!self->plan->installs_boot_code || install_boot_record(self, error)) &&
           write_manifest(self, error) && rub_disk_sync(disk, error);
}

/* The MBR's code comes last of all: until then no BIOS starts a stick that is unfinished. */
static gboolean
install_mbr(RubJob *self, GCancellable *cancellable, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    return rub_boot_install_mbr(disk, error) && rub_disk_sync(disk, error);
}

static gboolean
verify(RubJob *self, GCancellable *cancellable, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    rub_disk_drop_cache(disk);
    return rub_verify_table(disk, self->manifest, error) &&
           (!self->plan->installs_boot_code ||
            rub_boot_verify(disk, self->plan->volume.start_lba, error)) &&
           rub_verify_files(disk, self->manifest, self->plan, self->source, self->progress,
                            cancellable, error);
}

static gboolean
run_step(RubJob *self, const RubStep *step, RubReport *report, GCancellable *cancellable,
         GError **error)
{
    static const StepFunc functions[] = {
        [RUB_STEP_TABLE] = make_table, [RUB_STEP_FORMAT] = make_volume,
        [RUB_STEP_COPY] = copy_files,  [RUB_STEP_BOOT_CODE] = install_mbr,
        [RUB_STEP_VERIFY] = verify,
    };
    RubReportStep *outcome = g_new0(RubReportStep, 1);
    outcome->kind = step->kind;
    outcome->size_bytes = step->size_bytes;
    g_ptr_array_add(report->steps, outcome);
    if (g_cancellable_is_cancelled(cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    gint64 start = g_get_monotonic_time();
    outcome->is_done = functions[step->kind](self, cancellable, error);
    outcome->seconds = (double) (g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    rub_log_write(self->log, "%s %s after %.3f s", rub_step_kind_get_id(step->kind),
                  outcome->is_done ? "done" : "failed", outcome->seconds);
    if (outcome->is_done)
        rub_progress_step_done(self->progress);
    return outcome->is_done;
}

static gboolean
run_steps(RubJob *self, RubReport *report, GCancellable *cancellable, GError **error)
{
    for (guint i = 0; i < self->plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(self->plan->steps, i);
        if (!run_step(self, step, report, cancellable, error))
            return FALSE;
    }
    return rub_target_finish(self->target, error);
}

/* Cancelled and failed builds leave the target in one of two states. */
static void
note_failure(RubJob *self, RubReport *report, const GError *error)
{
    rub_log_write(self->log, "failed with code %d: %s", error->code, error->message);
    report->failure = rub_finding_new_from_error(error);
    report->left_behind =
        self->has_written
            ? rub_text_new(N_("{name} was erased and is unfinished: do not use it to start a "
                              "computer. Build it again."),
                           "name", self->layout->name, NULL)
            : rub_text_new(N_("Nothing was changed on {name}."), "name", self->layout->name, NULL);
}

static void
note_work(RubJob *self, RubReport *report, gint64 start)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    if (disk)
        report->stats = *rub_disk_get_stats(disk);
    report->seconds = (double) (g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    rub_log_write(self->log,
                  "%" G_GUINT64_FORMAT " writes, %" G_GUINT64_FORMAT
                  " bytes written, %" G_GUINT64_FORMAT " of them in writes of 1 MiB and more, "
                  "%" G_GUINT64_FORMAT " backward seeks",
                  report->stats.writes, report->stats.written_bytes,
                  report->stats.large_written_bytes, report->stats.backward_seeks);
}

RubReport *
rub_job_run(RubJob *self, GCancellable *cancellable)
{
    g_return_val_if_fail(!rub_plan_get_obstacle(self->plan), NULL);
    gint64 start = g_get_monotonic_time();
    RubReport *report = rub_report_new();
    g_autoptr(GError) error = NULL;
    if (run_steps(self, report, cancellable, &error)) {
        report->file_count = self->plan->files->len;
        report->copied_bytes = self->plan->copy_bytes;
        report->is_verified = self->plan->verifies;
    } else {
        note_failure(self, report, error);
    }
    note_work(self, report, start);
    return report;
}

static void
run_in_thread(GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
    g_task_return_pointer(task, rub_job_run(task_data, cancellable),
                          (GDestroyNotify) rub_report_free);
}

void
rub_job_run_async(RubJob *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                  gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    /* A cancelled job is over only when its last write is: completion never comes before that, and
     * the report comes also when it was cancelled. */
    g_task_set_return_on_cancel(task, FALSE);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, self, NULL);
    g_task_run_in_thread(task, run_in_thread);
}

RubReport *
rub_job_run_finish(GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}
