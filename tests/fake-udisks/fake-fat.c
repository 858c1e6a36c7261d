/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a FAT as a folder and back again, with mtools, because the fake mounts nothing. */
#include "fake-fat.h"

#include "fake-run.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many files at most are given to one mcopy, well below the length of a command line. */
#define FILES_AT_ONCE 200

#define SECTOR_BYTES 512

static char *
area_of(const FakeNode *node)
{
    return g_strdup_printf("%s@@%" G_GUINT64_FORMAT, node->disk->image, node->offset);
}

/* What tells whether a file was changed while it was mounted. */
static char *
describe(const struct stat *status)
{
    if (S_ISDIR(status->st_mode))
        return g_strdup("folder");
    return g_strdup_printf("%" G_GINT64_FORMAT " %ld.%09ld %lu", (gint64) status->st_size,
                           (long) status->st_mtim.tv_sec, status->st_mtim.tv_nsec,
                           (unsigned long) status->st_ino);
}

static void
list_folder(const char *root, const char *below, GHashTable *files)
{
    g_autofree char *folder = g_strconcat(root, below, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_strconcat(below, "/", name, NULL);
        g_autofree char *full = g_strconcat(root, path, NULL);
        struct stat status;
        if (g_lstat(full, &status) != 0)
            continue;
        g_hash_table_replace(files, g_strdup(path), describe(&status));
        if (S_ISDIR(status.st_mode))
            list_folder(root, path, files);
    }
}

static GHashTable *
list_files(const char *root)
{
    GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    list_folder(root, "", files);
    return files;
}

static guint32
get_number(const guint8 *bytes, guint size)
{
    guint32 number = 0;
    for (guint i = size; i > 0; i--)
        number = number << 8 | bytes[i - 1];
    return number;
}

/* Clusters and free ones of a FAT32, by its boot sector and FSInfo (Microsoft FAT specification,
 * sections 3.1, 3.3, 3.5 and 5). */
static gboolean
measure(const FakeNode *node, guint32 *cluster_bytes, guint32 *clusters, guint32 *free_clusters)
{
    guint8 boot[SECTOR_BYTES], info[SECTOR_BYTES];
    int fd = g_open(node->disk->image, O_RDONLY | O_CLOEXEC);
    gboolean is_read =
        fd >= 0 && pread(fd, boot, sizeof boot, (off_t) node->offset) == SECTOR_BYTES;
    off_t info_offset = (off_t) node->offset + get_number(boot + 48, 2) * SECTOR_BYTES;
    is_read = is_read && pread(fd, info, sizeof info, info_offset) == SECTOR_BYTES;
    if (fd >= 0)
        close(fd);
    if (!is_read || get_number(boot + 22, 2) != 0 || boot[13] == 0)
        return FALSE;
    guint32 data_sectors =
        get_number(boot + 32, 4) - get_number(boot + 14, 2) - boot[16] * get_number(boot + 36, 4);
    *cluster_bytes = boot[13] * get_number(boot + 11, 2);
    *clusters = data_sectors / boot[13];
    *free_clusters = get_number(info + 488, 4);
    return *free_clusters <= *clusters;
}

/* For fake-room.c. */
static void
describe_room(const FakeNode *node, const FakeMount *mount)
{
    guint32 cluster_bytes, clusters, free_clusters;
    g_autofree char *name = g_path_get_basename(mount->folder);
    g_autofree char *folder = g_strconcat(node->disk->world->folder, "/room", NULL);
    g_autofree char *path = g_strdup_printf("%s/%s", folder, name);
    g_unlink(path);
    if (!measure(node, &cluster_bytes, &clusters, &free_clusters))
        return;
    g_autofree char *text = g_strdup_printf("%u %u %u\n", cluster_bytes, clusters, free_clusters);
    g_mkdir_with_parents(folder, 0755);
    g_file_set_contents(path, text, -1, NULL);
}

/* Copies all files into the folder of the mount and remembers how they look. */
gboolean
fake_fat_extract(FakeNode *node, FakeMount *mount, GError **error)
{
    g_autofree char *area = area_of(node);
    g_autofree char *output = NULL;
    const char *const list[] = {"mdir", "-a", "-b", "-i", area, "::", NULL};
    const char *const copy[] = {"mcopy", "-s", "-m",   "-n",          "-Q",
                                "-i",    area, "::/*", mount->folder, NULL};
    /* mcopy calls an empty root folder an error. */
    if (!fake_run(list, NULL, &output, error) ||
        (*output != '\0' && !fake_run(copy, NULL, NULL, error)))
        return FALSE;
    describe_room(node, mount);
    mount->files = list_files(mount->folder);
    return TRUE;
}

static gboolean
run_on_path(FakeNode *node, const char *tool, const char *path, GError **error)
{
    g_autofree char *area = area_of(node);
    g_autofree char *target = g_strconcat("::", path, NULL);
    const char *const arguments[] = {tool, "-i", area, target, NULL};
    return fake_run(arguments, NULL, NULL, error);
}

static gboolean
is_folder(const char *description)
{
    return g_strcmp0(description, "folder") == 0;
}

/* Takes away what is no longer there, or is another kind of thing now. */
static gboolean
delete_gone(FakeNode *node, GHashTable *before, GHashTable *now, GList *sorted, GError **error)
{
    /* From the end, so that what is in a folder goes before it. */
    for (GList *link = g_list_last(sorted); link != NULL; link = link->prev) {
        const char *was = g_hash_table_lookup(before, link->data);
        const char *is = g_hash_table_lookup(now, link->data);
        if (is != NULL && is_folder(was) == is_folder(is))
            continue;
        if (!run_on_path(node, is_folder(was) ? "mrd" : "mdel", link->data, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
copy_batch(FakeNode *node, FakeMount *mount, const char *folder, GPtrArray *names, GError **error)
{
    g_autofree char *area = area_of(node);
    g_autofree char *target = g_strconcat("::", folder, "/", NULL);
    g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
    const char *const fixed[] = {"mcopy", "-m", "-o", "-Q", "-i", area};
    for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_ptr_array_add(arguments, g_strdup(fixed[i]));
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(arguments, g_strconcat(mount->folder, names->pdata[i], NULL));
    g_ptr_array_add(arguments, g_steal_pointer(&target));
    g_ptr_array_add(arguments, NULL);
    g_ptr_array_set_size(names, 0);
    return arguments->len == G_N_ELEMENTS(fixed) + 2 ||
           fake_run((const char *const *) arguments->pdata, NULL, NULL, error);
}

/* Copies what is new or changed, folder by folder. */
static gboolean
copy_changed(FakeNode *node, FakeMount *mount, GHashTable *now, GList *sorted, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *batch_folder = g_strdup("");
    for (GList *link = sorted; link != NULL; link = link->next) {
        const char *was = g_hash_table_lookup(mount->files, link->data);
        const char *is = g_hash_table_lookup(now, link->data);
        if (is_folder(is)) {
            if (!is_folder(was) && !run_on_path(node, "mmd", link->data, error))
                return FALSE;
            continue;
        }
        if (g_strcmp0(was, is) == 0)
            continue;
        g_autofree char *folder = g_path_get_dirname(link->data);
        if (names->len >= FILES_AT_ONCE || !g_str_equal(folder, batch_folder)) {
            if (!copy_batch(node, mount, batch_folder, names, error))
                return FALSE;
            g_free(batch_folder);
            batch_folder = g_steal_pointer(&folder);
        }
        g_ptr_array_add(names, link->data);
    }
    return copy_batch(node, mount, batch_folder, names, error);
}

static GList *
sorted_keys(GHashTable *files)
{
    return g_list_sort(g_hash_table_get_keys(files), (GCompareFunc) strcmp);
}

/* Writes what changed in the folder into the FAT. Files that did not change stay where they lie. */
gboolean
fake_fat_write_back(FakeNode *node, FakeMount *mount, GError **error)
{
    g_autoptr(GHashTable) now = list_files(mount->folder);
    g_autoptr(GList) old = sorted_keys(mount->files);
    g_autoptr(GList) new = sorted_keys(now);
    return delete_gone(node, mount->files, now, old, error) &&
           copy_changed(node, mount, now, new, error);
}

/* Sets the volume label. */
gboolean
fake_fat_set_label(FakeNode *node, const char *label, GError **error)
{
    g_autofree char *area = area_of(node);
    g_autofree char *target = g_strconcat("::", label, NULL);
    const char *const set[] = {"mlabel", "-i", area, target, NULL};
    const char *const clear[] = {"mlabel", "-c", "-i", area, "::", NULL};
    return fake_run(*label != '\0' ? set : clear, NULL, NULL, error);
}
