/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "plan/rub-finding.h"
#include "source/rub-entry.h"
#include "source/rub-image-info.h"
#include "target/rub-layout.h"
#include "target/rub-target.h"

G_BEGIN_DECLS

/**
 * RubFirmware:
 * @RUB_FIRMWARE_UEFI: start on UEFI
 * @RUB_FIRMWARE_BIOS: start on BIOS
 * @RUB_FIRMWARE_MULTI: start on both
 *
 * What a stick shall start on.
 */
typedef enum {
    RUB_FIRMWARE_UEFI = 1 << 0,
    RUB_FIRMWARE_BIOS = 1 << 1,
    RUB_FIRMWARE_MULTI = RUB_FIRMWARE_UEFI | RUB_FIRMWARE_BIOS,
} RubFirmware;

/**
 * RubMethod:
 * @RUB_METHOD_AUTO: as it is where the image was made for that and is not Windows, unless files
 *   are to be kept; by its files otherwise
 * @RUB_METHOD_FILES: by its files
 * @RUB_METHOD_RAW: as it is, byte by byte
 *
 * How an image is put on a stick.
 */
typedef enum {
    RUB_METHOD_AUTO,
    RUB_METHOD_FILES,
    RUB_METHOD_RAW,
} RubMethod;

/**
 * RubFilesystemChoice:
 * @RUB_CHOICE_AUTO: FAT32; but where files are kept and nothing but BIOS shall start the stick, an
 *   NTFS volume that is there, and suits, comes first
 * @RUB_CHOICE_FAT32: FAT32
 * @RUB_CHOICE_NTFS: NTFS; where files are kept it has to be there already
 *
 * What the volume of a stick shall be.
 */
typedef enum {
    RUB_CHOICE_AUTO,
    RUB_CHOICE_FAT32,
    RUB_CHOICE_NTFS,
} RubFilesystemChoice;

/**
 * RubPlanOptions:
 * @firmware: what the stick shall start on
 * @method: how the image is put there; %RUB_METHOD_RAW cannot keep anything
 * @filesystem: what the volume is
 * @keep: whether everything that is on the target stays
 * @label: (nullable): the volume label; %NULL to make one from the image's volume name
 * @skip_verify: whether nothing is read back
 * @grub: (nullable): the file of rub_grub_new() for the image, with which BIOS would start it from
 * a stick that is erased; must outlive the plan
 * @disk_signature: the new table's disk signature, not 0
 * @volume_id: the new filesystem's serial number
 *
 * What the user chose, what this computer has for it, and the two random numbers that a build
 * needs: the plan itself is a pure function.
 */
typedef struct {
    RubFirmware firmware;
    RubMethod method;
    RubFilesystemChoice filesystem;
    gboolean keep;
    const char *label;
    gboolean skip_verify;
    const RubEntry *grub;
    guint32 disk_signature;
    guint32 volume_id;
} RubPlanOptions;

/**
 * RubPlanMode:
 * @RUB_PLAN_ERASE: a new table and a new volume, nothing stays
 * @RUB_PLAN_RAW: the image itself, nothing stays
 * @RUB_PLAN_KEEP_VOLUME: the files are added to a volume that is there
 * @RUB_PLAN_KEEP_TABLE: a new volume in a gap of the table that is there
 * @RUB_PLAN_KEEP_BLANK: a new table and a new volume on a disk that is blank
 *
 * How a plan treats what is on the target.
 */
typedef enum {
    RUB_PLAN_ERASE,
    RUB_PLAN_RAW,
    RUB_PLAN_KEEP_VOLUME,
    RUB_PLAN_KEEP_TABLE,
    RUB_PLAN_KEEP_BLANK,
} RubPlanMode;

/**
 * RubStepKind:
 *
 * The steps a build is made of. The names for programs are in rub_step_kind_get_id().
 */
typedef enum {
    RUB_STEP_TABLE,
    RUB_STEP_FORMAT,
    RUB_STEP_COPY,
    RUB_STEP_BOOT_CODE,
    RUB_STEP_VERIFY,
    RUB_STEP_WRITE_IMAGE,
} RubStepKind;

/**
 * RubStep:
 * @kind: what is done
 * @purpose: (nullable): what it is good for, in words for everybody; %NULL where @text has them
 * @text: what will happen, for people
 * @stage: what is happening, for people
 * @size_bytes: how many bytes it moves; 0 where that is not what takes the time
 *
 * One step of a build.
 */
typedef struct {
    RubStepKind kind;
    RubText *purpose;
    RubText *text;
    RubText *stage;
    guint64 size_bytes;
} RubStep;

/**
 * RubPlanItem:
 * @entry: (transfer none): the folder or file in the image, or what the image's facts have instead
 * @content: (transfer none): whose bytes it gets: @entry, the file a symbolic link leads to, or a
 *   boot menu of the plan's
 * @path: where it goes on the stick; folders that are there already and files that give way keep
 *   their spelling
 *
 * A folder or a file that the stick will have.
 */
typedef struct {
    const RubEntry *entry;
    const RubEntry *content;
    char *path;
} RubPlanItem;

/**
 * RubMenuChange:
 * @path: the path of a boot menu in the image
 * @old_label: the label of the volume that it looks for
 * @new_label: the one that it will look for
 * @original: (transfer none): the menu as it is in the image, of its facts
 * @entry: the menu that the stick gets
 *
 * A boot menu that is changed to find the stick.
 */
typedef struct {
    char *path;
    char *old_label;
    char *new_label;
    const RubEntry *original;
    RubEntry *entry;
} RubMenuChange;

/**
 * RubPlan:
 * @options: what it was made with; the label is the plan's own, and NTFS is chosen if it is used
 * @mode: what becomes of what is on the target
 * @replaced: (element-type utf8): the paths of the files on the stick that give way to files of the
 *   same name, as they are on the stick; only with %RUB_PLAN_KEEP_VOLUME
 * @steps: (element-type RubStep): what will happen, in order
 * @findings: (element-type RubFinding): what the user has to know, the gravest first
 * @lost: (element-type RubText): what will be lost
 * @folders: (element-type RubPlanItem): the folders to make, each after its parent; not those that
 *   are on the stick already
 * @files: (element-type RubPlanItem): the files to write, in the order of the image's bytes
 * @changed_menus: (element-type RubMenuChange): the boot menus that are not as they are in the
 * image
 * @copy_bytes: the sizes of all of @files together; with %RUB_PLAN_RAW the size of the image
 * @volume: the partition, and the filesystem to make in it; with %RUB_PLAN_KEEP_VOLUME those that
 *   are there, of which only filesystem, number, sectors, type and the disk's signature are filled
 *   in. Whether it is active is how it will be in the end
 * @installs_boot_code: whether our boot code for BIOS is written, and the partition becomes the
 * only active one; if not, the active flags of a table that is there stay
 * @uses_grub: whether what that starts is GRUB, which is among @files
 * @starts_on: what the finished stick starts on
 * @starts_on_machines: the machines whose UEFI starts it
 * @verifies: whether everything is read back
 * @access: how the target is written
 * @password: whether a password will be asked for: as the layout says with %RUB_ACCESS_RAW, never
 *   with %RUB_ACCESS_MOUNTED
 * @password_reason: (nullable): that a password will be asked for, and why; %NULL if none will
 * @notes: (element-type RubText): what becomes of files of the image that do not go as they are,
 *   and which come from elsewhere
 * @secure_boot: (nullable): whether UEFI will start it with Secure Boot, as far as that can be
 *   told; %NULL where UEFI does not start it at all
 *
 * Everything a build does and everything the user is told before it. Made without input or
 * output from an image's facts, a target's layout and the user's options; immutable. It refers to
 * entries of the image's listing and of its facts, which have to live as long.
 */
typedef struct {
    RubPlanOptions options;
    RubPlanMode mode;
    GPtrArray *replaced;
    GPtrArray *steps;
    GPtrArray *findings;
    GPtrArray *lost;
    GPtrArray *folders;
    GPtrArray *files;
    GPtrArray *changed_menus;
    guint64 copy_bytes;
    RubNewVolume volume;
    gboolean installs_boot_code;
    gboolean uses_grub;
    RubFirmware starts_on;
    RubMachine starts_on_machines;
    gboolean verifies;
    RubAccess access;
    RubPasswordNeed password;
    RubText *password_reason;
    GPtrArray *notes;
    RubText *secure_boot;
} RubPlan;

/**
 * rub_plan_new:
 * @info: what the image is; must outlive the plan
 * @listing: what is in it; must outlive the plan
 * @layout: what the target looks like
 * @options: what the user chose
 *
 * Plans the build of an image onto a target. What stands in its way is in the plan's findings, not
 * an error; where the target is refused, or files are to be kept and there is no place for the
 * image, the plan has no steps.
 *
 * Returns: (transfer full): the plan
 */
RubPlan *rub_plan_new(const RubImageInfo *info, const RubListing *listing, const RubLayout *layout,
                      const RubPlanOptions *options);

/** rub_plan_free: frees a plan */
void rub_plan_free(RubPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubPlan, rub_plan_free)

/**
 * rub_plan_get_obstacle:
 * @self: a plan
 *
 * Returns: (transfer none) (nullable): the error that decides why it cannot be carried out; %NULL
 *   if it can
 */
const RubFinding *rub_plan_get_obstacle(const RubPlan *self);

/** rub_plan_erases: Returns: whether nothing of what is on the target stays */
gboolean rub_plan_erases(const RubPlan *self);

/** rub_step_kind_get_id: Returns: (transfer none): a stable name of @kind for programs */
const char *rub_step_kind_get_id(RubStepKind kind);

G_END_DECLS
