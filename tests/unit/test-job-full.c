/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "job-tools.h"
#include "volume/rub-fat-geometry.h"

/* What the plan says fits must fit, to the last cluster: it counts names, folders and a manifest
 * that do not exist yet. */

#define DISK_BYTES (40 * MIB)
#define BIG_FILE "sources/boot.wim"

/* What lies beside the big file. */
typedef struct {
    guint folder_count;
    guint files_in_folder;
    guint filler_length; /* of each name */
} Shape;

static const Shape long_names = {40, 10, 45};
static const Shape short_names = {2, 800, 0};
static const Shape many_folders = {9000, 0, 0};

static char *
make_path(const Shape *shape, guint folder, guint file)
{
    g_autofree char *filler = g_strnfill(shape->filler_length, 'n');
    return file == 0 ? g_strdup_printf("%u%s", folder, filler)
                     : g_strdup_printf("%u%s/%u%s", folder, filler, file, filler);
}

/* Adds the image's contents but for the big file to a listing. */
static void
describe_contents(Scene *scene, const Shape *shape)
{
    scene_add_all(scene, "sources/");
    for (guint folder = 1; folder <= shape->folder_count; folder++) {
        g_autofree char *folder_path = make_path(shape, folder, 0);
        scene_add(scene, RUB_ENTRY_FOLDER, folder_path);
        for (guint file = 1; file <= shape->files_in_folder; file++) {
            g_autofree char *path = make_path(shape, folder, file);
            scene_add_file(scene, path, 10 * file);
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
find_largest_size(const Shape *shape)
{
    g_auto(Scene) scene;
    scene_init(&scene);
    scene.layout->size_bytes = DISK_BYTES;
    describe_contents(&scene, shape);
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
make_full_iso(const char *folder, const Shape *shape, gsize big_file_bytes)
{
    char *iso_path = g_build_filename(folder, "full.iso", NULL);
    struct archive *iso = archive_write_new();
    archive_write_set_format_iso9660(iso);
    g_assert_cmpint(archive_write_open_filename(iso, iso_path), ==, ARCHIVE_OK);
    add_to_iso(iso, AE_IFDIR, "sources", 0);
    add_to_iso(iso, AE_IFREG, BIG_FILE, big_file_bytes);
    for (guint directory = 1; directory <= shape->folder_count; directory++) {
        g_autofree char *folder_path = make_path(shape, directory, 0);
        add_to_iso(iso, AE_IFDIR, folder_path, 0);
        for (guint file = 1; file <= shape->files_in_folder; file++) {
            g_autofree char *path = make_path(shape, directory, file);
            add_to_iso(iso, AE_IFREG, path, 10 * file);
        }
    }
    g_assert_cmpint(archive_write_close(iso), ==, ARCHIVE_OK);
    archive_write_free(iso);
    return iso_path;
}

static void
test_what_just_fits_is_built(gconstpointer user_data)
{
    const Shape *shape = user_data;
    guint64 size_bytes = find_largest_size(shape);
    g_assert_cmpuint(size_bytes, >, 20 * MIB);
    g_auto(Build) build;
    build_init(&build);
    g_autofree char *iso_path = make_full_iso(build.folder, shape, (gsize) size_bytes);
    GError *error = NULL;
    rub_source_unref(build.source);
    build.source = rub_source_open(iso_path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(truncate(build.disk_path, (off_t) DISK_BYTES), ==, 0);
    build_run(&build);
    if (build.report->failure)
        g_error("%s", get_failure(&build));
    g_assert_true(build.report->is_verified);
    g_assert_cmpuint(build.report->file_count, ==,
                     shape->folder_count * shape->files_in_folder + 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    extend_search_path();
    if (skip_all_without(RUB_FAT_MAKER_PROGRAM))
        return 0;
    g_test_add_data_func("/job-full/long-names", &long_names, test_what_just_fits_is_built);
    g_test_add_data_func("/job-full/short-names", &short_names, test_what_just_fits_is_built);
    g_test_add_data_func("/job-full/many-folders", &many_folders, test_what_just_fits_is_built);
    return g_test_run();
}
