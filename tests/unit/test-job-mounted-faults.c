/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <string.h>

#include "folder-tools.h"
#include "job/rub-undo.h"
#include "openat2-tools.h"
#include "volume/rub-records.h"

#define STILL_THERE                                                                                \
    "Your files on stick.img are as they were; of those that were to be replaced, the old ones "   \
    "are kept. The unfinished build can be finished by building again."

/* The calls that change a mounted volume stand in for those of the C library and fail where a test
 * wants it: once, or from then on, which freezes the volume as a cut at that moment would. */
static struct {
    gboolean is_armed;
    gboolean is_final; /* whether everything behind it fails, too */
    guint at;          /* counted from 1; 0 for never */
    int errnum;
    GCancellable *cancelled; /* instead of failing */
    gint count;
} faults;

static gboolean
is_faulty(void)
{
    if (!faults.is_armed)
        return FALSE;
    guint count = (guint) g_atomic_int_add(&faults.count, 1) + 1;
    if (faults.at == 0 || (faults.is_final ? count < faults.at : count != faults.at))
        return FALSE;
    if (faults.cancelled)
        g_cancellable_cancel(faults.cancelled);
    errno = faults.errnum;
    return !faults.cancelled;
}

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

int
mkdirat(int fd, const char *path, mode_t mode)
{
    return is_faulty() ? -1 : REAL(mkdirat)(fd, path, mode);
}

int
unlinkat(int fd, const char *path, int flags)
{
    return is_faulty() ? -1 : REAL(unlinkat)(fd, path, flags);
}

int
syncfs(int fd)
{
    return is_faulty() ? -1 : REAL(syncfs)(fd);
}

int
futimens(int fd, const struct timespec times[2])
{
    return is_faulty() ? -1 : REAL(futimens)(fd, times);
}

int
sync_file_range(int fd, off64_t offset, off64_t size_bytes, unsigned int flags)
{
    return is_faulty() ? -1 : REAL(sync_file_range)(fd, offset, size_bytes, flags);
}

/* Opening changes something where it makes a file. */
static int
fail_making_files(const struct open_how *how)
{
    return how->flags & O_CREAT && is_faulty() ? faults.errnum : 0;
}

/* A write that fails has written the first half. */
ssize_t
pwrite(int fd, const void *data, size_t size_bytes, off_t offset)
{
    gboolean fails = is_faulty();
    ssize_t n = REAL(pwrite)(fd, data, fails ? size_bytes / 2 : size_bytes, offset);
    errno = fails ? faults.errnum : errno;
    return fails ? -1 : n;
}

/* GLib writes to pipes and event descriptors of its own. */
ssize_t
write(int fd, const void *data, size_t size_bytes)
{
    struct stat st;
    gboolean is_file = faults.is_armed && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    gboolean fails = is_file && is_faulty();
    ssize_t n = REAL(write)(fd, data, fails ? size_bytes / 2 : size_bytes);
    errno = fails ? faults.errnum : errno;
    return fails ? -1 : n;
}

static guint
run_armed(FolderBuild *self, guint at, gboolean is_final)
{
    faults.at = at;
    faults.is_final = is_final;
    faults.errnum = EIO;
    faults.count = 0;
    faults.is_armed = TRUE;
    folder_build_run(self);
    faults.is_armed = FALSE;
    return (guint) faults.count;
}

static gboolean
holds_anywhere(GHashTable *files, guint index)
{
    g_autofree guint8 *content =
        make_user_content(user_files[index].path, user_files[index].size_bytes);
    g_autoptr(GBytes) wanted = g_bytes_new(content, user_files[index].size_bytes);
    GHashTableIter iter;
    gpointer path, bytes;
    g_hash_table_iter_init(&iter, files);
    while (g_hash_table_iter_next(&iter, &path, &bytes)) {
        if ((g_str_equal(path, user_files[index].path) ||
             g_str_has_prefix(path, RUB_UNDO_FOLDER "/")) &&
            g_bytes_equal(bytes, wanted))
            return TRUE;
    }
    return FALSE;
}

static void
assert_users_files_are_whole(FolderBuild *self, guint at)
{
    g_autoptr(GHashTable) files = read_volume(self);
    for (guint i = 0; i < G_N_ELEMENTS(user_files); i++) {
        if (!holds_anywhere(files, i))
            g_error("after %u calls %s is lost", at - 1, user_files[i].path);
    }
}

/* A file that was cut off between its two places is spelled as in the image from then on. */
static const char *
find_path(GHashTable *files, const char *path)
{
    GHashTableIter iter;
    gpointer found;
    g_hash_table_iter_init(&iter, files);
    while (g_hash_table_iter_next(&iter, &found, NULL)) {
        if (g_ascii_strcasecmp(found, path) == 0)
            return found;
    }
    return path;
}

static void
assert_finished(FolderBuild *self, guint at)
{
    g_autoptr(GHashTable) files = read_volume(self);
    assert_users_files_are_whole(self, at);
    assert_holds_user_file(files, "holiday.jpg", 0);
    for (guint i = 0; i < G_N_ELEMENTS(job_files); i++)
        assert_holds_image_file(files, find_path(files, job_files[i].path), i);
    g_assert_false(g_hash_table_contains(files, RUB_PENDING_PATH));
    g_autoptr(RubManifest) manifest =
        rub_manifest_parse(g_hash_table_lookup(files, RUB_MANIFEST_PATH), NULL);
    g_assert_cmpuint(manifest->saved->len, ==, 2);
}

static guint
count_calls(void)
{
    g_auto(FolderBuild) self;
    folder_build_init_kept(&self);
    guint count = run_armed(&self, 0, FALSE);
    g_assert_null(self.build.report->failure);
    g_assert_cmpuint(count, >, 40);
    return count;
}

/* Wherever a build ends, the user's files are whole in one of their two places, and the next build
 * finishes it. */
static void
fail_everywhere(gboolean is_final)
{
    guint count = count_calls();
    for (guint at = 1; at <= count; at++) {
        g_auto(FolderBuild) self;
        folder_build_init_kept(&self);
        run_armed(&self, at, is_final);
        assert_failed(&self.build, RUB_CODE_WRITE_FAILED);
        assert_users_files_are_whole(&self, at);
        folder_build_run_whole(&self);
        assert_finished(&self, at);
    }
}

/* The same volume on a disk image, so that it can be opened as a drive is with a password. */
static void
move_to_disk(FolderBuild *self)
{
    Build *build = &self->build;
    GError *error = NULL;
    make_kept_disk(build, KEEP_DISK_BYTES, 40 * MIB, 1);
    const char *const folder = self->target->folder;
    g_autofree char *volume = g_strdup_printf("%s@@%d", build->disk_path, KEEP_START_LBA * 512);
    GDir *entries = g_dir_open(folder, 0, &error);
    const char *name;
    g_assert_no_error(error);
    run("mdeltree", "-i", volume, "::docs");
    run("mdel", "-i", volume, "::holiday.jpg", "::BOOTMGR");
    while ((name = g_dir_read_name(entries))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        run("mcopy", "-s", "-m", "-i", volume, path, "::");
    }
    g_dir_close(entries);
    rub_target_free(&build->target->parent);
    build->target = spy_target_new(build->disk_path, 0);
}

/* Everything is as before the first build, but for how files are spelled that it took away. */
static void
assert_undone(FolderBuild *self, guint at)
{
    g_autoptr(GHashTable) files = read_kept(&self->build);
    for (guint i = 0; i < G_N_ELEMENTS(user_files); i++)
        assert_holds_user_file(files, find_path(files, user_files[i].path), i);
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, files);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        gboolean is_users = g_str_equal(path, "docs/");
        for (guint i = 0; i < G_N_ELEMENTS(user_files); i++)
            is_users |= g_ascii_strcasecmp(path, user_files[i].path) == 0;
        if (!is_users)
            g_error("after %u calls and all undone there is %s", at - 1, (char *) path);
    }
}

/* A cut before the note is written leaves nothing to undo but, at most, our empty folder. */
static void
undo_on_disk(FolderBuild *self, guint at)
{
    g_autoptr(RubUndoReport) report = undo_target(&self->build.target->parent);
    if (report->failure && report->failure->code == RUB_CODE_NOT_OUR_STICK) {
        g_assert_cmpuint(at, <, 8);
        return;
    }
    if (report->failure) {
        g_autofree char *meaning = format_text(report->failure->meaning);
        g_error("after %u calls: %s", at - 1, meaning);
    }
    assert_undone(self, at);
}

/* With every other one, a build that needs the disk comes between. */
static void
test_a_cut_can_be_undone_on_the_disk(void)
{
    guint count = count_calls();
    for (guint at = 1; at <= count + 1; at += 2) {
        g_auto(FolderBuild) self;
        folder_build_init_kept(&self);
        run_armed(&self, at, TRUE);
        move_to_disk(&self);
        if (at % 4 == 1) {
            self.build.scene.options.firmware = RUB_FIRMWARE_MULTI;
            build_run(&self.build);
            g_assert_null(self.build.report->failure);
        }
        undo_on_disk(&self, at);
    }
}

/* A volume that only the kernel's driver writes is undone through it. */
static FolderBuild
build_on_fat16(void)
{
    FolderBuild self;
    folder_build_init_kept(&self);
    folder_build_run_whole(&self);
    self.target->fat_bits = 16;
    return self;
}

static RubUndoReport *
undo_armed(FolderBuild *self, guint at)
{
    faults.at = at;
    faults.is_final = TRUE;
    faults.errnum = EIO;
    faults.count = 0;
    faults.is_armed = TRUE;
    RubUndoReport *report = undo_target(&self->target->parent);
    faults.is_armed = FALSE;
    g_assert_false(self->target->is_open || self->target->is_mounted);
    return report;
}

static void
assert_nothing_is_left(FolderBuild *self, guint at)
{
    g_autoptr(GHashTable) files = read_volume(self);
    for (guint i = 0; i < G_N_ELEMENTS(user_files); i++)
        assert_holds_user_file(files, find_path(files, user_files[i].path), i);
    if (g_hash_table_size(files) != G_N_ELEMENTS(user_files) + G_N_ELEMENTS(user_folders))
        g_error("cut off at call %u and undone again there are %u entries", at,
                g_hash_table_size(files));
}

static guint
count_calls_of_undo(void)
{
    g_auto(FolderBuild) self = build_on_fat16();
    g_autoptr(RubUndoReport) report = undo_armed(&self, 0);
    g_assert_null(report->failure);
    g_assert_cmpuint(report->removed->len, ==, G_N_ELEMENTS(job_files));
    g_assert_cmpuint(report->restored->len, ==, 2);
    g_assert_cmpuint(report->stayed->len, ==, 0);
    assert_nothing_is_left(&self, 0);
    g_assert_cmpint(faults.count, >, 20);
    return (guint) faults.count;
}

/* The very last call takes our folder away, which is empty by then. */
static void
test_an_undo_that_is_cut_off_is_finished_by_another(void)
{
    guint count = count_calls_of_undo();
    for (guint at = 1; at <= count; at++) {
        g_auto(FolderBuild) self = build_on_fat16();
        g_autoptr(RubUndoReport) failed = undo_armed(&self, at);
        g_assert_nonnull(failed->failure);
        assert_users_files_are_whole(&self, at);
        g_autoptr(RubUndoReport) report = undo_armed(&self, 0);
        g_assert_cmpuint(report->stayed->len, ==, 0);
        if (!report->failure) {
            assert_nothing_is_left(&self, at);
            continue;
        }
        g_autofree char *failure = format_text(report->failure->meaning);
        if (report->failure->code != RUB_CODE_NOT_OUR_STICK || at + 3 < count)
            g_error("cut off at call %u of %u: %s", at, count, failure);
    }
}

static void
test_a_partition_that_was_made_goes_without_the_disk(void)
{
    g_auto(FolderBuild) self;
    folder_build_init(&self, FOLDER_TABLE);
    self.build.scene.options.keep = TRUE;
    folder_build_run_whole(&self);
    self.target->fat_bits = 16;
    g_autoptr(RubUndoReport) report = undo_target(&self.target->parent);
    g_assert_null(report->failure);
    g_assert_true(report->is_partition_removed);
    g_assert_cmpint(self.target->state, ==, FOLDER_TABLE);
}

static void
test_a_call_that_fails_costs_no_file(void)
{
    fail_everywhere(FALSE);
}

static void
test_a_volume_that_is_gone_in_the_middle_costs_no_file(void)
{
    fail_everywhere(TRUE);
}

/* Before the first file there is nothing to finish; after the last one all is there. */
static void
test_a_build_that_is_stopped_can_be_finished(void)
{
    static const char *const endings[] = {NOTHING_CHANGED, STILL_THERE, NOT_READ_BACK};
    guint met[G_N_ELEMENTS(endings)] = {0};
    guint count = count_calls();
    for (guint at = 1; at <= count; at++) {
        g_auto(FolderBuild) self;
        folder_build_init_kept(&self);
        faults.cancelled = self.build.cancellable;
        run_armed(&self, at, FALSE);
        faults.cancelled = NULL;
        assert_failed(&self.build, RUB_CODE_CANCELLED);
        g_autofree char *left_behind = get_left_behind(&self.build);
        for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
            met[i] += g_str_equal(left_behind, endings[i]);
        g_assert_cmpuint(met[0] + met[1] + met[2], ==, at);
        assert_users_files_are_whole(&self, at);
        g_cancellable_reset(self.build.cancellable);
        folder_build_run_whole(&self);
        assert_finished(&self, at);
    }
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
        g_assert_cmpuint(met[i], >, 0);
}

static void
test_what_failed_is_told(void)
{
    static const struct {
        int errnum;
        RubCode code;
        const char *words;
    } cases[] = {
        {EIO, RUB_CODE_WRITE_FAILED, "written: Input/output error"},
        {EROFS, RUB_CODE_WRITE_FAILED, "because it found errors in it"},
        {ENOSPC, RUB_CODE_WRITE_FAILED, "No space left on device"},
        {ENODEV, RUB_CODE_DEVICE_GONE, "is no longer there"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(FolderBuild) self;
        folder_build_init_kept(&self);
        faults.at = 12;
        faults.is_final = TRUE;
        faults.errnum = cases[i].errnum;
        faults.count = 0;
        faults.is_armed = TRUE;
        folder_build_run(&self);
        faults.is_armed = FALSE;
        assert_failed(&self.build, cases[i].code);
        g_autofree char *failure = get_failure(&self.build);
        g_assert_nonnull(strstr(failure, cases[i].words));
        g_autofree char *left_behind = get_left_behind(&self.build);
        g_assert_nonnull(strstr(left_behind, "Check and repair the filesystem"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    openat2_hook = fail_making_files;
    g_test_add_func("/job/mounted/a-call-that-fails-costs-no-file",
                    test_a_call_that_fails_costs_no_file);
    g_test_add_func("/job/mounted/a-volume-that-is-gone-in-the-middle-costs-no-file",
                    test_a_volume_that_is_gone_in_the_middle_costs_no_file);
    g_test_add_func("/job/mounted/an-undo-that-is-cut-off-is-finished-by-another",
                    test_an_undo_that_is_cut_off_is_finished_by_another);
    g_test_add_func("/job/mounted/a-partition-that-was-made-goes-without-the-disk",
                    test_a_partition_that_was_made_goes_without_the_disk);
    if (has_tool("mcopy"))
        g_test_add_func("/job/mounted/a-cut-can-be-undone-on-the-disk",
                        test_a_cut_can_be_undone_on_the_disk);
    g_test_add_func("/job/mounted/a-build-that-is-stopped-can-be-finished",
                    test_a_build_that_is_stopped_can_be_finished);
    g_test_add_func("/job/mounted/what-failed-is-told", test_what_failed_is_told);
    return g_test_run();
}
