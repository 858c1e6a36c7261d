/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-digest.h"
#include "volume/rub-fat-check.h"
#include "volume/rub-fat.h"
#include "volume/rub-records.h"

G_BEGIN_DECLS

/** RUB_PENDING_CLAIMS_BYTES: how many bytes at the start of the note hold the claims, the only part
 * of it that changes once it is on the volume */
#define RUB_PENDING_CLAIMS_BYTES (36 * 512)

/**
 * RubPendingFile:
 * @path: where it goes
 * @size_bytes: its size
 *
 * A file that is being added.
 */
typedef struct {
    char *path;
    guint64 size_bytes;
} RubPendingFile;

/**
 * RubPendingSaved:
 * @path: where the file is, or was
 * @saved_as: where it goes instead
 * @size_bytes: its size
 * @first_cluster: where its bytes begin; they do not move; 0 if it is empty
 * @mtime_unix: when it was last changed, in seconds since 1970 UTC; 0 where not known
 * @digest: the digest of its bytes
 *
 * A file of the user's that gives way to one of ours.
 */
typedef struct {
    char *path;
    char *saved_as;
    guint64 size_bytes;
    guint32 first_cluster;
    gint64 mtime_unix;
    char digest[RUB_DIGEST_TEXT_BYTES];
} RubPendingSaved;

/**
 * RubPending:
 * @is_whole: whether all lists could be read; %FALSE for a note that was cut off or damaged
 * @keeps: whether what is on the volume beside this stays, so that it can be undone
 * @made_table: whether the partition table was made for it, on a disk that was blank
 * @made_partition: whether the partition was
 * @is_mounted: whether the kernel's driver does it: nothing is claimed then. At the paths of @files
 *   is nothing but what is being written there, or a file of @saved that did not give way yet
 * @folders: (element-type utf8): the folders that are being made
 * @files: (element-type RubPendingFile): the files that are being added
 * @saved: (element-type RubPendingSaved): the files that give way
 * @claims: (element-type RubFatRun): clusters that are being taken or given back
 *
 * What a build or an undo that is under way does to a volume. It is the first thing written and the
 * last that goes, so that whoever finds a volume on which it was cut off knows which of the lost
 * clusters are ours to free, and which of the files were not there before.
 *
 * On the volume every sector of 512 bytes begins with the same mark, so that its clusters can be
 * told even where no entry leads to them: before its entry exists, and when it is gone already.
 * The claims lie in front, apart from the lists, with a digest of their own: a torn write of new
 * claims leaves the lists readable.
 */
typedef struct {
    gboolean is_whole;
    gboolean keeps;
    gboolean made_table;
    gboolean made_partition;
    gboolean is_mounted;
    GPtrArray *folders;
    GPtrArray *files;
    GPtrArray *saved;
    GArray *claims;
} RubPending;

/** rub_pending_new: Returns: (transfer full): an empty note */
RubPending *rub_pending_new(void);

/** rub_pending_free: frees it */
void rub_pending_free(RubPending *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubPending, rub_pending_free)

/** rub_pending_add_folder: notes a folder that is being made */
void rub_pending_add_folder(RubPending *self, const char *path);

/** rub_pending_add_file: notes a file that is being added */
void rub_pending_add_file(RubPending *self, const char *path, guint64 size_bytes);

/**
 * rub_pending_add_saved:
 * @self: a note
 * @saved: a file that gives way; copied
 *
 * Notes it.
 */
void rub_pending_add_saved(RubPending *self, const RubPendingSaved *saved);

/**
 * rub_pending_add_claims:
 * @self: a note
 * @runs: (element-type RubFatRun): clusters that are about to be taken or given back
 *
 * Claims clusters. Where there are too many runs for the note, those that lie closest are joined
 * into one, with what lies between: nothing but lost clusters is ever freed by a claim.
 */
void rub_pending_add_claims(RubPending *self, const GArray *runs);

/**
 * rub_pending_get_max_bytes:
 * @item_count: how many folders and files are being added or give way
 * @path_bytes: the bytes of all their paths, those of saved files twice
 *
 * Returns: how large the note is at most; for the plan
 */
guint64 rub_pending_get_max_bytes(guint64 item_count, guint64 path_bytes);

/**
 * rub_pending_to_bytes:
 * @self: a note
 *
 * Returns: (transfer full): the note as it lies on the volume. Its size and all behind the first
 *   %RUB_PENDING_CLAIMS_BYTES bytes do not depend on the claims
 */
GBytes *rub_pending_to_bytes(const RubPending *self);

/**
 * rub_pending_parse:
 * @bytes: what lies on a volume
 *
 * Reads a note of which nothing is trusted: lists that are not whole are left empty, claims that
 * are not whole too.
 *
 * Returns: (transfer full): the note
 */
RubPending *rub_pending_parse(GBytes *bytes);

/**
 * rub_pending_is_carried_out:
 * @self: a note of a build on a disk, whole
 * @listing: everything on the volume
 *
 * Tells where claims cannot be compared, in a folder and on NTFS, whether the files at the noted
 * paths are those of the build: on a disk they get their names all at once, so that until then what
 * is there is the user's.
 *
 * Returns: whether each file is there with a size that was noted for it, and each one that gave way
 *   to it is where it went
 */
gboolean rub_pending_is_carried_out(const RubPending *self, const RubListing *listing);

/**
 * rub_pending_read:
 * @disk: the disk that a volume is on
 * @listing: everything on the volume
 * @pending: (out) (transfer full) (nullable): the note; %NULL where there is none
 * @error: return location
 *
 * Reads the note of a volume. Errors: those of rub_disk_read().
 *
 * Returns: whether it could be looked for
 */
gboolean rub_pending_read(RubDisk *disk, const RubListing *listing, RubPending **pending,
                          GError **error);

/**
 * rub_pending_judge:
 * @fat: a volume
 * @check: what rub_fat_check() found on it
 * @listing: (nullable): everything on it, as from rub_fat_check()
 * @has_pending: (out): whether a build or an undo of ours was cut off on it
 * @covers_all_faults: (out): whether it has no faults but those that this leaves: the mark of a
 *   volume in use, lost clusters that were claimed or are the note's own, copies of the table that
 *   differ for them. Also %TRUE for a volume without faults
 * @error: return location
 *
 * Tells a volume on which we were cut off, which the next build can go on with, from one that is
 * damaged. Where @covers_all_faults is set, all of @check's lost clusters may be freed. Writes
 * nothing. Errors: those of rub_disk_read().
 *
 * Returns: whether it could be judged
 */
gboolean rub_pending_judge(RubFat *fat, const RubFatCheck *check, const RubListing *listing,
                           gboolean *has_pending, gboolean *covers_all_faults, GError **error);

G_END_DECLS
