/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-finding.h"

#include <gio/gio.h>

#include "plan/rub-catalogue.h"

RubFinding *
rub_finding_new(RubCode code, RubSeverity severity, RubText *meaning, RubText *remedy)
{
    RubFinding *self = g_new0(RubFinding, 1);
    self->code = code;
    self->severity = severity;
    self->meaning = meaning;
    if (severity == RUB_SEVERITY_ERROR)
        self->action = rub_catalogue_get(code)->action;
    self->remedy = remedy ? remedy : rub_text_new(rub_catalogue_get(code)->remedy, NULL);
    return self;
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
    g_autoptr(RubText) message = rub_error_make_text(error);
    const RubText *remedy = rub_error_get_remedy(error);
    return rub_finding_new(get_code(error), RUB_SEVERITY_ERROR, rub_text_new_sentence(message),
                           remedy ? rub_text_ref((RubText *) remedy) : NULL);
}

static char **
copy_texts(const GPtrArray *texts)
{
    char **copies = g_new0(char *, texts->len + 1);
    for (guint i = 0; i < texts->len; i++)
        copies[i] = g_strdup(g_ptr_array_index(texts, i));
    return copies;
}

void
rub_finding_set_files(RubFinding *self, const RubPathList *list)
{
    g_strfreev(self->files);
    g_clear_pointer(&self->notes, g_ptr_array_unref);
    self->files = copy_texts(list->paths);
    self->notes = list->has_notes ? g_ptr_array_ref(list->notes) : NULL;
}

char *
rub_finding_get_note(const RubFinding *self, guint n, RubTranslate translate)
{
    const RubText *note = self->notes ? g_ptr_array_index(self->notes, n) : NULL;
    return note ? rub_text_format(note, translate) : g_strdup("");
}

char *
rub_finding_get_line(const RubFinding *self, guint n, RubTranslate translate)
{
    g_autofree char *note = rub_finding_get_note(self, n, translate);
    return g_strconcat(self->files[n], *note ? " " : "", note, NULL);
}

void
rub_finding_free(RubFinding *self)
{
    rub_text_unref(self->meaning);
    rub_text_unref(self->remedy);
    g_strfreev(self->files);
    g_clear_pointer(&self->notes, g_ptr_array_unref);
    g_free(self);
}
