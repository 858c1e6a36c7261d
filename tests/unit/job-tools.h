/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "disk-tools.h"
#include "job/rub-copy.h"
#include "job/rub-job.h"
#include "plan-tools.h"
#include "target/rub-fat-maker.h"
#include "target/rub-image-target.h"

/* What the tests of building share: a small real image, a disk-image file, and a target around it
 * that fails where a test wants it to. */

#define JOB_DISK_BYTES (64 * MIB)

/* Files of the image with their sizes; their bytes follow from path and place. */
static const struct {
    const char *path;
    gsize size_bytes;
} job_files[] = {
    {"bootmgr", 3000},
    {"EFI/BOOT/BOOTX64.EFI", 70000},
    {"sources/boot.wim", 5 * 1024 * 1024 + 123},
    {"docs/a long name with blanks.txt", 1},
    {"docs/empty", 0},
};

static const char *const job_folders[] = {"EFI", "EFI/BOOT", "sources", "docs", "empty folder"};

/* Skips all tests of a program where a tool is missing. */
static inline gboolean
skip_all_without(const char *program)
{
    g_autofree char *path = g_find_program_in_path(program);
    if (!path)
        g_print("1..0 # SKIP %s is not installed\n", program);
    return path == NULL;
}

static inline guint8 *
make_content(const char *path, gsize size_bytes)
{
    guint8 *data = g_malloc(size_bytes + 1);
    guint32 state = g_str_hash(path);
    for (gsize i = 0; i < size_bytes; i++) {
        state = state * 1664525 + 1013904223;
        data[i] = (guint8) (state >> 24);
    }
    return data;
}

static inline void
add_to_iso(struct archive *iso, mode_t type, const char *path, gsize size_bytes)
{
    struct archive_entry *entry = archive_entry_new();
    g_autofree guint8 *data = make_content(path, size_bytes);
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, 0755);
    archive_entry_set_size(entry, (la_int64_t) size_bytes);
    archive_entry_set_mtime(entry, 1700000000, 0);
    g_assert_cmpint(archive_write_header(iso, entry), ==, ARCHIVE_OK);
    g_assert_cmpint(archive_write_data(iso, data, size_bytes), ==, size_bytes);
    archive_entry_free(entry);
}

/* Makes the image; returns its path. */
static inline char *
make_iso(const char *folder)
{
    char *path = g_build_filename(folder, "rescue.iso", NULL);
    struct archive *iso = archive_write_new();
    archive_write_set_format_iso9660(iso);
    archive_write_set_options(iso, "volume-id=TEST");
    g_assert_cmpint(archive_write_open_filename(iso, path), ==, ARCHIVE_OK);
    for (gsize i = 0; i < G_N_ELEMENTS(job_folders); i++)
        add_to_iso(iso, AE_IFDIR, job_folders[i], 0);
    for (gsize i = 0; i < G_N_ELEMENTS(job_files); i++)
        add_to_iso(iso, AE_IFREG, job_files[i].path, job_files[i].size_bytes);
    g_assert_cmpint(archive_write_close(iso), ==, ARCHIVE_OK);
    archive_write_free(iso);
    return path;
}

/* A target around a disk-image file that counts what is asked of it. */
typedef struct {
    RubTarget parent;
    RubTarget *real;
    RubDiskWriteHook hook; /* on the disk once it is open */
    gpointer hook_data;
    void (*on_open)(gpointer user_data, RubDisk *disk); /* instead of a hook */
    gpointer on_open_data;
    RubCode failing_open; /* 0 for none */
    RubCode failing_table;
    RubCode failing_volume;
    RubCode failing_finish;
    GCancellable *cancelled_by_table;
    GCancellable *cancelled_by_volume;
    guint finish_count;
} SpyTarget;

static inline gboolean
spy_fail(RubCode code, const char *what, GError **error)
{
    g_set_error(error, RUB_ERROR, (int) code, "%s was made to fail", what);
    return FALSE;
}

static inline RubLayout *
spy_read_layout(RubTarget *target, GCancellable *cancellable, GError **error)
{
    return rub_target_read_layout(((SpyTarget *) target)->real, cancellable, error);
}

static inline RubDisk *
spy_open_for_reading(RubTarget *target, gboolean may_ask, GCancellable *cancellable, GError **error)
{
    return rub_target_open_for_reading(((SpyTarget *) target)->real, may_ask, cancellable, error);
}

static inline gboolean
spy_add_partition(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    SpyTarget *self = (SpyTarget *) target;
    if (self->failing_table)
        return spy_fail(self->failing_table, "the table", error);
    return rub_target_add_partition(self->real, volume, error);
}

static inline gboolean
spy_remove_partition(RubTarget *target, guint number, GError **error)
{
    return rub_target_remove_partition(((SpyTarget *) target)->real, number, error);
}

static inline gboolean
spy_open(RubTarget *target, const RubLayout *reviewed, RubAccess access, GCancellable *cancellable,
         GError **error)
{
    SpyTarget *self = (SpyTarget *) target;
    if (self->failing_open)
        return spy_fail(self->failing_open, "opening", error);
    if (!rub_target_open_for_writing(self->real, reviewed, access, cancellable, error))
        return FALSE;
    if (self->on_open)
        self->on_open(self->on_open_data, rub_target_get_disk(self->real));
    else
        rub_disk_set_write_hook(rub_target_get_disk(self->real), self->hook, self->hook_data);
    return TRUE;
}

static inline gboolean
spy_make_table(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    SpyTarget *self = (SpyTarget *) target;
    if (self->failing_table)
        return spy_fail(self->failing_table, "the table", error);
    if (self->cancelled_by_table)
        g_cancellable_cancel(self->cancelled_by_table);
    return rub_target_make_table(self->real, volume, error);
}

static inline gboolean
spy_make_volume(RubTarget *target, const RubNewVolume *volume, GCancellable *cancellable,
                GError **error)
{
    SpyTarget *self = (SpyTarget *) target;
    if (self->failing_volume)
        return spy_fail(self->failing_volume, "formatting", error);
    gboolean is_made = rub_target_make_volume(self->real, volume, cancellable, error);
    if (self->cancelled_by_volume)
        g_cancellable_cancel(self->cancelled_by_volume);
    return is_made;
}

static inline RubDisk *
spy_get_disk(RubTarget *target)
{
    return rub_target_get_disk(((SpyTarget *) target)->real);
}

static inline gboolean
spy_finish(RubTarget *target, GError **error)
{
    SpyTarget *self = (SpyTarget *) target;
    self->finish_count++;
    gboolean is_finished = rub_target_finish(self->real, error);
    return is_finished && self->failing_finish ? spy_fail(self->failing_finish, "finishing", error)
                                               : is_finished;
}

static inline void
spy_free(RubTarget *target)
{
    rub_target_free(((SpyTarget *) target)->real);
    g_free(target);
}

static inline SpyTarget *
spy_target_new(const char *path, guint64 new_size_bytes)
{
    static const RubTargetOps ops = {
        .read_layout = spy_read_layout,
        .open_for_reading = spy_open_for_reading,
        .open_for_writing = spy_open,
        .make_table = spy_make_table,
        .add_partition = spy_add_partition,
        .remove_partition = spy_remove_partition,
        .make_volume = spy_make_volume,
        .get_disk = spy_get_disk,
        .finish = spy_finish,
        .free = spy_free,
    };
    SpyTarget *self = g_new0(SpyTarget, 1);
    self->parent.ops = &ops;
    self->real = rub_image_target_new(path, new_size_bytes);
    return self;
}

/* One build, from the image to the report. */
typedef struct {
    char *folder;
    char *iso_path;
    char *disk_path;
    RubSource *source;
    Scene scene;
    SpyTarget *target;
    RubLayout *layout;
    RubPlan *plan;
    GCancellable *cancellable;
    RubReport *report;
} Build;

static inline void
build_init(Build *build)
{
    GError *error = NULL;
    *build = (Build){0};
    build->folder = make_folder();
    build->iso_path = make_iso(build->folder);
    build->disk_path = make_image(build->folder, "stick.img", JOB_DISK_BYTES);
    build->source = rub_source_open(build->iso_path, NULL, &error);
    g_assert_no_error(error);
    scene_init(&build->scene);
    build->scene.info.path = build->iso_path;
    build->scene.info.format = (char *) "Joliet";
    build->target = spy_target_new(build->disk_path, 0);
    build->cancellable = g_cancellable_new();
}

static inline void
build_plan(Build *build)
{
    GError *error = NULL;
    g_clear_pointer(&build->plan, rub_plan_free);
    g_clear_pointer(&build->layout, rub_layout_free);
    build->layout = rub_target_read_layout(&build->target->parent, NULL, &error);
    g_assert_no_error(error);
    build->plan = rub_plan_new(&build->scene.info, rub_source_get_listing(build->source),
                               build->layout, &build->scene.options);
    g_assert_null(rub_plan_get_obstacle(build->plan));
}

static inline void
build_run(Build *build)
{
    build_plan(build);
    g_clear_pointer(&build->report, rub_report_free);
    g_autoptr(RubJob) job = rub_job_new(build->source, &build->scene.info, &build->target->parent,
                                        build->layout, build->plan, NULL);
    build->report = rub_job_run(job, build->cancellable);
}

/* Goes back to an empty disk and an untouched target. */
static inline void
build_restart(Build *build)
{
    rub_target_free(&build->target->parent);
    g_assert_cmpint(g_remove(build->disk_path), ==, 0);
    g_free(build->disk_path);
    build->disk_path = make_image(build->folder, "stick.img", JOB_DISK_BYTES);
    build->target = spy_target_new(build->disk_path, 0);
}

static inline void
build_clear(Build *build)
{
    g_clear_pointer(&build->report, rub_report_free);
    g_clear_pointer(&build->plan, rub_plan_free);
    g_clear_pointer(&build->layout, rub_layout_free);
    rub_target_free(&build->target->parent);
    scene_clear(&build->scene);
    rub_source_unref(build->source);
    g_object_unref(build->cancellable);
    g_free(build->iso_path);
    g_free(build->disk_path);
    remove_folder(build->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Build, build_clear)

/* What is left behind, in the sentences of a report. */
#define NOTHING_CHANGED "Nothing was changed on stick.img."
#define UNFINISHED                                                                                 \
    "stick.img was erased and is unfinished: do not use it to start a computer. Build it again."
#define NOT_READ_BACK                                                                              \
    "stick.img was written to the end, but not all of it was read back. Build it again to be "     \
    "sure."
#define NOT_RIGHT                                                                                  \
    "stick.img was written, but what is on it is not right: do not use it to start a computer."

static inline char *
get_left_behind(const Build *build)
{
    g_assert_nonnull(build->report->left_behind);
    return format_text(build->report->left_behind);
}

static inline char *
get_failure(const Build *build)
{
    g_assert_nonnull(build->report->failure);
    return format_text(build->report->failure->meaning);
}

/* A report of failure claims nothing else. */
static inline void
assert_failed(const Build *build, RubCode code)
{
    const RubReport *report = build->report;
    g_assert_nonnull(report->failure);
    g_assert_cmpint(report->failure->code, ==, code);
    g_assert_nonnull(report->left_behind);
    g_assert_false(report->is_verified);
    g_assert_cmpuint(report->file_count, ==, 0);
    g_assert_cmpuint(report->copied_bytes, ==, 0);
}

/* Where the bytes lie on the disk. */
static inline guint64
find_on_disk(const char *disk_path, const void *data, gsize size_bytes)
{
    g_autofree char *disk = NULL;
    gsize disk_bytes;
    g_assert_true(g_file_get_contents(disk_path, &disk, &disk_bytes, NULL));
    const char *at = memmem(disk, disk_bytes, data, size_bytes);
    g_assert_nonnull(at);
    return (guint64) (at - disk);
}

/* Flips one bit. */
static inline void
damage(const char *disk_path, guint64 offset_bytes)
{
    guint8 byte;
    peek(disk_path, offset_bytes, &byte, 1);
    byte ^= 1;
    poke(disk_path, offset_bytes, &byte, 1);
}

/* The path of the disk is in a scratch folder; its name is what matters. */
static inline void
assert_left_behind(const Build *build, const char *expected)
{
    g_autofree char *prefix = g_strconcat(build->folder, "/", NULL);
    g_autofree char *actual = get_left_behind(build);
    g_auto(GStrv) parts = g_strsplit(actual, prefix, -1);
    assert_owned_string(g_strjoinv("", parts), expected);
}

/* All of a plan in one round of a volume, with nothing announced. */
static inline gboolean
copy_in_one_round(const Build *build, RubVolume *volume, RubManifest *manifest,
                  RubProgress *progress, GError **error)
{
    const RubPlan *plan = build->plan;
    g_autofree guint *file_ids = g_new0(guint, plan->files->len);
    for (guint i = 0; i < plan->folders->len; i++) {
        const RubPlanItem *item = g_ptr_array_index(plan->folders, i);
        g_ptr_array_add(manifest->folders, g_strdup(item->path));
    }
    return rub_copy_declare(plan, volume, NULL, file_ids, error) &&
           rub_volume_prepare(volume, error) &&
           rub_copy_write(plan, build->source, volume, file_ids, manifest, progress,
                          build->cancellable, error) &&
           rub_volume_commit(volume, error);
}

/* What a write hook does, and when. */
typedef struct {
    guint count;
    guint at; /* counted from 1; 0 for never */
    GCancellable *cancellable;
    guint64 last_offset_bytes;
} Writes;

static inline int
fail_one_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Writes *writes = user_data;
    writes->last_offset_bytes = offset_bytes;
    return ++writes->count == writes->at ? EIO : 0;
}

static inline int
cancel_at_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Writes *writes = user_data;
    if (++writes->count == writes->at)
        g_cancellable_cancel(writes->cancellable);
    return 0;
}

static inline void
hook(Build *build, RubDiskWriteHook function, Writes *writes)
{
    build->target->hook = function;
    build->target->hook_data = writes;
}

static inline guint
count_writes(Build *build)
{
    Writes writes = {0};
    hook(build, fail_one_write, &writes);
    build_run(build);
    g_assert_null(build->report->failure);
    return writes.count;
}

static inline RubStepKind
get_failed_step(const RubReport *report)
{
    const RubReportStep *step = g_ptr_array_index(report->steps, report->steps->len - 1);
    g_assert_false(step->is_done);
    return step->kind;
}
