/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-udf-private.h"

struct _RubUdfFolder {
    guint8 *data;
    RubBytes bytes; /* of data: file identifier descriptors, one after the other */
    gsize at;
    GHashTable *names;
};

/* A file identifier descriptor: a name in a folder. */
typedef struct {
    gsize size_bytes;
    guint8 characteristics;
    RubUdfAddress icb;
    const guint8 *name; /* CS0 */
    gsize name_size;
} Identifier;

RubUdfFolder *
rub_udf_folder_new(RubUdfVolume *volume, const RubUdfFile *file, GError **error)
{
    guint8 *data = rub_udf_file_read(volume, file, error);
    if (!data)
        return NULL;
    RubUdfFolder *self = g_new0(RubUdfFolder, 1);
    self->data = data;
    self->bytes = rub_bytes(data, (gsize) file->data->size_bytes);
    self->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return self;
}

void
rub_udf_folder_free(RubUdfFolder *self)
{
    g_hash_table_unref(self->names);
    g_free(self->data);
    g_free(self);
}

/* The tag's location is not checked: an embedded folder or one that was moved would need it to be
 * rewritten in every name, and not all writers do. The CRC is. */
static gboolean
parse_identifier(RubUdfFolder *self, Identifier *identifier, GError **error)
{
    gsize implementation_size =
        rub_bytes_u16le(&self->bytes, self->at + RUB_UDF_FID_IMPLEMENTATION_SIZE);
    gsize name_size = rub_bytes_u8(&self->bytes, self->at + RUB_UDF_FID_NAME_SIZE);
    gsize name_offset = RUB_UDF_FID_FIXED_SIZE + implementation_size;
    gsize size = (name_offset + name_size + 3) / 4 * 4; /* padded: ECMA-167 4/14.4.9 */
    RubBytes bytes = rub_bytes_slice(&self->bytes, self->at, size);
    if (bytes.overrun || rub_udf_tag_get_identifier(&bytes) != RUB_UDF_ID_FILE_IDENTIFIER ||
        !rub_udf_tag_check(&bytes, self->at, NULL)) {
        rub_udf_set_damaged(error, "no valid entry at byte %" G_GSIZE_FORMAT " of the folder",
                            self->at);
        return FALSE;
    }
    *identifier = (Identifier){
        .size_bytes = size,
        .characteristics = rub_bytes_u8(&bytes, RUB_UDF_FID_CHARACTERISTICS),
        .icb = rub_udf_address_parse(&bytes, RUB_UDF_FID_ICB),
        .name = bytes.data + name_offset,
        .name_size = name_size,
    };
    return TRUE;
}

static char *
decode_name(RubUdfFolder *self, const Identifier *identifier, GError **error)
{
    g_autofree char *name = rub_udf_name_decode(identifier->name, identifier->name_size);
    if (!name || *name == '\0' || g_str_equal(name, ".") || g_str_equal(name, "..")) {
        rub_udf_set_damaged(error,
                            "the entry at byte %" G_GSIZE_FORMAT " of the folder has no valid name",
                            self->at);
        return NULL;
    }
    if (!g_hash_table_add(self->names, g_strdup(name))) {
        rub_udf_set_damaged(error, "the folder holds the name \"%s\" twice", name);
        return NULL;
    }
    return g_steal_pointer(&name);
}

gboolean
rub_udf_folder_next(RubUdfFolder *self, char **name, RubUdfAddress *icb, GError **error)
{
    Identifier identifier;
    *name = NULL;
    while (!*name && self->at < self->bytes.size) {
        if (!parse_identifier(self, &identifier, error))
            return FALSE;
        if (!(identifier.characteristics & (RUB_UDF_FID_DELETED | RUB_UDF_FID_PARENT))) {
            *name = decode_name(self, &identifier, error);
            *icb = identifier.icb;
            if (!*name)
                return FALSE;
        }
        self->at += identifier.size_bytes;
    }
    return TRUE;
}
