/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-finding.h"

#include <string.h>

#include "plan/rub-catalogue.h"

RubFinding *
rub_finding_new(RubCode code, RubSeverity severity, RubText *meaning, RubText *remedy)
{
    RubFinding *self = g_new0(RubFinding, 1);
    self->code = code;
    self->severity = severity;
    self->meaning = meaning;
    self->remedy = remedy ? remedy : rub_text_new(rub_catalogue_get(code)->remedy, NULL);
    return self;
}

/* Error messages begin in lower case so that context can be put before them. One that begins with
 * the name of a file, which is not a plain word, keeps it as it is. */
static char *
make_sentence(const char *message)
{
    gsize word_length = strspn(message, "abcdefghijklmnopqrstuvwxyz");
    gboolean is_word = word_length > 0 && message[word_length] == ' ';
    char first = is_word ? g_ascii_toupper(*message) : *message;
    return first ? g_strdup_printf("%c%s.", first, message + 1) : g_strdup("");
}

RubFinding *
rub_finding_new_from_error(const GError *error)
{
    RubCode code = error->domain == RUB_ERROR ? (RubCode) error->code : RUB_CODE_WRITE_FAILED;
    g_autofree char *valid = g_utf8_make_valid(error->message, -1);
    g_autofree char *sentence = make_sentence(valid);
    return rub_finding_new(code, RUB_SEVERITY_ERROR,
                           rub_text_new("{details}", "details", sentence, NULL), NULL);
}

void
rub_finding_free(RubFinding *self)
{
    rub_text_unref(self->meaning);
    rub_text_unref(self->remedy);
    g_strfreev(self->files);
    g_free(self);
}
