/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "plan/rub-plan-need.h"
#include "plan/rub-plan.h"
#include "volume/rub-fat-geometry.h"

/* Where a partition ends at the latest: an MBR counts 2^32 sectors of 512 bytes, and FAT32 with
 * clusters of 32 KiB does not reach much further on larger sectors either. */
#define RUB_MAX_PARTITION_END_BYTES (G_GUINT64_CONSTANT(1) << 41)

/* Where partitions begin and end. */
#define RUB_ALIGNMENT_BYTES ((guint64) 1024 * 1024)

/* What the parts of the plan work on: the inputs, and the plan as far as it is made. */
typedef struct {
    const RubImageInfo *info;
    const RubListing *listing;
    const RubLayout *layout;
    const RubPlanOptions *options;
    RubPlan *plan;
    /* (nullable): the partition that the files are added to. */
    const RubPartition *kept;
    /* The kind of FAT of a filesystem that will be made. */
    RubFatType new_fat;
} RubPlanning;

/* Adds a finding; takes meaning and remedy. Returns it, for its list of files. */
RubFinding *rub_planning_add_finding(RubPlanning *self, RubCode code, RubSeverity severity,
                                     RubText *meaning, RubText *remedy);

/* Adds one finding about all files of @list, of which the sentences name the first few in their gap
 * {list}; {filesystem} is the one that the stick will have. Takes remedy. Returns it; NULL if there
 * are no files. */
RubFinding *rub_planning_report(RubPlanning *self, RubCode code, RubSeverity severity,
                                const RubPathList *list, const char *singular, const char *plural,
                                RubText *remedy);

/* Returns whether the image is written byte by byte. */
gboolean rub_planning_wants_raw(const RubPlanning *self);

/* Plans to write the image byte by byte: codes 1, 4, 12 and 23, and why the target is refused. */
void rub_planning_plan_raw(RubPlanning *self);

/* Returns whether the image could be written byte by byte instead and would start on one of
 * @firmware. */
gboolean rub_planning_could_go_raw(const RubPlanning *self, RubFirmware firmware);

/* Offers to write the image byte by byte where that could be done. */
void rub_planning_offer_raw(const RubPlanning *self, RubFinding *finding, RubFirmware firmware);

/* Returns whether nothing may be written to the target, whatever the options. */
gboolean rub_planning_is_refused(const RubPlanning *self);

/* Returns whether anything may be written to the target; else adds code 1 or why it is refused. */
gboolean rub_planning_accept_target(RubPlanning *self);

/* Returns whether the volume is NTFS. */
gboolean rub_planning_uses_ntfs(const RubPlanning *self);

/* Decides what the stick starts on and whether it gets our boot code: codes 12 and 23. */
void rub_planning_choose_firmware(RubPlanning *self);

/* Decides how the target is written, and what that takes. */
void rub_planning_choose_access(RubPlanning *self);

/* Returns whether a build for UEFI only would not need to write to the drive itself. */
gboolean rub_planning_would_mount_for_uefi(const RubPlanning *self);

/* Tells that a password will be asked for; where nobody would be asked: code 15. */
void rub_planning_tell_password(RubPlanning *self);

/* Tells whether Secure Boot will start it. */
void rub_planning_tell_secure_boot(RubPlanning *self);

/* Returns the parts that a file of the image becomes on a filesystem that cannot hold it; NULL if
 * it stays whole. */
const GPtrArray *rub_planning_find_parts(const RubPlanning *self, const RubEntry *entry);

/* Returns the path of the file that is split, of which @part is a part; NULL if it is none. */
const char *rub_planning_find_whole(const RubPlanning *self, const RubEntry *part);

/* Returns what the stick gets instead of a file of the image; NULL if it gets that. */
const RubEntry *rub_planning_find_replacement(const RubPlanning *self, const RubEntry *entry);

/* Returns an empty list of changed boot menus. */
GPtrArray *rub_planning_new_menu_changes(void);

/* Returns the label of a new volume. */
char *rub_planning_make_label(const RubPlanning *self);

/* Has the boot menus take at least as much room as they will when the volume's label is known. */
void rub_planning_reserve_menus(RubPlanning *self);

/* Has the boot menus look for the label that the volume will have; tells which are changed, and
 * which would have to be and cannot: code 23. */
void rub_planning_tell_label(RubPlanning *self);

/* Notes which files do not go as they are, and which come from elsewhere. */
void rub_planning_note_changes(RubPlanning *self);

/* Decides which folders and files the stick will have and their names: codes 20 and 21. */
void rub_planning_choose_items(RubPlanning *self);

/* Decides the partition, its clusters and its label, and whether everything fits: codes 1, 4 and
 * 98, why the target is refused, and where files are kept the codes of
 * rub_planning_choose_kept_place(). */
void rub_planning_choose_volume(RubPlanning *self);

/* Decides where a build that keeps everything puts its files: codes 2, 3, 4, 5, 6, 23, 25 and 98.
 * Where there is no place the plan has no volume. */
void rub_planning_choose_kept_place(RubPlanning *self);

/* Returns how many sectors the largest partition of a disk has. */
guint64 rub_planning_get_usable_sectors(const RubLayout *layout);

/* Plans to use the disk as if there were nothing on it. */
void rub_planning_use_whole_disk(RubPlanning *self, RubPlanMode mode);

/* Fills in the plan's volume for a filesystem that will be made: code 98. */
void rub_planning_describe_new_volume(RubPlanning *self, guint number, guint64 start_lba,
                                      guint64 sector_count);

/* Returns whether everything would fit if the whole disk were free; else adds code 4. */
gboolean rub_planning_fit_whole_disk(RubPlanning *self, RubPlanNeed *need);

/* Fits folders and files in between those that are there: codes 21 and 24. */
void rub_planning_meet_kept_files(RubPlanning *self);

/* Tells what the stick starts now and will not start any more: code 24. */
void rub_planning_tell_replaced_boot(RubPlanning *self);

/* Lists what the target holds now and will lose. */
void rub_planning_list_lost(RubPlanning *self);

/* Writes down the steps that follow from all that. */
void rub_planning_list_steps(RubPlanning *self);
