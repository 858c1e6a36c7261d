/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "volume/rub-fat-tree.h"
#include "volume/rub-folder-aliases.h"

/* Folders that a damaged table links crosswise show the same files again and again. */
#define MAX_ENTRIES (2 * 1000 * 1000)

typedef DIR RubDirStream;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubDirStream, closedir)

typedef struct {
    RubListing *listing;
    const char *root;
    dev_t device;
    GCancellable *cancellable;
} RubWalk;

static gboolean read_folder(const RubWalk *walk, int fd, const char *path, guint depth,
                            GError **error);

static gboolean
set_failed(const RubWalk *walk, const char *path, int errnum, GError **error)
{
    RubCode code =
        errnum == ENODEV || errnum == ENXIO ? RUB_CODE_DEVICE_GONE : RUB_CODE_VERIFY_FAILED;
    rub_error_set_errno(error, code, errnum, N_("cannot read {name}"), "name",
                        *path ? path : walk->root, NULL);
    return FALSE;
}

static char *
make_path(const char *folder, const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    return *folder ? g_strconcat(folder, "/", valid, NULL) : g_steal_pointer(&valid);
}

static RubEntry *
add_entry(const RubWalk *walk, RubEntryKind kind, const char *path, const struct stat *st)
{
    RubEntry *entry = rub_entry_new(kind, g_strdup(path));
    entry->mtime_unix = st->st_mtim.tv_sec;
    if (kind == RUB_ENTRY_FILE)
        entry->size_bytes = (guint64) st->st_size;
    g_ptr_array_add(walk->listing->entries, entry);
    return entry;
}

static void
add_link(const RubWalk *walk, int folder_fd, const char *name, const char *path,
         const struct stat *st)
{
    char target[PATH_MAX];
    ssize_t size = readlinkat(folder_fd, name, target, sizeof target - 1);
    RubEntry *entry = add_entry(walk, RUB_ENTRY_SYMLINK, path, st);
    if (size < 0)
        return;
    target[size] = '\0';
    entry->link_target = g_utf8_make_valid(target, size);
}

static gboolean
add_folder(const RubWalk *walk, int parent_fd, const char *name, const char *path,
           const struct stat *st, guint depth, GError **error)
{
    add_entry(walk, RUB_ENTRY_FOLDER, path, st);
    if (depth == RUB_FAT_MAX_DEPTH) {
        rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                           N_("the folders of {name} are nested too deeply"), "name", walk->root,
                           NULL);
        return FALSE;
    }
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 ? read_folder(walk, fd, path, depth + 1, error)
                   : set_failed(walk, path, errno, error);
}

/* What vanishes between two looks at a volume that is in use is left out. */
static gboolean
add_name(const RubWalk *walk, int folder_fd, const char *folder, const char *name, guint depth,
         GError **error)
{
    g_autofree char *path = make_path(folder, name);
    struct stat st;
    if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || set_failed(walk, path, errno, error);
    if (st.st_dev != walk->device)
        return TRUE;
    if (S_ISDIR(st.st_mode))
        return add_folder(walk, folder_fd, name, path, &st, depth, error);
    if (S_ISLNK(st.st_mode))
        add_link(walk, folder_fd, name, path, &st);
    else if (S_ISREG(st.st_mode))
        add_entry(walk, RUB_ENTRY_FILE, path, &st);
    return TRUE;
}

static gboolean
may_go_on(const RubWalk *walk, GError **error)
{
    if (g_cancellable_is_cancelled(walk->cancellable)) {
        rub_error_set_cancelled(error);
        return FALSE;
    }
    if (walk->listing->entries->len < MAX_ENTRIES)
        return TRUE;
    rub_error_set_text(error, RUB_CODE_VOLUME_DAMAGED,
                       N_("{name} has more files than any sane volume"), "name", walk->root, NULL);
    return FALSE;
}

/* Of the entry of this number, if the name has got one. */
static void
set_alias(const RubWalk *walk, guint number, GHashTable *aliases, const char *name)
{
    const GPtrArray *entries = walk->listing->entries;
    RubEntry *entry = number < entries->len ? g_ptr_array_index(entries, number) : NULL;
    if (entry)
        entry->alias = g_strdup(rub_folder_aliases_find(aliases, name));
}

/* Takes over the descriptor. */
static gboolean
read_folder(const RubWalk *walk, int fd, const char *path, guint depth, GError **error)
{
    g_autoptr(GHashTable) aliases = rub_folder_aliases_read(fd);
    g_autoptr(RubDirStream) stream = fdopendir(fd);
    if (!stream) {
        int errnum = errno;
        close(fd);
        return set_failed(walk, path, errnum, error);
    }
    while (may_go_on(walk, error)) {
        errno = 0;
        const struct dirent *item = readdir(stream);
        if (!item)
            return errno == 0 || set_failed(walk, path, errno, error);
        if (g_str_equal(item->d_name, ".") || g_str_equal(item->d_name, ".."))
            continue;
        guint number = walk->listing->entries->len;
        if (!add_name(walk, fd, path, item->d_name, depth, error))
            return FALSE;
        set_alias(walk, number, aliases, item->d_name);
    }
    return FALSE;
}

RubListing *
rub_folder_listing_read(const char *folder, GCancellable *cancellable, GError **error)
{
    g_autoptr(RubListing) listing = rub_listing_new();
    RubWalk walk = {.listing = listing, .root = folder, .cancellable = cancellable};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (fd < 0) {
        set_failed(&walk, "", errno, error);
        return NULL;
    }
    if (fstat(fd, &st) != 0) {
        set_failed(&walk, "", errno, error);
        close(fd);
        return NULL;
    }
    walk.device = st.st_dev;
    return read_folder(&walk, fd, "", 1, error) ? g_steal_pointer(&listing) : NULL;
}
