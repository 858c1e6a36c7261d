/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "ntfs-tools.h"
#include "volume/rub-ntfs-check.h"
#include "volume/rub-ntfs-name.h"

#include <ntfs-3g/reparse.h>

/* Files that only Windows makes, and volumes on which they are: what a build does to them. */

#define VOLUME_BYTES ((guint64) 24 * 1024 * 1024)
#define PROTECTED (FILE_ATTR_READONLY | FILE_ATTR_HIDDEN | FILE_ATTR_SYSTEM)
#define LARGE_BYTES 200000
#define STREAM_BYTES 7000

typedef struct {
    NtfsImage image;
    RubNtfs *ntfs;
    ntfs_inode *root;
} Fixture;

static const char *const names[] = {"plain",  "protected", "compressed", "sparse",
                                    "linked", "reparse",   "encrypted",  "streams"};

/* The library does not free all that it needs to make a reparse point. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libntfs-3g.so";
}

static ntfs_inode *
create(Fixture *self, const char *name, mode_t mode)
{
    RubNtfsName parsed;
    g_assert_true(rub_ntfs_name_parse(&parsed, name, name, NULL));
    return ntfs_create(self->root, const_cpu_to_le32(0), parsed.letters, parsed.length, mode);
}

static void
fill(ntfs_inode *inode, ntfschar *stream, guint8 stream_length, s64 at, guint seed, gsize size)
{
    g_autofree guint8 *bytes = make_bytes(seed, size);
    ntfs_attr *data = ntfs_attr_open(inode, AT_DATA, stream, stream_length);
    g_assert_cmpint(ntfs_attr_pwrite(data, at, (s64) size, bytes), ==, (gint64) size);
    g_assert_cmpint(ntfs_attr_pclose(data), ==, 0);
    ntfs_attr_close(data);
}

static void
finish(Fixture *self, ntfs_inode *inode)
{
    NInoFileNameSetDirty(inode);
    ntfs_inode_mark_dirty(inode);
    g_assert_cmpint(ntfs_inode_close_in_dir(inode, self->root), ==, 0);
}

/* A link to another folder, or a file that a filter of Windows keeps elsewhere. */
static void
set_reparse_point(ntfs_inode *inode, guint32 tag)
{
    guint8 value[16] = {0};
    rub_put_u32le(value, tag);
    rub_put_u16le(value + 4, sizeof value - 8);
    g_assert_cmpint(ntfs_set_ntfs_reparse_data(inode, (char *) value, sizeof value, 0), ==, 0);
}

static void
encrypt(ntfs_inode *inode)
{
    ntfs_attr_search_ctx *context = ntfs_attr_get_search_ctx(inode, NULL);
    g_assert_cmpint(ntfs_attr_lookup(AT_DATA, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, context),
                    ==, 0);
    context->attr->flags |= ATTR_IS_ENCRYPTED;
    inode->flags |= FILE_ATTR_ENCRYPTED;
    ntfs_inode_mark_dirty(inode);
    ntfs_attr_put_search_ctx(context);
}

static void
make_one(Fixture *self, guint i)
{
    ntfschar stream[] = {GUINT16_TO_LE('s')};
    RubNtfsName other;
    gboolean is_compressed = g_str_equal(names[i], "compressed");
    if (is_compressed)
        self->root->flags |= FILE_ATTR_COMPRESSED;
    ntfs_inode *inode = create(self, names[i], S_IFREG);
    self->root->flags &= ~FILE_ATTR_COMPRESSED;
    fill(inode, AT_UNNAMED, 0, 0, i, LARGE_BYTES);
    if (g_str_equal(names[i], "protected"))
        inode->flags |= PROTECTED;
    else if (g_str_equal(names[i], "sparse"))
        fill(inode, AT_UNNAMED, 0, 5000000, 99, 1000);
    else if (g_str_equal(names[i], "encrypted"))
        encrypt(inode);
    else if (g_str_equal(names[i], "reparse"))
        set_reparse_point(inode, 0x80000013);
    else if (g_str_equal(names[i], "streams"))
        g_assert_cmpint(ntfs_attr_add(inode, AT_DATA, stream, 1, NULL, 0), ==, 0);
    if (g_str_equal(names[i], "streams"))
        fill(inode, stream, 1, 0, 98, STREAM_BYTES);
    if (g_str_equal(names[i], "linked")) {
        g_assert_true(rub_ntfs_name_parse(&other, "other name", "other name", NULL));
        g_assert_cmpint(ntfs_link(inode, self->root, other.letters, other.length), ==, 0);
    }
    finish(self, inode);
}

static void
make_user_files(Fixture *self)
{
    g_autoptr(GError) error = NULL;
    self->ntfs = rub_ntfs_open(self->image.disk, NTFS_START_LBA,
                               ntfs_image_get_sectors(&self->image), RUB_NTFS_WRITE, &error);
    g_assert_no_error(error);
    g_assert_true(rub_ntfs_begin(self->ntfs, NULL));
    NVolSetCompression(rub_ntfs_get_volume(self->ntfs));
    self->root = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), FILE_root);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        make_one(self, i);
    ntfs_inode *junction = create(self, "junction", S_IFDIR);
    set_reparse_point(junction, 0xa0000003);
    finish(self, junction);
    g_assert_cmpint(ntfs_inode_close(self->root), ==, 0);
    rub_ntfs_commit(self->ntfs, &error);
    g_assert_no_error(error);
    rub_ntfs_free(self->ntfs);
}

static void
set_up(Fixture *self, gconstpointer sector_bytes)
{
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open_sectors(&self->image, VOLUME_BYTES, "4096",
                            sector_bytes ? sector_bytes : "512");
    make_user_files(self);
}

static void
tear_down(Fixture *self, gconstpointer unused)
{
    if (self->image.disk)
        ntfs_image_close(&self->image);
}

static void
assert_sound(Fixture *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubNtfsCheck) check = rub_ntfs_check(
        self->image.disk, NTFS_START_LBA, ntfs_image_get_sectors(&self->image), NULL, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(RubText) damage = rub_ntfs_check_describe(check);
    g_assert_null(damage);
    ntfs_image_judge(&self->image);
}

/* What ntfscat reads, which knows all kinds of files but those for which it needs a key. */
static void
assert_content(Fixture *self, const char *path, guint i)
{
    if (g_str_equal(names[i], "encrypted"))
        return;
    g_autofree char *output = g_build_filename(self->image.folder, "output", NULL);
    g_autofree char *command =
        g_strdup_printf("ntfscat '%s' '%s' > '%s'", self->image.volume_path, path, output);
    g_autofree char *none = run_tool(NULL, "sh", "-c", command, NULL);
    g_autofree char *found = NULL;
    gsize found_bytes;
    g_assert_true(g_file_get_contents(output, &found, &found_bytes, NULL));
    g_autofree guint8 *expected = make_bytes(i, LARGE_BYTES);
    g_assert_cmpuint(found_bytes, >=, LARGE_BYTES);
    g_assert_cmpmem(found, LARGE_BYTES, expected, LARGE_BYTES);
}

static FILE_ATTR_FLAGS
get_attributes(Fixture *self, const char *path)
{
    g_autoptr(RubNtfs) ntfs =
        rub_ntfs_open(self->image.disk, NTFS_START_LBA, ntfs_image_get_sectors(&self->image),
                      RUB_NTFS_READ, NULL);
    ntfs_inode *inode = ntfs_pathname_to_inode(rub_ntfs_get_volume(ntfs), NULL, path);
    g_assert_nonnull(inode);
    FILE_ATTR_FLAGS flags = inode->flags;
    ntfs_inode_close(inode);
    return flags;
}

static void
replace_all(Fixture *self)
{
    guint ids[G_N_ELEMENTS(names)];
    g_autoptr(GError) error = NULL;
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    rub_volume_add_folder(volume, "undo", 0, RUB_VOLUME_HIDDEN, &error);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *to = g_strdup_printf("undo/%u", i);
        g_autofree char *upper = g_ascii_strup(names[i], -1);
        rub_volume_move(volume, upper, to, RUB_VOLUME_NONE, &error);
        g_assert_no_error(error);
        ids[i] = declare_file(volume, names[i], 5000, RUB_VOLUME_REPLACE);
    }
    prepare_round(volume);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        write_bytes(volume, ids[i], 50 + i, 5000);
    commit_round(volume);
}

static void
put_all_back(Fixture *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *from = g_strdup_printf("undo/%u", i);
        rub_volume_move(volume, from, names[i], RUB_VOLUME_REPLACE, &error);
        g_assert_no_error(error);
    }
    rub_volume_remove(volume, "undo", &error);
    g_assert_no_error(error);
    prepare_round(volume);
    commit_round(volume);
}

static void
test_all_kinds_of_files_are_saved_and_put_back(Fixture *self, gconstpointer unused)
{
    if (!self->image.disk)
        return;
    RubNtfsState before, after;
    g_autoptr(RubListing) first = ntfs_image_list(&self->image, &before);
    assert_sound(self);
    replace_all(self);
    assert_sound(self);
    g_autoptr(RubListing) replaced = ntfs_image_list(&self->image, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *saved = g_strdup_printf("undo/%u", i);
        assert_content(self, saved, i);
        assert_bytes(&self->image, replaced, names[i], 50 + i, 5000);
    }
    assert_content(self, "other name", 4);
    put_all_back(self);
    assert_sound(self);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        assert_content(self, names[i], i);
    assert_content(self, "other name", 4);
    g_autoptr(RubListing) last = ntfs_image_list(&self->image, &after);
    g_assert_cmpuint(last->entries->len, ==, first->entries->len);
    /* The table of files does not shrink again. */
    g_assert_cmpuint(after.free_clusters + 16, >=, before.free_clusters);
    g_assert_cmphex(get_attributes(self, "encrypted") & FILE_ATTR_ENCRYPTED, !=, 0);
    g_assert_cmphex(get_attributes(self, "reparse") & FILE_ATTR_REPARSE_POINT, !=, 0);
    g_autofree char *stream = run_tool(NULL, "sh", "-c", "ntfscat -n s \"$0\" streams | wc -c",
                                       self->image.volume_path, NULL);
    g_assert_cmpint(atoi(stream), ==, STREAM_BYTES);
}

static void
test_a_protected_file_stays_protected(Fixture *self, gconstpointer unused)
{
    if (!self->image.disk)
        return;
    replace_all(self);
    g_assert_cmphex(get_attributes(self, "protected") & PROTECTED, ==, PROTECTED);
    g_assert_cmphex(get_attributes(self, "undo/1") & PROTECTED, ==, PROTECTED);
    g_assert_cmphex(get_attributes(self, "plain") & PROTECTED, ==, 0);
    g_assert_cmphex(get_attributes(self, "undo") & PROTECTED, ==, FILE_ATTR_HIDDEN);
    put_all_back(self);
    g_assert_cmphex(get_attributes(self, "protected") & PROTECTED, ==, PROTECTED);
    RubVolume *volume = ntfs_image_write(&self->image);
    g_assert_true(rub_volume_remove(volume, "Protected", NULL));
    prepare_round(volume);
    commit_round(volume);
    rub_volume_free(volume);
    assert_sound(self);
}

static void
assert_refused(gboolean is_accepted, GError **error)
{
    g_assert_false(is_accepted);
    g_assert_error(*error, RUB_ERROR, RUB_CODE_NAME_NOT_REPRESENTABLE);
    g_clear_error(error);
}

static void
test_links_to_folders_are_not_followed(Fixture *self, gconstpointer unused)
{
    GError *error = NULL;
    guint id;
    if (!self->image.disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    assert_refused(rub_volume_add_file(volume, "junction/file", 1, 0, 0, &id, &error), &error);
    assert_refused(rub_volume_add_folder(volume, "Junction/folder", 0, 0, &error), &error);
    assert_refused(rub_volume_add_file(volume, "junction", 1, 0, RUB_VOLUME_REPLACE, &id, &error),
                   &error);
    assert_refused(rub_volume_move(volume, "junction", "elsewhere", 0, &error), &error);
}

static void
test_moves_that_contradict_one_another_are_refused(Fixture *self, gconstpointer unused)
{
    static const char *const moves[][2] = {
        {"plain", "other"},   {"streams", "MOVED"}, {"moved", "third"},        {"nothing", "third"},
        {"sparse", "SPARSE"}, {"sparse", "a/b"},    {"sparse", "linked/file"},
    };
    GError *error = NULL;
    guint id;
    if (!self->image.disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    g_assert_true(rub_volume_move(volume, "plain", "moved", RUB_VOLUME_NONE, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(moves); i++) {
        assert_refused(
            rub_volume_move(volume, moves[i][0], moves[i][1], RUB_VOLUME_REPLACE, &error), &error);
    }
    g_assert_true(rub_volume_move(volume, "streams", "sparse", RUB_VOLUME_REPLACE, NULL));
    assert_refused(rub_volume_move(volume, "sparse", "third", RUB_VOLUME_NONE, &error), &error);
    assert_refused(rub_volume_remove(volume, "sparse", &error), &error);
    assert_refused(rub_volume_remove(volume, "Plain", &error), &error);
    assert_refused(rub_volume_add_folder(volume, "plain", 0, 0, &error), &error);
    assert_refused(rub_volume_add_file(volume, "moved", 1, 0, RUB_VOLUME_REPLACE, &id, &error),
                   &error);
}

static void
test_a_file_takes_over_a_name_that_is_given_up(Fixture *self, gconstpointer unused)
{
    if (!self->image.disk)
        return;
    g_autoptr(RubVolume) volume = ntfs_image_write(&self->image);
    g_assert_true(rub_volume_remove(volume, "plain", NULL));
    g_assert_true(rub_volume_move(volume, "streams", "Plain", RUB_VOLUME_NONE, NULL));
    guint id = declare_file(volume, "Streams", 100, RUB_VOLUME_NONE);
    prepare_round(volume);
    write_bytes(volume, id, 60, 100);
    commit_round(volume);
    assert_sound(self);
    g_autoptr(RubListing) listing = ntfs_image_list(&self->image, NULL);
    assert_bytes(&self->image, listing, "Plain", 7, LARGE_BYTES);
    assert_bytes(&self->image, listing, "Streams", 60, 100);
}

#define LONG_NAME "A long name.txt"
#define SHORT_NAME "ALONGN~1.TXT"
#define LONG_FOLDER "A long folder"
#define SHORT_FOLDER "ALONGF~1"

/* As Windows does for names that are not of 8.3 characters. */
static void
give_short_name(Fixture *self, const char *long_name, const char *short_name)
{
    RubNtfsName name;
    g_autoptr(RubNtfs) ntfs =
        rub_ntfs_open(self->image.disk, NTFS_START_LBA, ntfs_image_get_sectors(&self->image),
                      RUB_NTFS_WRITE, NULL);
    g_assert_true(rub_ntfs_begin(ntfs, NULL));
    ntfs_volume *volume = rub_ntfs_get_volume(ntfs);
    ntfs_inode *root = ntfs_inode_open(volume, FILE_root);
    g_assert_true(rub_ntfs_name_parse(&name, long_name, long_name, NULL));
    guint64 record = MREF(ntfs_inode_lookup_by_name(root, name.letters, name.length));
    ntfs_inode *inode = ntfs_inode_open(volume, record);
    /* Closes both. */
    g_assert_cmpint(ntfs_set_ntfs_dos_name(inode, root, short_name, strlen(short_name), 0), ==, 0);
    g_assert_true(rub_ntfs_commit(ntfs, NULL));
}

/* What is not replaced is refused whatever name it would be met by, and what is replaced is met by
 * its long name. */
static void
test_a_short_name_replaces_nothing(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    guint id;
    if (!self->image.disk)
        return;
    RubVolume *volume = ntfs_image_write(&self->image);
    put_file(volume, LONG_NAME, 30, 3000, RUB_VOLUME_NONE);
    rub_volume_free(volume);
    give_short_name(self, LONG_NAME, SHORT_NAME);
    volume = ntfs_image_write(&self->image);
    assert_refused(rub_volume_add_file(volume, "alongn~1.txt", 9, 0, RUB_VOLUME_NONE, &id, &error),
                   &error);
    assert_refused(rub_volume_add_folder(volume, SHORT_NAME, 0, RUB_VOLUME_NONE, &error), &error);
    rub_volume_free(volume);
    g_autoptr(RubListing) unchanged = ntfs_image_list(&self->image, NULL);
    g_assert_null(ntfs_find(unchanged, SHORT_NAME));
    g_assert_cmpstr(ntfs_find(unchanged, LONG_NAME)->alias, ==, SHORT_NAME);
    assert_bytes(&self->image, unchanged, LONG_NAME, 30, 3000);

    volume = ntfs_image_write(&self->image);
    put_file(volume, "a LONG name.txt", 31, 4000, RUB_VOLUME_REPLACE);
    put_file(volume, SHORT_NAME, 32, 500, RUB_VOLUME_NONE);
    rub_volume_free(volume);
    g_autoptr(RubListing) replaced = ntfs_image_list(&self->image, NULL);
    assert_bytes(&self->image, replaced, "a LONG name.txt", 31, 4000);
    assert_bytes(&self->image, replaced, SHORT_NAME, 32, 500);
    assert_sound(self);
}

/* A folder is taken for the one of the image by its own name alone. */
static void
test_a_short_name_is_no_folder_of_the_image(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    guint id;
    if (!self->image.disk)
        return;
    RubVolume *volume = ntfs_image_write(&self->image);
    g_assert_true(rub_volume_add_folder(volume, LONG_FOLDER, 0, RUB_VOLUME_NONE, NULL));
    put_file(volume, LONG_FOLDER "/mine.txt", 30, 3000, RUB_VOLUME_NONE);
    rub_volume_free(volume);
    give_short_name(self, LONG_FOLDER, SHORT_FOLDER);
    volume = ntfs_image_write(&self->image);
    assert_refused(rub_volume_add_folder(volume, "alongf~1", 0, RUB_VOLUME_NONE, &error), &error);
    assert_refused(
        rub_volume_add_file(volume, SHORT_FOLDER "/new.txt", 9, 0, RUB_VOLUME_NONE, &id, &error),
        &error);
    g_assert_true(rub_volume_add_folder(volume, "a LONG folder", 0, RUB_VOLUME_NONE, &error));
    put_file(volume, "a LONG folder/new.txt", 31, 400, RUB_VOLUME_NONE);
    rub_volume_free(volume);
    g_autoptr(RubListing) listing = ntfs_image_list(&self->image, NULL);
    assert_bytes(&self->image, listing, LONG_FOLDER "/mine.txt", 30, 3000);
    assert_bytes(&self->image, listing, LONG_FOLDER "/new.txt", 31, 400);
    assert_sound(self);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/ntfs-kept/" path, Fixture, NULL, set_up, function, tear_down)
    /* Records are larger there. */
    g_test_add("/ntfs-kept/saved-and-put-back-4096-byte-sectors", Fixture, "4096", set_up,
               test_all_kinds_of_files_are_saved_and_put_back, tear_down);
    ADD("saved-and-put-back", test_all_kinds_of_files_are_saved_and_put_back);
    ADD("protected", test_a_protected_file_stays_protected);
    ADD("links", test_links_to_folders_are_not_followed);
    ADD("contradictions", test_moves_that_contradict_one_another_are_refused);
    ADD("short-names", test_a_short_name_replaces_nothing);
    ADD("short-names/folder", test_a_short_name_is_no_folder_of_the_image);
    ADD("taken-over", test_a_file_takes_over_a_name_that_is_given_up);
    return g_test_run();
}
