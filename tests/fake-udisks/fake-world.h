/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <udisks/udisks.h>

#define FAKE_ROOT "/org/freedesktop/UDisks2"

/* Everything the fake service knows. Calls run in threads of their own, as udisksd's do: whoever
 * reads or changes disks, nodes, settings or counters holds the lock. */
typedef struct {
    GDBusConnection *bus;
    GDBusObjectManagerServer *manager;
    char *folder; /* for mount points and temporary copies */

    GRecMutex lock;
    GPtrArray *disks;   /* FakeDisk */
    GHashTable *drives; /* object path: FakeDrive */
    GHashTable *policy; /* action: "yes", "password" or "no" */
    GHashTable *kept;   /* "pid action": end of the authorisation, monotonic microseconds */
    GQueue faults;      /* JsonObject */
    JsonArray *calls;   /* what was called, in order */
    GCond changed;      /* with wait_lock: a call began, a prompt was answered */
    GMutex wait_lock;

    char *answer; /* of password prompts: "right", "wrong", "dismissed", "wait" */
    guint answer_after_ms;
    guint keep_seconds;
    guint prompts;
    guint mounts;
    guint exclusive_opens; /* descriptors opened with O_EXCL that are still open; with wait_lock */
    guint disks_seen;      /* for device numbers */
    guint late_ms;         /* how long after Rescan and after a close the bus learns of it */
    guint busy_format_ms;  /* how long formatting a disk with a mounted partition blocks */
    gint automount_ms;     /* -1: no automounter */
} FakeWorld;

/* A file system that is mounted: its files lie in a folder. */
typedef struct {
    char *folder;
    gboolean read_only;
    gboolean by_other; /* another user mounted it */
    gboolean is_fat;
    GHashTable *files; /* path: what it looked like when it was mounted */
} FakeMount;

typedef struct FakeDisk FakeDisk;

/* A block device: a whole disk (number 0) or a partition. */
typedef struct {
    FakeDisk *disk;
    guint number;
    char *name;
    char *path;
    guint64 offset;
    guint64 size_bytes;
    char *usage;
    char *type;
    UDisksObjectSkeleton *object;
    UDisksBlock *block;
    UDisksPartitionTable *table;
    UDisksPartition *partition;
    UDisksFilesystem *filesystem;
    UDisksSwapspace *swapspace;
    UDisksEncrypted *encrypted;
    FakeMount *mount;
    gboolean by_other; /* will be mounted by another user */
} FakeNode;

/* What stands for /dev/sdx: an image file. */
struct FakeDisk {
    FakeWorld *world;
    guint index; /* tells its device number */
    char *image;
    char *drive_path; /* "/" for what has no drive, as dm-0 */
    gboolean read_only;
    gboolean has_medium;
    gboolean is_ejected;
    GPtrArray *nodes;     /* FakeNode, the whole disk first */
    JsonArray *overrides; /* properties the test has set by itself */
};

FakeNode *fake_world_find_node(FakeWorld *world, const char *path);
FakeNode *fake_world_find_named(FakeWorld *world, const char *name);
FakeDisk *fake_world_find_disk(FakeWorld *world, const char *name);
FakeDisk *fake_world_find_disk_of_drive(FakeWorld *world, const char *drive_path);
gboolean fake_disk_is_mounted(const FakeDisk *disk);
