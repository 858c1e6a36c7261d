/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-path-list.h"

static void
note_free(gpointer note)
{
    if (note)
        rub_text_unref(note);
}

RubPathList *
rub_path_list_new(void)
{
    RubPathList *self = g_new0(RubPathList, 1);
    self->paths = g_ptr_array_new_with_free_func(g_free);
    self->notes = g_ptr_array_new_with_free_func(note_free);
    return self;
}

void
rub_path_list_free(RubPathList *self)
{
    g_ptr_array_unref(self->paths);
    g_ptr_array_unref(self->notes);
    g_free(self);
}

void
rub_path_list_add(RubPathList *self, const char *path, RubText *note)
{
    g_ptr_array_add(self->paths, g_utf8_make_valid(path, -1));
    g_ptr_array_add(self->notes, note);
    self->has_notes = self->has_notes || note;
}

void
rub_path_list_append(RubPathList *self, const RubPathList *other)
{
    for (guint i = 0; i < other->paths->len; i++) {
        RubText *note = g_ptr_array_index(other->notes, i);
        rub_path_list_add(self, g_ptr_array_index(other->paths, i),
                          note ? rub_text_ref(note) : NULL);
    }
}

RubText *
rub_path_list_describe(const RubPathList *self, guint max_count)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify) rub_text_unref);
    for (guint i = 0; i < MIN(self->paths->len, max_count); i++) {
        RubText *note = g_ptr_array_index(self->notes, i);
        RubText *part = rub_text_new(note ? "{path} {note}" : "{path}", "path",
                                     g_ptr_array_index(self->paths, i), NULL);
        g_ptr_array_add(parts, note ? rub_text_new_filled(part, "note", rub_text_ref(note)) : part);
    }
    if (self->paths->len > max_count)
        g_ptr_array_add(parts, rub_text_new("…", NULL));
    return rub_text_new_list(parts, "; ");
}
