/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images for tests: out of bytes, and out of tests/images/make-windows-like.py. */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/rub-bytes.h"

#define MADE_SECTOR 2048

/** MadeFolder: a folder of a test, gone with all that is in it at the end of the scope */
typedef char MadeFolder;

static inline MadeFolder *
made_folder_new(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("rub-test-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static inline void
made_folder_remove(const char *folder)
{
    const char *argv[] = {"rm", "-rf", folder, NULL};
    g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
}

static inline void
made_folder_free(MadeFolder *folder)
{
    made_folder_remove(folder);
    g_free(folder);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MadeFolder, made_folder_free)

/** made_file: Returns: (transfer full): the path of a new file that holds @data, then zeros up to
 * @size_bytes */
static inline char *
made_file(const MadeFolder *folder, const char *name, const void *data, gsize data_size,
          guint64 size_bytes)
{
    g_autoptr(GError) error = NULL;
    char *path = g_build_filename(folder, name, NULL);
    g_unlink(path); /* GLib would write over the start of what is there */
    g_file_set_contents_full(path, data, (gssize) data_size, G_FILE_SET_CONTENTS_NONE, 0600,
                             &error);
    g_assert_no_error(error);
    g_assert_cmpint(truncate(path, (off_t) size_bytes), ==, 0);
    return path;
}

static inline gboolean
made_has_tools(const char *const *tools)
{
    for (; *tools != NULL; tools++) {
        g_autofree char *path = g_find_program_in_path(*tools);
        g_autofree char *sbin = g_build_filename("/usr/sbin", *tools, NULL);
        if (path != NULL || g_file_test(sbin, G_FILE_TEST_IS_EXECUTABLE))
            continue;
        g_autofree char *reason = g_strdup_printf("%s is not installed", *tools);
        g_test_skip(reason);
        return FALSE;
    }
    return TRUE;
}

/** made_run: runs a command line of a shell in @folder, which must succeed */
static inline void
made_run(const MadeFolder *folder, const char *command)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *output = NULL;
    g_autofree char *errors = NULL;
    int status;
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    g_spawn_sync(folder, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors,
                 &status, &error);
    g_assert_no_error(error);
    if (status != 0)
        g_error("%s: %s%s", command, output, errors);
}

/** made_windows_like: Returns: (transfer full) (nullable): the path of an image that the maker
 * made; %NULL, and the test is skipped, where it lacks its tools */
static inline char *
made_windows_like(const MadeFolder *folder, const char *options)
{
    static const char *const tools[] = {"python3",  "genisoimage", "xorriso", "wimlib-imagex",
                                        "mkfs.fat", "mcopy",       NULL};
    if (!made_has_tools(tools))
        return NULL;
    g_autofree char *maker =
        g_test_build_filename(G_TEST_DIST, "..", "images", "make-windows-like.py", NULL);
    g_autofree char *command = g_strdup_printf("python3 '%s' %s made.iso", maker, options);
    made_run(folder, command);
    return g_build_filename(folder, "made.iso", NULL);
}

static inline guint8 *
made_grow(GByteArray *bytes, gsize size)
{
    gsize old = bytes->len;
    if (old < size) {
        g_byte_array_set_size(bytes, (guint) size);
        memset(bytes->data + old, 0, size - old);
    }
    return bytes->data;
}

static inline void
made_put_both(guint8 *at, guint32 value)
{
    rub_put_u32le(at, value);
    for (guint i = 0; i < 4; i++)
        at[4 + i] = value >> (24 - 8 * i) & 0xff;
}

/** made_iso_add_record: appends a directory record (ECMA-119 9.1) at *@at, and moves that on */
static inline void
made_iso_add_record(GByteArray *iso, gsize *at, const char *name, gsize name_size, guint32 lba,
                    guint32 size_bytes, guint8 flags)
{
    gsize size = 33 + name_size + (name_size % 2 == 0);
    guint8 *record = made_grow(iso, *at + size) + *at;
    record[0] = (guint8) size;
    made_put_both(record + 2, lba);
    made_put_both(record + 10, size_bytes);
    memcpy(record + 18, "\x7d\1\2\3\4\5\0", 7); /* 2025-01-02 03:04:05 UTC */
    record[25] = flags;
    record[28] = record[31] = 1;
    record[32] = (guint8) name_size;
    memcpy(record + 33, name, name_size);
    *at += size;
}

#define MADE_ISO_ROOT 20
#define MADE_ISO_FOLDER 2
#define MADE_ISO_MULTI_EXTENT 0x80

/** made_iso_new: Returns: (transfer full): an ISO 9660 image with volume descriptors and a root
 * of one sector at %MADE_ISO_ROOT; *@at is where its next record goes */
static inline GByteArray *
made_iso_new(guint32 block_count, gsize *at)
{
    GByteArray *iso = g_byte_array_new();
    guint8 *pvd = made_grow(iso, (MADE_ISO_ROOT + 1) * MADE_SECTOR) + 16 * MADE_SECTOR;
    memcpy(pvd, "\1CD001\1", 7);
    memset(pvd + 8, ' ', 64);
    memcpy(pvd + 40, "HAND_MADE", 9);
    made_put_both(pvd + 80, block_count);
    pvd[120] = pvd[123] = pvd[124] = pvd[127] = 1;
    pvd[129] = pvd[130] = MADE_SECTOR >> 8;
    rub_put_u32le(pvd + 140, 19); /* libarchive wants a path table */
    pvd[881] = 1;
    memcpy(pvd + MADE_SECTOR, "\377CD001\1", 7);
    gsize root = 16 * MADE_SECTOR + 156;
    made_iso_add_record(iso, &root, "", 1, MADE_ISO_ROOT, MADE_SECTOR, MADE_ISO_FOLDER);
    *at = MADE_ISO_ROOT * MADE_SECTOR;
    made_iso_add_record(iso, at, "", 1, MADE_ISO_ROOT, MADE_SECTOR, MADE_ISO_FOLDER);
    made_iso_add_record(iso, at, "\1", 1, MADE_ISO_ROOT, MADE_SECTOR, MADE_ISO_FOLDER);
    return iso;
}
