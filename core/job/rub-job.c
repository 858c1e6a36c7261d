/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-job.h"

#include "boot/rub-boot-code.h"
#include "boot/rub-boot-record.h"
#include "job/rub-build.h"
#include "job/rub-manifest.h"
#include "job/rub-raw.h"
#include "job/rub-verify.h"
#include "plan/rub-plan-agree.h"
#include "target/rub-blank.h"
#include "target/rub-layout-probe.h"
#include "volume/rub-records.h"

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
    RubBuild *build;
    guint8 first_sector[RUB_MBR_BYTES]; /* before the boot code came */
    /* Made from the disk itself, where those above come from what others told of it. */
    RubLayout *probed_layout;
    RubPlan *actual_plan;
    /* Where the volume is mounted; NULL while it is not. */
    char *folder;
    gboolean is_open;
    gboolean has_table;
    gboolean has_written; /* for sure; else see has_changed() */
    guint64 writes_at_open;
    RubStepKind step; /* that is under way or comes next */
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
    g_clear_pointer(&self->build, rub_build_free);
    g_clear_pointer(&self->manifest, rub_manifest_free);
    rub_progress_unref(self->progress);
    g_clear_pointer(&self->actual_plan, rub_plan_free);
    g_clear_pointer(&self->probed_layout, rub_layout_free);
    g_free(self->folder);
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

static gboolean
is_mounted(const RubJob *self)
{
    return self->plan->access == RUB_ACCESS_MOUNTED;
}

static RubManifest *
make_manifest(const RubJob *self)
{
    RubManifest *manifest = rub_manifest_new();
    RubPlanMode mode = self->plan->mode;
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    manifest->created = g_date_time_format_iso8601(now);
    manifest->mode =
        g_strdup(mode == RUB_PLAN_ERASE ? RUB_MANIFEST_MODE_ERASE : RUB_MANIFEST_MODE_KEEP);
    manifest->firmware = g_strdup(get_firmware_id(self->plan->starts_on));
    manifest->image_name = g_strdup(self->info->display_name);
    manifest->image_volume_name = g_strdup(self->info->volume_name);
    manifest->image_size_bytes = self->info->size_bytes;
    manifest->sector_size = self->layout->sector_size;
    manifest->partition_number = mode == RUB_PLAN_ERASE ? 1 : self->plan->volume.number;
    manifest->volume = self->plan->volume;
    /* The drive's services choose one themselves. */
    if (is_mounted(self))
        manifest->volume.disk_signature = 0;
    manifest->made_table = mode == RUB_PLAN_KEEP_BLANK;
    manifest->made_partition = mode == RUB_PLAN_KEEP_BLANK || mode == RUB_PLAN_KEEP_TABLE;
    return manifest;
}

static guint64
count_writes(const RubJob *self)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    return disk ? rub_disk_get_stats(disk)->writes : 0;
}

/* Whoever chose the target looked at paths; only what is open now is sure. */
static gboolean
check_not_the_image(RubJob *self, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    RubImageFile *image = rub_source_get_image_file(self->source);
    if (!disk || !rub_image_file_is_same(image, rub_disk_get_fd(disk)))
        return TRUE;
    rub_error_take_text(
        error, RUB_CODE_DEVICE_BUSY,
        rub_text_new(N_("{name} is the rescue image itself"), "name", self->layout->name, NULL));
    return FALSE;
}

/* What names a target is not on its disk. */
static RubLayout *
probe(const RubJob *self, GCancellable *cancellable, GError **error)
{
    const RubLayout *outline = self->layout;
    g_autoptr(RubLayout) layout = rub_layout_new(outline->name, outline->size_bytes);
    layout->is_file = outline->is_file;
    layout->is_removable = outline->is_removable;
    layout->can_mount = outline->can_mount;
    layout->password = outline->password;
    layout->model = g_strdup(outline->model);
    layout->serial = g_strdup(outline->serial);
    return rub_layout_probe(layout, rub_target_get_disk(self->target), cancellable, error)
               ? g_steal_pointer(&layout)
               : NULL;
}

/* Files are kept by what is on the disk itself, if that is what was reviewed. */
static gboolean
plan_again(RubJob *self, GCancellable *cancellable, GError **error)
{
    if (!self->layout->is_outline || is_mounted(self) || rub_plan_erases(self->plan))
        return TRUE;
    self->probed_layout = probe(self, cancellable, error);
    if (!self->probed_layout)
        return FALSE;
    self->actual_plan = rub_plan_new(self->info, rub_source_get_listing(self->source),
                                     self->probed_layout, &self->plan->options);
    if (!rub_plan_agrees(self->plan, self->actual_plan, error))
        return FALSE;
    self->plan = self->actual_plan;
    return TRUE;
}

static gboolean
check_not_stopped(GCancellable *cancellable, GError **error)
{
    if (!g_cancellable_is_cancelled(cancellable))
        return TRUE;
    rub_error_set_cancelled(error);
    return FALSE;
}

/* Belongs to the first step, whichever that is. Whoever stops while a password is asked for may
 * enter it all the same: that is no yes. */
static gboolean
open_target(RubJob *self, GCancellable *cancellable, GError **error)
{
    if (self->is_open)
        return TRUE;
    if (!rub_target_open_for_writing(self->target, self->layout, self->plan->access, cancellable,
                                     error))
        return FALSE;
    self->is_open = TRUE;
    self->writes_at_open = count_writes(self);
    return check_not_stopped(cancellable, error) && check_not_the_image(self, error) &&
           plan_again(self, cancellable, error);
}

/* With RUB_ACCESS_RAW there is nothing to mount. */
static gboolean
mount(RubJob *self, gboolean is_read_only, GCancellable *cancellable, GError **error)
{
    if (is_mounted(self))
        self->folder = rub_target_mount(self->target, self->manifest->partition_number,
                                        is_read_only, cancellable, error);
    return self->folder || !is_mounted(self);
}

/* The build holds on to the volume. */
static gboolean
unmount(RubJob *self, GError **error)
{
    g_clear_pointer(&self->build, rub_build_free);
    if (!self->folder)
        return TRUE;
    g_clear_pointer(&self->folder, g_free);
    return rub_target_unmount(self->target, error);
}

static RubVolumePlace
get_place(const RubJob *self)
{
    const RubNewVolume *volume = &self->plan->volume;
    return (RubVolumePlace){rub_target_get_disk(self->target),
                            self->folder,
                            volume->number,
                            volume->start_lba,
                            volume->sector_count,
                            volume->filesystem};
}

static gboolean
begin_build(RubJob *self, GCancellable *cancellable, GError **error)
{
    if (self->build)
        return TRUE;
    self->manifest = make_manifest(self);
    if (!mount(self, FALSE, cancellable, error))
        return FALSE;
    RubVolumePlace place = get_place(self);
    self->build = rub_build_new(self->plan, self->source, &place, self->manifest, self->progress,
                                cancellable);
    return rub_build_begin(self->build, error);
}

/* What the drive's services were asked for and did not refuse may have been done, or half. */
static gboolean
note_change(RubJob *self, gboolean is_done, const GError *error)
{
    gboolean is_refused = g_error_matches(error, RUB_ERROR, RUB_CODE_NOT_AUTHORIZED) ||
                          g_error_matches(error, RUB_ERROR, RUB_CODE_DEVICE_BUSY) ||
                          g_error_matches(error, RUB_ERROR, RUB_CODE_DEVICE_CHANGED);
    self->has_written |= is_mounted(self) && (is_done || !is_refused);
    return is_done;
}

static gboolean
write_table(RubJob *self, GError **error)
{
    const RubNewVolume *volume = &self->plan->volume;
    self->has_table = self->plan->mode == RUB_PLAN_KEEP_TABLE
                          ? rub_target_add_partition(self->target, volume, error)
                          : rub_target_make_table(self->target, volume, error);
    return note_change(self, self->has_table, *error);
}

/* A partition beside others appears with the note of the build in it: whoever finds it later knows
 * what it was made for. That takes hold of the disk; the drive's services make a partition only
 * together with its filesystem. */
static gboolean
make_table(RubJob *self, GCancellable *cancellable, GError **error)
{
    gboolean begins = self->plan->mode != RUB_PLAN_ERASE && !is_mounted(self);
    return self->has_table ||
           ((!begins || begin_build(self, cancellable, error)) && write_table(self, error));
}

/* The drive's services make no partition without a table; ours comes after the volume. */
static gboolean
begin_blank(RubJob *self, GCancellable *cancellable, GError **error)
{
    return is_mounted(self) ? make_table(self, cancellable, error)
                            : rub_blank_mark(rub_target_get_disk(self->target), error);
}

static gboolean
make_volume(RubJob *self, GCancellable *cancellable, GError **error)
{
    if (self->plan->mode == RUB_PLAN_KEEP_BLANK && !begin_blank(self, cancellable, error))
        return FALSE;
    gboolean is_made =
        rub_target_make_volume(self->target, &self->plan->volume, cancellable, error);
    return note_change(self, is_made, *error);
}

static gboolean
read_first_sector(RubJob *self, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    return is_mounted(self) ||
           rub_disk_read(disk, 0, self->first_sector, sizeof self->first_sector, error);
}

static gboolean
copy_files(RubJob *self, GCancellable *cancellable, GError **error)
{
    if (!read_first_sector(self, error) || !begin_build(self, cancellable, error) ||
        !rub_build_finish(self->build, error))
        return FALSE;
    self->has_written = TRUE;
    return unmount(self, error);
}

static gboolean
write_image(RubJob *self, GCancellable *cancellable, GError **error)
{
    return rub_raw_write(rub_source_get_image_file(self->source), rub_target_get_disk(self->target),
                         self->progress, cancellable, error);
}

/* The MBR's code comes last of all: until then no BIOS starts a stick that is unfinished. */
static gboolean
install_mbr(RubJob *self, GCancellable *cancellable, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    return rub_boot_install_mbr_for(disk, self->manifest->partition_number, error) &&
           rub_disk_sync(disk, error);
}

/* A table that the build made is known to the last byte; of one that was there nothing may change
 * but which partition is active. */
static gboolean
verify_table(RubJob *self, RubDisk *disk, GError **error)
{
    guint active_number = self->plan->installs_boot_code ? self->manifest->partition_number : 0;
    if (self->plan->mode == RUB_PLAN_ERASE || self->plan->mode == RUB_PLAN_KEEP_BLANK)
        return rub_verify_table(disk, self->manifest, error);
    return rub_verify_kept_table(disk, self->first_sector, active_number, error);
}

static gboolean
verify_disk(RubJob *self, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    if (!disk)
        return TRUE;
    rub_disk_drop_cache(disk);
    return verify_table(self, disk, error) &&
           (!self->plan->installs_boot_code ||
            rub_boot_record_verify(disk, self->plan->volume.filesystem,
                                   self->plan->volume.start_lba, error));
}

static gboolean
verify_image(RubJob *self, GCancellable *cancellable, GError **error)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    rub_disk_drop_cache(disk);
    return rub_raw_compare(rub_source_get_image_file(self->source), disk, self->progress,
                           cancellable, error);
}

/* What was mounted anew comes from the medium. */
static gboolean
verify(RubJob *self, GCancellable *cancellable, GError **error)
{
    if (self->plan->mode == RUB_PLAN_RAW)
        return verify_image(self, cancellable, error);
    if (!verify_disk(self, error) || !mount(self, TRUE, cancellable, error))
        return FALSE;
    RubVolumePlace place = get_place(self);
    return rub_verify_files(&place, self->manifest, self->plan, self->source, self->progress,
                            cancellable, error) &&
           unmount(self, error);
}

static gboolean
run_step(RubJob *self, const RubStep *step, RubReport *report, GCancellable *cancellable,
         GError **error)
{
    static const StepFunc functions[] = {
        [RUB_STEP_TABLE] = make_table, [RUB_STEP_FORMAT] = make_volume,
        [RUB_STEP_COPY] = copy_files,  [RUB_STEP_BOOT_CODE] = install_mbr,
        [RUB_STEP_VERIFY] = verify,    [RUB_STEP_WRITE_IMAGE] = write_image,
    };
    self->step = step->kind;
    if (!check_not_stopped(cancellable, error))
        return FALSE;
    RubReportStep *outcome = g_new0(RubReportStep, 1);
    outcome->kind = step->kind;
    outcome->size_bytes = step->size_bytes;
    g_ptr_array_add(report->steps, outcome);
    gint64 start = g_get_monotonic_time();
    outcome->is_done =
        open_target(self, cancellable, error) && functions[step->kind](self, cancellable, error);
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
    return TRUE;
}

/* Whether anything on the target may differ from what was there before. A target that does not
 * tell how often it was written to counts as changed once it is open. */
static gboolean
has_changed(const RubJob *self)
{
    if (self->has_written || (self->build && rub_build_is_withdrawn(self->build)))
        return self->has_written;
    if (is_mounted(self))
        return self->build && rub_build_has_written(self->build);
    if (self->has_table || !self->is_open)
        return self->has_table;
    /* A build beside files that was stopped in time has taken back what it wrote. */
    if (self->plan->mode == RUB_PLAN_KEEP_VOLUME && self->build &&
        !rub_build_has_written(self->build))
        return FALSE;
    gboolean can_tell = rub_target_get_disk(self->target) != NULL;
    return self->layout->is_new || !can_tell || count_writes(self) > self->writes_at_open;
}

/* What a build that was not finished leaves. */
static const char *
describe_unfinished(const RubJob *self)
{
    if (self->layout->is_new)
        return N_("{name} was made and is unfinished: do not use it to start a computer. Delete "
                  "it, or build on it again.");
    switch (self->plan->mode) {
    case RUB_PLAN_ERASE:
    case RUB_PLAN_RAW:
        return N_("{name} was erased and is unfinished: do not use it to start a computer. Build "
                  "it again.");
    case RUB_PLAN_KEEP_BLANK:
        return N_("{name} is unfinished: do not use it to start a computer. Build it again.");
    default:
        return N_("Your files on {name} are as they were; of those that were to be replaced, the "
                  "old ones are kept. The unfinished build can be finished by building again.");
    }
}

static RubText *
describe_left_behind(const RubJob *self, const GError *error)
{
    const char *sentence = describe_unfinished(self);
    gboolean is_dirty = is_mounted(self) && self->plan->mode == RUB_PLAN_KEEP_VOLUME &&
                        (g_error_matches(error, RUB_ERROR, RUB_CODE_DEVICE_GONE) ||
                         g_error_matches(error, RUB_ERROR, RUB_CODE_WRITE_FAILED));
    if (is_dirty)
        sentence = N_("Your files on {name} are still there; the old ones of those that were to be "
                      "replaced may be in the folder {folder}. Check and repair the filesystem, "
                      "then build again to finish.");
    if (!has_changed(self))
        sentence = N_("Nothing was changed on {name}.");
    else if (g_error_matches(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED) &&
             self->step == RUB_STEP_VERIFY)
        sentence = N_("{name} was written, but what is on it is not right: do not use it to start "
                      "a computer.");
    else if (self->step == RUB_STEP_VERIFY && self->is_open)
        sentence = N_("{name} was written to the end, but not all of it was read back. Build it "
                      "again to be sure.");
    g_autofree char *name = rub_layout_make_name(self->layout);
    return rub_text_new(sentence, "name", name, "folder", RUB_UNDO_FOLDER, NULL);
}

static void
note_failure(RubJob *self, RubReport *report, const GError *error)
{
    report->failure = rub_finding_new_from_error(error);
    report->left_behind = describe_left_behind(self, error);
    g_autofree char *left_behind = rub_text_format(report->left_behind, NULL);
    rub_log_write(self->log, "failed with code %d: %s", report->failure->code, error->message);
    rub_log_write(self->log, "%s", left_behind);
}

/* The disk is gone once the target has let go of it, so its figures are taken before. */
static void
note_stats(RubJob *self, RubReport *report)
{
    RubDisk *disk = rub_target_get_disk(self->target);
    if (!disk)
        return;
    report->stats = *rub_disk_get_stats(disk);
    rub_log_write(self->log,
                  "%" G_GUINT64_FORMAT " writes, %" G_GUINT64_FORMAT
                  " bytes written, %" G_GUINT64_FORMAT " of them in writes of 1 MiB and more, "
                  "%" G_GUINT64_FORMAT " backward seeks",
                  report->stats.writes, report->stats.written_bytes,
                  report->stats.large_written_bytes, report->stats.backward_seeks);
}

/* Whether it went well or not, in the end everything is on the medium and nobody holds it. What was
 * done to it has to be known before: the figures of the disk go with it. */
static gboolean
let_go(RubJob *self, GError **error)
{
    self->has_written = has_changed(self);
    gboolean is_unmounted = unmount(self, error);
    if (!self->is_open)
        return is_unmounted;
    self->is_open = FALSE;
    return rub_target_finish(self->target, is_unmounted ? error : NULL) && is_unmounted;
}

static void
log_start(const RubJob *self)
{
    rub_log_write(self->log, "Rescue USB Builder %s", RUB_VERSION);
    rub_log_write(self->log, "image %s, %" G_GUINT64_FORMAT " bytes, %s \"%s\", %u files",
                  self->info->path, self->info->size_bytes, self->info->format,
                  self->info->volume_name, self->info->file_count);
    rub_log_write(self->log, "target %s, %" G_GUINT64_FORMAT " bytes", self->layout->name,
                  self->layout->size_bytes);
    for (guint i = 0; i < self->plan->steps->len; i++) {
        const RubStep *step = g_ptr_array_index(self->plan->steps, i);
        g_autofree char *text = rub_text_format(step->text, NULL);
        rub_log_write(self->log, "step %u: %s", i + 1, text);
    }
}

RubReport *
rub_job_run(RubJob *self, GCancellable *cancellable)
{
    g_return_val_if_fail(!rub_plan_get_obstacle(self->plan), NULL);
    gint64 start = g_get_monotonic_time();
    RubReport *report = rub_report_new();
    report->access = self->plan->access;
    g_autoptr(GError) error = NULL;
    log_start(self);
    gboolean is_done = run_steps(self, report, cancellable, &error);
    note_stats(self, report);
    if (is_done)
        is_done = let_go(self, &error);
    if (is_done) {
        report->file_count = self->plan->files->len;
        report->copied_bytes = self->plan->copy_bytes;
        report->is_verified = self->plan->verifies;
    } else {
        note_failure(self, report, error);
        let_go(self, NULL);
    }
    report->seconds = (double) (g_get_monotonic_time() - start) / G_USEC_PER_SEC;
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
