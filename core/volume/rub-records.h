/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Where our own records are on a stick that we built on. */

/** RUB_RECORDS_FOLDER: the hidden folder in the root for all of them */
#define RUB_RECORDS_FOLDER ".rescue-usb-builder"

/** RUB_MANIFEST_PATH: what was put on the stick */
#define RUB_MANIFEST_PATH RUB_RECORDS_FOLDER "/manifest.json"

/** RUB_PENDING_PATH: the note of what is under way; it is there only while something is */
#define RUB_PENDING_PATH RUB_RECORDS_FOLDER "/pending"

/** RUB_UNDO_FOLDER: the folder for what a build replaced */
#define RUB_UNDO_FOLDER RUB_RECORDS_FOLDER "/undo"

/** RUB_BOOT_SECTORS_PATH: the boot sectors as they were before the first build that kept files */
#define RUB_BOOT_SECTORS_PATH RUB_UNDO_FOLDER "/boot-sectors.bin"

/** RUB_RECORDS_MAX_FILE_BYTES: how large a file is at most that our records list: the limit of NTFS
 * with clusters of 4 KiB; the sizes of all files of a record can be added up */
#define RUB_RECORDS_MAX_FILE_BYTES ((guint64) 1 << 44)
