/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Everything that talks to people includes this for _() and ngettext(); the library, which only
 * marks its texts, never does. */
#include <glib/gi18n.h>

/* As rub_intl_get() says, also with marks. */
#undef _
#define _(text) rub_intl_get(text)

G_BEGIN_DECLS

/**
 * rub_intl_init:
 *
 * Takes the user's language from the environment and finds the translations: those of the folder in
 * RUB_LOCALEDIR, if that is set (a build folder has them in po/), or else the installed ones. To be
 * called first of all, before there is another thread.
 */
void rub_intl_init(void);

/**
 * rub_intl_use_marks:
 *
 * From now on texts in a language that is written from right to left have the marks of
 * rub_bidi_mark(), because they are for eyes only. What other programs may read (JSON, the
 * clipboard) must be without: do not call this, or see rub_bidi_strip().
 */
void rub_intl_use_marks(void);

/** rub_intl_get: Returns: (transfer none): @text in the user's language; as it is if there is no
 * translation */
const char *rub_intl_get(const char *text) G_GNUC_FORMAT(1);

/**
 * rub_intl_mark:
 * @format: a format of printf() that is the same in every language
 *
 * Returns: (transfer none): @format with marks, where there are to be any
 */
const char *rub_intl_mark(const char *format) G_GNUC_FORMAT(1);

/** rub_intl_is_shown: Returns: whether @c is printable, or one of the marks in use */
gboolean rub_intl_is_shown(gunichar c);

/**
 * rub_intl_join:
 * @parts: (element-type utf8): parts of a text, at least one
 * @separator: between two of them
 *
 * Returns: (transfer full): the parts in a row, each marked off from its neighbours, where there
 *   are to be marks
 */
char *rub_intl_join(const GPtrArray *parts, const char *separator);

/**
 * rub_intl_translate:
 * @singular: an English sentence of the library, still with its gaps
 * @plural: (nullable): the same for more than one, where there is a difference
 * @count: what decides between them
 *
 * A #RubTranslate for rub_text_format().
 *
 * Returns: (transfer none): the sentence in the user's language; as it is if there is no
 *   translation
 */
const char *rub_intl_translate(const char *singular, const char *plural, gulong count);

G_END_DECLS
