/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-tools.h"
#include "volume/rub-fat-geometry.h"

/* What the plan says fits must fit, to the last cluster: it counts names, folders and a manifest
 * that do not exist yet. */

#define DISK_BYTES (40 * MIB)
#define FOLDER_COUNT 40
#define FILES_IN_FOLDER 10
#define BIG_FILE "sources/boot.wim"

static char *
make_long_path(guint folder, guint file)
{
    g_autofree char *filler = g_strnfill(45, 'n');
    return file == 0 ? g_strdup_printf("folder %u %s", folder, filler)
                     : g_strdup_printf("folder %u %s/%s file %u", folder, filler, filler, file);
}

/* Adds the image's contents but for the big file to a listing. */
static void
describe_contents(Scene *scene)
{
    scene_add_all(scene, "sources/");
    for (guint folder = 1; folder <= FOLDER_COUNT; folder++) {
        g_autofree char *folder_path = make_long_path(folder, 0);
        scene_add(scene, RUB_ENTRY_FOLDER, folder_path);
        for (guint file = 1; file <= FILES_IN_FOLDER; file++) {
            g_autofree char *path = make_long_path(folder, file);
            scene_add_file(scene, path, 100 * file);
        }
    }
}

static gboolean
fits(Scene *scene, RubEntry *big_file, guint64 size_bytes)
{
    big_file->size_bytes = size_bytes;
    g_autoptr(RubPlan) plan = scene_plan(scene);
    return rub_plan_get_obstacle(plan) == NULL;
}

/* The largest size of the big file with which the plan has no objection. */
static guint64
find_largest_size(void)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.layout->size_bytes = DISK_BYTES;
    describe_contents(&scene);
    RubEntry *big_file = scene_add_file(&scene, BIG_FILE, 0);
    guint64 good_bytes = 0;
    guint64 bad_bytes = DISK_BYTES;
    g_assert_true(fits(&scene, big_file, good_bytes));
    g_assert_false(fits(&scene, big_file, bad_bytes));
    while (bad_bytes - good_bytes > 1) {
        guint64 middle_bytes = (good_bytes + bad_bytes) / 2;
        if (fits(&scene, big_file, middle_bytes))
            good_bytes = middle_bytes;
        else
            bad_bytes = middle_bytes;
    }
    return good_bytes;
}

static char *
make_full_iso(const char *folder, gsize big_file_bytes)
{
    char *iso_path = g_build_filename(folder, "full.iso", NULL);
    struct archive *iso = archive_write_new();
    archive_write_set_format_iso9660(iso);
    g_assert_cmpint(archive_write_open_filename(iso, iso_path), ==, ARCHIVE_OK);
    add_to_iso(iso, AE_IFDIR, "sources", 0);
    add_to_iso(iso, AE_IFREG, BIG_FILE, big_file_bytes);
    for (guint directory = 1; directory <= FOLDER_COUNT; directory++) {
        g_autofree char *folder_path = make_long_path(directory, 0);
        add_to_iso(iso, AE_IFDIR, folder_path, 0);
        for (guint file = 1; file <= FILES_IN_FOLDER; file++) {
            g_autofree char *path = make_long_path(directory, file);
            add_to_iso(iso, AE_IFREG, path, 100 * file);
        }
    }
    g_assert_cmpint(archive_write_close(iso), ==, ARCHIVE_OK);
    archive_write_free(iso);
    return iso_path;
}

static void
test_what_just_fits_is_built(void)
{
    guint64 size_bytes = find_largest_size();
    g_assert_cmpuint(size_bytes, >, 30 * MIB);
    g_auto(Build) build;
    build_init(&build);
    g_autofree char *iso_path = make_full_iso(build.folder, (gsize) size_bytes);
    GError *error = NULL;
    rub_source_unref(build.source);
    build.source = rub_source_open(iso_path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(truncate(build.disk_path, (off_t) DISK_BYTES), ==, 0);
    build_run(&build);
    if (build.report->failure)
        g_error("%s", get_failure(&build));
    g_assert_true(build.report->is_verified);
    g_assert_cmpuint(build.report->file_count, ==, FOLDER_COUNT * FILES_IN_FOLDER + 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without(RUB_FAT_MAKER_PROGRAM))
        return 0;
    g_test_add_func("/job-full/just-fits", test_what_just_fits_is_built);
    return g_test_run();
}
