/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-ntfs-name.h"
#include "volume/rub-ntfs.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/* A folder or file that is declared. */
typedef struct {
    char *path;
    gboolean is_folder;
    guint64 size_bytes;
    gint64 mtime_unix;
    RubVolumeFlags flags;
    FILE_ATTR_FLAGS attributes; /* those of a file that it replaces */
    guint64 record;             /* its number in the table of files, once it is made */
    char *temporary_name;       /* (nullable): its name until it replaces another file */
    guint64 written_bytes;
} RubNtfsNew;

/* A file that is to move. */
typedef struct {
    char *from;
    char *to;
    RubVolumeFlags flags;
} RubNtfsMove;

typedef struct {
    RubVolume base;
    RubNtfs *ntfs;
    GPtrArray *declared;  /* (element-type RubNtfsNew), in their order */
    GHashTable *by_key;   /* (element-type utf8 RubNtfsNew) */
    GHashTable *moved_to; /* (element-type utf8), keys of where files move to */
    GHashTable *given_up; /* (element-type utf8), keys of what is moved away or removed */
    GPtrArray *moves;     /* (element-type RubNtfsMove) */
    GPtrArray *removals;  /* (element-type utf8) */
    gboolean is_made;     /* whether the round is done, in memory and but for bytes of files */
    gboolean is_failed;
    /* The file that is being written. */
    RubNtfsNew *current;
    ntfs_inode *inode;
    ntfs_attr *data;
} RubNtfsVolume;

/** RUB_NTFS_NO_RECORD: the number of no record */
#define RUB_NTFS_NO_RECORD G_MAXUINT64

/* Looks for a path on the volume as it is; *@record is RUB_NTFS_NO_RECORD where there is none. */
gboolean rub_ntfs_volume_find(RubNtfsVolume *self, const char *path, guint64 *record,
                              gboolean *is_folder, GError **error);

/* The functions of RubVolume that declare what a round does. */
gboolean rub_ntfs_volume_add_folder(RubVolume *volume, const char *path, gint64 mtime_unix,
                                    RubVolumeFlags flags, GError **error);
gboolean rub_ntfs_volume_add_file(RubVolume *volume, const char *path, guint64 size_bytes,
                                  gint64 mtime_unix, RubVolumeFlags flags, guint *file_id,
                                  GError **error);
gboolean rub_ntfs_volume_move(RubVolume *volume, const char *from, const char *to,
                              RubVolumeFlags flags, GError **error);
gboolean rub_ntfs_volume_remove(RubVolume *volume, const char *path, GError **error);

/* A path as the volume compares it, for the tables of keys. */
char *rub_ntfs_volume_make_key(RubNtfsVolume *self, const char *path, GError **error);

/* Makes what is declared, with its room. */
gboolean rub_ntfs_volume_make(RubNtfsVolume *self, GError **error);

/* Moves, removes and gives new files the names of those they replace. */
gboolean rub_ntfs_volume_settle(RubNtfsVolume *self, GError **error);

/* Opens, or closes, the file that is being written. */
gboolean rub_ntfs_volume_open_file(RubNtfsVolume *self, RubNtfsNew *file, GError **error);
gboolean rub_ntfs_volume_close_file(RubNtfsVolume *self, GError **error);

/* Appends to the file that is open. */
gboolean rub_ntfs_volume_append(RubNtfsVolume *self, const void *data, gsize size_bytes,
                                GError **error);

G_END_DECLS
