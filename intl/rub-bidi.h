/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Languages that are written from right to left have sentences with names, paths and sizes in them
 * that are not. Without the marks of the Unicode Bidirectional Algorithm (UAX 9) a gap runs
 * together with what is beside it, and a line that begins with one counts as written from left to
 * right. */

/**
 * rub_bidi_mark:
 * @sentence: a sentence with gaps: "{name}", or those of printf()
 *
 * Isolates each gap from what is around it (FSI, PDI) and has each line count as written from right
 * to left, whatever it begins with (RLM). What fills the gaps must not have several lines: each
 * would be on its own.
 *
 * Returns: (transfer full): @sentence with marks; as it is if it has no gap and no letter that is
 *   written from right to left
 */
char *rub_bidi_mark(const char *sentence);

/** rub_bidi_is_mark: Returns: whether @c is one of the marks, which nobody sees */
gboolean rub_bidi_is_mark(gunichar c);

/** rub_bidi_strip: Returns: (transfer full): @text without marks, to be used by programs */
char *rub_bidi_strip(const char *text);

G_END_DECLS
