/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plan counts as needed on an NTFS volume is enough for the engine, and not far too much.
 */
#include "ntfs-tools.h"
#include "plan-tools.h"
#include "plan/rub-plan-need.h"
#include "target/rub-kept-ntfs.h"
#include "volume/rub-path-index.h"
#include "volume/rub-records.h"

/* What the table of files may grow by for the file that fills the volume up. */
#define SLACK_CLUSTERS 512

typedef struct {
    guint file_count;
    guint file_bytes;
    const char *path; /* of each, with its number */
    const char *sector_bytes;
    const char *cluster_bytes;
    gboolean has_folder; /* whether the folder is on the volume already */
} Case;

typedef struct {
    const Case *test;
    Scene scene;
    RubPlan *plan;
    NtfsImage image;
} Fixture;

static char *
make_path(const Case *test, guint i)
{
    char number[16];
    g_snprintf(number, sizeof number, "%06u", i);
    return g_strconcat(test->path, number, NULL);
}

static void
set_up(Fixture *self, gconstpointer test)
{
    self->test = test;
    scene_init(&self->scene);
    scene_add_all(&self->scene, "docs/");
    for (guint i = 0; i < self->test->file_count; i++) {
        g_autofree char *path = make_path(test, i);
        scene_add_file(&self->scene, path, self->test->file_bytes);
    }
    self->scene.options.filesystem = RUB_CHOICE_NTFS;
    self->plan = scene_plan(&self->scene);
}

static void
tear_down(Fixture *self, gconstpointer unused)
{
    rub_plan_free(self->plan);
    scene_clear(&self->scene);
}

static RubPlanNeed *
count_need(const Fixture *self, guint64 *free_clusters, guint64 *need_clusters)
{
    RubContents contents = {.filesystem = g_strdup("ntfs")};
    g_autoptr(GError) error = NULL;
    rub_contents_look_into_ntfs(&contents, self->image.disk, NTFS_START_LBA,
                                ntfs_image_get_sectors(&self->image), &error);
    g_assert_no_error(error);
    g_autoptr(GHashTable) index = rub_path_index_new(contents.kept->listing);
    g_autoptr(GPtrArray) replaced = g_ptr_array_new();
    RubPlanKeptRecords records = {replaced, 0, self->image.volume_bytes, contents.kept, index};
    RubPlanNeed *need = rub_plan_need_new(self->plan, &records, &error);
    g_assert_no_error(error);
    *free_clusters = contents.kept->free_clusters;
    *need_clusters = rub_plan_need_get_clusters(need, contents.kept->cluster_bytes);
    rub_contents_clear(&contents);
    return need;
}

static void
make_volume(Fixture *self, guint64 volume_bytes)
{
    ntfs_image_open_sectors(&self->image, volume_bytes, self->test->cluster_bytes,
                            self->test->sector_bytes);
    if (!self->test->has_folder)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    g_assert_true(rub_volume_add_folder(volume, "docs", 0, RUB_VOLUME_NONE, NULL));
    prepare_round(volume);
    commit_round(volume);
}

static void
fill(Fixture *self, const char *path, guint64 size_bytes)
{
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    put_file(volume, path, 1, size_bytes, RUB_VOLUME_NONE);
}

/* A volume that has as much free as the plan asks for, and nothing more. */
static RubPlanNeed *
make_fitting_volume(Fixture *self)
{
    guint64 cluster_bytes = g_ascii_strtoull(self->test->cluster_bytes, NULL, 10);
    guint64 volume_bytes = 8 * MIB, free_clusters, clusters;
    for (;;) {
        make_volume(self, volume_bytes);
        g_autoptr(RubPlanNeed) need = count_need(self, &free_clusters, &clusters);
        if (free_clusters >= clusters + SLACK_CLUSTERS)
            break;
        volume_bytes += (clusters + SLACK_CLUSTERS - free_clusters) * cluster_bytes;
        volume_bytes = (volume_bytes / MIB + 1) * MIB;
        ntfs_image_close(&self->image);
    }
    fill(self, "first filler", (free_clusters - clusters - SLACK_CLUSTERS) * cluster_bytes);
    rub_plan_need_free(count_need(self, &free_clusters, &clusters));
    fill(self, "second filler", (free_clusters - clusters) * cluster_bytes);
    RubPlanNeed *need = count_need(self, &free_clusters, &clusters);
    g_assert_cmpuint(free_clusters, ==, clusters);
    return need;
}

static void
add_folder(RubVolume *volume, const char *path)
{
    g_autoptr(GError) error = NULL;
    rub_volume_add_folder(volume, path, 0, RUB_VOLUME_NONE, &error);
    g_assert_no_error(error);
}

static void
put_files(const Fixture *self, RubVolume *volume)
{
    const Case *test = self->test;
    g_autofree guint *ids = g_new(guint, test->file_count);
    add_folder(volume, "docs");
    add_folder(volume, RUB_UNDO_FOLDER);
    for (guint i = 0; i < test->file_count; i++) {
        g_autofree char *path = make_path(test, i);
        ids[i] = declare_file(volume, path, test->file_bytes, RUB_VOLUME_NONE);
    }
    prepare_round(volume);
    for (guint i = 0; i < test->file_count; i++)
        write_bytes(volume, ids[i], i, test->file_bytes);
    commit_round(volume);
}

/* The rounds of a build. */
static void
test_what_is_counted_is_enough(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    RubNtfsState before, after;
    if (!ntfs_image_has_tools()) {
        g_test_skip("the programs of ntfs-3g are not installed");
        return;
    }
    g_autoptr(RubPlanNeed) need = make_fitting_volume(self);
    g_autoptr(RubListing) old = ntfs_image_list(&self->image, &before);
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    add_folder(volume, RUB_RECORDS_FOLDER);
    put_file(volume, RUB_PENDING_PATH, 2, need->sizes.pending_bytes, RUB_VOLUME_HIDDEN);
    put_files(self, volume);
    put_file(volume, RUB_BOOT_SECTORS_PATH, 3, 65536, RUB_VOLUME_NONE);
    put_file(volume, RUB_MANIFEST_PATH, 4, need->sizes.manifest_bytes, RUB_VOLUME_NONE);
    g_autoptr(RubListing) listing = ntfs_image_list(&self->image, &after);
    g_assert_true(rub_volume_remove(volume, RUB_PENDING_PATH, NULL));
    prepare_round(volume);
    commit_round(volume);
    ntfs_image_judge(&self->image);
    guint64 used = before.free_clusters - after.free_clusters;
    guint64 counted = need->clusters;
    g_test_message("%" G_GUINT64_FORMAT " clusters were counted, %" G_GUINT64_FORMAT " were used",
                   counted, used);
    gboolean is_new_folder = !self->test->has_folder && strchr(self->test->path, '/') != NULL;
    if (is_new_folder && before.cluster_bytes >= RUB_NTFS_JOURNAL_BLOCK_BYTES)
        g_assert_cmpuint(counted * before.cluster_bytes, <=,
                         used * before.cluster_bytes * 3 / 2 + 2 * MIB);
    ntfs_image_close(&self->image);
}

static const Case cases[] = {
    {6000, 100, "docs/a rather long name with more text in it to be long ", "512", "4096", FALSE},
    {6000, 700, "docs/a rather long name with more text in it to be long ", "512", "4096", FALSE},
    {3000, 5000, "docs/n", "512", "4096", FALSE},
    {3000, 500, "docs/n", "512", "512", FALSE},
    {2000, 3000, "docs/n", "512", "65536", FALSE},
    {3000, 400, "docs/n", "512", "4096", FALSE},
    {2000, 300, "docs/n", "4096", "4096", FALSE},
    {2000, 3400, "docs/n", "4096", "4096", FALSE},
    {2000, 1, "docs/n", "512", "4096", TRUE},
    {2000, 1, "n", "512", "4096", FALSE},
    {1, 20000000, "docs/large", "512", "4096", FALSE},
};

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *test = &cases[i];
        g_autofree char *name =
            g_strdup_printf("/plan-need-ntfs/what-is-counted-is-enough/%u-of-%u-in-%s%s%s",
                            test->file_count, test->file_bytes, test->cluster_bytes,
                            g_str_equal(test->sector_bytes, "4096") ? "-large-records" : "",
                            test->has_folder                  ? "-in-its-folder"
                            : strchr(test->path, '/') == NULL ? "-in-the-root"
                                                              : "");
        g_test_add(name, Fixture, test, set_up, test_what_is_counted_is_enough, tear_down);
    }
    return g_test_run();
}
