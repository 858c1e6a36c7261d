/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Everything that talks to people includes this for _() and ngettext(); the library, which only
 * marks its texts, never does. */
#include <glib/gi18n.h>

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
