/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-finding.h"

#include <gio/gio.h>
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

static RubCode
get_code(const GError *error)
{
    if (error->domain == RUB_ERROR)
        return (RubCode) error->code;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return RUB_CODE_CANCELLED;
    return RUB_CODE_WRITE_FAILED;
}

RubFinding *
rub_finding_new_from_error(const GError *error)
{
    g_autofree char *sentence = make_sentence(error->message);
    return rub_finding_new(get_code(error), RUB_SEVERITY_ERROR,
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
