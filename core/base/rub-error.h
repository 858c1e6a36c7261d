/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/rub-text.h"

G_BEGIN_DECLS

/**
 * RUB_ERROR:
 *
 * The one error domain of the library. The code of a #GError in it is a #RubCode.
 */
#define RUB_ERROR (rub_error_quark())

/**
 * RubCode:
 *
 * Every reason for which a build is refused, fails or deserves a warning. The numbers are the
 * exit status of the command and are never reused; what each means, and its English title, is in
 * the catalogue (core/plan/rub-catalogue.h). 1 to 8, 98 and 99 are the numbers that users of the
 * classic rescue-media wizard know.
 */
typedef enum {
    RUB_CODE_TRACK_0_NOT_WRITABLE = 1,
    RUB_CODE_FILESYSTEM_AT_START = 2,
    RUB_CODE_UNSUPPORTED_DISK_TYPE = 3,
    RUB_CODE_DISK_TOO_SMALL = 4,
    RUB_CODE_MAX_PARTITIONS = 5,
    RUB_CODE_NO_FREE_SPACE = 6,
    RUB_CODE_INIT_FAILED = 7,
    RUB_CODE_CREATE_FAT32_FAILED = 8,
    RUB_CODE_IMAGE_UNREADABLE = 10,
    RUB_CODE_IMAGE_INCOMPLETE = 11,
    RUB_CODE_IMAGE_NOT_BOOTABLE = 12,
    RUB_CODE_DEVICE_GONE = 13,
    RUB_CODE_DEVICE_BUSY = 14,
    RUB_CODE_NOT_AUTHORIZED = 15,
    RUB_CODE_WRITE_FAILED = 16,
    RUB_CODE_VERIFY_FAILED = 17,
    RUB_CODE_CANCELLED = 18,
    RUB_CODE_SYSTEM_DISK = 19,
    RUB_CODE_FILE_TOO_LARGE = 20,
    RUB_CODE_NAME_NOT_REPRESENTABLE = 21,
    RUB_CODE_DEVICE_CHANGED = 22,
    RUB_CODE_FIRMWARE_LIMITED = 23,
    RUB_CODE_FILES_REPLACED = 24,
    RUB_CODE_VOLUME_DAMAGED = 25,
    RUB_CODE_NOT_OUR_STICK = 26,
    RUB_CODE_BUILD_INCOMPLETE = 27,
    RUB_CODE_USAGE = 64,
    RUB_CODE_SMALL_FAT = 98,
    RUB_CODE_NO_PARTITION_TABLE = 99,
} RubCode;

GQuark rub_error_quark(void);

/**
 * rub_error_set_text:
 * @error: (out) (optional): where to store the error
 * @code: the code to report
 * @sentence: as for rub_text_new(), in lower case at its start and without a final full stop
 * @...: pairs of a gap's name and the text for it, then %NULL
 *
 * Sets @error to a message that can be put into the user's language: for what a user is likely to
 * meet. g_set_error() does for the rest.
 */
void rub_error_set_text(GError **error, RubCode code, const char *sentence,
                        ...) G_GNUC_NULL_TERMINATED;

/**
 * rub_error_set_errno:
 * @error: (out) (optional): where to store the error
 * @code: the code to report
 * @errnum: a value of errno
 * @sentence: what could not be done, as for rub_error_set_text()
 * @...: pairs of a gap's name and the text for it, then %NULL
 *
 * Sets @error to "@sentence: the system's text for @errnum".
 */
void rub_error_set_errno(GError **error, RubCode code, int errnum, const char *sentence,
                         ...) G_GNUC_NULL_TERMINATED;

/**
 * rub_error_take_text:
 * @error: (out) (optional): where to store the error
 * @code: the code to report
 * @text: (transfer full): the message, in lower case at its start and without a final full stop
 *
 * As rub_error_set_text() with a text that was made before.
 */
void rub_error_take_text(GError **error, RubCode code, RubText *text);

/**
 * rub_error_prefix_name:
 * @error: (inout) (optional) (nullable): an error
 * @name: what it is about, such as the path of a file
 *
 * Puts @name and a colon before the message, which stays one that can be translated.
 */
void rub_error_prefix_name(GError **error, const char *name);

/**
 * rub_error_put_into:
 * @error: (inout) (optional) (nullable): an error of the domain %RUB_ERROR
 * @sentence: a string that lives as long as the program, marked with N_(), with the gaps {name},
 * where it needs one, and {text}
 * @name: what it is about, such as the path of a file
 *
 * Puts the message into the gap {text} of @sentence; it stays one that can be translated.
 */
void rub_error_put_into(GError **error, const char *sentence, const char *name);

/**
 * rub_error_make_text:
 * @error: an error
 *
 * Returns: (transfer full): that of rub_error_get_text(), or else one of the message, which nobody
 *   translates
 */
RubText *rub_error_make_text(const GError *error);

/**
 * rub_error_get_text:
 * @error: an error
 *
 * Returns: (transfer none) (nullable): the text that was given to rub_error_take_text(); %NULL if
 *   none was, or if context was put before the message since
 */
const RubText *rub_error_get_text(const GError *error);

/**
 * rub_error_take_remedy:
 * @error: (inout) (optional) (nullable): an error of the domain %RUB_ERROR
 * @remedy: (transfer full): what to do about it
 *
 * Says what helps, where that is not what the catalogue advises for the code.
 */
void rub_error_take_remedy(GError **error, RubText *remedy);

/**
 * rub_error_get_remedy:
 * @error: an error
 *
 * Returns: (transfer none) (nullable): what was given to rub_error_take_remedy(); %NULL for the
 *   catalogue's advice
 */
const RubText *rub_error_get_remedy(const GError *error);

/**
 * rub_error_take_damage:
 * @failure: (transfer full): what a look at a volume ended with
 * @damage: (out) (transfer full): what the message of %RUB_CODE_VOLUME_DAMAGED says
 * @error: (out) (optional): any other error
 *
 * For those who want to know whether a volume is damaged: that it is, is an answer.
 *
 * Returns: whether it is damaged
 */
gboolean rub_error_take_damage(GError *failure, RubText **damage, GError **error);

/**
 * rub_error_set_cancelled:
 * @error: (out) (optional): where to store the error
 *
 * Sets @error to #RUB_CODE_CANCELLED.
 */
void rub_error_set_cancelled(GError **error);

G_END_DECLS
