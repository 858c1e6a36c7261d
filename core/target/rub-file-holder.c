/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-file-holder.h"

#include <sys/stat.h>

/* Fields of a line of /proc/self/mountinfo, counted from 0 (proc(5)). */
#define MOUNTINFO_DEVICE 2
#define MOUNTINFO_MOUNT_POINT 4
#define MOUNTINFO_FIELDS 6

static gboolean
is_same_file(const char *path, const struct stat *file)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_dev == file->st_dev && st.st_ino == file->st_ino;
}

/* Reads a file of one line; NULL if there is none. */
static char *
read_line(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    return g_strchomp(g_steal_pointer(&text));
}

/* The mount point of the device with this number ("7:0"). The kernel writes blanks and the like as
 * octal numbers. */
static char *
find_mount_point(const char *root, const char *device)
{
    g_autofree char *path = g_build_filename(root, "proc/self/mountinfo", NULL);
    g_autofree char *text = NULL;
    if (!device || !g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, " ", MOUNTINFO_FIELDS);
        if (g_strv_length(fields) == MOUNTINFO_FIELDS &&
            g_str_equal(fields[MOUNTINFO_DEVICE], device))
            return g_strcompress(fields[MOUNTINFO_MOUNT_POINT]);
    }
    return NULL;
}

/* The mount point of a loop device or of one of its partitions. */
static char *
find_loop_mount_point(const char *root, const char *folder, const char *loop)
{
    g_autofree char *device = read_line(folder, "dev");
    char *mount_point = find_mount_point(root, device);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (!mount_point && dir && (name = g_dir_read_name(dir))) {
        if (!g_str_has_prefix(name, loop))
            continue;
        g_autofree char *partition = g_build_filename(folder, name, NULL);
        g_autofree char *partition_device = read_line(partition, "dev");
        mount_point = find_mount_point(root, partition_device);
    }
    return mount_point;
}

char *
rub_file_holder_find_loop(int fd, const char *root)
{
    struct stat file;
    g_autofree char *block = g_build_filename(root, "sys/block", NULL);
    g_autoptr(GDir) dir = g_dir_open(block, 0, NULL);
    if (!dir || fstat(fd, &file) != 0)
        return NULL;
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *folder = g_build_filename(block, name, NULL);
        g_autofree char *backing = read_line(folder, "loop/backing_file");
        if (!backing || !is_same_file(backing, &file))
            continue;
        g_autofree char *mount_point = find_loop_mount_point(root, folder, name);
        return mount_point ? g_strdup_printf("%s, which is mounted at %s", name, mount_point)
                           : g_strdup(name);
    }
    return NULL;
}

/* The kernel lists a descriptor's locks in its fdinfo; /proc/locks gives no process for the kind
 * that belongs to an open file, which is what QEMU takes. */
static gboolean
holds_lock(const char *process, const struct stat *file)
{
    g_autofree char *fds = g_build_filename(process, "fd", NULL);
    g_autoptr(GDir) dir = g_dir_open(fds, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(fds, name, NULL);
        if (!is_same_file(path, file))
            continue;
        g_autofree char *info = g_build_filename(process, "fdinfo", name, NULL);
        g_autofree char *text = NULL;
        if (g_file_get_contents(info, &text, NULL, NULL) && strstr(text, "lock:"))
            return TRUE;
    }
    return FALSE;
}

static char *
describe_process(const char *process, const char *number)
{
    g_autofree char *program = read_line(process, "comm");
    return g_strdup_printf("%s (process %s)", program ? program : "a program", number);
}

char *
rub_file_holder_find_locker(int fd)
{
    struct stat file;
    g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
    const char *name;
    while (dir && fstat(fd, &file) == 0 && (name = g_dir_read_name(dir))) {
        g_autofree char *process = g_build_filename("/proc", name, NULL);
        if (!g_ascii_isdigit(*name) || !holds_lock(process, &file))
            continue;
        return describe_process(process, name);
    }
    return g_strdup("another program");
}

static gboolean
points_into(const char *link, const char *folder)
{
    g_autofree char *target = g_file_read_link(link, NULL);
    gsize length = strlen(folder);
    return target && strncmp(target, folder, length) == 0 &&
           (target[length] == '/' || target[length] == '\0');
}

static gboolean
has_file_below(const char *process, const char *folder)
{
    g_autofree char *fds = g_build_filename(process, "fd", NULL);
    g_autoptr(GDir) dir = g_dir_open(fds, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *link = g_build_filename(fds, name, NULL);
        if (points_into(link, folder))
            return TRUE;
    }
    return FALSE;
}

static gboolean
works_below(const char *process, const char *folder)
{
    static const char *const links[] = {"cwd", "root", "exe"};
    for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *link = g_build_filename(process, links[i], NULL);
        if (points_into(link, folder))
            return TRUE;
    }
    return has_file_below(process, folder);
}

char *
rub_file_holder_find_user(const char *folder, const char *root)
{
    g_autofree char *processes = g_build_filename(root, "proc", NULL);
    g_autoptr(GDir) dir = g_dir_open(processes, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *process = g_build_filename(processes, name, NULL);
        if (g_ascii_isdigit(*name) && works_below(process, folder))
            return describe_process(process, name);
    }
    return g_strdup("another program");
}
