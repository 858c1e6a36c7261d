/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-wim-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>
#include <wimlib.h>

#include "base/rub-error.h"
#include "source/rub-wim-layout.h"
#include "source/rub-wim.h"

/* Metadata of a whole Windows has some 20 MiB; media with twenty editions stay below this. */
#define MAX_COPIED_BYTES ((guint64) 1024 * 1024 * 1024)
#define PIECE_BYTES ((gsize) 1024 * 1024)

/* A WIM of which only what is needed was copied; the rest of the file is a hole. */
typedef struct {
    const RubSource *source;
    const RubEntry *wim;
    char *folder;
    char *path;
    int fd;
    guint64 left_bytes;
} Stub;

static gboolean
set_stub_error(const Stub *self, const char *sentence, GError **error)
{
    rub_error_set_errno(error, RUB_CODE_IMAGE_UNREADABLE, errno, sentence, "path", self->wim->path,
                        NULL);
    return FALSE;
}

static gboolean
stub_open(Stub *self, GError **error)
{
    self->folder = g_dir_make_tmp("rescue-usb-XXXXXX", NULL);
    if (!self->folder)
        return set_stub_error(self, N_("cannot make a temporary file to look into {path}"), error);
    self->path = g_build_filename(self->folder, "stub.wim", NULL);
    self->fd = open(self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (self->fd < 0 || ftruncate(self->fd, (off_t) self->wim->size_bytes) != 0)
        return set_stub_error(self, N_("cannot make a temporary file to look into {path}"), error);
    return TRUE;
}

static void
remove_in_folder(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_unlink(path);
}

static void
stub_clear(Stub *self)
{
    if (self->fd >= 0)
        close(self->fd);
    g_autoptr(GDir) dir = self->folder ? g_dir_open(self->folder, 0, NULL) : NULL;
    for (const char *name; dir && (name = g_dir_read_name(dir)) != NULL;)
        remove_in_folder(self->folder, name);
    if (self->folder)
        g_rmdir(self->folder);
    g_free(self->folder);
    g_free(self->path);
}

/* What does not fit into the limits is left out: libwim then finds it damaged. */
static gboolean
stub_copy(Stub *self, guint64 offset_bytes, guint64 size_bytes, GError **error)
{
    g_autofree guint8 *buffer = g_malloc(PIECE_BYTES);
    RubWimResource range = {.stored_bytes = size_bytes, .offset_bytes = offset_bytes};
    if (!rub_wim_resource_is_inside(&range, self->wim->size_bytes) || size_bytes > self->left_bytes)
        return TRUE;
    self->left_bytes -= size_bytes;
    for (gsize size; size_bytes > 0; size_bytes -= size, offset_bytes += size) {
        size = MIN(PIECE_BYTES, size_bytes);
        if (!rub_source_read(self->source, self->wim, offset_bytes, buffer, size, error))
            return FALSE;
        if (pwrite(self->fd, buffer, size, (off_t) offset_bytes) != (ssize_t) size)
            return set_stub_error(self, N_("cannot write a temporary file to look into {path}"),
                                  error);
    }
    return TRUE;
}

static gboolean
copy_metadata(Stub *self, const RubWimResource *table, GError **error)
{
    guint8 record[RUB_WIM_LOOKUP_BYTES];
    for (guint64 at = 0; at + sizeof record <= table->stored_bytes; at += sizeof record) {
        if (pread(self->fd, record, sizeof record, (off_t) (table->offset_bytes + at)) !=
            sizeof record)
            return set_stub_error(self, N_("cannot read a temporary file to look into {path}"),
                                  error);
        RubBytes bytes = rub_bytes(record, sizeof record);
        RubWimResource resource = rub_wim_resource_parse(&bytes, 0);
        if ((resource.flags & RUB_WIM_RESOURCE_METADATA) &&
            !stub_copy(self, resource.offset_bytes, resource.stored_bytes, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
copy_tables(Stub *self, GError **error)
{
    guint8 header[RUB_WIM_HEADER_BYTES];
    if (!stub_copy(self, 0, sizeof header, error) ||
        !rub_source_read(self->source, self->wim, 0, header, sizeof header, error))
        return FALSE;
    RubBytes bytes = rub_bytes(header, sizeof header);
    RubWimResource table = rub_wim_resource_parse(&bytes, RUB_WIM_LOOKUP_TABLE_AT);
    RubWimResource xml = rub_wim_resource_parse(&bytes, RUB_WIM_XML_AT);
    if (!rub_wim_resource_is_inside(&table, self->wim->size_bytes))
        return TRUE;
    return stub_copy(self, table.offset_bytes, table.stored_bytes, error) &&
           stub_copy(self, xml.offset_bytes, xml.stored_bytes, error) &&
           (!rub_wim_resource_is_plain(&table) || copy_metadata(self, &table, error));
}

static int
note_resource(const struct wimlib_dir_entry *dentry, void *user_data)
{
    *(struct wimlib_resource_entry *) user_data = dentry->streams[0].resource;
    return 0;
}

/* Unpacks the file beside the stub. Returns whether it could be found and unpacked. */
static gboolean
extract(Stub *self, WIMStruct *wim, int image_index, const char *path, guint64 max_bytes,
        GError **error)
{
    struct wimlib_resource_entry entry = {0};
    if (wimlib_iterate_dir_tree(wim, image_index, path, 0, note_resource, &entry) != 0 ||
        entry.is_missing || entry.packed || entry.uncompressed_size == 0 ||
        entry.uncompressed_size > max_bytes)
        return FALSE;
    return stub_copy(self, entry.offset, entry.compressed_size, error) &&
           wimlib_extract_paths(wim, image_index, self->folder, &path, 1,
                                WIMLIB_EXTRACT_FLAG_NO_PRESERVE_DIR_STRUCTURE |
                                    WIMLIB_EXTRACT_FLAG_NO_ACLS |
                                    WIMLIB_EXTRACT_FLAG_NO_ATTRIBUTES) == 0;
}

/* Under the name that it has in the WIM, in whatever case. */
static GBytes *
read_extracted(const Stub *self)
{
    g_autoptr(GDir) dir = g_dir_open(self->folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(self->folder, name, NULL);
        char *data;
        gsize size;
        if (strcmp(path, self->path) != 0 && g_file_get_contents(path, &data, &size, NULL))
            return g_bytes_new_take(data, size);
    }
    return NULL;
}

/* Windows does not care for case in paths. */
static gpointer
init_libwim(gpointer data)
{
    wimlib_global_init(WIMLIB_INIT_FLAG_ASSUME_UTF8 | WIMLIB_INIT_FLAG_DEFAULT_CASE_INSENSITIVE);
    return NULL;
}

static gboolean
unpack(Stub *self, guint image_index, const char *path, guint64 max_bytes, GBytes **bytes,
       GError **error)
{
    static GOnce once = G_ONCE_INIT;
    WIMStruct *wim = NULL;
    GError *copy_error = NULL;
    g_once(&once, init_libwim, NULL);
    if (wimlib_open_wim(self->path, 0, &wim) != 0)
        return TRUE;
    if (extract(self, wim, (int) image_index, path, max_bytes, &copy_error))
        *bytes = read_extracted(self);
    wimlib_free(wim);
    if (!copy_error)
        return TRUE;
    g_propagate_error(error, copy_error);
    return FALSE;
}

gboolean
rub_wim_read_file(const RubSource *source, const RubEntry *wim, guint image_index, const char *path,
                  guint64 max_bytes, GBytes **bytes, GError **error)
{
    *bytes = NULL;
    if (wim->kind != RUB_ENTRY_FILE || wim->size_bytes < RUB_WIM_HEADER_BYTES)
        return TRUE;
    Stub stub = {.source = source, .wim = wim, .fd = -1, .left_bytes = MAX_COPIED_BYTES};
    gboolean is_done = stub_open(&stub, error) && copy_tables(&stub, error) &&
                       unpack(&stub, image_index, path, max_bytes, bytes, error);
    stub_clear(&stub);
    return is_done;
}
