/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "source/rub-entry.h"

G_BEGIN_DECLS

/** RUB_BOOT_MENU_MAX_BYTES: what is larger is something else; menus have some KiB */
#define RUB_BOOT_MENU_MAX_BYTES ((guint64) 256 * 1024)

/**
 * RubMenuSpace:
 * @RUB_MENU_SPACE_PLAIN: as it is
 * @RUB_MENU_SPACE_HEX: \\x20, as udev writes it
 * @RUB_MENU_SPACE_HEX_TWICE: \\\\x20, where the menu takes a backslash for itself
 * @RUB_MENU_SPACE_OCTAL: \\040, as fstab has it
 * @RUB_MENU_SPACE_BACKSLASH: as it is, after a backslash
 * @RUB_MENU_SPACE_QUOTED: as it is, within quotes that have to be added
 * @RUB_MENU_SPACE_NONE: there can be none: what becomes of it further on is not known
 *
 * How a space is written where a boot menu names a volume.
 */
typedef enum {
    RUB_MENU_SPACE_PLAIN,
    RUB_MENU_SPACE_HEX,
    RUB_MENU_SPACE_HEX_TWICE,
    RUB_MENU_SPACE_OCTAL,
    RUB_MENU_SPACE_BACKSLASH,
    RUB_MENU_SPACE_QUOTED,
    RUB_MENU_SPACE_NONE,
} RubMenuSpace;

/**
 * RubLabelUse:
 * @offset_bytes: where the label begins in the menu
 * @size_bytes: how long it is there
 * @space: how a space in another label is to be written in its place
 *
 * A place where a boot menu names the volume that the system is on.
 */
typedef struct {
    guint64 offset_bytes;
    guint64 size_bytes;
    RubMenuSpace space;
} RubLabelUse;

/**
 * RubBootMenuState:
 * @RUB_BOOT_MENU_PLAIN: a text that may be changed
 * @RUB_BOOT_MENU_SIGNED: a signature of it lies beside it
 * @RUB_BOOT_MENU_IN_PROGRAM: it is within a program, which may be signed
 * @RUB_BOOT_MENU_BY_UUID: it looks for the UUID of the disc, which no other volume has, and may
 *   be within a program; such a menu is another one where it looks for a label, too
 * @RUB_BOOT_MENU_TOO_LARGE: it is too large; nothing is known of it
 * @RUB_BOOT_MENU_ONE_TOO_MANY: it is beyond what is looked at of an image; nothing is known of it
 *
 * Whether a boot menu can be changed.
 */
typedef enum {
    RUB_BOOT_MENU_PLAIN,
    RUB_BOOT_MENU_SIGNED,
    RUB_BOOT_MENU_IN_PROGRAM,
    RUB_BOOT_MENU_BY_UUID,
    RUB_BOOT_MENU_TOO_LARGE,
    RUB_BOOT_MENU_ONE_TOO_MANY,
} RubBootMenuState;

/**
 * RubBootMenu:
 * @entry: the file; shares its extents with that of the image's listing, or of what the stick gets
 *   beside it
 * @label: the label by which it looks for its volume, or the UUID
 * @uses: (element-type RubLabelUse): where it does, in order
 * @state: whether it can be changed
 *
 * A text that GRUB, Syslinux, systemd-boot, rEFInd or Limine reads, or a program with such a text
 * in it, that looks for the volume of its system by label.
 */
typedef struct {
    RubEntry *entry;
    char *label;
    GArray *uses;
    RubBootMenuState state;
} RubBootMenu;

/** rub_boot_menu_free: frees what is known of a menu */
void rub_boot_menu_free(RubBootMenu *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubBootMenu, rub_boot_menu_free)

/** rub_boot_menu_is_one: Returns: whether @entry is a file with the name and place of a menu */
gboolean rub_boot_menu_is_one(const RubEntry *entry);

/**
 * RubMenuBudget:
 * @work_bytes: how many bytes may still be looked at, each as often as it is
 * @use_count: how many places may still be found
 *
 * What the search for labels may take, whatever an image has in its menus.
 */
typedef struct {
    guint64 work_bytes;
    guint use_count;
} RubMenuBudget;

/** rub_menu_budget_is_used_up: Returns: whether nothing is left of one of the two */
gboolean rub_menu_budget_is_used_up(const RubMenuBudget *self);

/**
 * rub_boot_menu_find_label:
 * @text: the bytes of a menu
 * @size_bytes: how many
 * @label: the label of the volume that the system was made for, not empty
 * @budget: what it may take; what it took is taken from it
 *
 * Finds where a menu looks for a volume by that label: GRUB's "search --label", parameters of the
 * kernel such as archisolabel=, root=live:CDLABEL= and inst.stage2=hd:LABEL=,
 * /dev/disk/by-label/, "volume" of rEFInd, fslabel() of Limine. Only whole labels count, in any of
 * the spellings of spaces, and nothing in comments. Stops where the budget is used up.
 *
 * Returns: (transfer full) (element-type RubLabelUse): the places, in order
 */
GArray *rub_boot_menu_find_label(const char *text, gsize size_bytes, const char *label,
                                 RubMenuBudget *budget);

/**
 * rub_boot_menu_has_uuid:
 * @text: the bytes of a menu, or of a program with one in it
 * @size_bytes: how many
 * @uuid: the UUID of the volume that the system was made for
 * @budget: what it may take; what it took is taken from it
 *
 * Looks for "search --fs-uuid" of GRUB, parameters such as archisosearchuuid= and root=UUID=, or a
 * path below /dev/disk/by-uuid: wherever the whole UUID is a word of its own and not in a comment.
 * In the name of a file it is none.
 *
 * Returns: whether the menu looks for a volume by that UUID
 */
gboolean rub_boot_menu_has_uuid(const char *text, gsize size_bytes, const char *uuid,
                                RubMenuBudget *budget);

/** rub_boot_menu_can_name: Returns: whether any boot menu can look for a volume of that label
 * without more ado: letters, digits, "-", "_" and, but for the ends, spaces */
gboolean rub_boot_menu_can_name(const char *label);

/**
 * rub_boot_menu_can_look_for:
 * @self: a menu
 * @label: a label
 *
 * Returns: whether the menu can be changed to look for a volume of that label
 */
gboolean rub_boot_menu_can_look_for(const RubBootMenu *self, const char *label);

/**
 * rub_boot_menu_relabel:
 * @self: a menu
 * @label: a label for which rub_boot_menu_can_look_for()
 *
 * Returns: (transfer full): the same menu that looks for another label; all other bytes are those
 *   of the image
 */
RubEntry *rub_boot_menu_relabel(const RubBootMenu *self, const char *label);

G_END_DECLS
