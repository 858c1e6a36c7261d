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
 * RubFatStage:
 * @RUB_FAT_STAGE_MAIN: with the round
 * @RUB_FAT_STAGE_MOVED: after that, when the entries that led to the same clusters do no longer
 *
 * When an entry appears, or leads to other clusters.
 */
typedef enum {
    RUB_FAT_STAGE_MAIN,
    RUB_FAT_STAGE_MOVED,
} RubFatStage;

/**
 * RubFatNode:
 * @parent: (nullable): the folder that it is in; %NULL for the root
 * @name: its name
 * @is_folder: whether it is a folder
 * @is_new: whether it was declared and is not on the volume yet
 * @is_removed: whether its entry goes away, or leads to the clusters of @successor
 * @is_gone: whether that was in an earlier round
 * @is_given_away: whether a removed file's clusters pass to another entry
 * @stage: when a declared node appears
 * @replaces: (nullable): the file whose entry a declared file takes over
 * @successor: (nullable): what took over this one's entry
 * @source: (nullable): the file whose clusters a declared file takes over
 * @attributes: RUB_FAT_ATTR_…
 * @mtime_unix: its time; never 0 if it is new, unless it moves
 * @size_bytes: size of a file
 * @written_bytes: how much of a new file was written
 * @first_cluster: where it begins; 0 for empty files, and for the root
 * @runs: (nullable) (element-type RubFatRun): its clusters, where they are known
 * @old_run_count: how many of @runs a folder had before this round
 * @last_slot: the slot of its folder that says where it begins, where it is known
 * @entry_slots: how many slots its entry takes, @last_slot being the last of them
 * @depth: how many folders it is in
 * @is_loaded: whether the names in a folder are all known
 * @is_changed: whether something was declared in a folder
 * @names: (nullable) (element-type utf8 RubFatNode): what is in a folder, by the keys of the names
 * @live_count: how many of them are not removed
 * @new_nodes: (nullable) (element-type RubFatNode): what was declared in a folder
 * @removed_nodes: (nullable) (element-type RubFatNode): what is removed from a folder
 * @aliases: (nullable): the short names in a folder
 * @slot_count: how many slots of a folder are in use, those of the declared included; final when
 *   they are placed
 * @old_slot_count: how many of them are on the volume
 * @full_at: how many slots a folder has that has no end mark; 0 for the others
 *
 * A file or a folder.
 */
typedef struct _RubFatNode RubFatNode;
struct _RubFatNode {
    RubFatNode *parent;
    char *name;
    gboolean is_folder;
    gboolean is_new;
    gboolean is_removed;
    gboolean is_gone;
    gboolean is_given_away;
    RubFatStage stage;
    RubFatNode *replaces;
    RubFatNode *successor;
    RubFatNode *source;
    guint8 attributes;
    gint64 mtime_unix;
    guint64 size_bytes;
    guint64 written_bytes;
    guint32 first_cluster;
    GArray *runs;
    guint old_run_count;
    guint last_slot;
    guint entry_slots;

    guint depth;
    gboolean is_loaded;
    gboolean is_changed;
    GHashTable *names;
    guint live_count;
    GPtrArray *new_nodes;
    GPtrArray *removed_nodes;
    RubFatAliases *aliases;
    guint slot_count;
    guint old_slot_count;
    guint full_at;
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
 * @removed_nodes: (element-type RubFatNode): what is removed or replaced
 * @changed_folders: (element-type RubFatNode): the folders in which any of that is
 * @sector_slots: for rub_fat_place_new_nodes()
 *
 * The names on a volume, as far as they are known, and those that are to be added: which names
 * are allowed, which meet, and how many slots they take. Touches no disk; what is on the volume
 * is loaded folder by folder, when it is needed.
 */
typedef struct {
    RubFatNode *root;
    GPtrArray *nodes;
    GPtrArray *new_nodes;
    GPtrArray *removed_nodes;
    GPtrArray *changed_folders;
    guint sector_slots;
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
 * @at: where the entry was found
 * @slot: the entry
 * @long_name: (nullable): its long name
 *
 * Adds what is on the volume.
 */
void rub_fat_tree_add_existing(RubFatTree *self, RubFatNode *folder, const RubFatSlotIter *at,
                               const RubFatSlot *slot, const char *long_name);

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

/**
 * rub_fat_tree_move:
 * @self: a tree
 * @from: a file on the volume
 * @to: where it goes
 * @flags: how it is made
 * @error: return location
 *
 * Declares that a file moves, as rub_volume_move().
 *
 * Returns: whether it could be declared
 */
gboolean rub_fat_tree_move(RubFatTree *self, const char *from, const char *to, RubVolumeFlags flags,
                           GError **error);

/**
 * rub_fat_tree_adopt:
 * @self: a tree
 * @lost: what an entry said until it was lost; its name does not count
 * @to: where the file goes
 * @flags: how it is made
 * @error: return location
 *
 * Declares that clusters without an entry are a file, as rub_fat_writer_adopt().
 *
 * Returns: whether it could be declared
 */
gboolean rub_fat_tree_adopt(RubFatTree *self, const RubFatSlot *lost, const char *to,
                            RubVolumeFlags flags, GError **error);

/**
 * rub_fat_tree_remove:
 * @self: a tree
 * @path: a file, or an empty folder
 * @error: return location
 *
 * Declares that something goes, as rub_volume_remove().
 *
 * Returns: whether it could be declared
 */
gboolean rub_fat_tree_remove(RubFatTree *self, const char *path, GError **error);

/** rub_fat_tree_settle: makes what was declared part of what is on the volume */
void rub_fat_tree_settle(RubFatTree *self);

/** rub_fat_node_get_path: Returns: (transfer full): the path of @self from the root */
char *rub_fat_node_get_path(const RubFatNode *self);

G_END_DECLS
