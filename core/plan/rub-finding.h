/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/rub-error.h"
#include "base/rub-text.h"

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
 * @files: (nullable) (array zero-terminated=1): the files concerned, one a line, where there is a
 *   list: paths, with what is the matter with each where that differs
 *
 * Something the user has to know. Immutable; it has the code's id and title from the catalogue.
 */
typedef struct {
    RubCode code;
    RubSeverity severity;
    RubText *meaning;
    RubText *remedy;
    char **files;
} RubFinding;

/**
 * rub_finding_new:
 * @code: what was found
 * @severity: how much it matters
 * @meaning: (transfer full): what it means here
 * @remedy: (transfer full) (nullable): what to do about it; %NULL for the catalogue's advice
 *
 * Returns: (transfer full): a finding
 */
RubFinding *rub_finding_new(RubCode code, RubSeverity severity, RubText *meaning, RubText *remedy);

/**
 * rub_finding_new_from_error:
 * @error: an error of the domain %RUB_ERROR; one of another domain counts as a failed write, but
 *   for GIO's own word that it was cancelled
 *
 * Returns: (transfer full): a finding of severity error that says what @error says
 */
RubFinding *rub_finding_new_from_error(const GError *error);

/** rub_finding_free: frees a finding */
void rub_finding_free(RubFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubFinding, rub_finding_free)

G_END_DECLS
