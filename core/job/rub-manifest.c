/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-manifest.h"

#include <json-glib/json-glib.h>

static void
rub_manifest_file_free(gpointer data)
{
    RubManifestFile *self = data;
    g_free(self->path);
    g_free(self);
}

static void
rub_manifest_saved_free(gpointer data)
{
    RubManifestSaved *self = data;
    g_free(self->path);
    g_free(self->saved_as);
    g_free(self);
}

RubManifest *
rub_manifest_new(void)
{
    RubManifest *self = g_new0(RubManifest, 1);
    self->tool_version = g_strdup(RUB_VERSION);
    self->folders = g_ptr_array_new_with_free_func(g_free);
    self->files = g_ptr_array_new_with_free_func(rub_manifest_file_free);
    self->saved = g_ptr_array_new_with_free_func(rub_manifest_saved_free);
    return self;
}

void
rub_manifest_free(RubManifest *self)
{
    g_free(self->tool_version);
    g_free(self->created);
    g_free(self->mode);
    g_free(self->firmware);
    g_free(self->image_name);
    g_free(self->image_volume_name);
    g_ptr_array_unref(self->folders);
    g_ptr_array_unref(self->files);
    g_ptr_array_unref(self->saved);
    g_free(self);
}

RubManifestFile *
rub_manifest_add_file(RubManifest *self, const char *path, guint64 size_bytes, const char *digest)
{
    RubManifestFile *file = g_new0(RubManifestFile, 1);
    file->path = g_strdup(path);
    file->size_bytes = size_bytes;
    g_strlcpy(file->digest, digest, sizeof file->digest);
    g_ptr_array_add(self->files, file);
    return file;
}

void
rub_manifest_add_saved(RubManifest *self, const char *path, const char *saved_as,
                       guint64 size_bytes, const char *digest)
{
    RubManifestSaved *saved = g_new0(RubManifestSaved, 1);
    saved->path = g_strdup(path);
    saved->saved_as = g_strdup(saved_as);
    saved->size_bytes = size_bytes;
    g_strlcpy(saved->digest, digest, sizeof saved->digest);
    g_ptr_array_add(self->saved, saved);
}

gboolean
rub_manifest_can_be_undone(const RubManifest *self)
{
    return g_strcmp0(self->mode, RUB_MANIFEST_MODE_KEEP) == 0;
}

static void
add_string(JsonBuilder *builder, const char *name, const char *value)
{
    json_builder_set_member_name(builder, name);
    if (value)
        json_builder_add_string_value(builder, value);
    else
        json_builder_add_null_value(builder);
}

static void
add_number(JsonBuilder *builder, const char *name, guint64 value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, (gint64) value);
}

static void
add_boolean(JsonBuilder *builder, const char *name, gboolean value)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_boolean_value(builder, value);
}

static void
begin_object(JsonBuilder *builder, const char *name)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_object(builder);
}

static void
add_image(JsonBuilder *builder, const RubManifest *self)
{
    begin_object(builder, "image");
    add_string(builder, "name", self->image_name);
    add_string(builder, "volume_name", self->image_volume_name);
    add_number(builder, "size", self->image_size_bytes);
    if (*self->image_digest)
        add_string(builder, "digest", self->image_digest);
    json_builder_end_object(builder);
}

static void
add_place(JsonBuilder *builder, const RubManifest *self)
{
    const RubNewVolume *volume = &self->volume;
    begin_object(builder, "disk");
    add_number(builder, "sector_size", self->sector_size);
    add_number(builder, "signature", volume->disk_signature);
    json_builder_end_object(builder);
    begin_object(builder, "partition");
    add_number(builder, "number", self->partition_number);
    add_number(builder, "start_lba", volume->start_lba);
    add_number(builder, "sector_count", volume->sector_count);
    add_number(builder, "type", volume->mbr_type);
    add_boolean(builder, "active", volume->is_active);
    json_builder_end_object(builder);
    begin_object(builder, "filesystem");
    add_string(builder, "type",
               volume->filesystem == RUB_FILESYSTEM_NTFS ? RUB_MANIFEST_NTFS : RUB_MANIFEST_FAT32);
    add_number(builder, "id", volume->volume_id);
    add_string(builder, "label", volume->label);
    json_builder_end_object(builder);
}

static void
add_boot(JsonBuilder *builder, const RubManifest *self)
{
    begin_object(builder, "boot");
    if (*self->mbr_code)
        add_string(builder, "mbr_code", self->mbr_code);
    if (*self->boot_record)
        add_string(builder, "boot_record", self->boot_record);
    json_builder_end_object(builder);
}

static void
add_contents(JsonBuilder *builder, const RubManifest *self)
{
    json_builder_set_member_name(builder, "folders");
    json_builder_begin_array(builder);
    for (guint i = 0; i < self->folders->len; i++)
        json_builder_add_string_value(builder, g_ptr_array_index(self->folders, i));
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "files");
    json_builder_begin_array(builder);
    for (guint i = 0; i < self->files->len; i++) {
        const RubManifestFile *file = g_ptr_array_index(self->files, i);
        json_builder_begin_object(builder);
        add_string(builder, "path", file->path);
        add_number(builder, "size", file->size_bytes);
        add_string(builder, "digest", file->digest);
        if (file->is_earlier)
            add_boolean(builder, "earlier", TRUE);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

/* What a build that kept files can be taken off with. */
static void
add_undo(JsonBuilder *builder, const RubManifest *self)
{
    begin_object(builder, "undo");
    add_boolean(builder, "made_table", self->made_table);
    add_boolean(builder, "made_partition", self->made_partition);
    if (*self->boot_sectors_digest)
        add_string(builder, "boot_sectors", self->boot_sectors_digest);
    json_builder_set_member_name(builder, "replaced");
    json_builder_begin_array(builder);
    for (guint i = 0; i < self->saved->len; i++) {
        const RubManifestSaved *saved = g_ptr_array_index(self->saved, i);
        json_builder_begin_object(builder);
        add_string(builder, "path", saved->path);
        add_string(builder, "saved_as", saved->saved_as);
        add_number(builder, "size", saved->size_bytes);
        add_string(builder, "digest", saved->digest);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    json_builder_end_object(builder);
}

GBytes *
rub_manifest_to_json(const RubManifest *self)
{
    g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
    json_builder_begin_object(builder);
    add_number(builder, "manifest", RUB_MANIFEST_VERSION);
    add_string(builder, "state", self->is_complete ? "complete" : "pending");
    add_string(builder, "tool", "rescue-usb-builder");
    add_string(builder, "tool_version", self->tool_version);
    add_string(builder, "created", self->created);
    add_string(builder, "mode", self->mode);
    add_string(builder, "firmware", self->firmware);
    add_string(builder, "digest", RUB_DIGEST_NAME);
    add_image(builder, self);
    add_place(builder, self);
    add_boot(builder, self);
    add_contents(builder, self);
    if (rub_manifest_can_be_undone(self))
        add_undo(builder, self);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    char *text = json_to_string(root, FALSE);
    return g_bytes_new_take(text, strlen(text));
}
