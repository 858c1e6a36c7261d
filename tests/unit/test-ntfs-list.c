/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/stat.h>

#include "ntfs-tools.h"
#include "volume/rub-ntfs-name.h"

#define VOLUME_BYTES ((guint64) 16 * 1024 * 1024)
#define HOLE_BYTES 200000

/* Volumes that Windows may have written: what our own writer never makes. */
typedef struct {
    NtfsImage image;
    RubNtfs *ntfs;
    ntfs_inode *root;
} Fixture;

static void
set_up(Fixture *self, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    if (!ntfs_image_has_tools())
        return;
    ntfs_image_open(&self->image, VOLUME_BYTES, "4096");
    self->ntfs = rub_ntfs_open(self->image.disk, NTFS_START_LBA,
                               ntfs_image_get_sectors(&self->image), RUB_NTFS_WRITE, &error);
    g_assert_no_error(error);
    g_assert_true(rub_ntfs_begin(self->ntfs, NULL));
    self->root = ntfs_inode_open(rub_ntfs_get_volume(self->ntfs), FILE_root);
}

static void
tear_down(Fixture *self, gconstpointer unused)
{
    if (self->ntfs)
        ntfs_image_close(&self->image);
}

static ntfs_inode *
create(Fixture *self, const char *name, ntfs_attr **data)
{
    RubNtfsName parsed;
    g_assert_true(rub_ntfs_name_parse(&parsed, name, name, NULL));
    ntfs_inode *inode =
        ntfs_create(self->root, const_cpu_to_le32(0), parsed.letters, parsed.length, S_IFREG);
    *data = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
    g_assert_nonnull(*data);
    return inode;
}

static void
write_at(ntfs_attr *data, s64 offset, guint seed, gsize size_bytes)
{
    g_autofree guint8 *bytes = make_bytes(seed, size_bytes);
    g_assert_cmpint(ntfs_attr_pwrite(data, offset, (s64) size_bytes, bytes), ==,
                    (gint64) size_bytes);
}

static void
finish(Fixture *self, ntfs_inode *inode, ntfs_attr *data)
{
    g_assert_cmpint(ntfs_attr_pclose(data), ==, 0);
    ntfs_attr_close(data);
    g_assert_cmpint(ntfs_inode_close_in_dir(inode, self->root), ==, 0);
}

static RubListing *
list(Fixture *self)
{
    g_assert_cmpint(ntfs_inode_close(self->root), ==, 0);
    g_assert_true(rub_ntfs_commit(self->ntfs, NULL));
    rub_ntfs_free(self->ntfs);
    return ntfs_image_list(&self->image, NULL);
}

static void
test_holes_are_holes(Fixture *self, gconstpointer unused)
{
    ntfs_attr *data;
    if (!self->ntfs)
        return;
    ntfs_inode *inode = create(self, "sparse", &data);
    write_at(data, 0, 1, 5000);
    write_at(data, HOLE_BYTES, 2, 5000);
    finish(self, inode, data);
    g_autoptr(RubListing) listing = list(self);
    const RubEntry *entry = ntfs_find(listing, "sparse");
    g_assert_cmpuint(entry->size_bytes, ==, HOLE_BYTES + 5000);
    gboolean has_hole = FALSE;
    for (guint i = 0; i < entry->extents->len; i++)
        has_hole |= g_array_index(entry->extents, RubExtent, i).offset_bytes == RUB_EXTENT_HOLE;
    g_assert_true(has_hole);
    g_autofree char *found = ntfs_image_read(&self->image, entry);
    g_autofree guint8 *first = make_bytes(1, 5000), *last = make_bytes(2, 5000);
    g_assert_cmpmem(found, 5000, first, 5000);
    g_assert_cmpmem(found + HOLE_BYTES, 5000, last, 5000);
    for (gsize i = 5000; i < HOLE_BYTES; i++)
        g_assert_cmpint(found[i], ==, 0);
}

/* The clusters may hold the bytes of a file that was deleted. */
static void
test_what_was_never_written_reads_as_zeros(Fixture *self, gconstpointer unused)
{
    ntfs_attr *data;
    if (!self->ntfs)
        return;
    ntfs_inode *inode = create(self, "reserved", &data);
    g_assert_cmpint(ntfs_attr_truncate_solid(data, 100000), ==, 0);
    write_at(data, 0, 3, 4097);
    finish(self, inode, data);
    g_autoptr(RubListing) listing = list(self);
    const RubEntry *entry = ntfs_find(listing, "reserved");
    g_assert_cmpuint(entry->size_bytes, ==, 100000);
    g_assert_cmpuint(g_array_index(entry->extents, RubExtent, 0).size_bytes, <, 20000);
    g_autofree char *found = ntfs_image_read(&self->image, entry);
    g_autofree guint8 *first = make_bytes(3, 4097);
    g_assert_cmpmem(found, 4097, first, 4097);
    for (gsize i = 4097; i < 100000; i++)
        g_assert_cmpint(found[i], ==, 0);
}

static void
test_files_in_many_pieces(Fixture *self, gconstpointer unused)
{
    enum { PIECES = 400 };
    ntfs_attr *data[2];
    if (!self->ntfs)
        return;
    ntfs_inode *inodes[] = {create(self, "one", &data[0]), create(self, "other", &data[1])};
    for (guint i = 0; i < PIECES * 2; i++)
        write_at(data[i % 2], (s64) (i / 2) * 4096, i, 4096);
    for (guint i = 0; i < 2; i++)
        finish(self, inodes[i], data[i]);
    g_autoptr(RubListing) listing = list(self);
    const RubEntry *entry = ntfs_find(listing, "other");
    g_assert_cmpuint(entry->extents->len, >, PIECES / 10);
    g_autofree char *found = ntfs_image_read(&self->image, entry);
    for (guint i = 0; i < PIECES; i++) {
        g_autofree guint8 *expected = make_bytes(i * 2 + 1, 4096);
        g_assert_cmpmem(found + i * 4096, 4096, expected, 4096);
    }
}

static void
test_compressed_files_cannot_be_read(Fixture *self, gconstpointer unused)
{
    ntfs_attr *data;
    if (!self->ntfs)
        return;
    NVolSetCompression(rub_ntfs_get_volume(self->ntfs));
    self->root->flags |= FILE_ATTR_COMPRESSED;
    ntfs_inode *inode = create(self, "compressed", &data);
    g_autofree guint8 *zeros = g_malloc0(65536);
    g_assert_cmpint(ntfs_attr_pwrite(data, 0, 65536, zeros), ==, 65536);
    finish(self, inode, data);
    g_autoptr(RubListing) listing = list(self);
    const RubEntry *entry = ntfs_find(listing, "compressed");
    g_assert_cmpuint(entry->size_bytes, ==, 65536);
    const RubExtent *extent = &g_array_index(entry->extents, RubExtent, 0);
    g_assert_cmpuint(extent->size_bytes, ==, 65536);
    g_assert_false(rub_disk_read(self->image.disk, extent->offset_bytes, zeros, 65536, NULL));
}

static void
test_names_of_one_file_share_its_bytes(Fixture *self, gconstpointer unused)
{
    RubNtfsName name;
    ntfs_attr *data;
    if (!self->ntfs)
        return;
    ntfs_inode *inode = create(self, "first", &data);
    write_at(data, 0, 5, 9000);
    ntfs_attr_close(data);
    g_assert_true(rub_ntfs_name_parse(&name, "second \U0001f642", "second", NULL));
    g_assert_cmpint(ntfs_link(inode, self->root, name.letters, name.length), ==, 0);
    g_assert_cmpint(ntfs_inode_close_in_dir(inode, self->root), ==, 0);
    g_autoptr(RubListing) listing = list(self);
    assert_bytes(&self->image, listing, "first", 5, 9000);
    assert_bytes(&self->image, listing, "second \U0001f642", 5, 9000);
    g_assert_cmpuint(rub_entry_get_first_byte(ntfs_find(listing, "first")), ==,
                     rub_entry_get_first_byte(ntfs_find(listing, "second \U0001f642")));
}

static void
test_names_that_are_no_text(void)
{
    const ntfschar letters[] = {
        GUINT16_TO_LE('a'),    GUINT16_TO_LE(0xd800), GUINT16_TO_LE('/'), GUINT16_TO_LE(0xdc00), 0,
        GUINT16_TO_LE(0xd83d), GUINT16_TO_LE(0xde42)};
    g_autofree char *text = rub_ntfs_name_to_utf8(letters, G_N_ELEMENTS(letters));
    g_assert_cmpstr(text, ==, "a\ufffd\ufffd\ufffd\ufffd\U0001f642");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add("/ntfs-list/" path, Fixture, NULL, set_up, function, tear_down)
    ADD("holes-are-holes", test_holes_are_holes);
    ADD("what-was-never-written-reads-as-zeros", test_what_was_never_written_reads_as_zeros);
    ADD("files-in-many-pieces", test_files_in_many_pieces);
    ADD("compressed-files-cannot-be-read", test_compressed_files_cannot_be_read);
    ADD("names-of-one-file-share-its-bytes", test_names_of_one_file_share_its_bytes);
    g_test_add_func("/ntfs-list/names-that-are-no-text", test_names_that_are_no_text);
    return g_test_run();
}
