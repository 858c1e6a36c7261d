/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-error.h"
#include "plan/rub-action.h"

G_BEGIN_DECLS

/**
 * RubCatalogueEntry:
 * @code: the code, which is also the exit status of the command
 * @id: a stable name for programs
 * @title: the English title, for the translators
 * @remedy: (nullable): what to do about it where nothing more specific is known
 * @action: what helps against it as an error and can be done with one click
 *
 * What is the same whenever a code comes up.
 */
typedef struct {
    RubCode code;
    const char *id;
    const char *title;
    const char *remedy;
    RubAction action;
} RubCatalogueEntry;

/**
 * rub_catalogue_get:
 * @code: a code of the catalogue
 *
 * Returns: (transfer none): its entry; that of %RUB_CODE_WRITE_FAILED for a number that is none
 */
const RubCatalogueEntry *rub_catalogue_get(RubCode code);

/**
 * rub_catalogue_get_all:
 * @count: (out): how many there are
 *
 * Returns: (transfer none) (array length=count): the whole catalogue
 */
const RubCatalogueEntry *rub_catalogue_get_all(gsize *count);

/**
 * rub_catalogue_get_rank:
 * @code: a code
 *
 * Which of several errors a build is refused with: the one with the lowest rank is the exit
 * status.
 *
 * Returns: the code's place in that order
 */
guint rub_catalogue_get_rank(RubCode code);

G_END_DECLS
