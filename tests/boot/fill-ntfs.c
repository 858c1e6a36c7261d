/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts files on an NTFS image, in layouts that no copying program makes, with nothing but
 * libntfs-3g: fill-ntfs IMAGE COMMAND...
 *
 *   put NAME FILE            a copy of FILE in the root
 *   scatter NAME FILE BYTES  the same, with another file's bytes behind every BYTES of it
 *   hole NAME BYTES          a file of that size without any bytes of its own
 *   folder NAME              a folder in the root
 *   names COUNT              so many empty files in the root
 *   tree COUNT               so many empty files and folders in a folder
 *   pierce                   takes every second group of eight clusters, so that what comes has
 * many runs
 */

#include <errno.h>
#include <glib.h>
#include <locale.h>
#include <sys/stat.h>

#include "volume/rub-ntfs-library.h"

#define FILLER "between"

static G_NORETURN void
fail(const char *what)
{
    g_printerr("%s: %s\n", what, g_strerror(errno));
    exit(1);
}

static ntfs_inode *
create(ntfs_inode *root, const char *name, mode_t type)
{
    ntfschar *unicode = NULL;
    int length = ntfs_mbstoucs(name, &unicode);
    ntfs_inode *inode = ntfs_create(root, const_cpu_to_le32(0), unicode, (u8) length, type);
    if (!inode)
        fail(name);
    free(unicode);
    return inode;
}

static ntfs_attr *
open_data(ntfs_inode *inode)
{
    ntfs_attr *data = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
    if (!data)
        fail("data");
    return data;
}

static void
close_file(ntfs_inode *root, ntfs_inode *inode, ntfs_attr *data)
{
    ntfs_attr_close(data);
    if (ntfs_inode_close_in_dir(inode, root) != 0)
        fail("close");
}

static void
write_at_end(ntfs_attr *data, const void *bytes, gsize size)
{
    if (ntfs_attr_pwrite(data, data->data_size, (s64) size, bytes) != (s64) size)
        fail("write");
}

static void
scatter(ntfs_inode *root, const char *name, const char *path, gsize piece)
{
    g_autofree char *contents = NULL;
    gsize size;
    if (!g_file_get_contents(path, &contents, &size, NULL))
        fail(path);
    ntfs_inode *inode = create(root, name, S_IFREG), *filler = create(root, FILLER, S_IFREG);
    ntfs_attr *data = open_data(inode), *filling = open_data(filler);
    for (gsize at = 0; at < size; at += piece) {
        write_at_end(data, contents + at, MIN(piece, size - at));
        write_at_end(filling, contents, MIN(piece, size));
    }
    close_file(root, filler, filling);
    close_file(root, inode, data);
}

static void
put(ntfs_inode *root, const char *name, const char *path)
{
    g_autofree char *contents = NULL;
    gsize size;
    if (!g_file_get_contents(path, &contents, &size, NULL))
        fail(path);
    ntfs_inode *inode = create(root, name, S_IFREG);
    ntfs_attr *data = open_data(inode);
    if (size > 0)
        write_at_end(data, contents, size);
    close_file(root, inode, data);
}

static void
make_hole(ntfs_inode *root, const char *name, gsize size)
{
    ntfs_inode *inode = create(root, name, S_IFREG);
    ntfs_attr *data = open_data(inode);
    if (ntfs_attr_pwrite(data, (s64) size - 1, 1, "") != 1)
        fail(name);
    close_file(root, inode, data);
}

static void
add_names(ntfs_inode *root, guint count)
{
    for (guint i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("%c a rather long name, so that a block holds few "
                                                "of them %u.txt",
                                                "ABCZ"[i % 4], i);
        if (ntfs_inode_close_in_dir(create(root, name, S_IFREG), root) != 0)
            fail(name);
    }
}

/* Small folders, each in the one before: large ones in pieces are beyond libntfs-3g. */
static void
add_tree(ntfs_volume *volume, guint count)
{
    static const char *const files[] = {"a", "b", "c"};
    ntfs_inode *folder = ntfs_inode_open(volume, FILE_root);
    for (guint i = 0; i < count / (1 + G_N_ELEMENTS(files)); i++) {
        ntfs_inode *next = create(folder, "d", S_IFDIR);
        if (ntfs_inode_close(folder) != 0)
            fail("folder");
        folder = next;
        for (guint j = 0; j < G_N_ELEMENTS(files); j++)
            if (ntfs_inode_close_in_dir(create(folder, files[j], S_IFREG), folder) != 0)
                fail("file");
    }
    if (ntfs_inode_close(folder) != 0)
        fail("folder");
}

/* Nobody owns these clusters, which no driver minds. */
static void
pierce(ntfs_volume *volume)
{
    ntfs_attr *bitmap = volume->lcnbmp_na;
    gsize size = (gsize) bitmap->data_size;
    g_autofree guint8 *bits = g_malloc(size);
    if (ntfs_attr_pread(bitmap, 0, (s64) size, bits) != (s64) size)
        fail("bitmap");
    for (gsize i = 1; i < size; i += 2)
        bits[i] = 0xff;
    if (ntfs_attr_pwrite(bitmap, 0, (s64) size, bits) != (s64) size ||
        ntfs_volume_get_free_space(volume) != 0)
        fail("bitmap");
}

static int
run(ntfs_inode *root, char **words)
{
    if (g_str_equal(words[0], "names"))
        return add_names(root, (guint) atoi(words[1])), 2;
    if (g_str_equal(words[0], "tree"))
        return add_tree(root->vol, (guint) atoi(words[1])), 2;
    if (g_str_equal(words[0], "pierce"))
        return pierce(root->vol), 1;
    if (g_str_equal(words[0], "put"))
        return put(root, words[1], words[2]), 3;
    if (g_str_equal(words[0], "hole"))
        return make_hole(root, words[1], (gsize) atol(words[2])), 3;
    if (g_str_equal(words[0], "folder"))
        return ntfs_inode_close_in_dir(create(root, words[1], S_IFDIR), root), 2;
    if (g_str_equal(words[0], "scatter"))
        return scatter(root, words[1], words[2], (gsize) atol(words[3])), 4;
    errno = EINVAL;
    fail(words[0]);
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    ntfs_log_set_handler(ntfs_log_handler_stderr);
    ntfs_volume *volume = ntfs_mount(argv[1], 0);
    if (!volume || ntfs_volume_get_free_space(volume) != 0)
        fail(argv[1]);
    ntfs_inode *root = ntfs_inode_open(volume, FILE_root);
    for (int i = 2; i < argc;)
        i += run(root, argv + i);
    if (ntfs_inode_close(root) != 0 || ntfs_umount(volume, FALSE) != 0)
        fail(argv[1]);
    return 0;
}
