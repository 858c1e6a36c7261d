/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-text.h"

#include <string.h>

struct _RubText {
    char *name;   /* comes before the sentence; NULL for none */
    char *reason; /* comes after it; NULL for none */
    const char *singular;
    const char *plural;
    guint64 count;
    GPtrArray *arguments; /* name, value, name, value … */
    gboolean is_made_sentence;
};

static RubText *
make_text(const char *singular, const char *plural, guint64 count, va_list pairs)
{
    RubText *self = g_atomic_rc_box_new0(RubText);
    self->singular = singular;
    self->plural = plural;
    self->count = count;
    self->arguments = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = va_arg(pairs, const char *); name; name = va_arg(pairs, const char *)) {
        g_ptr_array_add(self->arguments, g_strdup(name));
        g_ptr_array_add(self->arguments, g_strdup(va_arg(pairs, const char *)));
    }
    return self;
}

RubText *
rub_text_new(const char *sentence, ...)
{
    va_list pairs;
    va_start(pairs, sentence);
    RubText *self = rub_text_new_valist(sentence, pairs);
    va_end(pairs);
    return self;
}

RubText *
rub_text_new_valist(const char *sentence, va_list pairs)
{
    return make_text(sentence, NULL, 1, pairs);
}

RubText *
rub_text_new_plural(const char *singular, const char *plural, guint64 count, ...)
{
    va_list pairs;
    va_start(pairs, count);
    RubText *self = make_text(singular, plural, count, pairs);
    va_end(pairs);
    g_ptr_array_add(self->arguments, g_strdup("count"));
    g_ptr_array_add(self->arguments, g_strdup_printf("%" G_GUINT64_FORMAT, count));
    return self;
}

static RubText *
copy_text(const RubText *text)
{
    RubText *self = g_atomic_rc_box_new0(RubText);
    *self = *text;
    self->name = g_strdup(text->name);
    self->reason = g_strdup(text->reason);
    self->arguments = g_ptr_array_ref(text->arguments);
    return self;
}

RubText *
rub_text_new_sentence(const RubText *message)
{
    RubText *self = copy_text(message);
    self->is_made_sentence = TRUE;
    return self;
}

RubText *
rub_text_new_named(const char *name, const RubText *text)
{
    RubText *self = copy_text(text);
    g_free(self->name);
    self->name = text->name ? g_strdup_printf("%s: %s", name, text->name) : g_strdup(name);
    return self;
}

RubText *
rub_text_ref(RubText *self)
{
    return g_atomic_rc_box_acquire(self);
}

static void
rub_text_clear(gpointer data)
{
    RubText *self = data;
    g_free(self->name);
    g_free(self->reason);
    g_ptr_array_unref(self->arguments);
}

void
rub_text_unref(RubText *self)
{
    g_atomic_rc_box_release_full(self, rub_text_clear);
}

RubText *
rub_text_new_explained(const RubText *text, const char *reason)
{
    RubText *self = copy_text(text);
    g_free(self->reason);
    self->reason =
        text->reason ? g_strdup_printf("%s: %s", text->reason, reason) : g_strdup(reason);
    return self;
}

static const char *
find_argument(const RubText *self, const char *name, gsize length)
{
    for (guint i = 0; i + 1 < self->arguments->len; i += 2) {
        const char *candidate = g_ptr_array_index(self->arguments, i);
        if (strlen(candidate) == length && memcmp(candidate, name, length) == 0)
            return g_ptr_array_index(self->arguments, i + 1);
    }
    return NULL;
}

/* A gap that has no argument stays as it is: visible, and harmless. */
static char *
fill_gaps(const RubText *self, const char *sentence)
{
    GString *out = g_string_new(NULL);
    const char *at = sentence;
    while (*at) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        const char *value = end ? find_argument(self, at + 1, (gsize) (end - at - 1)) : NULL;
        if (value) {
            g_string_append(out, value);
            at = end + 1;
        } else {
            g_string_append_c(out, *at++);
        }
    }
    return g_string_free(out, FALSE);
}

/* Error messages begin in lower case so that context can be put before them, and have no full stop.
 * One that begins with the name of a file, which is not a plain word, keeps it as it is; one that
 * ends with another program's words may have a full stop and a line's end already. */
static char *
make_sentence(const char *message)
{
    char *sentence = g_utf8_make_valid(message, -1);
    g_strchomp(sentence);
    gsize word_length = strspn(sentence, "abcdefghijklmnopqrstuvwxyz");
    if (word_length > 0 && sentence[word_length] == ' ')
        *sentence = g_ascii_toupper(*sentence);
    if (*sentence == '\0' || g_str_has_suffix(sentence, "."))
        return sentence;
    char *ended = g_strconcat(sentence, ".", NULL);
    g_free(sentence);
    return ended;
}

/* What stands before and after a sentence is put there by a sentence, too: where, and with which
 * punctuation, is up to the translation. */
static char *
join(const char *sentence, const char *gap, const char *value, char *text, RubTranslate translate)
{
    g_autofree char *own_text = text;
    g_autoptr(RubText) whole = rub_text_new(sentence, gap, value, "text", own_text, NULL);
    return rub_text_format(whole, translate);
}

char *
rub_text_format(const RubText *self, RubTranslate translate)
{
    const char *sentence = self->plural && self->count != 1 ? self->plural : self->singular;
    if (translate)
        sentence = translate(self->singular, self->plural, (gulong) self->count);
    g_autofree char *whole = fill_gaps(self, sentence);
    if (self->reason)
        whole = join(N_("{text}: {reason}"), "reason", self->reason, whole, translate);
    if (self->name)
        whole = join(N_("{name}: {text}"), "name", self->name, whole, translate);
    return self->is_made_sentence ? make_sentence(whole) : g_steal_pointer(&whole);
}
