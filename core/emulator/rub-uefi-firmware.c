/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "emulator/rub-uefi-firmware.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

/* Debian, Fedora, Arch Linux and openSUSE keep their firmware in different places, but all of them
 * describe it as QEMU's docs/interop/firmware.json says: JSON files, preferred ones first in the
 * order of their names; those of the administrator and of the user stand for those of the
 * distribution, and an empty one makes it disappear. */
#define MACHINE_PREFIX "pc-q35-"

void
rub_uefi_firmware_free(RubUefiFirmware *self)
{
    g_free(self->code_path);
    g_free(self->code_format);
    g_free(self->variables_path);
    g_free(self->variables_format);
    g_free(self);
}

/* The strings at a JSONPath, up to the first that is none. */
static GStrv
get_strings(JsonNode *root, const char *path)
{
    g_autoptr(JsonNode) found = json_path_query(path, root, NULL);
    JsonArray *array = found ? json_node_get_array(found) : NULL;
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);
        if (json_node_get_value_type(node) != G_TYPE_STRING)
            break;
        g_strv_builder_add(builder, json_node_get_string(node));
    }
    return g_strv_builder_end(builder);
}

static gboolean
has_string(JsonNode *root, const char *path, const char *wanted)
{
    g_auto(GStrv) strings = get_strings(root, path);
    return g_strv_contains((const char *const *) strings, wanted);
}

static gboolean
is_for_our_machine(JsonNode *root)
{
    g_auto(GStrv) machines = get_strings(root, "$.targets[*].machines[*]");
    for (char **machine = machines; *machine; machine++) {
        if (g_str_has_prefix(*machine, MACHINE_PREFIX))
            return has_string(root, "$.targets[*].architecture", "x86_64");
    }
    return FALSE;
}

/* Without "mode" it is "split": a file with the program and one with the variables. */
static gboolean
is_split(JsonNode *root)
{
    g_auto(GStrv) modes = get_strings(root, "$.mapping.mode");
    return !*modes || strcmp(*modes, "split") == 0;
}

/* A stick whose loader is not signed must start too, and Secure Boot needs another machine. */
static gboolean
fits(JsonNode *root)
{
    return has_string(root, "$['interface-types'][*]", "uefi") &&
           has_string(root, "$.mapping.device", "flash") && is_split(root) &&
           is_for_our_machine(root) && !has_string(root, "$.features[*]", "secure-boot") &&
           !has_string(root, "$.features[*]", "requires-smm") &&
           !has_string(root, "$.features[*]", "enrolled-keys");
}

static char *
take_string(JsonNode *root, const char *path)
{
    g_auto(GStrv) strings = get_strings(root, path);
    return g_strdup(*strings);
}

static gboolean
can_be_used(const char *path, const char *format)
{
    return path && (g_strcmp0(format, "raw") == 0 || g_strcmp0(format, "qcow2") == 0) &&
           access(path, R_OK) == 0;
}

static RubUefiFirmware *
read_description(const char *path)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    JsonNode *root =
        json_parser_load_from_file(parser, path, NULL) ? json_parser_get_root(parser) : NULL;
    if (!root || !fits(root))
        return NULL;
    g_autoptr(RubUefiFirmware) self = g_new0(RubUefiFirmware, 1);
    self->code_path = take_string(root, "$.mapping.executable.filename");
    self->code_format = take_string(root, "$.mapping.executable.format");
    self->variables_path = take_string(root, "$.mapping['nvram-template'].filename");
    self->variables_format = take_string(root, "$.mapping['nvram-template'].format");
    gboolean is_whole = can_be_used(self->code_path, self->code_format) &&
                        can_be_used(self->variables_path, self->variables_format);
    return is_whole ? g_steal_pointer(&self) : NULL;
}

static void
collect(GTree *descriptions, const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        if (g_str_has_suffix(name, ".json"))
            g_tree_replace(descriptions, g_strdup(name), g_build_filename(folder, name, NULL));
    }
}

static int
compare_names(gconstpointer a, gconstpointer b, gpointer user_data)
{
    return strcmp(a, b);
}

RubUefiFirmware *
rub_uefi_firmware_find(const char *const *folders)
{
    g_autoptr(GTree) descriptions = g_tree_new_full(compare_names, NULL, g_free, g_free);
    for (; *folders; folders++)
        collect(descriptions, *folders);
    RubUefiFirmware *found = NULL;
    GTreeNode *node = g_tree_node_first(descriptions);
    for (; node && !found; node = g_tree_node_next(node))
        found = read_description(g_tree_node_value(node));
    return found;
}

RubUefiFirmware *
rub_uefi_firmware_find_installed(void)
{
    g_autofree char *own = g_build_filename(g_get_user_config_dir(), "qemu", "firmware", NULL);
    const char *const folders[] = {"/usr/share/qemu/firmware", "/etc/qemu/firmware", own, NULL};
    return rub_uefi_firmware_find(folders);
}
