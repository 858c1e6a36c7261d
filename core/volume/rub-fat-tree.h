/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-alias.h"
#include "volume/rub-fat-slot.h"
#include "volume/rub-volume.h"

G_BEGIN_DECLS

/** RUB_FAT_MAX_DEPTH: how deeply folders may be nested; Windows stops at half of it */
#define RUB_FAT_MAX_DEPTH 256

/**
 * RubFatNode:
 * @parent: (nullable): the folder that it is in; %NULL for the root
 * @name: its name
 * @is_folder: whether it is a folder
 * @is_new: whether it was declared and is not on the volume yet
 * @flags: how it is made
 * @mtime_unix: its time; never 0 if it is new
 * @size_bytes: size of a file
 * @written_bytes: how much of a new file was written
 * @first_cluster: where it begins; 0 for empty files, and for the root
 * @runs: (nullable) (element-type RubFatRun): its clusters, where they are known
 * @old_run_count: how many of @runs a folder had before this round
 * @depth: how many folders it is in
 * @is_loaded: whether the names in a folder are all known
 * @names: (nullable) (element-type utf8 RubFatNode): what is in a folder, by the keys of the names
 * @new_nodes: (nullable) (element-type RubFatNode): what was declared in a folder
 * @aliases: (nullable): the short names in a folder
 * @slot_count: how many slots of a folder are in use, those of the declared included
 * @old_slot_count: how many of them are on the volume
 *
 * A file or a folder.
 */
typedef struct _RubFatNode RubFatNode;
struct _RubFatNode {
    RubFatNode *parent;
    char *name;
    gboolean is_folder;
    gboolean is_new;
    RubVolumeFlags flags;
    gint64 mtime_unix;
    guint64 size_bytes;
    guint64 written_bytes;
    guint32 first_cluster;
    GArray *runs;
    guint old_run_count;

    guint depth;
    gboolean is_loaded;
    GHashTable *names;
    GPtrArray *new_nodes;
    RubFatAliases *aliases;
    guint slot_count;
    guint old_slot_count;
};

/**
 * RubFatTreeLoad:
 * @folder: a folder that is on the volume
 * @user_data: as given to rub_fat_tree_new()
 * @error: return location
 *
 * Adds what is in @folder, with rub_fat_tree_add_existing(), and sets its counts of slots.
 *
 * Returns: whether it could be read
 */
typedef gboolean (*RubFatTreeLoad)(RubFatNode *folder, gpointer user_data, GError **error);

/**
 * RubFatTree:
 * @root: the root folder
 * @nodes: (element-type RubFatNode): all that is known; owned
 * @new_nodes: (element-type RubFatNode): what was declared, in that order
 * @changed_folders: (element-type RubFatNode): the folders in which something was declared
 *
 * The names on a volume, as far as they are known, and those that are to be added: which names
 * are allowed, which meet, and how many slots they take. Touches no disk; what is on the volume
 * is loaded folder by folder, when it is needed.
 */
typedef struct {
    RubFatNode *root;
    GPtrArray *nodes;
    GPtrArray *new_nodes;
    GPtrArray *changed_folders;
    RubFatTreeLoad load;
    gpointer user_data;
} RubFatTree;

/**
 * rub_fat_tree_new:
 * @load: (nullable): reads a folder that is on the volume; %NULL for a volume with nothing but a
 *   label
 * @user_data: handed to @load
 *
 * Returns: (transfer full): a tree
 */
RubFatTree *rub_fat_tree_new(RubFatTreeLoad load, gpointer user_data);

/** rub_fat_tree_free: frees a tree */
void rub_fat_tree_free(RubFatTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatTree, rub_fat_tree_free)

/**
 * rub_fat_tree_add_existing:
 * @self: a tree
 * @folder: a folder that is being loaded
 * @slot: an entry in it
 * @long_name: (nullable): its long name
 *
 * Adds what is on the volume.
 */
void rub_fat_tree_add_existing(RubFatTree *self, RubFatNode *folder, const RubFatSlot *slot,
                               const char *long_name);

/**
 * rub_fat_tree_add_folder:
 * @self: a tree
 * @path: path from the root
 * @mtime_unix: its time; 0 for now
 * @flags: how it is made
 * @error: return location
 *
 * Declares a folder, as rub_volume_add_folder().
 *
 * Returns: whether it could be declared
 */
gboolean rub_fat_tree_add_folder(RubFatTree *self, const char *path, gint64 mtime_unix,
                                 RubVolumeFlags flags, GError **error);

/**
 * rub_fat_tree_add_file:
 * @self: a tree
 * @path: path from the root
 * @size_bytes: its size
 * @mtime_unix: its time; 0 for now
 * @flags: how it is made
 * @error: return location
 *
 * Declares a file, as rub_volume_add_file().
 *
 * Returns: (transfer none) (nullable): the file
 */
RubFatNode *rub_fat_tree_add_file(RubFatTree *self, const char *path, guint64 size_bytes,
                                  gint64 mtime_unix, RubVolumeFlags flags, GError **error);

/** rub_fat_tree_settle: makes what was declared part of what is on the volume */
void rub_fat_tree_settle(RubFatTree *self);

/** rub_fat_node_get_path: Returns: (transfer full): the path of @self from the root */
char *rub_fat_node_get_path(const RubFatNode *self);

G_END_DECLS
