/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-error.h"
#include "base/rub-text.h"
#include "plan/rub-action.h"
#include "plan/rub-path-list.h"

G_BEGIN_DECLS

/**
 * RubSeverity:
 * @RUB_SEVERITY_WARNING: the build goes on if the user says yes
 * @RUB_SEVERITY_ERROR: the build is refused, or has failed
 *
 * How much a finding matters.
 */
typedef enum {
    RUB_SEVERITY_WARNING,
    RUB_SEVERITY_ERROR,
} RubSeverity;

/**
 * RubFinding:
 * @code: what was found
 * @severity: how much it matters
 * @meaning: what it means here, with numbers and names
 * @remedy: what to do about it
 * @action: what helps and can be done with one click
 * @files: (nullable) (array zero-terminated=1): the paths of the files concerned, where there is a
 *   list
 * @notes: (nullable) (element-type RubText): what is the matter with each of @files, to follow its
 *   path after a blank; %NULL in it for nothing; %NULL where that does not differ
 *
 * Something the user has to know. Immutable; it has the code's id and title from the catalogue.
 */
typedef struct {
    RubCode code;
    RubSeverity severity;
    RubText *meaning;
    RubText *remedy;
    RubAction action;
    char **files;
    GPtrArray *notes;
} RubFinding;

/**
 * rub_finding_new:
 * @code: what was found
 * @severity: how much it matters
 * @meaning: (transfer full): what it means here
 * @remedy: (transfer full) (nullable): what to do about it; %NULL for the catalogue's advice
 *
 * Makes a finding; an error has the action that the catalogue knows for its code.
 *
 * Returns: (transfer full): a finding
 */
RubFinding *rub_finding_new(RubCode code, RubSeverity severity, RubText *meaning, RubText *remedy);

/**
 * rub_finding_new_from_error:
 * @error: an error of the domain %RUB_ERROR; one of another domain counts as a failed write, but
 *   for GIO's own word that it was cancelled
 *
 * Returns: (transfer full): a finding of severity error that says what @error says, with its remedy
 *   or the catalogue's
 */
RubFinding *rub_finding_new_from_error(const GError *error);

/**
 * rub_finding_set_files:
 * @self: a finding that is being made
 * @list: what its files and notes shall be
 */
void rub_finding_set_files(RubFinding *self, const RubPathList *list);

/**
 * rub_finding_get_note:
 * @self: a finding with files
 * @n: the number of the file, from 0
 * @translate: (nullable): puts it into the user's language; %NULL for English
 *
 * Returns: (transfer full): what is the matter with it; "" for nothing
 */
char *rub_finding_get_note(const RubFinding *self, guint n, RubTranslate translate);

/**
 * rub_finding_get_line:
 * @self: a finding with files
 * @n: the number of the file, from 0
 * @translate: (nullable): puts it into the user's language; %NULL for English
 *
 * Returns: (transfer full): its path, with what is the matter with it
 */
char *rub_finding_get_line(const RubFinding *self, guint n, RubTranslate translate);

/** rub_finding_free: frees a finding */
void rub_finding_free(RubFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFinding, rub_finding_free)

G_END_DECLS
