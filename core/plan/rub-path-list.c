/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-path-list.h"

RubPathList *
rub_path_list_new(void)
{
    RubPathList *self = g_new0(RubPathList, 1);
    self->paths = g_ptr_array_new_with_free_func(g_free);
    self->notes = g_ptr_array_new_with_free_func(g_free);
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
rub_path_list_add(RubPathList *self, const char *path, const char *note)
{
    g_ptr_array_add(self->paths, g_utf8_make_valid(path, -1));
    g_ptr_array_add(self->notes, g_utf8_make_valid(note ? note : "", -1));
    self->has_notes = self->has_notes || (note && *note);
}

void
rub_path_list_append(RubPathList *self, const RubPathList *other)
{
    for (guint i = 0; i < other->paths->len; i++)
        rub_path_list_add(self, g_ptr_array_index(other->paths, i),
                          g_ptr_array_index(other->notes, i));
}

char *
rub_path_list_format(const RubPathList *self, guint max_count)
{
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < MIN(self->paths->len, max_count); i++) {
        const char *note = g_ptr_array_index(self->notes, i);
        g_string_append_printf(list, "%s%s%s%s", i > 0 ? "; " : "",
                               (const char *) g_ptr_array_index(self->paths, i), *note ? " " : "",
                               note);
    }
    if (self->paths->len > max_count)
        g_string_append(list, "; …");
    return g_string_free(list, FALSE);
}
