/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-folder-aliases.h"

#include <linux/msdos_fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "volume/rub-fat-slot.h"

/* VFAT_IOCTL_READDIR_BOTH fills in two: the short name, and the long one or "". */
typedef struct __fat_dirent RubNamePair[2];
#define MAX_NAME_BYTES (sizeof((struct __fat_dirent *) NULL)->d_name - 1)

/* The kernel cuts long names off after as many bytes (fs/fat/dir.c, fat_ioctl_filldir()), and a
 * name of 255 UTF-16 units may have more. */
static char *
make_key(const char *name)
{
    return g_strndup(name, MAX_NAME_BYTES);
}

/* At the end of the folder the kernel says 0 bytes. The driver need not be the kernel's. */
static gboolean
read_pair(int fd, RubNamePair pair)
{
    if (ioctl(fd, VFAT_IOCTL_READDIR_BOTH, pair) < 0 || pair[0].d_reclen == 0)
        return FALSE;
    pair[0].d_name[MAX_NAME_BYTES] = '\0';
    pair[1].d_name[MAX_NAME_BYTES] = '\0';
    return TRUE;
}

GHashTable *
rub_folder_aliases_read(int fd)
{
    GHashTable *aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    RubNamePair pair = {0};
    for (guint i = 0; i < RUB_FAT_MAX_FOLDER_SLOTS && read_pair(fd, pair); i++) {
        if (pair[1].d_name[0] != '\0')
            g_hash_table_insert(aliases, make_key(pair[1].d_name),
                                g_utf8_make_valid(pair[0].d_name, -1));
    }
    lseek(fd, 0, SEEK_SET);
    return aliases;
}

const char *
rub_folder_aliases_find(GHashTable *aliases, const char *name)
{
    g_autofree char *key = make_key(name);
    return g_hash_table_lookup(aliases, key);
}
