/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-raw.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/rub-error.h"
#include "made-image.h"

#define MIB ((guint64) 1024 * 1024)

typedef struct {
    MadeFolder *folder;
    RubImageFile *image;
    RubDisk *disk;
    RubProgress *progress;
    GError *error;
    guint64 last_offset;
    guint writes;
    guint failing_write;
} Fixture;

static guint8 *
make_noise(guint64 size_bytes)
{
    guint8 *noise = g_malloc(size_bytes);
    for (guint64 i = 0; i < size_bytes; i++)
        noise[i] = (guint8) (i * 7 + i / 251 + 1);
    return noise;
}

static void
fixture_init(Fixture *self, guint64 image_bytes, guint64 disk_bytes, guint sector_size)
{
    g_autofree guint8 *noise = make_noise(image_bytes);
    g_autofree guint8 *old = g_malloc(disk_bytes);
    memset(old, 0xaa, disk_bytes);
    *self = (Fixture){.folder = made_folder_new(), .progress = rub_progress_new()};
    g_autofree char *image_path =
        made_file(self->folder, "image.iso", noise, image_bytes, image_bytes);
    g_autofree char *disk_path = made_file(self->folder, "stick.img", old, disk_bytes, disk_bytes);
    self->image = rub_image_file_open(image_path, NULL);
    self->disk =
        rub_disk_new(open(disk_path, O_RDWR | O_CLOEXEC), disk_bytes, sector_size, "stick.img");
    rub_progress_add_step(self->progress, 1, image_bytes);
}

static void
fixture_clear(Fixture *self)
{
    rub_image_file_unref(self->image);
    rub_disk_unref(self->disk);
    rub_progress_unref(self->progress);
    g_clear_error(&self->error);
    made_folder_free(self->folder);
}

static gboolean
write_raw(Fixture *self)
{
    g_clear_error(&self->error);
    return rub_raw_write(self->image, self->disk, self->progress, NULL, &self->error);
}

static gboolean
compare_raw(Fixture *self)
{
    g_clear_error(&self->error);
    return rub_raw_compare(self->image, self->disk, self->progress, NULL, &self->error);
}

static guint8
read_byte(Fixture *self, guint64 at)
{
    guint8 sector[4096];
    guint size = rub_disk_get_sector_size(self->disk);
    g_assert_true(rub_disk_read(self->disk, at / size * size, sector, size, NULL));
    return sector[at % size];
}

static void
test_what_is_written_is_the_image(void)
{
    static const struct {
        guint64 image_bytes;
        guint sector_size;
    } cases[] = {{1000, 512}, {4 * MIB, 512}, {9 * MIB + 2048, 512}, {9 * MIB + 2048, 4096}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture fixture;
        fixture_init(&fixture, cases[i].image_bytes, 16 * MIB, cases[i].sector_size);
        g_assert_false(compare_raw(&fixture));
        g_assert_true(write_raw(&fixture));
        g_assert_true(compare_raw(&fixture));
        g_assert_cmpuint(read_byte(&fixture, 16 * MIB - 1), ==, 0);
        g_assert_cmpuint(read_byte(&fixture, 14 * MIB), ==, 0xaa);
        fixture_clear(&fixture);
    }
}

static void
test_a_full_disk_keeps_the_end_of_the_image(void)
{
    Fixture fixture;
    fixture_init(&fixture, 8 * MIB, 8 * MIB, 512);
    g_assert_true(write_raw(&fixture));
    g_assert_true(compare_raw(&fixture));
    fixture_clear(&fixture);
}

static void
test_a_small_disk_is_left_alone(void)
{
    Fixture fixture;
    fixture_init(&fixture, 8 * MIB, 7 * MIB, 512);
    g_assert_false(write_raw(&fixture));
    g_assert_error(fixture.error, RUB_ERROR, RUB_CODE_DISK_TOO_SMALL);
    g_autofree char *size = g_format_size_full(MIB, G_FORMAT_SIZE_LONG_FORMAT);
    g_autofree char *expected = g_strdup_printf("stick.img is %s smaller than the image", size);
    g_assert_cmpstr(fixture.error->message, ==, expected);
    g_assert_cmpuint(read_byte(&fixture, 0), ==, 0xaa);
    g_assert_false(compare_raw(&fixture));
    g_assert_error(fixture.error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    g_assert_cmpstr(fixture.error->message, ==, expected);
    fixture_clear(&fixture);
}

static int
watch_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    Fixture *self = user_data;
    self->last_offset = offset_bytes;
    return ++self->writes == self->failing_write ? EIO : 0;
}

static void
test_the_first_piece_comes_last(void)
{
    Fixture fixture;
    fixture_init(&fixture, 9 * MIB, 16 * MIB, 512);
    rub_disk_set_write_hook(fixture.disk, watch_write, &fixture);
    g_assert_true(write_raw(&fixture));
    g_assert_cmpuint(fixture.last_offset, ==, 0);
    fixture_clear(&fixture);
}

static void
test_what_is_cut_off_starts_nothing(void)
{
    for (guint failing = 2; failing <= 5; failing++) {
        Fixture fixture;
        fixture_init(&fixture, 9 * MIB, 16 * MIB, 512);
        fixture.failing_write = failing;
        rub_disk_set_write_hook(fixture.disk, watch_write, &fixture);
        g_assert_false(write_raw(&fixture));
        g_assert_error(fixture.error, RUB_ERROR, RUB_CODE_WRITE_FAILED);
        g_assert_cmpuint(read_byte(&fixture, 0), ==, 0);
        g_assert_cmpuint(read_byte(&fixture, 511), ==, 0);
        fixture_clear(&fixture);
    }
}

static void
test_the_byte_that_differs_is_named(void)
{
    static const guint64 places[] = {0, 511, 5 * MIB + 77, 9 * MIB - 1};
    Fixture fixture;
    fixture_init(&fixture, 9 * MIB, 16 * MIB, 512);
    g_assert_true(write_raw(&fixture));
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        guint8 sector[512];
        guint64 at = places[i] / 512 * 512;
        g_assert_true(rub_disk_read(fixture.disk, at, sector, sizeof sector, NULL));
        sector[places[i] % 512] ^= 1;
        g_assert_true(rub_disk_write(fixture.disk, at, sector, sizeof sector, NULL));
        g_assert_false(compare_raw(&fixture));
        g_assert_error(fixture.error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
        g_autofree char *place = g_strdup_printf("at byte %" G_GUINT64_FORMAT, places[i]);
        g_assert_true(g_str_has_suffix(fixture.error->message, place));
        sector[places[i] % 512] ^= 1;
        g_assert_true(rub_disk_write(fixture.disk, at, sector, sizeof sector, NULL));
    }
    fixture_clear(&fixture);
}

static void
test_it_can_be_stopped_before_anything_is_written(void)
{
    Fixture fixture;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    fixture_init(&fixture, 9 * MIB, 16 * MIB, 512);
    g_cancellable_cancel(cancellable);
    g_assert_false(
        rub_raw_write(fixture.image, fixture.disk, fixture.progress, cancellable, &fixture.error));
    g_assert_error(fixture.error, RUB_ERROR, RUB_CODE_CANCELLED);
    g_assert_cmpuint(read_byte(&fixture, 0), ==, 0xaa);
    fixture_clear(&fixture);
}

/* Neither a stick that was written of it is right, nor does a difference say anything. */
static void
test_an_image_that_changes_is_noticed(void)
{
    static const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
    Fixture fixture;
    fixture_init(&fixture, 9 * MIB, 16 * MIB, 512);
    g_assert_true(write_raw(&fixture));
    g_assert_cmpint(futimens(rub_image_file_get_fd(fixture.image), times), ==, 0);
    g_assert_false(compare_raw(&fixture));
    g_assert_error(fixture.error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
    g_assert_false(write_raw(&fixture));
    g_assert_error(fixture.error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
    g_assert_cmpuint(read_byte(&fixture, 0), ==, 0);
    fixture_clear(&fixture);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/raw/what is written is the image", test_what_is_written_is_the_image);
    g_test_add_func("/raw/a full disk keeps the end of the image",
                    test_a_full_disk_keeps_the_end_of_the_image);
    g_test_add_func("/raw/a small disk is left alone", test_a_small_disk_is_left_alone);
    g_test_add_func("/raw/the first piece comes last", test_the_first_piece_comes_last);
    g_test_add_func("/raw/what is cut off starts nothing", test_what_is_cut_off_starts_nothing);
    g_test_add_func("/raw/the byte that differs is named", test_the_byte_that_differs_is_named);
    g_test_add_func("/raw/an image that changes is noticed", test_an_image_that_changes_is_noticed);
    g_test_add_func("/raw/it can be stopped before anything is written",
                    test_it_can_be_stopped_before_anything_is_written);
    return g_test_run();
}
