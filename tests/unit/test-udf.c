/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The UDF reader against crafted volumes: every shape of tests/images/make-udf.py is listed here
 * with what it must come to. Images of other tools are in tests/images/test_udf_oracles.py.
 */
#include "source/rub-udf.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "source/rub-udf-private.h"

#define DEFAULT_TIME 1582979459 /* 2020-02-29 12:30:59 UTC */
#define ZEROS (-1)

static char *images;

static RubImageFile *
open_shape(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file_name = g_strconcat(name, ".udf", NULL);
    g_autofree char *path = g_build_filename(images, file_name, NULL);
    RubImageFile *file = rub_image_file_open(path, &error);
    g_assert_no_error(error);
    return file;
}

static RubListing *
list_shape(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = open_shape(name);
    RubListing *listing = rub_udf_list(file, NULL, &error);
    g_assert_no_error(error);
    return listing;
}

static RubEntry *
find(RubListing *listing, const char *path)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (g_str_equal(entry->path, path))
            return entry;
    }
    g_error("no %s in the listing", path);
}

/* The first @size_bytes bytes of a file, read by its extents. */
static guint8 *
read_entry(RubImageFile *file, const RubEntry *entry)
{
    g_autoptr(GError) error = NULL;
    guint8 *data = g_malloc0(entry->size_bytes + 1);
    guint64 at = 0;
    for (guint i = 0; i < entry->extents->len; i++) {
        const RubExtent *extent = &g_array_index(entry->extents, RubExtent, i);
        g_assert_cmpuint(extent->size_bytes, <=, entry->size_bytes - at);
        if (extent->offset_bytes != RUB_EXTENT_HOLE)
            rub_image_file_read(file, extent->offset_bytes, data + at, extent->size_bytes, &error);
        g_assert_no_error(error);
        at += extent->size_bytes;
    }
    g_assert_cmpuint(at, ==, entry->size_bytes);
    return data;
}

/* The contents that make-udf.py gives to files, from byte @from on. */
static void
assert_pattern(const guint8 *data, gsize from, gsize size, int seed)
{
    for (gsize i = 0; i < size; i++) {
        guint8 expected = seed == ZEROS ? 0 : (guint8) (i ^ i >> 8 ^ (guint) seed);
        g_assert_cmphex(data[from + i], ==, expected);
    }
}

static void
assert_contents(const char *shape, const char *path, gsize size, int seed)
{
    g_autoptr(RubImageFile) file = open_shape(shape);
    g_autoptr(RubListing) listing = list_shape(shape);
    RubEntry *entry = find(listing, path);
    g_assert_cmpint(entry->kind, ==, RUB_ENTRY_FILE);
    g_assert_cmpuint(entry->size_bytes, ==, size);
    g_autofree guint8 *data = read_entry(file, entry);
    assert_pattern(data, 0, size, seed);
}

/* Shapes that differ only in how the volume is laid out all hold the same tree. */
static void
test_layout(gconstpointer shape)
{
    g_autoptr(RubListing) listing = list_shape(shape);
    g_assert_cmpint(find(listing, "sub")->kind, ==, RUB_ENTRY_FOLDER);
    g_assert_cmpint(find(listing, "sub/empty")->kind, ==, RUB_ENTRY_FOLDER);
    g_assert_cmpint(find(listing, "plain.bin")->mtime_unix, ==, DEFAULT_TIME);
    assert_contents(shape, "plain.bin", 5000, 0);
    assert_contents(shape, "sub/deep.bin", 100, 7);
}

static void
test_listing_is_complete(void)
{
    g_autoptr(RubImageFile) file = open_shape("plain");
    g_autoptr(RubListing) listing = list_shape("plain");
    g_assert_true(rub_udf_is_present(file));
    g_assert_cmpstr(listing->volume_name, ==, "VOLUME");
    g_assert_cmpuint(listing->size_bytes, ==, (257 + 13) * 2048);
    static const char *const paths[] = {"plain.bin", "sub", "sub/empty", "sub/deep.bin"};
    g_assert_cmpuint(listing->entries->len, ==, G_N_ELEMENTS(paths));
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        RubEntry *entry = g_ptr_array_index(listing->entries, i);
        g_assert_cmpstr(entry->path, ==, paths[i]);
    }
}

static void
test_newest_descriptors_count(void)
{
    g_autoptr(RubListing) listing = list_shape("newer-descriptors-count");
    g_assert_cmpstr(listing->volume_name, ==, "NEW");
    g_assert_cmpuint(listing->size_bytes, ==, (257 + 200) * 2048);
}

static void
test_extended_file_entries(void)
{
    g_autoptr(RubListing) listing = list_shape("extended-entries");
    g_assert_cmpint(find(listing, "extended.bin")->mtime_unix, ==, 1000000000);
    assert_contents("extended-entries", "extended.bin", 3000, 0);
    assert_contents("extended-entries", "extended-folder/in.bin", 10, 0);
}

static void
test_embedded_data_lies_in_the_file_entry(void)
{
    assert_contents("embedded", "embedded.bin", 200, 0);
    assert_contents("embedded", "after-attributes.bin", 33, 0);
    g_autoptr(RubListing) listing = list_shape("embedded");
    g_assert_cmpuint(find(listing, "embedded-folder/x")->size_bytes, ==, 1);
}

static void
test_files_in_pieces(void)
{
    assert_contents("long-descriptors", "long.bin", 9000, 0);
    assert_contents("long-descriptors", "short.bin", 9000, 0);
    assert_contents("two-partitions", "both.bin", 3 * 2048, 0);
    assert_contents("chains", "short-chain.bin", 40000, 0);
    assert_contents("chains", "long-chain.bin", 40000, 5);
    g_autoptr(RubListing) listing = list_shape("long-descriptors");
    g_assert_cmpuint(find(listing, "long.bin")->extents->len, ==, 3);
}

static void
test_folders_in_pieces(void)
{
    g_autoptr(RubListing) listing = list_shape("folder-in-pieces");
    g_assert_cmpuint(listing->entries->len, ==, 201);
    g_assert_nonnull(find(listing, "pieces/name-199"));
}

static void
test_holes_read_as_zeros(void)
{
    g_autoptr(RubImageFile) file = open_shape("holes");
    g_autoptr(RubListing) listing = list_shape("holes");
    RubEntry *entry = find(listing, "holes.bin");
    g_autofree guint8 *data = read_entry(file, entry);
    g_assert_cmpuint(entry->size_bytes, ==, 5 * 2048 + 77);
    assert_pattern(data, 0, 2048, 0);
    assert_pattern(data, 2048, 4 * 2048, ZEROS);
    assert_pattern(data, 5 * 2048, 77, 3);
    g_assert_cmpuint(entry->extents->len, ==, 3);
    assert_contents("holes", "only-hole.bin", 1000, ZEROS);
}

static void
test_files_over_4_gib(void)
{
    g_autoptr(RubListing) listing = list_shape("five-gigabytes");
    RubEntry *entry = find(listing, "large.bin");
    guint64 hole_bytes = 5 * (((guint64) 1 << 30) - 2048);
    g_assert_cmpuint(entry->size_bytes, ==, hole_bytes + 1000);
    g_assert_cmpuint(entry->extents->len, ==, 2);
    g_assert_cmpuint(g_array_index(entry->extents, RubExtent, 0).size_bytes, ==, hole_bytes);
    g_assert_cmpuint(g_array_index(entry->extents, RubExtent, 1).size_bytes, ==, 1000);
}

static void
test_what_lies_beyond_the_length_is_no_part_of_the_file(void)
{
    assert_contents("tail-beyond-length", "tail.bin", 300, 0);
    assert_contents("zero-extent-ends", "ends.bin", 100, 0);
}

static void
test_deleted_names_are_left_out(void)
{
    g_autoptr(RubListing) listing = list_shape("deleted-names");
    g_assert_cmpuint(listing->entries->len, ==, 2);
    g_assert_nonnull(find(listing, "before"));
    g_assert_nonnull(find(listing, "with-use"));
}

static void
test_hard_links_share_their_extents(void)
{
    g_autoptr(RubListing) listing = list_shape("hard-links");
    guint64 first = rub_entry_get_first_byte(find(listing, "one.bin"));
    g_assert_cmpuint(first, >, 0);
    g_assert_cmpuint(rub_entry_get_first_byte(find(listing, "other/two.bin")), ==, first);
    assert_contents("hard-links", "other/two.bin", 3000, 0);
}

static void
test_symbolic_links_keep_their_target(void)
{
    static const char *const links[][2] = {
        {"relative", "../sub/d\xc3\xa4ta"},
        {"absolute", "/etc"},
        {"agreed-root", "/etc"},
        {"root", "/"},
        {"here", "./x"},
    };
    g_autoptr(RubListing) listing = list_shape("symbolic-links");
    for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
        RubEntry *entry = find(listing, links[i][0]);
        g_assert_cmpint(entry->kind, ==, RUB_ENTRY_SYMLINK);
        g_assert_cmpstr(entry->link_target, ==, links[i][1]);
        g_assert_null(entry->extents);
    }
}

static void
test_real_time_files_are_files(void)
{
    assert_contents("real-time-file", "video.bin", 4000, 0);
}

static void
test_names_become_valid_utf_8(void)
{
    static const char *const names[] = {
        "Gr\303\274\303\237e",
        "\xe6\xbc\xa2\xe5\xad\x97",
        "emoji\xf0\x9f\x98\x80",
        "half\xef\xbf\xbd",
        "\xef\xbf\xbdhalf",
        "NUL_NUL",
        "AC_DC",
        "wide",
        "...",
    };
    g_autoptr(RubListing) listing = list_shape("names");
    g_assert_cmpuint(listing->entries->len, ==, G_N_ELEMENTS(names) + 1);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_nonnull(find(listing, names[i]));
}

static void
test_times_are_in_utc(void)
{
    static const char *const same[] = {"utc", "east", "west", "unknown-zone", "folder"};
    g_autoptr(RubListing) listing = list_shape("times");
    for (guint i = 0; i < G_N_ELEMENTS(same); i++)
        g_assert_cmpint(find(listing, same[i])->mtime_unix, ==, 946684800);
    g_assert_cmpint(find(listing, "none")->mtime_unix, ==, 0);
    g_assert_cmpint(find(listing, "nonsense")->mtime_unix, ==, 0);
}

static void
test_moved_packets_are_read_where_they_are(void)
{
    assert_contents("sparable-with-moved-packet", "spared.bin", 3 * 4 * 2048, 9);
    assert_contents("sparable-first-table-damaged", "spared.bin", 3 * 4 * 2048, 9);
}

static void
test_metadata_partition_holds_the_names(void)
{
    assert_contents("metadata-partition", "many/file-59", 59, 0);
    assert_contents("metadata-main-contents-damaged", "many/file-59", 59, 0);
}

/* The check value that catalogues of CRCs give for this polynomial and start value. */
static void
test_crc_is_that_of_the_standard(void)
{
    g_assert_cmphex(rub_udf_crc((const guint8 *) "123456789", 9), ==, 0x31c3);
    g_assert_cmphex(rub_udf_crc((const guint8 *) "", 0), ==, 0);
    /* ECMA-167 3/7.2.6 gives this example itself. */
    g_assert_cmphex(rub_udf_crc((const guint8 *) "\x70\x6a\x77", 3), ==, 0x3299);
}

static void
test_cancelling_ends_the_listing(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(RubImageFile) file = open_shape("plain");
    g_cancellable_cancel(cancellable);
    g_assert_null(rub_udf_list(file, cancellable, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_CANCELLED);
}

static void
test_other_files_are_no_volume(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(images, "zeros", NULL);
    g_autofree char *zeros = g_malloc0(2 << 20);
    g_assert_true(g_file_set_contents(path, zeros, 2 << 20, NULL));
    g_autoptr(RubImageFile) file = rub_image_file_open(path, NULL);
    g_assert_false(rub_udf_is_present(file));
    g_assert_null(rub_udf_list(file, NULL, &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_IMAGE_UNREADABLE);
}

static void
test_anchor_alone_announces_a_volume(void)
{
    g_autofree char *from = g_build_filename(images, "anchor-at-last-block.udf", NULL);
    g_autofree char *to = g_build_filename(images, "no-announcement", NULL);
    g_autofree char *data = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(from, &data, &size, NULL));
    memset(data + 32768, 0, 3 * 2048);
    g_assert_true(g_file_set_contents(to, data, (gssize) size, NULL));
    g_autoptr(RubImageFile) file = rub_image_file_open(to, NULL);
    g_assert_true(rub_udf_is_present(file));
}

/* Every refusal: the shape, the code and what the message must say. */
typedef struct {
    const char *shape;
    RubCode code;
    const char *says;
} Refusal;

static const Refusal refusals[] = {
    {"bad-virtual-partition", RUB_CODE_IMAGE_UNREADABLE, "virtual partition (VAT)"},
    {"bad-unknown-partition", RUB_CODE_IMAGE_UNREADABLE, "partition of an unknown kind"},
    {"bad-no-anchor", RUB_CODE_IMAGE_UNREADABLE, "no UDF volume"},
    {"bad-both-sequences", RUB_CODE_IMAGE_UNREADABLE, "wrong CRC in the descriptor (6)"},
    {"bad-sequence-circle", RUB_CODE_IMAGE_UNREADABLE, "does not end"},
    {"bad-no-partition-descriptor", RUB_CODE_IMAGE_UNREADABLE, "no partition descriptor"},
    {"bad-block-size", RUB_CODE_IMAGE_UNREADABLE, "blocks of 2147483648 bytes"},
    {"bad-map-size", RUB_CODE_IMAGE_UNREADABLE, "partition maps do not fit"},
    {"bad-maps-size", RUB_CODE_IMAGE_UNREADABLE, "partition maps do not fit"},
    {"bad-checksum", RUB_CODE_IMAGE_UNREADABLE, "victim.bin: the UDF volume is damaged: no valid"},
    {"bad-crc", RUB_CODE_IMAGE_UNREADABLE, "wrong CRC in the descriptor (261)"},
    {"bad-crc-length", RUB_CODE_IMAGE_UNREADABLE, "wrong CRC in the descriptor (261)"},
    {"bad-location", RUB_CODE_IMAGE_UNREADABLE, "belongs to block 99"},
    {"bad-strategy-4096", RUB_CODE_IMAGE_UNREADABLE, "strategy 4096"},
    {"bad-extended-descriptors", RUB_CODE_IMAGE_UNREADABLE, "descriptors of kind 2"},
    {"bad-length-beyond-extents", RUB_CODE_IMAGE_UNREADABLE, "have no place"},
    {"bad-attributes-size", RUB_CODE_IMAGE_UNREADABLE, "is overfull"},
    {"bad-embedded-size", RUB_CODE_IMAGE_UNREADABLE, "only 5 are embedded"},
    {"bad-device-node", RUB_CODE_IMAGE_UNREADABLE, "of type 6"},
    {"bad-no-file-entry", RUB_CODE_IMAGE_UNREADABLE, "no file entry"},
    {"bad-partition-reference", RUB_CODE_IMAGE_UNREADABLE, "no partition 3"},
    {"bad-extent-outside-partition", RUB_CODE_IMAGE_UNREADABLE, "not in partition 0"},
    {"bad-root-is-a-file", RUB_CODE_IMAGE_UNREADABLE, "root is not a folder"},
    {"bad-folder-circle", RUB_CODE_IMAGE_UNREADABLE, "sub/deep/up: "},
    {"bad-chain-circle", RUB_CODE_IMAGE_UNREADABLE, "runs in a circle"},
    {"bad-chain-size", RUB_CODE_IMAGE_UNREADABLE, "no allocation extent descriptor"},
    {"bad-chain-block", RUB_CODE_IMAGE_UNREADABLE, "no allocation extent descriptor"},
    {"bad-folder-size", RUB_CODE_IMAGE_UNREADABLE, "folder victim: "},
    {"bad-folder-of-zeros", RUB_CODE_IMAGE_UNREADABLE, "no valid entry at byte 0"},
    {"bad-name-crc", RUB_CODE_IMAGE_UNREADABLE, "folder /: "},
    {"bad-name-size", RUB_CODE_IMAGE_UNREADABLE, "no valid entry at byte 40"},
    {"bad-name-twice", RUB_CODE_IMAGE_UNREADABLE, "\"same\" twice"},
    {"bad-name-parent", RUB_CODE_IMAGE_UNREADABLE, "no valid name"},
    {"bad-name-empty", RUB_CODE_IMAGE_UNREADABLE, "no valid name"},
    {"bad-name-compression", RUB_CODE_IMAGE_UNREADABLE, "no valid name"},
    {"bad-name-odd", RUB_CODE_IMAGE_UNREADABLE, "no valid name"},
    {"bad-path-length", RUB_CODE_IMAGE_UNREADABLE, "longer than 4096 bytes"},
    {"bad-link", RUB_CODE_IMAGE_UNREADABLE, "symbolic link"},
    {"bad-link-empty", RUB_CODE_IMAGE_UNREADABLE, "symbolic link"},
    {"bad-sparing-table", RUB_CODE_IMAGE_UNREADABLE, "wrong CRC in the descriptor (0)"},
    {"bad-sparing-overlap", RUB_CODE_IMAGE_UNREADABLE, "moves block 6"},
    {"bad-packet-size", RUB_CODE_IMAGE_UNREADABLE, "sparable partition map"},
    {"bad-metadata-twice", RUB_CODE_IMAGE_UNREADABLE, "wrong CRC in the descriptor (266)"},
    {"bad-metadata-hole", RUB_CODE_IMAGE_UNREADABLE, "not in partition 1"},
    {"bad-metadata-without-partition", RUB_CODE_IMAGE_UNREADABLE, "metadata partition"},
    {"bad-too-much", RUB_CODE_IMAGE_UNREADABLE, "more than 256 MiB"},
    {"cut-by-one-byte", RUB_CODE_IMAGE_INCOMPLETE, "up to 1 byte behind"},
    {"cut-extent", RUB_CODE_IMAGE_INCOMPLETE, "victim.bin: "},
    {"cut-sequence", RUB_CODE_IMAGE_INCOMPLETE, "is incomplete"},
    {"cut-before-anchor", RUB_CODE_IMAGE_INCOMPLETE, "486336 bytes) behind"},
};

static void
test_refusal(gconstpointer data)
{
    const Refusal *refusal = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = open_shape(refusal->shape);
    g_assert_null(rub_udf_list(file, NULL, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, RUB_ERROR, (int) refusal->code);
    g_assert_nonnull(strstr(error->message, refusal->says));
}

/* From the end to the beginning: there is no place where a cut goes unnoticed. */
static void
test_every_cut_is_an_error(void)
{
    g_autofree char *from = g_build_filename(images, "metadata-partition.udf", NULL);
    g_autofree char *path = g_build_filename(images, "cut", NULL);
    g_autofree char *data = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(from, &data, &size, NULL));
    g_assert_true(g_file_set_contents(path, data, (gssize) size, NULL));
    g_autoptr(RubListing) listing = list_shape("metadata-partition");
    goffset cut = (goffset) listing->size_bytes - 1;
    for (; cut > 0; cut -= 1009) {
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(truncate(path, cut), ==, 0);
        g_autoptr(RubImageFile) file = rub_image_file_open(path, NULL);
        g_assert_null(rub_udf_list(file, NULL, &error));
        /* Without the announcement at 32 KiB it is not known to be a volume. */
        RubCode code =
            cut >= 32768 + 2048 + 7 ? RUB_CODE_IMAGE_INCOMPLETE : RUB_CODE_IMAGE_UNREADABLE;
        g_assert_error(error, RUB_ERROR, (int) code);
    }
}

static void
make_images(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *maker =
        g_test_build_filename(G_TEST_DIST, "..", "images", "make-udf.py", NULL);
    const char *const command[] = {"python3", "-B", maker, images, NULL};
    int status;
    g_spawn_sync(NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                 &status, &error);
    g_assert_no_error(error);
    g_spawn_check_wait_status(status, &error);
    g_assert_no_error(error);
}

static void
remove_images(void)
{
    g_autoptr(GDir) folder = g_dir_open(images, 0, NULL);
    for (const char *name; (name = g_dir_read_name(folder));) {
        g_autofree char *path = g_build_filename(images, name, NULL);
        g_unlink(path);
    }
    g_rmdir(images);
    g_free(images);
}

static void
add_shapes(void)
{
    static const char *const layouts[] = {
        "plain",
        "revision-2-01",
        "blocks-512",
        "blocks-1024",
        "blocks-4096",
        "anchor-at-last-block",
        "anchor-256-before-last-block",
        "anchor-256-before-end",
        "anchor-at-512",
        "first-anchor-damaged",
        "reserve-sequence-only",
        "newer-descriptors-count",
        "sequence-continued",
        "sparable-nothing-moved",
        "sparable-with-moved-packet",
        "metadata-partition",
        "metadata-map-first",
        "metadata-main-entry-damaged",
        "metadata-main-contents-damaged",
    };
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
        g_autofree char *path = g_strconcat("/udf/layout/", layouts[i], NULL);
        g_test_add_data_func(path, layouts[i], test_layout);
    }
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strconcat("/udf/refused/", refusals[i].shape, NULL);
        g_test_add_data_func(path, &refusals[i], test_refusal);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    images = g_dir_make_tmp("rub-udf-XXXXXX", NULL);
    make_images();
    add_shapes();
    g_test_add_func("/udf/crc", test_crc_is_that_of_the_standard);
    g_test_add_func("/udf/complete", test_listing_is_complete);
    g_test_add_func("/udf/newest-descriptors", test_newest_descriptors_count);
    g_test_add_func("/udf/extended-file-entries", test_extended_file_entries);
    g_test_add_func("/udf/embedded", test_embedded_data_lies_in_the_file_entry);
    g_test_add_func("/udf/pieces", test_files_in_pieces);
    g_test_add_func("/udf/folders-in-pieces", test_folders_in_pieces);
    g_test_add_func("/udf/holes", test_holes_read_as_zeros);
    g_test_add_func("/udf/over-4-gib", test_files_over_4_gib);
    g_test_add_func("/udf/beyond-length", test_what_lies_beyond_the_length_is_no_part_of_the_file);
    g_test_add_func("/udf/deleted", test_deleted_names_are_left_out);
    g_test_add_func("/udf/hard-links", test_hard_links_share_their_extents);
    g_test_add_func("/udf/symbolic-links", test_symbolic_links_keep_their_target);
    g_test_add_func("/udf/real-time", test_real_time_files_are_files);
    g_test_add_func("/udf/names", test_names_become_valid_utf_8);
    g_test_add_func("/udf/times", test_times_are_in_utc);
    g_test_add_func("/udf/moved-packets", test_moved_packets_are_read_where_they_are);
    g_test_add_func("/udf/metadata", test_metadata_partition_holds_the_names);
    g_test_add_func("/udf/cancelled", test_cancelling_ends_the_listing);
    g_test_add_func("/udf/other-files", test_other_files_are_no_volume);
    g_test_add_func("/udf/anchor-alone", test_anchor_alone_announces_a_volume);
    g_test_add_func("/udf/every-cut", test_every_cut_is_an_error);
    int status = g_test_run();
    remove_images();
    return status;
}
