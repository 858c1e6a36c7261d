/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "source/rub-wim.h"

/* Elements: Microsoft's "Windows Imaging File Format (WIM)" white paper, and what DISM writes. */
#define MAX_DEPTH 32

/* @parents is the path of the open elements, "/WIM/IMAGE/NAME". */
typedef struct {
    GPtrArray *images;
    RubWimImage *image;
    GString *parents;
    guint depth;
    GString *text;
} Parser;

static const struct {
    const char *path;
    gsize offset;
} texts[] = {
    {"/WIM/IMAGE/NAME", G_STRUCT_OFFSET(RubWimImage, name)},
    {"/WIM/IMAGE/DISPLAYNAME", G_STRUCT_OFFSET(RubWimImage, display_name)},
    {"/WIM/IMAGE/DESCRIPTION", G_STRUCT_OFFSET(RubWimImage, description)},
    {"/WIM/IMAGE/WINDOWS/EDITIONID", G_STRUCT_OFFSET(RubWimImage, edition)},
    {"/WIM/IMAGE/WINDOWS/INSTALLATIONTYPE", G_STRUCT_OFFSET(RubWimImage, installation_type)},
};

static const struct {
    const char *path;
    gsize offset;
} numbers[] = {
    {"/WIM/IMAGE/WINDOWS/VERSION/MAJOR", G_STRUCT_OFFSET(RubWimImage, major)},
    {"/WIM/IMAGE/WINDOWS/VERSION/MINOR", G_STRUCT_OFFSET(RubWimImage, minor)},
    {"/WIM/IMAGE/WINDOWS/VERSION/BUILD", G_STRUCT_OFFSET(RubWimImage, build)},
    {"/WIM/IMAGE/WINDOWS/VERSION/SPBUILD", G_STRUCT_OFFSET(RubWimImage, service_build)},
};

/* PROCESSOR_ARCHITECTURE_* of the Windows SDK. */
static RubMachine
find_machine(guint64 number)
{
    switch (number) {
    case 0:
        return RUB_MACHINE_X86;
    case 5:
        return RUB_MACHINE_ARM;
    case 6:
        return RUB_MACHINE_IA64;
    case 9:
        return RUB_MACHINE_X64;
    case 12:
        return RUB_MACHINE_ARM64;
    default:
        return RUB_MACHINE_OTHER;
    }
}

static void
image_free(RubWimImage *image)
{
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(G_STRUCT_MEMBER(char *, image, texts[i].offset));
    g_ptr_array_unref(image->languages);
    g_free(image);
}

static void
set_field(RubWimImage *image, const char *path, const char *text)
{
    guint64 number;
    gboolean is_number = g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &number, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        char **field = G_STRUCT_MEMBER_P(image, texts[i].offset);
        if (strcmp(texts[i].path, path) == 0 && *field == NULL)
            *field = g_strdup(text);
    }
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (is_number && strcmp(numbers[i].path, path) == 0)
            G_STRUCT_MEMBER(guint, image, numbers[i].offset) = (guint) number;
    }
    if (is_number && strcmp(path, "/WIM/IMAGE/WINDOWS/ARCH") == 0)
        image->machine = find_machine(number);
    if (strcmp(path, "/WIM/IMAGE/WINDOWS/LANGUAGES/LANGUAGE") == 0)
        g_ptr_array_add(image->languages, g_strdup(text));
}

static void
on_start(GMarkupParseContext *context, const char *element, const char **names, const char **values,
         gpointer user_data, GError **error)
{
    Parser *self = user_data;
    if (self->depth == MAX_DEPTH) {
        g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "too deep");
        return;
    }
    self->depth++;
    g_string_append_printf(self->parents, "/%s", element);
    g_string_truncate(self->text, 0);
    if (strcmp(self->parents->str, "/WIM/IMAGE") == 0) {
        self->image = g_new0(RubWimImage, 1);
        self->image->languages = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(self->images, self->image);
    }
}

static void
on_end(GMarkupParseContext *context, const char *element, gpointer user_data, GError **error)
{
    Parser *self = user_data;
    if (self->image != NULL)
        set_field(self->image, self->parents->str, g_strstrip(self->text->str));
    if (strcmp(self->parents->str, "/WIM/IMAGE") == 0)
        self->image = NULL;
    g_string_truncate(self->text, 0);
    g_string_truncate(self->parents, self->parents->len - strlen(element) - 1);
    self->depth--;
}

static void
on_text(GMarkupParseContext *context, const char *text, gsize size, gpointer user_data,
        GError **error)
{
    Parser *self = user_data;
    g_string_append_len(self->text, text, (gssize) size);
}

static char *
to_utf8(const guint8 *xml, gsize size)
{
    RubBytes bytes = rub_bytes(xml, size);
    gsize start = rub_bytes_u16le(&bytes, 0) == 0xfeff ? 2 : 0;
    g_autofree gunichar2 *units = g_new0(gunichar2, size / 2 + 1);
    for (gsize at = start; at + 2 <= size; at += 2)
        units[(at - start) / 2] = rub_bytes_u16le(&bytes, at);
    return g_utf16_to_utf8(units, -1, NULL, NULL, NULL);
}

gboolean
rub_wim_parse_xml(RubWim *self, const guint8 *xml, gsize size)
{
    static const GMarkupParser callbacks = {
        .start_element = on_start,
        .end_element = on_end,
        .text = on_text,
    };
    g_autofree char *utf8 = to_utf8(xml, size);
    if (utf8 == NULL)
        return FALSE;
    g_autoptr(GString) parents = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func((GDestroyNotify) image_free);
    Parser parser = {.images = images, .parents = parents, .text = text};
    g_autoptr(GMarkupParseContext) context =
        g_markup_parse_context_new(&callbacks, G_MARKUP_TREAT_CDATA_AS_TEXT, &parser, NULL);
    if (!g_markup_parse_context_parse(context, utf8, -1, NULL) ||
        !g_markup_parse_context_end_parse(context, NULL))
        return FALSE;
    g_ptr_array_unref(self->images);
    self->images = g_steal_pointer(&images);
    return TRUE;
}
