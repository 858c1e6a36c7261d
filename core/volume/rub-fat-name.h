/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-text.h"

G_BEGIN_DECLS

/** RUB_FAT_SHORT_NAME_BYTES: an 8.3 name as it lies on the disk, without the dot */
#define RUB_FAT_SHORT_NAME_BYTES 11

/** RUB_FAT_MAX_NAME_UNITS: how many UTF-16 units a long name may have */
#define RUB_FAT_MAX_NAME_UNITS 255

/** RUB_FAT_NAME_UNITS_PER_SLOT: how many of them go into one slot of a folder */
#define RUB_FAT_NAME_UNITS_PER_SLOT 13

/**
 * RubFatNameFault:
 * @RUB_FAT_NAME_OK: the name can be used as it is
 * @RUB_FAT_NAME_EMPTY: there is no name
 * @RUB_FAT_NAME_INVALID_UTF8: it is not UTF-8
 * @RUB_FAT_NAME_FORBIDDEN_CHARACTER: it has one of " * / : < > ? \ |
 * @RUB_FAT_NAME_CONTROL_CHARACTER: it has a character below U+0020
 * @RUB_FAT_NAME_TRAILING_DOT_OR_SPACE: Windows drops these, and would not find the file
 * @RUB_FAT_NAME_RESERVED: Windows takes it for a device: CON, PRN, AUX, NUL, COM1, LPT1…
 * @RUB_FAT_NAME_TOO_LONG: it has more than %RUB_FAT_MAX_NAME_UNITS units
 *
 * Why a name cannot be used on a FAT volume.
 */
typedef enum {
    RUB_FAT_NAME_OK,
    RUB_FAT_NAME_EMPTY,
    RUB_FAT_NAME_INVALID_UTF8,
    RUB_FAT_NAME_FORBIDDEN_CHARACTER,
    RUB_FAT_NAME_CONTROL_CHARACTER,
    RUB_FAT_NAME_TRAILING_DOT_OR_SPACE,
    RUB_FAT_NAME_RESERVED,
    RUB_FAT_NAME_TOO_LONG,
} RubFatNameFault;

/**
 * rub_fat_name_check:
 * @name: one part of a path
 *
 * Returns: what is wrong with it for a FAT volume, or %RUB_FAT_NAME_OK
 */
RubFatNameFault rub_fat_name_check(const char *name);

/**
 * rub_fat_name_describe_fault:
 * @fault: what is wrong
 *
 * Returns: (transfer full): "the name is empty" and the like
 */
RubText *rub_fat_name_describe_fault(RubFatNameFault fault);

/**
 * rub_fat_name_make_safe:
 * @name: one part of a path, in any bytes
 *
 * Returns: (transfer full): @name if it can be used, else the nearest name that can: what is not
 *   allowed becomes "_", and what is too long is cut before its extension
 */
char *rub_fat_name_make_safe(const char *name);

/**
 * rub_fat_name_make_key:
 * @name: a name in UTF-8
 *
 * Upcases each character of the Basic Multilingual Plane by itself, as Windows does; the others
 * stay. Where Unicode joins more than Windows' table does (the dotless i and I) two names are
 * taken for one, which is the safe side.
 *
 * Returns: (transfer full): equal for names that are the same to FAT
 */
char *rub_fat_name_make_key(const char *name);

/**
 * rub_fat_name_to_short:
 * @name: a name that passed rub_fat_name_check()
 * @short_name: (out caller-allocates): the name as it lies on the disk
 * @case_bits: (out): the NT case bits, %RUB_FAT_CASE_BASE_LOWER and %RUB_FAT_CASE_EXT_LOWER
 *
 * Says whether a name needs no long name: ASCII, 8.3, and base and extension each in one case.
 *
 * Returns: whether it is exactly an 8.3 name
 */
gboolean rub_fat_name_to_short(const char *name, guint8 short_name[RUB_FAT_SHORT_NAME_BYTES],
                               guint8 *case_bits);

/** The bits at offset 12 of an entry with which Windows NT, Linux and UEFI keep the case of an 8.3
 * name */
#define RUB_FAT_CASE_BASE_LOWER 0x08
#define RUB_FAT_CASE_EXT_LOWER 0x10

/**
 * rub_fat_name_from_short:
 * @short_name: a name as it lies on the disk
 * @case_bits: its NT case bits
 *
 * Bytes above 127 are taken for code page 437, as Linux does; what could not be part of a path
 * becomes "_".
 *
 * Returns: (transfer full): the name in UTF-8
 */
char *rub_fat_name_from_short(const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES], guint8 case_bits);

/**
 * rub_fat_name_label_from_short:
 * @short_name: a volume label as it lies on the disk
 *
 * Returns: (transfer full): the label in UTF-8
 */
char *rub_fat_name_label_from_short(const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES]);

/**
 * rub_fat_name_get_slot_count:
 * @name: a name that passed rub_fat_name_check()
 *
 * Returns: how many 32-byte slots of a folder it takes, from 1 (an 8.3 name) to 21
 */
guint rub_fat_name_get_slot_count(const char *name);

/**
 * rub_fat_name_get_checksum:
 * @short_name: a name as it lies on the disk
 *
 * Returns: the sum that ties long-name slots to their short name (Microsoft FAT specification,
 *   "Long File Name Implementation")
 */
guint8 rub_fat_name_get_checksum(const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES]);

G_END_DECLS
