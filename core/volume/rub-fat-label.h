/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** RUB_FAT_MAX_LABEL_BYTES: how long a volume label may be */
#define RUB_FAT_MAX_LABEL_BYTES 11

/**
 * rub_fat_label_is_valid:
 * @label: a volume label as a user would type it
 *
 * Says whether a label can be used once it is in upper case: 1 to 11 ASCII characters without
 * " * + , . / : ; < = > ? [ \ ] | (Microsoft FAT specification, "Naming Conventions"), a letter or
 * digit among them, no space at either end, and not "NO NAME", which means that there is none.
 *
 * Returns: whether it is valid
 */
gboolean rub_fat_label_is_valid(const char *label);

/**
 * rub_fat_label_make:
 * @wanted: (nullable): a name in UTF-8
 *
 * Returns: (transfer full): the label nearest to @wanted: upper case, what is not allowed becomes
 *   "_", at most 11 characters; "RESCUE" if nothing of it can be kept
 */
char *rub_fat_label_make(const char *wanted);

G_END_DECLS
