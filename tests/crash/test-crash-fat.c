/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Builds beside a user's files are cut off at every sector that they write, and between two syncs
 * in any order. Nothing may be lost, and a second build must complete. */

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "crash-volume.h"

/* How many cuts lie between two that fsck.fat judges, and between two after which a second build
 * is tried; both are primes, so that they meet every kind. */
#define FSCK_STEP 53
#define REBUILD_STEP 3
#define SHUFFLES_PER_EPOCH 60

static guint total_cuts;
static guint total_shuffles;
static guint total_rebuilds;
static guint total_fscks;
static gboolean is_untidy;

/* The lines that fsck.fat may print after a cut: that the volume was not closed properly, clusters
 * are lost, the tables differ, FSInfo is wrong; and what it always says of volumes this small. */
static const char *const harmless[] = {
    "fsck.fat ",
    "Warning: Filesystem is FAT32",
    "  but has only",
    "  This may lead",
    "Dirty bit is set.",
    " Automatically removing dirty bit.",
    "  Automatically removing dirty bit.",
    "FATs differ but appear to be intact.",
    "  Using first FAT.",
    "Reclaimed ",
    "Free cluster summary wrong",
    "  Auto-correcting.",
    "Leaving filesystem unchanged.",
    "/",
};

static gboolean
is_harmless(const char *line)
{
    if (*line == '\0')
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(harmless); i++)
        if (g_str_has_prefix(line, harmless[i]))
            return TRUE;
    return FALSE;
}

static void
judge_by_fsck(CrashVolume *volume, gboolean is_finished)
{
    if (is_untidy)
        return;
    const char *argv[] = {"fsck.fat", "-n", crash_volume_get_path(volume), NULL};
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;
    g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                 NULL, &output, NULL, &status, &error);
    g_assert_no_error(error);
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        if (!is_harmless(lines[i]))
            g_error("fsck.fat found “%s” in: %s", lines[i], output);
    if (is_finished && status != 0)
        g_error("fsck.fat is not content: %s", output);
    total_fscks++;
}

static void
rebuild(CrashVolume *volume, gboolean is_judged_by_fsck)
{
    CrashDisk *disk = crash_volume_get_disk(volume);
    crash_disk_begin_trial(disk);
    crash_volume_build(volume);
    crash_volume_judge_finished(volume);
    if (is_judged_by_fsck)
        judge_by_fsck(volume, TRUE);
    crash_disk_end_trial(disk);
    total_rebuilds++;
}

static void
cut_everywhere(CrashVolume *volume)
{
    CrashDisk *disk = crash_volume_get_disk(volume);
    while (crash_disk_next_cut(disk)) {
        total_cuts++;
        crash_volume_judge(volume);
        if (total_cuts % FSCK_STEP == 0)
            judge_by_fsck(volume, FALSE);
        if (total_cuts % REBUILD_STEP == 0)
            rebuild(volume, total_cuts % FSCK_STEP == 0);
    }
    crash_volume_judge_finished(volume);
    judge_by_fsck(volume, TRUE);
    crash_disk_rewind(disk);
}

static void
cut_in_any_order(CrashVolume *volume)
{
    CrashDisk *disk = crash_volume_get_disk(volume);
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    do {
        for (guint i = 0; i < SHUFFLES_PER_EPOCH; i++) {
            crash_disk_begin_trial(disk);
            crash_disk_apply_some(disk, random);
            crash_volume_judge(volume);
            if (++total_shuffles % FSCK_STEP == 0)
                judge_by_fsck(volume, FALSE);
            crash_disk_end_trial(disk);
        }
    } while (crash_disk_next_epoch(disk));
    crash_disk_rewind(disk);
}

static void
test_no_cut_loses_anything(gconstpointer data)
{
    const CrashLayout *layout = data;
    g_autoptr(CrashVolume) volume = crash_volume_new(layout);
    guint cuts = total_cuts;
    is_untidy = layout->is_untidy;
    CrashDisk *disk = crash_volume_get_disk(volume);
    crash_disk_start(disk);
    crash_volume_build(volume);
    crash_volume_judge_finished(volume);
    guint syncs = crash_disk_get_sync_count(disk);
    crash_disk_stop(disk);
    cut_everywhere(volume);
    cut_in_any_order(volume);
    g_test_message("%u cuts, %u syncs", total_cuts - cuts, syncs);
}

static void
test_there_were_enough(void)
{
    g_test_message("%u cuts and %u in other orders: no file lost; %u second builds completed, "
                   "fsck.fat looked %u times",
                   total_cuts, total_shuffles, total_rebuilds, total_fscks);
    g_assert_cmpuint(total_cuts, >=, 5000);
    g_assert_cmpuint(total_fscks, >=, 100);
}

static const CrashLayout layouts[] = {
    {"512-a", "-F 32 -s 1", 600, 0, 100, FALSE, FALSE, FALSE},
    {"512-b", "-F 32 -s 1", 600, 3, 100, FALSE, FALSE, FALSE},
    {"512-c", "-F 32 -s 1", 600, 8, 100, FALSE, FALSE, FALSE},
    {"512-d", "-F 32 -s 1", 600, 11, 100, FALSE, FALSE, FALSE},
    {"512-e", "-F 32 -s 1", 600, 14, 100, FALSE, FALSE, FALSE},
    {"512-fragmented", "-F 32 -s 1", 600, 5, 100, TRUE, FALSE, FALSE},
    {"512-full", "-F 32 -s 1", 600, 2, 100, FALSE, TRUE, FALSE},
    {"512-fragmented-full", "-F 32 -s 1", 600, 7, 100, TRUE, TRUE, FALSE},
    {"512-one-table", "-F 32 -s 1 -f 1", 600, 4, 100, FALSE, FALSE, FALSE},
    {"512-one-table-fragmented", "-F 32 -s 1 -f 1", 600, 6, 100, TRUE, FALSE, FALSE},
    {"1024-many-names", "-F 32 -s 2", 2400, 40, 250, FALSE, FALSE, FALSE},
    {"4096", "-F 32 -s 8", 2048, 10, 40, FALSE, FALSE, FALSE},
    {"4096-fragmented-full", "-F 32 -s 8", 2048, 1, 30, TRUE, TRUE, FALSE},
    {"4096-untidy", "-F 32 -s 8", 2048, 12, 40, FALSE, FALSE, TRUE},
    {"2048-untidy", "-F 32 -s 4", 1600, 15, 60, TRUE, FALSE, TRUE},
    {"4096-large-sectors", "-F 32 -S 4096 -s 1", 4096, 9, 30, FALSE, FALSE, FALSE},
    {"64k", "-F 32 -s 128", 16384, 2, 6, FALSE, FALSE, FALSE},
};

int
main(int argc, char **argv)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_autofree char *path = g_strconcat(g_getenv("PATH"), ":/usr/sbin:/sbin", NULL);
    g_setenv("PATH", path, TRUE);
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
        g_autofree char *name = g_strconcat("/crash/fat/", layouts[i].name, NULL);
        g_test_add_data_func(name, &layouts[i], test_no_cut_loses_anything);
    }
    g_test_add_func("/crash/fat/total", test_there_were_enough);
    return g_test_run();
}
