/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-wim-split.h"

#include "made-image.h"
#include "source/rub-wim.h"

/* Two editions that share files; the bytes of the files do not compress. */
#define MAKE_TREES                                                                                 \
    "mkdir -p one/sub two iso/sources && "                                                         \
    "for i in 1 2 3 4 5 6 7 8 9; do head -c $((i * 30000)) /dev/urandom >one/sub/$i; done && "     \
    "cp one/sub/3 two/shared && head -c 90000 /dev/urandom >two/own && : >two/empty && "

static RubSource *
make_image(const MadeFolder *folder, const char *capture)
{
    static const char *const tools[] = {"genisoimage", "wimlib-imagex", NULL};
    if (!made_has_tools(tools))
        return NULL;
    g_autofree char *command = g_strconcat(
        MAKE_TREES, capture, " && genisoimage -quiet -udf -o made.iso iso 2>/dev/null", NULL);
    made_run(folder, command);
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    g_autoptr(GError) error = NULL;
    RubSource *source = rub_source_open(path, NULL, &error);
    g_assert_no_error(error);
    return source;
}

static void
write_part(const MadeFolder *folder, const RubSource *source, const RubEntry *part)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *data = g_malloc(part->size_bytes);
    g_autofree char *path = g_build_filename(folder, "parts", part->path, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    /* In odd pieces, as a reader may choose them. */
    for (guint64 at = 0; at < part->size_bytes; at += 77777)
        rub_source_read(source, part, at, data + at, MIN(77777, part->size_bytes - at), &error);
    g_assert_no_error(error);
    g_file_set_contents(path, (char *) data, (gssize) part->size_bytes, &error);
    g_assert_no_error(error);
}

static GPtrArray *
split(const RubSource *source, guint64 part_bytes)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *parts = NULL;
    const RubEntry *wim = rub_source_find(source, "sources/install.wim");
    g_assert_nonnull(wim);
    g_assert_true(rub_wim_split(source, wim, part_bytes, &parts, &error));
    g_assert_no_error(error);
    return parts;
}

/* What wimlib makes of the parts is what went into the WIM. */
static void
assert_parts_are_whole(const MadeFolder *folder, const RubSource *source, GPtrArray *parts)
{
    for (guint i = 0; i < parts->len; i++)
        write_part(folder, source, g_ptr_array_index(parts, i));
    made_run(folder,
             "cd parts/sources && wimlib-imagex verify install.swm --ref='install*.swm' && "
             "wimlib-imagex apply install.swm 1 ../out1 --ref='install*.swm' && "
             "wimlib-imagex apply install.swm 2 ../out2 --ref='install*.swm' && "
             "wimlib-imagex join joined.wim install*.swm && wimlib-imagex verify joined.wim && "
             "cd ../.. && diff -r one parts/out1 && diff -r two parts/out2");
}

static void
assert_splits_well(const char *capture)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubSource) source = make_image(folder, capture);
    if (!source)
        return;
    g_autoptr(GPtrArray) parts = split(source, 400000);
    g_assert_nonnull(parts);
    g_assert_cmpuint(parts->len, >=, 3);
    const RubEntry *first = g_ptr_array_index(parts, 0);
    const RubEntry *second = g_ptr_array_index(parts, 1);
    g_assert_cmpstr(first->path, ==, "sources/install.swm");
    g_assert_cmpstr(second->path, ==, "sources/install2.swm");
    for (guint i = 0; i < parts->len; i++) {
        const RubEntry *part = g_ptr_array_index(parts, i);
        g_assert_cmpuint(part->size_bytes, <=, 400000);
    }
    assert_parts_are_whole(folder, source, parts);
}

static void
test_an_lzx_wim_comes_back_whole(void)
{
    assert_splits_well("wimlib-imagex capture one iso/sources/install.wim One --compress=LZX && "
                       "wimlib-imagex append two iso/sources/install.wim Two");
}

static void
test_an_xpress_wim_comes_back_whole(void)
{
    assert_splits_well("wimlib-imagex capture one iso/sources/install.wim One --compress=XPRESS && "
                       "wimlib-imagex append two iso/sources/install.wim Two");
}

static void
test_an_unpacked_wim_with_a_table_of_digests_comes_back_whole(void)
{
    assert_splits_well("wimlib-imagex capture one iso/sources/install.wim One --compress=none "
                       "--check && wimlib-imagex append two iso/sources/install.wim Two --check");
}

static void
test_the_image_that_starts_is_kept(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubSource) source =
        make_image(folder, "wimlib-imagex capture one iso/sources/install.wim One && "
                           "wimlib-imagex append two iso/sources/install.wim Two --boot");
    if (!source)
        return;
    g_autoptr(GPtrArray) parts = split(source, 400000);
    assert_parts_are_whole(folder, source, parts);
    made_run(folder, "test \"$(wimlib-imagex info parts/sources/install.swm | "
                     "sed -n 's/^Boot Index: *//p')\" = 2 && wimlib-imagex info "
                     "parts/sources/joined.wim | grep -q '^Boot Index: *2$'");
}

static void
test_a_resource_that_is_too_large_makes_a_larger_part(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubSource) source =
        make_image(folder, "wimlib-imagex capture one iso/sources/install.wim One && "
                           "wimlib-imagex append two iso/sources/install.wim Two");
    if (!source)
        return;
    g_autoptr(GPtrArray) parts = split(source, 1);
    g_assert_cmpuint(parts->len, ==, 11); /* the metadata, then one for each */
    assert_parts_are_whole(folder, source, parts);
}

static void
test_the_parts_are_as_wimlib_would_make_them(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubSource) source =
        make_image(folder, "wimlib-imagex capture one iso/sources/install.wim One && "
                           "wimlib-imagex append two iso/sources/install.wim Two && "
                           "wimlib-imagex split iso/sources/install.wim wimlib.swm 1");
    if (!source)
        return;
    g_autoptr(GPtrArray) parts = split(source, 1024 * 1024);
    for (guint i = 0; i < parts->len; i++) {
        const RubEntry *part = g_ptr_array_index(parts, i);
        g_autofree char *name =
            i == 0 ? g_strdup("wimlib.swm") : g_strdup_printf("wimlib%u.swm", i + 1);
        g_autofree char *path = g_build_filename(folder, name, NULL);
        GStatBuf st;
        g_assert_cmpint(g_stat(path, &st), ==, 0);
        g_assert_cmpuint(part->size_bytes, ==, (guint64) st.st_size);
    }
}

static void
test_a_solid_wim_is_left_alone(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubSource) source =
        make_image(folder, "wimlib-imagex capture one iso/sources/install.wim One --solid");
    if (!source)
        return;
    g_autoptr(GPtrArray) parts = split(source, 400000);
    g_assert_null(parts);
}

/* Overwrites eight bytes of a field of the WIM where they lie in the image. */
static void
damage(const MadeFolder *folder, const RubSource *source, guint64 at, guint64 value)
{
    const RubEntry *wim = rub_source_find(source, "sources/install.wim");
    guint8 bytes[8];
    rub_put_u64le(bytes, value);
    g_autofree char *path = g_build_filename(folder, "made.iso", NULL);
    FILE *file = g_fopen(path, "r+b");
    g_assert_nonnull(file);
    g_assert_cmpint(fseeko(file, (off_t) (rub_entry_get_first_byte(wim) + at), SEEK_SET), ==, 0);
    g_assert_cmpuint(fwrite(bytes, 1, sizeof bytes, file), ==, sizeof bytes);
    fclose(file);
}

static guint64
read_number(const RubSource *source, guint64 at)
{
    guint8 bytes[8];
    g_assert_true(rub_source_read(source, rub_source_find(source, "sources/install.wim"), at, bytes,
                                  sizeof bytes, NULL));
    RubBytes view = rub_bytes(bytes, sizeof bytes);
    return rub_bytes_u64le(&view, 0);
}

#define LOOKUP_TABLE_AT 48

static void
test_impossible_tables_are_left_alone(void)
{
    g_autoptr(MadeFolder) folder = made_folder_new();
    g_autoptr(RubSource) source =
        make_image(folder, "wimlib-imagex capture one iso/sources/install.wim One");
    if (!source)
        return;
    const RubEntry *wim = rub_source_find(source, "sources/install.wim");
    guint64 table_at = read_number(source, LOOKUP_TABLE_AT + 8);
    guint64 resource = read_number(source, table_at);
    const struct {
        guint64 at;
        guint64 value;
    } damages[] = {
        {table_at, (resource & G_GUINT64_CONSTANT(0xff00000000000000)) | wim->size_bytes},
        {table_at + 8, G_MAXUINT64},
        {table_at, resource | G_GUINT64_CONSTANT(0x1000000000000000)},
        {table_at + 24, 2},
        {LOOKUP_TABLE_AT, wim->size_bytes},
        {LOOKUP_TABLE_AT, 0},
        {LOOKUP_TABLE_AT + 8, G_MAXUINT64},
    };
    for (guint i = 0; i < G_N_ELEMENTS(damages); i++) {
        guint64 before = read_number(source, damages[i].at);
        damage(folder, source, damages[i].at, damages[i].value);
        g_autoptr(GPtrArray) parts = split(source, 400000);
        g_assert_null(parts);
        damage(folder, source, damages[i].at, before);
    }
    g_autoptr(GPtrArray) parts = split(source, 400000);
    g_assert_nonnull(parts);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wim-split/an LZX WIM comes back whole", test_an_lzx_wim_comes_back_whole);
    g_test_add_func("/wim-split/an XPRESS WIM comes back whole",
                    test_an_xpress_wim_comes_back_whole);
    g_test_add_func("/wim-split/an unpacked WIM with a table of digests comes back whole",
                    test_an_unpacked_wim_with_a_table_of_digests_comes_back_whole);
    g_test_add_func("/wim-split/the image that starts is kept", test_the_image_that_starts_is_kept);
    g_test_add_func("/wim-split/a resource that is too large makes a larger part",
                    test_a_resource_that_is_too_large_makes_a_larger_part);
    g_test_add_func("/wim-split/the parts are as wimlib would make them",
                    test_the_parts_are_as_wimlib_would_make_them);
    g_test_add_func("/wim-split/a solid WIM is left alone", test_a_solid_wim_is_left_alone);
    g_test_add_func("/wim-split/impossible tables are left alone",
                    test_impossible_tables_are_left_alone);
    return g_test_run();
}
