/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole builds beside a user's files, and the undoing of them, cut off at every sector: nothing of
 * the user's is lost, and whatever was cut off, the next build finishes it. */

#include "boot/rub-boot-saved.h"
#include "crash-disk.h"
#include "job/rub-check.h"
#include "job/rub-undo.h"
#include "keep-tools.h"
#include "volume/rub-fat-writer.h"
#include "volume/rub-ntfs-volume.h"
#include "volume/rub-records.h"

#define SMALL_START_LBA 2048
#define MAX_FILES 64

typedef enum {
    BUILD,
    BUILD_AGAIN,     /* on a finished build */
    BUILD_AFTER_CUT, /* on one that was cut off in the middle */
    BUILD_ON_ERASED, /* on a stick that was erased and built */
    UNDO,
} Action;

/* A user's stick, and an image that is built onto it. */
typedef struct {
    const char *name;
    Action action;
    guint64 partition_bytes;
    guint cluster_sectors;
    guint user_file_count;
    guint image_file_count;
    guint shared_count; /* how many files of the image meet one of the user's */
    RubFirmware firmware;
    RubFilesystem filesystem;
} Case;

static const Case cases[] = {
    {"small clusters", BUILD, 3 * MIB, 1, 12, 9, 3, RUB_FIRMWARE_MULTI},
    {"large clusters", BUILD, 6 * MIB, 8, 5, 30, 2, RUB_FIRMWARE_UEFI},
    {"many replaced files", BUILD, 4 * MIB, 2, 24, 24, 20, RUB_FIRMWARE_MULTI},
    {"full folders", BUILD, 4 * MIB, 1, 60, 40, 0, RUB_FIRMWARE_MULTI},
    {"nothing there", BUILD, 4 * MIB, 4, 0, 12, 0, RUB_FIRMWARE_MULTI},
    {"a second build", BUILD_AGAIN, 4 * MIB, 1, 12, 9, 3, RUB_FIRMWARE_MULTI},
    {"after a cut", BUILD_AFTER_CUT, 4 * MIB, 1, 16, 12, 6, RUB_FIRMWARE_MULTI},
    {"on an erased stick", BUILD_ON_ERASED, 40 * MIB, 1, 4, 5, 0, RUB_FIRMWARE_MULTI},
    {"undo", UNDO, 4 * MIB, 1, 12, 12, 6, RUB_FIRMWARE_MULTI},
    {"undo of many", UNDO, 4 * MIB, 2, 20, 30, 18, RUB_FIRMWARE_MULTI},
};

/* The same on NTFS. */
static const Case ntfs_cases[] = {
    {"small clusters", BUILD, 16 * MIB, 1, 12, 9, 3, RUB_FIRMWARE_BIOS, RUB_FILESYSTEM_NTFS},
    {"large clusters", BUILD, 24 * MIB, 64, 5, 20, 2, RUB_FIRMWARE_BIOS, RUB_FILESYSTEM_NTFS},
    {"many replaced files", BUILD, 16 * MIB, 8, 24, 24, 20, RUB_FIRMWARE_BIOS, RUB_FILESYSTEM_NTFS},
    {"a second build", BUILD_AGAIN, 16 * MIB, 8, 12, 9, 3, RUB_FIRMWARE_BIOS, RUB_FILESYSTEM_NTFS},
    {"after a cut", BUILD_AFTER_CUT, 16 * MIB, 8, 12, 9, 3, RUB_FIRMWARE_BIOS, RUB_FILESYSTEM_NTFS},
    {"undo", UNDO, 16 * MIB, 8, 12, 12, 6, RUB_FIRMWARE_BIOS, RUB_FILESYSTEM_NTFS},
};

/* How often what was written between two calls of fsync() reaches the medium in another order. */
#define SHUFFLES_PER_EPOCH 4

/* After each so many states the next build is carried out. On NTFS, whose tables are written twice,
 * there are more of them, of which some are looked at: a number that has nothing to do with that of
 * the sectors in a block. */
#define STATES_PER_TRIAL 3
#define NTFS_CUTS_PER_STATE 3

typedef struct {
    const Case *the_case;
    Build build;
    CrashDisk *crash;
    GHashTable *original; /* what the user had: contents by path */
    guint64 start_lba;
    guint64 sector_count;
    GBytes *boot_sectors; /* those that boot code changes, as they were */
    guint cuts;
    guint shuffles;
    guint trials;
} Scenario;

static guint all_cuts, all_shuffles, all_trials;

static char *
make_path(guint index, gboolean is_shared)
{
    static const char *const folders[] = {"", "docs/", "docs/more of them/", "EFI/"};
    if (is_shared)
        return g_strdup_printf("%sshared file number %u.bin", folders[index % 3], index);
    return g_strdup_printf("%sfile%u", folders[index % 4], index);
}

static gsize
get_size(guint index, gboolean is_image)
{
    static const gsize sizes[] = {700, 0, 5000, 1, 512, 2048, 9000};
    return sizes[(index + (is_image ? 3 : 0)) % G_N_ELEMENTS(sizes)];
}

static char *
make_small_iso(const Case *the_case, const char *folder)
{
    char *path = g_build_filename(folder, "small.iso", NULL);
    struct archive *iso = archive_write_new();
    archive_write_set_format_iso9660(iso);
    archive_write_set_options(iso, "volume-id=TEST");
    g_assert_cmpint(archive_write_open_filename(iso, path), ==, ARCHIVE_OK);
    add_to_iso(iso, AE_IFDIR, "docs", 0);
    add_to_iso(iso, AE_IFDIR, "docs/more of them", 0);
    add_to_iso(iso, AE_IFDIR, "EFI", 0);
    add_to_iso(iso, AE_IFDIR, "an empty folder", 0);
    for (guint i = 0; i < the_case->image_file_count; i++) {
        g_autofree char *name = make_path(i, i < the_case->shared_count);
        g_autofree char *ours =
            i < the_case->shared_count ? NULL : g_strconcat(name, ".ours", NULL);
        add_to_iso(iso, AE_IFREG, ours ? ours : name, get_size(i, TRUE));
    }
    g_assert_cmpint(archive_write_close(iso), ==, ARCHIVE_OK);
    archive_write_free(iso);
    return path;
}

static gboolean
is_ntfs(const Scenario *self)
{
    return self->the_case->filesystem == RUB_FILESYSTEM_NTFS;
}

/* mtools refuses volumes as small as these. */
static void
add_users(const Scenario *self)
{
    static const char *const folders[] = {"docs", "docs/more of them", "EFI", "private"};
    const Case *the_case = self->the_case;
    guint ids[MAX_FILES];
    int fd = open(self->build.disk_path, O_RDWR | O_CLOEXEC);
    g_autoptr(RubDisk) disk = rub_disk_new(fd, (guint64) lseek(fd, 0, SEEK_END), 512, "stick.img");
    g_autoptr(RubVolume) volume =
        is_ntfs(self) ? rub_ntfs_volume_new(disk, self->start_lba, self->sector_count, NULL)
                      : rub_fat_writer_new(disk, self->start_lba, self->sector_count, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
        g_assert_true(rub_volume_add_folder(volume, folders[i], 1600000000, RUB_VOLUME_NONE, NULL));
    for (guint i = 0; i < the_case->user_file_count; i++) {
        g_autofree char *path = make_path(i, i < the_case->shared_count);
        g_assert_true(rub_volume_add_file(volume, path, get_size(i, FALSE), 1600000000,
                                          RUB_VOLUME_NONE, &ids[i], NULL));
    }
    g_assert_true(rub_volume_prepare(volume, NULL));
    for (guint i = 0; i < the_case->user_file_count; i++) {
        g_autofree char *path = make_path(i, i < the_case->shared_count);
        gsize size_bytes = get_size(i, FALSE);
        g_autofree guint8 *content = make_user_content(path, size_bytes);
        g_assert_true(rub_volume_write(volume, ids[i], content, size_bytes, NULL));
    }
    g_assert_true(rub_volume_commit(volume, NULL));
}

static void
make_fat(const Case *the_case, const Build *build)
{
    g_autofree char *cluster = g_strdup_printf("%u", the_case->cluster_sectors);
    g_autofree char *blocks =
        g_strdup_printf("%" G_GUINT64_FORMAT, the_case->partition_bytes / 1024);
    run("mkfs.fat", "-F", "32", "-s", cluster, "-n", "HOLIDAY", "-h", "2048",
        "--offset=" G_STRINGIFY(SMALL_START_LBA), build->disk_path, blocks);
}

static void
make_ntfs(const Case *the_case, const Build *build)
{
    g_autofree char *cluster = g_strdup_printf("%u", the_case->cluster_sectors * 512);
    g_autofree char *volume = make_image(build->folder, "volume", the_case->partition_bytes);
    g_autofree char *input = g_strconcat("if=", volume, NULL);
    g_autofree char *output = g_strconcat("of=", build->disk_path, NULL);
    g_free(run_tool(NULL, "mkntfs", "-F", "-Q", "-q", "-p", G_STRINGIFY(SMALL_START_LBA), "-H",
                    "255", "-S", "63", "-s", "512", "-c", cluster, "-L", "HOLIDAY", volume, NULL));
    run("dd", input, output, "bs=512", "seek=" G_STRINGIFY(SMALL_START_LBA), "conv=notrunc",
        "status=none");
    g_remove(volume);
}

static void
make_small_disk(Scenario *self)
{
    const Case *the_case = self->the_case;
    Build *build = &self->build;
    g_remove(build->disk_path);
    g_free(build->disk_path);
    build->disk_path = make_image(build->folder, "stick.img", the_case->partition_bytes + 3 * MIB);
    self->start_lba = SMALL_START_LBA;
    self->sector_count = the_case->partition_bytes / 512;
    g_autofree char *script =
        g_strdup_printf("label: dos\nstart=%d, size=%" G_GUINT64_FORMAT ", type=c, bootable\n"
                        "start=%" G_GUINT64_FORMAT ", type=83\n",
                        SMALL_START_LBA, self->sector_count, SMALL_START_LBA + self->sector_count);
    g_free(run_tool(script, "sfdisk", "--quiet", build->disk_path, NULL));
    if (is_ntfs(self))
        make_ntfs(the_case, build);
    else
        make_fat(the_case, build);
    add_users(self);
}

static void
use_small_image(Build *build, const Case *the_case)
{
    GError *error = NULL;
    rub_source_unref(build->source);
    g_free(build->iso_path);
    build->iso_path = make_small_iso(the_case, build->folder);
    build->source = rub_source_open(build->iso_path, NULL, &error);
    g_assert_no_error(error);
    build->scene.info.path = build->iso_path;
    build->scene.options.keep = TRUE;
    build->scene.options.firmware = the_case->firmware;
}

static void
on_open(gpointer user_data, RubDisk *disk)
{
    crash_disk_watch(user_data, disk);
}

static void
run_build(Scenario *self)
{
    build_run(&self->build);
    if (!self->build.report->failure)
        return;
    g_autofree char *failure = get_failure(&self->build);
    g_error("%s, after %u cuts: %s", self->the_case->name, self->cuts, failure);
}

static void
run_undo(Scenario *self)
{
    g_autoptr(RubUndoReport) report = undo_target(&self->build.target->parent);
    /* Undoing what was undone already, or never begun. */
    if (!report->failure || report->failure->code == RUB_CODE_NOT_OUR_STICK)
        return;
    g_autofree char *failure = format_text(report->failure->meaning);
    g_error("%s, after %u cuts: %s", self->the_case->name, self->cuts, failure);
}

static RubStickVolume *
open_volume(const Scenario *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubDisk) disk = open_stick(self->build.disk_path);
    RubVolumePlace place = {
        disk, NULL, 1, self->start_lba, self->sector_count, self->the_case->filesystem};
    RubStickVolume *stick = rub_stick_volume_open(&place, NULL, &error);
    g_assert_no_error(error);
    return stick;
}

static GHashTable *
read_small(const Scenario *self)
{
    if (!is_ntfs(self))
        return read_stick(self->build.disk_path, self->start_lba, self->sector_count);
    g_autoptr(RubStickVolume) stick = open_volume(self);
    GHashTable *files =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
    for (guint i = 0; i < stick->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(stick->listing->entries, i);
        GBytes *bytes = entry->kind == RUB_ENTRY_FILE
                            ? rub_stick_volume_read_file(stick, entry->path, MIB, NULL)
                            : g_bytes_new(NULL, 0);
        g_assert_nonnull(bytes);
        g_hash_table_insert(
            files, g_strconcat(entry->path, entry->kind == RUB_ENTRY_FILE ? "" : "/", NULL), bytes);
    }
    return files;
}

static gboolean
holds(GHashTable *files, const char *path, GBytes *content)
{
    GBytes *found = g_hash_table_lookup(files, path);
    return found && g_bytes_equal(found, content);
}

static GBytes *
make_new_content(const char *path, guint index)
{
    gsize size_bytes = get_size(index, TRUE);
    return g_bytes_new_take(make_content(path, size_bytes), size_bytes);
}

static void
assert_nothing_is_lost(const Scenario *self)
{
    g_autoptr(GHashTable) now = read_small(self);
    GHashTableIter iter;
    gpointer path, content;
    g_hash_table_iter_init(&iter, self->original);
    while (g_hash_table_iter_next(&iter, &path, &content)) {
        /* The manifest of the build that erased the stick is ours, too. */
        gboolean is_whole = g_str_has_prefix(path, RUB_RECORDS_FOLDER) || holds(now, path, content);
        for (guint i = 0; !is_whole && i < self->the_case->shared_count; i++) {
            g_autofree char *shared = make_path(i, TRUE);
            g_autoptr(GBytes) new_content = make_new_content(shared, i);
            is_whole = g_str_equal(path, shared) && holds(now, path, new_content);
        }
        if (!is_whole)
            g_error("%s: after %u cuts %s is lost", self->the_case->name, self->cuts,
                    (char *) path);
    }
}

static void
assert_is_accepted(const Scenario *self)
{
    g_autoptr(RubStickVolume) stick = open_volume(self);
    g_autofree char *damage = stick->damage ? rub_text_format(stick->damage, NULL) : NULL;
    if (damage)
        g_error("%s: after %u cuts: %s", self->the_case->name, self->cuts, damage);
}

/* The very last write of an undo takes our folder away, which is empty by then: cut off before it,
 * nothing else tells that there was a build. */
static void
assert_is_original(const Scenario *self)
{
    g_autoptr(GHashTable) now = read_small(self);
    if (!g_hash_table_contains(self->original, RUB_RECORDS_FOLDER "/"))
        g_hash_table_remove(now, RUB_RECORDS_FOLDER "/");
    GHashTableIter iter;
    gpointer path, content;
    g_hash_table_iter_init(&iter, now);
    while (g_hash_table_iter_next(&iter, &path, &content)) {
        GBytes *wanted = g_hash_table_lookup(self->original, path);
        if (!wanted || !g_bytes_equal(wanted, content))
            g_error("%s: after %u cuts and all undone %s is %s", self->the_case->name, self->cuts,
                    (char *) path, wanted ? "different" : "there");
    }
    g_hash_table_iter_init(&iter, self->original);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        if (!g_hash_table_contains(now, path))
            g_error("%s: after %u cuts and all undone %s is missing", self->the_case->name,
                    self->cuts, (char *) path);
    }
}

static void
assert_is_good(const Scenario *self)
{
    g_autoptr(RubProgress) progress = rub_progress_new();
    g_autoptr(RubCheckReport) report = rub_check_run(&self->build.target->parent, progress, NULL);
    g_assert_cmpstr(rub_check_state_get_id(report->state), ==, "good");
}

static GBytes *
read_boot_sectors(const Scenario *self)
{
    g_autoptr(RubDisk) disk = open_stick(self->build.disk_path);
    return rub_boot_save_sectors(disk, self->the_case->filesystem, self->start_lba, NULL);
}

static void
assert_all_is_undone(const Scenario *self)
{
    g_autoptr(GBytes) sectors = read_boot_sectors(self);
    assert_is_original(self);
    g_assert_true(g_bytes_equal(sectors, self->boot_sectors));
}

/* The next build finishes what was cut off and frees what it left; undone, all is as it was. */
static void
try_what_comes_next(Scenario *self)
{
    gboolean undoes_first = self->the_case->action == UNDO;
    if (undoes_first)
        run_undo(self);
    if (undoes_first && self->trials % 2 == 0) {
        assert_all_is_undone(self);
    } else {
        run_build(self);
        assert_is_good(self);
        assert_nothing_is_lost(self);
        run_undo(self);
        assert_all_is_undone(self);
    }
    self->trials++;
}

static void
judge(Scenario *self)
{
    assert_nothing_is_lost(self);
    assert_is_accepted(self);
    if ((self->cuts + self->shuffles) % STATES_PER_TRIAL == 0)
        try_what_comes_next(self);
}

static void
record(Scenario *self)
{
    crash_disk_start(self->crash);
    if (self->the_case->action == UNDO)
        run_undo(self);
    else
        run_build(self);
    crash_disk_stop(self->crash);
}

static void
cut_everywhere(Scenario *self)
{
    guint step = is_ntfs(self) ? NTFS_CUTS_PER_STATE : 1;
    guint count = 0;
    do {
        if (count++ % step != 0)
            continue;
        crash_disk_begin_trial(self->crash);
        judge(self);
        crash_disk_end_trial(self->crash);
        self->cuts++;
    } while (crash_disk_next_cut(self->crash));
    crash_disk_rewind(self->crash);
}

/* Drives have caches, and write what is in them in their own order. */
static void
shuffle_everywhere(Scenario *self)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    do {
        for (guint i = 0; i < SHUFFLES_PER_EPOCH; i++) {
            crash_disk_begin_trial(self->crash);
            crash_disk_apply_some(self->crash, random);
            judge(self);
            crash_disk_end_trial(self->crash);
            self->shuffles++;
        }
    } while (crash_disk_next_epoch(self->crash));
    crash_disk_rewind(self->crash);
}

/* A build that fails at a write in its middle. */
static void
fail_a_build(Scenario *self)
{
    Writes writes = {0};
    g_autofree char *path = g_strdup(self->build.disk_path);
    g_autofree char *copy = g_build_filename(self->build.folder, "copy.img", NULL);
    run("cp", path, copy);
    writes.at = count_writes(&self->build) * 2 / 3;
    writes.count = 0;
    run("cp", copy, path);
    hook(&self->build, fail_one_write, &writes);
    build_run(&self->build);
    g_assert_nonnull(self->build.report->failure);
    hook(&self->build, NULL, NULL);
}

static void
erase_and_build(Scenario *self)
{
    self->build.scene.options.keep = FALSE;
    run_build(self);
    self->build.scene.options.keep = TRUE;
    self->start_lba = self->build.plan->volume.start_lba;
    self->sector_count = self->build.plan->volume.sector_count;
    g_hash_table_unref(self->original);
    self->original = read_small(self);
    g_bytes_unref(self->boot_sectors);
    self->boot_sectors = read_boot_sectors(self);
}

static void
prepare(Scenario *self)
{
    switch (self->the_case->action) {
    case BUILD:
        break;
    case BUILD_ON_ERASED:
        erase_and_build(self);
        break;
    case BUILD_AFTER_CUT:
        fail_a_build(self);
        break;
    default:
        run_build(self);
    }
}

static void
scenario_clear(Scenario *self)
{
    crash_disk_free(self->crash);
    g_hash_table_unref(self->original);
    g_bytes_unref(self->boot_sectors);
    build_clear(&self->build);
}

static void
test_case(gconstpointer user_data)
{
    Scenario self = {.the_case = user_data};
    build_init(&self.build);
    use_small_image(&self.build, self.the_case);
    make_small_disk(&self);
    rub_target_free(&self.build.target->parent);
    self.build.target = spy_target_new(self.build.disk_path, 0);
    self.original = read_small(&self);
    self.boot_sectors = read_boot_sectors(&self);
    prepare(&self);
    self.crash = crash_disk_new(self.build.disk_path, 512);
    self.build.target->on_open = on_open;
    self.build.target->on_open_data = self.crash;
    record(&self);
    cut_everywhere(&self);
    shuffle_everywhere(&self);
    g_test_message("%u cut points, %u other orders, %u builds after them", self.cuts, self.shuffles,
                   self.trials);
    all_cuts += self.cuts;
    all_shuffles += self.shuffles;
    all_trials += self.trials;
    scenario_clear(&self);
}

static void
report_counts(void)
{
    g_test_message("%u cut points and %u other orders: no file lost; %u builds after them finished",
                   all_cuts, all_shuffles, all_trials);
    g_assert_cmpuint(all_cuts, >, 1000);
}

static void
add_cases(const char *folder, const Case *these, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *path = g_strdelimit(g_strconcat(folder, these[i].name, NULL), " ", '-');
        g_test_add_data_func(path, &these[i], test_case);
    }
    g_autofree char *path = g_strconcat(folder, "zz-counts", NULL);
    g_test_add_func(path, report_counts);
}

/* The path of the tests to run is on the command line. */
int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without("mkfs.fat") || skip_all_without("mkntfs"))
        return 0;
    add_cases("/keep-build/fat/", cases, G_N_ELEMENTS(cases));
    add_cases("/keep-build/ntfs/", ntfs_cases, G_N_ELEMENTS(ntfs_cases));
    return g_test_run();
}
