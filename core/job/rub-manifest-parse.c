/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>
#include <string.h>

#include "base/rub-error.h"
#include "job/rub-manifest.h"
#include "volume/rub-fat-path.h"
#include "volume/rub-records.h"

/* What a manifest has at most: json-glib recurses for each level, and keeps some hundred bytes for
 * each value. */
#define MAX_DEPTH 8
#define MAX_VALUES 2000000
#define MAX_STRING_BYTES 4096
#define MAX_SECTOR_BYTES 4096

/* Reads members of objects; what is wrong is noted once and ends in one error. */
typedef struct {
    const char *fault;
} Reader;

static void
set_fault(Reader *self, const char *member)
{
    if (!self->fault)
        self->fault = member;
}

static JsonNode *
get_member(Reader *self, JsonObject *object, const char *name, JsonNodeType type)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;
    if (!node || JSON_NODE_HOLDS_NULL(node))
        return NULL;
    if (JSON_NODE_TYPE(node) == type)
        return node;
    set_fault(self, name);
    return NULL;
}

static JsonObject *
get_object(Reader *self, JsonObject *object, const char *name)
{
    JsonNode *node = get_member(self, object, name, JSON_NODE_OBJECT);
    return node ? json_node_get_object(node) : NULL;
}

/* NULL where there is none. */
static const char *
get_string(Reader *self, JsonObject *object, const char *name)
{
    JsonNode *node = get_member(self, object, name, JSON_NODE_VALUE);
    if (!node)
        return NULL;
    const char *value =
        json_node_get_value_type(node) == G_TYPE_STRING ? json_node_get_string(node) : NULL;
    if (!value || strlen(value) > MAX_STRING_BYTES) {
        set_fault(self, name);
        return NULL;
    }
    return value;
}

/* 0 where there is none. */
static guint64
get_number(Reader *self, JsonObject *object, const char *name, guint64 max)
{
    JsonNode *node = get_member(self, object, name, JSON_NODE_VALUE);
    if (!node)
        return 0;
    gint64 value =
        json_node_get_value_type(node) == G_TYPE_INT64 ? json_node_get_int(node) : G_MININT64;
    if (value < 0 || (guint64) value > max) {
        set_fault(self, name);
        return 0;
    }
    return (guint64) value;
}

static gboolean
get_boolean(Reader *self, JsonObject *object, const char *name)
{
    JsonNode *node = get_member(self, object, name, JSON_NODE_VALUE);
    if (!node)
        return FALSE;
    if (json_node_get_value_type(node) != G_TYPE_BOOLEAN)
        set_fault(self, name);
    return json_node_get_boolean(node);
}

static void
get_digest(Reader *self, JsonObject *object, const char *name, char digest[RUB_DIGEST_TEXT_BYTES])
{
    const char *text = get_string(self, object, name);
    if (!text)
        return;
    gsize length = strspn(text, "0123456789abcdef");
    if (length != RUB_DIGEST_TEXT_BYTES - 1 || text[length] != '\0')
        set_fault(self, name);
    else
        memcpy(digest, text, RUB_DIGEST_TEXT_BYTES);
}

/* A file that could not be compared with anything would count as changed for ever. */
static void
get_needed_digest(Reader *self, JsonObject *object, char digest[RUB_DIGEST_TEXT_BYTES])
{
    get_digest(self, object, "digest", digest);
    if (*digest == '\0')
        set_fault(self, "digest");
}

static const char *
check_path(Reader *self, const char *path)
{
    if (path && rub_fat_path_is_safe(path))
        return path;
    set_fault(self, "path");
    return "";
}

static void
read_file(Reader *self, RubManifest *manifest, JsonObject *object)
{
    char digest[RUB_DIGEST_TEXT_BYTES] = "";
    const char *path = check_path(self, get_string(self, object, "path"));
    guint64 size_bytes = get_number(self, object, "size", RUB_RECORDS_MAX_FILE_BYTES);
    get_needed_digest(self, object, digest);
    RubManifestFile *file = rub_manifest_add_file(manifest, path, size_bytes, digest);
    file->is_earlier = get_boolean(self, object, "earlier");
}

static void
read_saved(Reader *self, RubManifest *manifest, JsonObject *object)
{
    char digest[RUB_DIGEST_TEXT_BYTES] = "";
    const char *path = check_path(self, get_string(self, object, "path"));
    const char *saved_as = check_path(self, get_string(self, object, "saved_as"));
    guint64 size_bytes = get_number(self, object, "size", RUB_RECORDS_MAX_FILE_BYTES);
    get_needed_digest(self, object, digest);
    rub_manifest_add_saved(manifest, path, saved_as, size_bytes, digest);
}

static void
read_objects(Reader *self, RubManifest *manifest, JsonObject *object, const char *name,
             void (*read_one)(Reader *, RubManifest *, JsonObject *))
{
    JsonNode *node = get_member(self, object, name, JSON_NODE_ARRAY);
    JsonArray *array = node ? json_node_get_array(node) : NULL;
    for (guint i = 0; array && !self->fault && i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);
        if (JSON_NODE_HOLDS_OBJECT(element))
            read_one(self, manifest, json_node_get_object(element));
        else
            set_fault(self, name);
    }
}

static void
read_folders(Reader *self, RubManifest *manifest, JsonObject *object)
{
    JsonNode *node = get_member(self, object, "folders", JSON_NODE_ARRAY);
    JsonArray *array = node ? json_node_get_array(node) : NULL;
    for (guint i = 0; array && !self->fault && i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);
        gboolean is_text =
            JSON_NODE_HOLDS_VALUE(element) && json_node_get_value_type(element) == G_TYPE_STRING;
        const char *path = check_path(self, is_text ? json_node_get_string(element) : NULL);
        g_ptr_array_add(manifest->folders, g_strdup(path));
    }
}

static void
read_place(Reader *self, RubManifest *manifest, JsonObject *root)
{
    RubNewVolume *volume = &manifest->volume;
    JsonObject *disk = get_object(self, root, "disk");
    JsonObject *partition = get_object(self, root, "partition");
    JsonObject *filesystem = get_object(self, root, "filesystem");
    manifest->sector_size = (guint) get_number(self, disk, "sector_size", MAX_SECTOR_BYTES);
    volume->disk_signature = (guint32) get_number(self, disk, "signature", G_MAXUINT32);
    volume->number = (guint) get_number(self, partition, "number", G_MAXUINT8);
    volume->start_lba = get_number(self, partition, "start_lba", G_MAXUINT32);
    volume->sector_count = get_number(self, partition, "sector_count", G_MAXUINT32);
    volume->mbr_type = (guint8) get_number(self, partition, "type", G_MAXUINT8);
    volume->is_active = get_boolean(self, partition, "active");
    volume->volume_id = (guint32) get_number(self, filesystem, "id", G_MAXUINT32);
    if (g_strcmp0(get_string(self, filesystem, "type"), RUB_MANIFEST_NTFS) == 0)
        volume->filesystem = RUB_FILESYSTEM_NTFS;
    const char *label = get_string(self, filesystem, "label");
    g_strlcpy(volume->label, label ? label : "", sizeof volume->label);
    manifest->partition_number = volume->number;
}

static void
read_words(Reader *self, RubManifest *manifest, JsonObject *root)
{
    JsonObject *image = get_object(self, root, "image");
    manifest->is_complete = g_strcmp0(get_string(self, root, "state"), "complete") == 0;
    g_free(manifest->tool_version);
    manifest->tool_version = g_strdup(get_string(self, root, "tool_version"));
    manifest->created = g_strdup(get_string(self, root, "created"));
    manifest->mode = g_strdup(get_string(self, root, "mode"));
    manifest->firmware = g_strdup(get_string(self, root, "firmware"));
    manifest->image_name = g_strdup(get_string(self, image, "name"));
    manifest->image_volume_name = g_strdup(get_string(self, image, "volume_name"));
    manifest->image_size_bytes = get_number(self, image, "size", G_MAXINT64);
    get_digest(self, image, "digest", manifest->image_digest);
}

static void
read_all(Reader *self, RubManifest *manifest, JsonObject *root)
{
    JsonObject *boot = get_object(self, root, "boot");
    JsonObject *undo = get_object(self, root, "undo");
    read_words(self, manifest, root);
    read_place(self, manifest, root);
    get_digest(self, boot, "mbr_code", manifest->mbr_code);
    get_digest(self, boot, "boot_record", manifest->boot_record);
    read_folders(self, manifest, root);
    read_objects(self, manifest, root, "files", read_file);
    read_objects(self, manifest, undo, "replaced", read_saved);
    get_digest(self, undo, "boot_sectors", manifest->boot_sectors_digest);
    manifest->made_table = get_boolean(self, undo, "made_table");
    manifest->made_partition = get_boolean(self, undo, "made_partition");
}

/* Looks at brackets and commas before anything is kept. Outside of strings only what JSON knows may
 * stand: the parser takes comments, too, in which a quotation mark would hide all that follows. */
static gboolean
is_modest(const char *text, gsize size_bytes)
{
    static const char allowed[] = "{}[]:,\"+-.0123456789Etruefalsn \t\r\n";
    guint depth = 0;
    guint values = 0;
    gboolean is_in_string = FALSE;
    if (size_bytes > RUB_MANIFEST_MAX_BYTES)
        return FALSE;
    for (gsize i = 0; i < size_bytes; i++) {
        if (is_in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            is_in_string = !is_in_string;
        if (is_in_string)
            continue;
        depth += text[i] == '[' || text[i] == '{';
        depth -= depth > 0 && (text[i] == ']' || text[i] == '}');
        values += text[i] == ',' || text[i] == ':';
        if (!memchr(allowed, text[i], sizeof allowed - 1) || depth > MAX_DEPTH ||
            values > MAX_VALUES)
            return FALSE;
    }
    return TRUE;
}

static void
refuse(GError **error, const char *reason)
{
    rub_error_set_text(error, RUB_CODE_VERIFY_FAILED,
                       N_("the record of the build is damaged: {details}"), "details", reason,
                       NULL);
}

static RubManifest *
read_root(JsonObject *root, GError **error)
{
    Reader reader = {0};
    guint64 version = get_number(&reader, root, "manifest", G_MAXUINT32);
    if (version > RUB_MANIFEST_VERSION) {
        rub_error_set_text(error, RUB_CODE_NOT_OUR_STICK,
                           N_("the stick was made by a newer version of this program"), NULL);
        return NULL;
    }
    if (version == 0)
        set_fault(&reader, "manifest");
    g_autoptr(RubManifest) manifest = rub_manifest_new();
    if (!reader.fault)
        read_all(&reader, manifest, root);
    if (!reader.fault)
        return g_steal_pointer(&manifest);
    g_autofree char *reason = g_strdup_printf("its member “%s” is not right", reader.fault);
    refuse(error, reason);
    return NULL;
}

RubManifest *
rub_manifest_parse(GBytes *json, GError **error)
{
    gsize size_bytes;
    const char *text = g_bytes_get_data(json, &size_bytes);
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    if (size_bytes == 0 || !is_modest(text, size_bytes)) {
        refuse(error, size_bytes == 0 ? "it is empty" : "it is larger than any build makes it");
        return NULL;
    }
    if (!json_parser_load_from_data(parser, text, (gssize) size_bytes, NULL)) {
        refuse(error, "it cannot be read");
        return NULL;
    }
    JsonNode *root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        refuse(error, "it cannot be read");
        return NULL;
    }
    return read_root(json_node_get_object(root), error);
}
