/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-name.h"

G_BEGIN_DECLS

/** RUB_FAT_SLOT_BYTES: the unit of a folder; an entry takes one or more */
#define RUB_FAT_SLOT_BYTES 32

/** RUB_FAT_MAX_FOLDER_SLOTS: a folder holds 2 MiB at most (Microsoft FAT specification,
 * "Directory Structure") */
#define RUB_FAT_MAX_FOLDER_SLOTS 65536

#define RUB_FAT_ATTR_READ_ONLY 0x01
#define RUB_FAT_ATTR_HIDDEN 0x02
#define RUB_FAT_ATTR_SYSTEM 0x04
#define RUB_FAT_ATTR_LABEL 0x08
#define RUB_FAT_ATTR_FOLDER 0x10
#define RUB_FAT_ATTR_ARCHIVE 0x20

/**
 * RubFatSlot:
 * @short_name: the 8.3 name as it lies on the disk
 * @case_bits: its NT case bits
 * @attributes: RUB_FAT_ATTR_…
 * @first_cluster: where its data begins; 0 for none, and for the root folder in ".."
 * @size_bytes: the size of a file; 0 for folders
 * @mtime_unix: when it was last changed; 0 where not known
 *
 * The last slot of an entry, which holds all but the long name.
 */
typedef struct {
    guint8 short_name[RUB_FAT_SHORT_NAME_BYTES];
    guint8 case_bits;
    guint8 attributes;
    guint32 first_cluster;
    guint32 size_bytes;
    gint64 mtime_unix;
} RubFatSlot;

/**
 * rub_fat_slot_encode:
 * @self: an entry; its time is made local time and clamped to what FAT can say, 1980 to 2107
 * @to: room for %RUB_FAT_SLOT_BYTES bytes
 */
void rub_fat_slot_encode(const RubFatSlot *self, guint8 *to);

/**
 * rub_fat_slot_redirect:
 * @self: what the entry is to say: its attributes, time, size and first cluster
 * @slot: the last slot of an entry that exists; its names and the time it was made stay
 */
void rub_fat_slot_redirect(const RubFatSlot *self, guint8 *slot);

/**
 * rub_fat_slot_delete:
 * @slot: a slot
 *
 * Marks it as free for others (Microsoft FAT specification, "Directory Structure").
 */
void rub_fat_slot_delete(guint8 *slot);

/** rub_fat_slot_is_end: Returns: whether @slot and all that follow it were never used */
gboolean rub_fat_slot_is_end(const guint8 *slot);

/**
 * rub_fat_slot_encode_long_name:
 * @self: the entry that the name belongs to
 * @name: its name, which passed rub_fat_name_check()
 * @to: room for rub_fat_name_get_slot_count() - 1 slots
 *
 * Writes the slots that precede an entry with a long name.
 */
void rub_fat_slot_encode_long_name(const RubFatSlot *self, const char *name, guint8 *to);

/**
 * RubFatSlotIter:
 * @data: the slots of a folder; borrowed
 * @slot_count: how many
 * @next_slot: the first one that was not looked at; after the last entry, where the next new one
 *   can go
 * @entry_slots: how many slots the last entry takes, those of its long name included
 *
 * Goes through the entries of a folder.
 */
typedef struct {
    const guint8 *data;
    guint slot_count;
    guint next_slot;
    guint entry_slots;
} RubFatSlotIter;

/**
 * rub_fat_slot_iter_next:
 * @self: an iterator
 * @slot: (out caller-allocates): the entry
 * @long_name: (out) (transfer full) (nullable): its long name, %NULL where it has none or the
 *   slots of it are not in order
 *
 * Goes to the next entry, label and dot entries included.
 *
 * Returns: whether there was one
 */
gboolean rub_fat_slot_iter_next(RubFatSlotIter *self, RubFatSlot *slot, char **long_name);

/** rub_fat_slot_is_dot: Returns: whether the entry is "." or ".." */
gboolean rub_fat_slot_is_dot(const RubFatSlot *self);

G_END_DECLS
