/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* What tests of disks share: scratch files, and the tools of others that make and judge them. */

/* A scratch folder; remove_folder() takes it away again. */
static inline char *
make_folder(void)
{
    GError *error = NULL;
    char *folder = g_dir_make_tmp("rub-test-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

/* The tools live in administrators' folders that a user's search path leaves out. */
static inline void
extend_search_path(void)
{
    g_autofree char *path = g_strconcat(g_getenv("PATH"), ":/usr/sbin:/sbin", NULL);
    g_setenv("PATH", path, TRUE);
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
}

/* Skips the test where a tool is missing. */
static inline gboolean
has_tool(const char *program)
{
    g_autofree char *path = g_find_program_in_path(program);
    g_autofree char *reason = g_strdup_printf("%s is not installed", program);
    if (!path)
        g_test_skip(reason);
    return path != NULL;
}

/* Runs a tool with text on its standard input; returns what it wrote. It must succeed. */
static inline char *
run_tool(const char *input, const char *first_argument, ...)
{
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    va_list list;
    va_start(list, first_argument);
    for (const char *argument = first_argument; argument; argument = va_arg(list, const char *))
        g_ptr_array_add(arguments, (gpointer) argument);
    va_end(list);
    g_ptr_array_add(arguments, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocess) process =
        g_subprocess_newv((const char *const *) arguments->pdata,
                          G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                              G_SUBPROCESS_FLAGS_STDERR_MERGE,
                          &error);
    g_assert_no_error(error);
    char *output = NULL;
    g_subprocess_communicate_utf8(process, input, NULL, &output, NULL, &error);
    g_assert_no_error(error);
    if (!g_subprocess_get_successful(process))
        g_error("%s failed: %s", first_argument, output);
    return output;
}

/* Runs a tool whose output does not matter. */
#define run(...) g_free(run_tool(NULL, __VA_ARGS__, NULL))

static inline void
remove_folder(char *folder)
{
    run("rm", "-rf", folder);
    g_free(folder);
}

/* Makes a sparse file; returns its path. */
static inline char *
make_image(const char *folder, const char *name, guint64 size_bytes)
{
    char *path = g_build_filename(folder, name, NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    g_assert_no_errno(fd);
    g_assert_cmpint(ftruncate(fd, (off_t) size_bytes), ==, 0);
    close(fd);
    return path;
}

static inline void
poke(const char *path, guint64 offset_bytes, const void *data, gsize size_bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    g_assert_no_errno(fd);
    g_assert_cmpint(pwrite(fd, data, size_bytes, (off_t) offset_bytes), ==, size_bytes);
    close(fd);
}

static inline void
peek(const char *path, guint64 offset_bytes, void *buffer, gsize size_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_no_errno(fd);
    g_assert_cmpint(pread(fd, buffer, size_bytes, (off_t) offset_bytes), ==, size_bytes);
    close(fd);
}
