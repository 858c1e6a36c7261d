/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

/* File entries mostly lie next to each other: one read serves 4 of them at 2048 bytes a block, and
 * the kernel reads ahead further. Larger windows gain nothing there, and cost four times the time
 * where every file entry lies before its file's data. A few windows are kept because the walk
 * alternates between folders and file entries. */
#define WINDOW_SIZE 8192u
#define WINDOW_COUNT 16u

typedef struct {
    guint64 offset_bytes;
    gsize size_bytes; /* 0: not filled */
    guint8 data[WINDOW_SIZE];
} Window;

struct _RubUdfReader {
    RubImageFile *file;
    Window windows[WINDOW_COUNT];
};

RubUdfReader *
rub_udf_reader_new(RubImageFile *file)
{
    RubUdfReader *self = g_new0(RubUdfReader, 1);
    self->file = rub_image_file_ref(file);
    return self;
}

void
rub_udf_reader_free(RubUdfReader *self)
{
    rub_image_file_unref(self->file);
    g_free(self);
}

guint64
rub_udf_reader_get_size_bytes(const RubUdfReader *self)
{
    return rub_image_file_get_size_bytes(self->file);
}

static void
set_too_short(RubUdfReader *self, guint64 end_bytes, GError **error)
{
    guint64 image_bytes = rub_udf_reader_get_size_bytes(self);
    g_autofree char *name = g_filename_display_basename(rub_image_file_get_path(self->file));
    g_autofree char *size = g_format_size(image_bytes);
    g_autofree char *missing =
        g_format_size_full(end_bytes - image_bytes, G_FORMAT_SIZE_LONG_FORMAT);
    rub_error_set_text(error, RUB_CODE_IMAGE_INCOMPLETE,
                       N_("{path} is incomplete: it has {size}, and its UDF volume refers to data "
                          "up to {missing} behind its end"),
                       "path", name, "size", size, "missing", missing, NULL);
}

gboolean
rub_udf_reader_check(RubUdfReader *self, guint64 offset_bytes, guint64 size_bytes, GError **error)
{
    guint64 image_bytes = rub_udf_reader_get_size_bytes(self);
    guint64 end_bytes;
    if (!g_uint64_checked_add(&end_bytes, offset_bytes, size_bytes))
        end_bytes = G_MAXUINT64;
    if (end_bytes <= image_bytes)
        return TRUE;
    set_too_short(self, end_bytes, error);
    return FALSE;
}

/* A window that cannot be read (a scratch on a disc) is no error yet: what is wanted may be. */
static gboolean
fill_window(RubUdfReader *self, Window *window, guint64 offset_bytes)
{
    guint64 left = rub_udf_reader_get_size_bytes(self) - offset_bytes;
    window->offset_bytes = offset_bytes;
    window->size_bytes = (gsize) MIN(left, WINDOW_SIZE);
    if (rub_image_file_read(self->file, offset_bytes, window->data, window->size_bytes, NULL))
        return TRUE;
    window->size_bytes = 0;
    return FALSE;
}

gboolean
rub_udf_reader_read(RubUdfReader *self, guint64 offset_bytes, void *buffer, gsize size_bytes,
                    GError **error)
{
    if (!rub_udf_reader_check(self, offset_bytes, size_bytes, error))
        return FALSE;
    guint64 start_bytes = offset_bytes / WINDOW_SIZE * WINDOW_SIZE;
    gsize skip = (gsize) (offset_bytes - start_bytes);
    Window *window = &self->windows[start_bytes / WINDOW_SIZE % WINDOW_COUNT];
    gboolean filled = window->size_bytes > 0 && window->offset_bytes == start_bytes;
    if (skip + size_bytes > WINDOW_SIZE || (!filled && !fill_window(self, window, start_bytes)))
        return rub_image_file_read(self->file, offset_bytes, buffer, size_bytes, error);
    memcpy(buffer, window->data + skip, size_bytes);
    return TRUE;
}

gboolean
rub_udf_reader_read_extents(RubUdfReader *self, const GArray *extents, guint8 *buffer,
                            gsize size_bytes, GError **error)
{
    for (guint i = 0; i < extents->len && size_bytes > 0; i++) {
        const RubExtent *extent = &g_array_index(extents, RubExtent, i);
        gsize take = (gsize) MIN(extent->size_bytes, size_bytes);
        if (extent->offset_bytes == RUB_EXTENT_HOLE)
            memset(buffer, 0, take);
        else if (!rub_image_file_read(self->file, extent->offset_bytes, buffer, take, error))
            return FALSE;
        buffer += take;
        size_bytes -= take;
    }
    return TRUE;
}
