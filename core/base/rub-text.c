/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-text.h"

#include <string.h>

struct _RubText {
    const char *singular;
    const char *plural;
    guint64 count;
    GPtrArray *arguments; /* name, value, name, value … */
};

static RubText *
rub_text_new_va(const char *singular, const char *plural, guint64 count, va_list pairs)
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
    RubText *self = rub_text_new_va(sentence, NULL, 1, pairs);
    va_end(pairs);
    return self;
}

RubText *
rub_text_new_plural(const char *singular, const char *plural, guint64 count, ...)
{
    va_list pairs;
    va_start(pairs, count);
    RubText *self = rub_text_new_va(singular, plural, count, pairs);
    va_end(pairs);
    g_ptr_array_add(self->arguments, g_strdup("count"));
    g_ptr_array_add(self->arguments, g_strdup_printf("%" G_GUINT64_FORMAT, count));
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
    g_ptr_array_unref(self->arguments);
}

void
rub_text_unref(RubText *self)
{
    g_atomic_rc_box_release_full(self, rub_text_clear);
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

char *
rub_text_format(const RubText *self, RubTranslate translate)
{
    const char *sentence = self->plural && self->count != 1 ? self->plural : self->singular;
    if (translate)
        sentence = translate(self->singular, self->plural, (gulong) self->count);
    return fill_gaps(self, sentence);
}
