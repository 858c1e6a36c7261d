/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "volume/rub-fat-name.h"

G_BEGIN_DECLS

/**
 * RubFatAliases:
 *
 * The short names of one folder, and the generator of new ones for long names. Finding one takes
 * the same time however many similar names there are.
 */
typedef struct _RubFatAliases RubFatAliases;

/** rub_fat_aliases_new: Returns: (transfer full): an empty set */
RubFatAliases *rub_fat_aliases_new(void);

/** rub_fat_aliases_free: frees the set */
void rub_fat_aliases_free(RubFatAliases *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFatAliases, rub_fat_aliases_free)

/**
 * rub_fat_aliases_reserve:
 * @self: a set
 * @short_name: a name as it lies on the disk
 *
 * Returns: whether it was free until now
 */
gboolean rub_fat_aliases_reserve(RubFatAliases *self,
                                 const guint8 short_name[RUB_FAT_SHORT_NAME_BYTES]);

/**
 * rub_fat_aliases_generate:
 * @self: a set
 * @name: a name that passed rub_fat_name_check()
 * @short_name: (out caller-allocates): its short name, reserved
 *
 * Makes a short name for a long one: the name in upper case if that is a free 8.3 name, else the
 * start of it with a number, "PROGRA~1" (Microsoft FAT specification, "The Basis-Name Generation
 * Algorithm" and "The Numeric-Tail Generation Algorithm").
 * There are over a million for each start, and a folder holds 65,536 at most.
 */
void rub_fat_aliases_generate(RubFatAliases *self, const char *name,
                              guint8 short_name[RUB_FAT_SHORT_NAME_BYTES]);

G_END_DECLS
