/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sys/stat.h>
#include <utime.h>

#include "keep-tools.h"
#include "target/rub-kept-folder.h"
#include "volume/rub-folder-listing.h"

/* What the tests of building through a mounted volume share: a target whose volume is a folder. */

#define FOLDER_SECTORS (64 * MIB / 512 - 2048)

typedef enum {
    FOLDER_BLANK,
    FOLDER_TABLE,
    FOLDER_VOLUME,
} FolderState;

typedef struct {
    RubTarget parent;
    char *folder;
    FolderState state;
    guint fat_bits; /* 0 for 32 */
    gboolean is_open;
    gboolean is_mounted;
    gboolean is_read_only;
    guint finish_count;
    guint mount_count;
    RubCode failing_table; /* 0 for none */
    RubCode failing_mount;
    GCancellable *cancelled_by_open;
    GCancellable *cancelled_by_volume;
    GCancellable *cancelled_by_mount;
    guint cancelling_mount; /* counted from 1 */
    void (*on_mount)(const char *folder, gboolean is_read_only);
} FolderTarget;

/* The kernel would not unmount a volume that something is open on. */
static inline void
assert_nothing_is_open_in(const char *folder)
{
    GDir *fds = g_dir_open("/proc/self/fd", 0, NULL);
    g_autofree char *prefix = realpath(folder, NULL);
    const char *name;
    while ((name = g_dir_read_name(fds))) {
        g_autofree char *link = g_build_filename("/proc/self/fd", name, NULL);
        g_autofree char *path = g_file_read_link(link, NULL);
        if (path && prefix && g_str_has_prefix(path, prefix))
            g_error("%s is still open", path);
    }
    g_dir_close(fds);
}

static inline void
describe_folder(RubContents *contents, const char *folder, guint fat_bits)
{
    rub_contents_look_into_folder(contents, folder, NULL);
    g_assert_nonnull(contents->kept);
    contents->kept->cluster_bytes = 4096;
    contents->kept->free_clusters = 40 * MIB / 4096;
    contents->filesystem = g_strdup("vfat");
    contents->fat_bits = fat_bits ? fat_bits : 32;
    contents->label = g_strdup("HOLIDAY");
}

static inline RubLayout *
folder_read_layout(RubTarget *target, GCancellable *cancellable, GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    RubLayout *layout = rub_layout_new("stick.img", 64 * MIB);
    layout->is_removable = TRUE;
    layout->is_outline = TRUE;
    layout->can_mount = TRUE;
    layout->password = RUB_PASSWORD_NEEDED;
    layout->fingerprint = g_strdup("outline");
    if (self->state == FOLDER_BLANK)
        return layout;
    layout->table = RUB_TABLE_MBR;
    layout->table_name = g_strdup("dos");
    if (self->state == FOLDER_TABLE) {
        /* Else nobody has seen that nothing lies behind the empty table. */
        layout->password = RUB_PASSWORD_NOT_NEEDED;
        RubGap gap = {2048, FOLDER_SECTORS};
        g_array_append_val(layout->gaps, gap);
        return layout;
    }
    RubPartition *partition = rub_layout_add_partition(layout);
    partition->number = 1;
    partition->start_lba = 2048;
    partition->sector_count = FOLDER_SECTORS;
    partition->mbr_type = 0x0c;
    describe_folder(&partition->contents, self->folder, self->fat_bits);
    return layout;
}

static inline RubDisk *
folder_open_for_reading(RubTarget *target, gboolean may_ask, GCancellable *cancellable,
                        GError **error)
{
    g_set_error_literal(error, RUB_ERROR, RUB_CODE_NOT_AUTHORIZED, "it takes a password");
    return NULL;
}

static inline gboolean
folder_open(RubTarget *target, const RubLayout *reviewed, RubAccess access,
            GCancellable *cancellable, GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_cmpint(access, ==, RUB_ACCESS_MOUNTED);
    if (self->cancelled_by_open)
        g_cancellable_cancel(self->cancelled_by_open);
    self->is_open = !g_cancellable_is_cancelled(cancellable);
    if (!self->is_open)
        rub_error_set_cancelled(error);
    return self->is_open;
}

static inline gboolean
folder_make_table(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_true(self->is_open && !self->is_mounted);
    if (self->failing_table)
        return spy_fail(self->failing_table, "the table", error);
    self->state = FOLDER_TABLE;
    return TRUE;
}

static inline gboolean
folder_add_partition(RubTarget *target, const RubNewVolume *volume, GError **error)
{
    g_assert_cmpint(((FolderTarget *) target)->state, ==, FOLDER_VOLUME);
    return TRUE;
}

static inline gboolean
folder_remove_partition(RubTarget *target, guint number, GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_true(self->is_open && !self->is_mounted);
    g_assert_cmpint(self->state, ==, FOLDER_VOLUME);
    assert_nothing_is_open_in(self->folder);
    self->state = FOLDER_TABLE;
    return TRUE;
}

static inline gboolean
folder_make_volume(RubTarget *target, const RubNewVolume *volume, GCancellable *cancellable,
                   GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_true(self->is_open && !self->is_mounted);
    g_assert_cmpint(self->state, ==, FOLDER_TABLE);
    remove_folder(g_strdup(self->folder));
    g_assert_no_errno(g_mkdir(self->folder, 0700));
    self->state = FOLDER_VOLUME;
    if (self->cancelled_by_volume)
        g_cancellable_cancel(self->cancelled_by_volume);
    return TRUE;
}

static inline RubDisk *
folder_get_disk(RubTarget *target)
{
    return NULL;
}

static inline char *
folder_mount(RubTarget *target, guint number, gboolean is_read_only, GCancellable *cancellable,
             GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_false(self->is_mounted);
    g_assert_cmpint(self->state, ==, FOLDER_VOLUME);
    g_assert_cmpuint(number, ==, 1);
    self->mount_count++;
    if (self->failing_mount) {
        spy_fail(self->failing_mount, "mounting", error);
        return NULL;
    }
    self->is_mounted = TRUE;
    self->is_read_only = is_read_only;
    if (self->cancelled_by_mount && self->mount_count == self->cancelling_mount)
        g_cancellable_cancel(self->cancelled_by_mount);
    if (self->on_mount)
        self->on_mount(self->folder, is_read_only);
    return g_strdup(self->folder);
}

static inline gboolean
folder_unmount(RubTarget *target, GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_true(self->is_mounted);
    assert_nothing_is_open_in(self->folder);
    self->is_mounted = FALSE;
    return TRUE;
}

static inline gboolean
folder_finish(RubTarget *target, GError **error)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_true(self->is_open && !self->is_mounted);
    self->is_open = FALSE;
    self->finish_count++;
    return TRUE;
}

static inline void
folder_free(RubTarget *target)
{
    FolderTarget *self = (FolderTarget *) target;
    g_assert_false(self->is_mounted);
    g_free(self->folder);
    g_free(self);
}

static inline FolderTarget *
folder_target_new(const char *folder)
{
    static const RubTargetOps ops = {
        .read_layout = folder_read_layout,
        .open_for_reading = folder_open_for_reading,
        .open_for_writing = folder_open,
        .make_table = folder_make_table,
        .add_partition = folder_add_partition,
        .remove_partition = folder_remove_partition,
        .make_volume = folder_make_volume,
        .get_disk = folder_get_disk,
        .mount = folder_mount,
        .unmount = folder_unmount,
        .finish = folder_finish,
        .free = folder_free,
    };
    FolderTarget *self = g_new0(FolderTarget, 1);
    self->parent.ops = &ops;
    self->folder = g_build_filename(folder, "volume", NULL);
    g_assert_no_errno(g_mkdir(self->folder, 0700));
    return self;
}

/* A build through a folder; keeps what a scene of it needs beside a Build. */
typedef struct {
    Build build;
    FolderTarget *target;
} FolderBuild;

static inline void
put_file(const char *folder, const char *path, const void *content, gsize size_bytes)
{
    GError *error = NULL;
    g_autofree char *full = g_build_filename(folder, path, NULL);
    g_autofree char *parent = g_path_get_dirname(full);
    g_assert_no_errno(g_mkdir_with_parents(parent, 0700));
    g_file_set_contents(full, content, (gssize) size_bytes, &error);
    g_assert_no_error(error);
    g_assert_no_errno(utime(full, &(struct utimbuf){1600000000, 1600000000}));
}

static inline void
folder_build_init(FolderBuild *self, FolderState state)
{
    build_init(&self->build);
    self->build.scene.options.firmware = RUB_FIRMWARE_UEFI;
    self->target = folder_target_new(self->build.folder);
    self->target->state = state;
}

/* The user's files, spelled as mounted volumes show them. */
static inline void
folder_build_init_kept(FolderBuild *self)
{
    folder_build_init(self, FOLDER_VOLUME);
    self->build.scene.options.keep = TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(user_files); i++) {
        g_autofree guint8 *content =
            make_user_content(user_files[i].path, user_files[i].size_bytes);
        put_file(self->target->folder, user_files[i].path, content, user_files[i].size_bytes);
    }
}

static inline void
folder_build_clear(FolderBuild *self)
{
    rub_target_free(&self->target->parent);
    build_clear(&self->build);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FolderBuild, folder_build_clear)

static inline void
folder_build_run(FolderBuild *self)
{
    GError *error = NULL;
    Build *build = &self->build;
    RubTarget *target = &self->target->parent;
    g_clear_pointer(&build->report, rub_report_free);
    g_clear_pointer(&build->plan, rub_plan_free);
    g_clear_pointer(&build->layout, rub_layout_free);
    build->layout = rub_target_read_layout(target, NULL, &error);
    g_assert_no_error(error);
    build->plan = rub_plan_new(&build->scene.info, rub_source_get_listing(build->source),
                               build->layout, &build->scene.options);
    g_assert_null(rub_plan_get_obstacle(build->plan));
    g_assert_cmpint(build->plan->access, ==, RUB_ACCESS_MOUNTED);
    g_autoptr(RubJob) job =
        rub_job_new(build->source, &build->scene.info, target, build->layout, build->plan, NULL);
    build->report = rub_job_run(job, build->cancellable);
    g_assert_false(self->target->is_open || self->target->is_mounted);
}

static inline void
folder_build_run_whole(FolderBuild *self)
{
    folder_build_run(self);
    if (!self->build.report->failure)
        return;
    g_autofree char *failure = get_failure(&self->build);
    g_error("%s", failure);
}

/* Everything in the folder, as from read_stick(). */
static inline GHashTable *
read_volume(const FolderBuild *self)
{
    GError *error = NULL;
    GHashTable *files =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
    g_autoptr(RubListing) listing = rub_folder_listing_read(self->target->folder, NULL, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_autofree char *path = g_build_filename(self->target->folder, entry->path, NULL);
        char *content = NULL;
        gsize size_bytes = 0;
        if (entry->kind == RUB_ENTRY_FILE)
            g_assert_true(g_file_get_contents(path, &content, &size_bytes, NULL));
        g_hash_table_insert(
            files, g_strconcat(entry->path, entry->kind == RUB_ENTRY_FILE ? "" : "/", NULL),
            g_bytes_new_take(content, size_bytes));
    }
    return files;
}
