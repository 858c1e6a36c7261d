/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-room.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "volume/rub-fat-name.h"
#include "volume/rub-fat-slot.h"

/* "." and ".." */
#define DOT_SLOTS 2

struct _RubFolderRoom {
    /* Of FAT the kernel's driver calls a cluster a block. */
    guint64 cluster_bytes;
    guint64 free_clusters;
    guint64 copy_clusters;
    guint64 given_clusters;
    guint64 file_clusters;
    /* (element-type utf8 guint): how many slots come into each folder. */
    GHashTable *slot_counts;
};

RubFolderRoom *
rub_folder_room_new(const RubFolder *folder, GError **error)
{
    struct statvfs st;
    if (fstatvfs(rub_folder_get_fd(folder), &st) != 0) {
        rub_folder_set_error(folder, error, RUB_CODE_VERIFY_FAILED, errno, "the free space");
        return NULL;
    }
    RubFolderRoom *self = g_new0(RubFolderRoom, 1);
    self->cluster_bytes = st.f_frsize ? st.f_frsize : st.f_bsize;
    /* Filesystems in memory may have no size. */
    self->free_clusters = st.f_blocks > 0 ? st.f_bavail : G_MAXUINT64;
    self->slot_counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return self;
}

void
rub_folder_room_free(RubFolderRoom *self)
{
    g_hash_table_unref(self->slot_counts);
    g_free(self);
}

static guint64
count_clusters(const RubFolderRoom *self, guint64 size_bytes)
{
    return size_bytes / self->cluster_bytes + (size_bytes % self->cluster_bytes > 0);
}

void
rub_folder_room_add_name(RubFolderRoom *self, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? g_strndup(path, (gsize) (slash - path)) : g_strdup("");
    guint slots = GPOINTER_TO_UINT(g_hash_table_lookup(self->slot_counts, folder));
    slots += rub_fat_name_get_slot_count(slash ? slash + 1 : path);
    g_hash_table_insert(self->slot_counts, folder, GUINT_TO_POINTER(slots));
}

void
rub_folder_room_add_copy(RubFolderRoom *self, guint64 size_bytes)
{
    self->copy_clusters += count_clusters(self, size_bytes);
}

void
rub_folder_room_give_back(RubFolderRoom *self, guint64 size_bytes)
{
    self->given_clusters += count_clusters(self, size_bytes);
}

void
rub_folder_room_add_file(RubFolderRoom *self, guint64 size_bytes)
{
    self->file_clusters += count_clusters(self, size_bytes);
}

/* As if no folder had room left in its last cluster. */
static guint64
count_folder_clusters(const RubFolderRoom *self)
{
    guint64 clusters = 0;
    GHashTableIter iter;
    gpointer slots;
    g_hash_table_iter_init(&iter, self->slot_counts);
    while (g_hash_table_iter_next(&iter, NULL, &slots))
        clusters += count_clusters(self, (guint64) (GPOINTER_TO_UINT(slots) + DOT_SLOTS) *
                                             RUB_FAT_SLOT_BYTES);
    return clusters;
}

guint64
rub_folder_room_get_missing_bytes(const RubFolderRoom *self)
{
    guint64 first_clusters = self->copy_clusters + count_folder_clusters(self);
    guint64 all_clusters = first_clusters + self->file_clusters;
    all_clusters -= MIN(all_clusters, self->given_clusters);
    guint64 clusters = MAX(first_clusters, all_clusters);
    return clusters > self->free_clusters ? (clusters - self->free_clusters) * self->cluster_bytes
                                          : 0;
}
