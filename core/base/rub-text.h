/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#ifndef N_
/** N_: marks a text for the translators without translating it; the library never translates */
#define N_(String) (String)
#endif

/** N_PLURAL: marks a text for the translators together with its plural; stands for both */
#define N_PLURAL(Singular, Plural) Singular, Plural

/**
 * RubText:
 *
 * A sentence with named gaps, such as "this stick has {count} partitions", and what goes into
 * them. The library makes it; whoever shows it puts it into the user's language. Immutable and
 * reference counted.
 */
typedef struct _RubText RubText;

/**
 * RubTranslate:
 * @singular: the English sentence, still with its gaps
 * @plural: (nullable): the same for more than one, where there is a difference
 * @count: what decides between them
 *
 * Has the shape of ngettext().
 *
 * Returns: the sentence in the user's language
 */
typedef const char *(*RubTranslate)(const char *singular, const char *plural, gulong count);

/**
 * rub_text_new:
 * @sentence: a string that lives as long as the program, marked with N_()
 * @...: pairs of a gap's name and the text for it, then %NULL
 *
 * Returns: (transfer full): a text
 */
RubText *rub_text_new(const char *sentence, ...) G_GNUC_NULL_TERMINATED;

/**
 * rub_text_new_valist:
 * @sentence: as for rub_text_new()
 * @pairs: pairs of a gap's name and the text for it, then %NULL
 *
 * Returns: (transfer full): a text
 */
RubText *rub_text_new_valist(const char *sentence, va_list pairs);

/**
 * rub_text_new_plural:
 * @singular: the sentence for a count of one; it may have the gap {count}
 * @plural: the sentence for every other count; both are marked at once, with N_PLURAL()
 * @count: the count; fills the gap {count}
 * @...: pairs of a gap's name and the text for it, then %NULL
 *
 * Returns: (transfer full): a text
 */
RubText *rub_text_new_plural(const char *singular, const char *plural, guint64 count,
                             ...) G_GNUC_NULL_TERMINATED;

/**
 * rub_text_new_sentence:
 * @message: a text in the form of an error's message: lower case at its start, no full stop
 *
 * Returns: (transfer full): the same as a sentence; it has a capital, unless it begins with a name,
 *   and a full stop, in whatever language it is shown
 */
RubText *rub_text_new_sentence(const RubText *message);

/**
 * rub_text_new_named:
 * @name: what a text is about, such as the path of a file
 * @text: a text
 *
 * Returns: (transfer full): @text with @name and a colon before it, in whatever language it is
 *   shown
 */
RubText *rub_text_new_named(const char *name, const RubText *text);

/**
 * rub_text_new_explained:
 * @text: a text
 * @reason: why, in the system's words
 *
 * Returns: (transfer full): @text with a colon and @reason behind it, in whatever language it is
 *   shown
 */
RubText *rub_text_new_explained(const RubText *text, const char *reason);

/**
 * rub_text_new_filled:
 * @text: (transfer full): a text with a gap
 * @name: the gap's name
 * @value: (transfer full): what goes into it
 *
 * Returns: (transfer full): @text with @value in it, each in whatever language it is shown
 */
RubText *rub_text_new_filled(RubText *text, const char *name, RubText *value);

/**
 * rub_text_new_list:
 * @parts: (transfer full) (element-type RubText): texts; has a free function
 * @separator: what goes between two of them
 *
 * Returns: (transfer full): a text that is made of @parts, for a gap of another one
 */
RubText *rub_text_new_list(GPtrArray *parts, const char *separator);

/** rub_text_ref: Returns: (transfer full): @self with one reference more */
RubText *rub_text_ref(RubText *self);

/** rub_text_unref: drops a reference */
void rub_text_unref(RubText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubText, rub_text_unref)

/**
 * rub_text_format:
 * @self: a text
 * @translate: (nullable): puts the sentence into the user's language; %NULL for English
 *
 * Returns: (transfer full): the sentence with its gaps filled
 */
char *rub_text_format(const RubText *self, RubTranslate translate);

G_END_DECLS
