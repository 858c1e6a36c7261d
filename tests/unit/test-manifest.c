/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-manifest.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "base/rub-error.h"

#define DIGEST_1 "00112233445566778899aabbccddeeff"
#define DIGEST_2 "ffeeddccbbaa99887766554433221100"

static RubManifest *
make_manifest(void)
{
    RubManifest *manifest = rub_manifest_new();
    g_free(manifest->tool_version);
    manifest->tool_version = g_strdup("1.2.3");
    manifest->is_complete = TRUE;
    manifest->created = g_strdup("2026-01-02T03:04:05Z");
    manifest->mode = g_strdup("erase");
    manifest->firmware = g_strdup("multi");
    manifest->image_name = g_strdup("r\xc3\xa9scue \"1\".iso");
    manifest->image_volume_name = g_strdup("PE_X64");
    manifest->image_size_bytes = G_GUINT64_CONSTANT(5) << 30;
    manifest->sector_size = 512;
    manifest->partition_number = 1;
    manifest->volume = (RubNewVolume){.start_lba = 2048,
                                      .sector_count = G_MAXUINT32,
                                      .mbr_type = 0x0c,
                                      .is_active = TRUE,
                                      .label = "PE_X64",
                                      .disk_signature = 0xfedcba98,
                                      .volume_id = 0x89abcdef};
    g_strlcpy(manifest->mbr_code, DIGEST_1, sizeof manifest->mbr_code);
    g_strlcpy(manifest->boot_record, DIGEST_2, sizeof manifest->boot_record);
    g_ptr_array_add(manifest->folders, g_strdup("EFI"));
    g_ptr_array_add(manifest->folders, g_strdup("EFI/BOOT"));
    rub_manifest_add_file(manifest, "bootmgr", 400000, DIGEST_1);
    rub_manifest_add_file(manifest, "EFI/BOOT/\xe2\x98\x83", G_MAXUINT32, DIGEST_2);
    return manifest;
}

static char *
to_text(const RubManifest *manifest)
{
    g_autoptr(GBytes) json = rub_manifest_to_json(manifest);
    gsize size_bytes;
    const char *data = g_bytes_get_data(json, &size_bytes);
    return g_strndup(data, size_bytes);
}

/* Sticks with it are out there: this shape may gain members but not change. */
static void
test_the_shape_is_a_promise(void)
{
    g_autoptr(RubManifest) manifest = make_manifest();
    g_autofree char *text = to_text(manifest);
    g_assert_cmpstr(
        text, ==,
        "{\"manifest\":1,\"state\":\"complete\",\"tool\":\"rescue-usb-builder\","
        "\"tool_version\":\"1.2.3\",\"created\":\"2026-01-02T03:04:05Z\",\"mode\":\"erase\","
        "\"firmware\":\"multi\",\"digest\":\"xxh3-128\","
        "\"image\":{\"name\":\"r\xc3\xa9scue \\\"1\\\".iso\",\"volume_name\":\"PE_X64\","
        "\"size\":5368709120},"
        "\"disk\":{\"sector_size\":512,\"signature\":4275878552},"
        "\"partition\":{\"number\":1,\"start_lba\":2048,\"sector_count\":4294967295,\"type\":12,"
        "\"active\":true},"
        "\"filesystem\":{\"type\":\"fat32\",\"id\":2309737967,\"label\":\"PE_X64\"},"
        "\"boot\":{\"mbr_code\":\"" DIGEST_1 "\",\"boot_record\":\"" DIGEST_2 "\"},"
        "\"folders\":[\"EFI\",\"EFI/BOOT\"],"
        "\"files\":[{\"path\":\"bootmgr\",\"size\":400000,\"digest\":\"" DIGEST_1 "\"},"
        "{\"path\":\"EFI/BOOT/\xe2\x98\x83\",\"size\":4294967295,\"digest\":\"" DIGEST_2 "\"}]}");
}

static void
test_it_is_json_for_others(void)
{
    g_autoptr(RubManifest) manifest = make_manifest();
    g_autofree char *text = to_text(manifest);
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) root = json_from_string(text, &error);
    g_assert_no_error(error);
    JsonObject *image = json_object_get_object_member(json_node_get_object(root), "image");
    g_assert_cmpstr(json_object_get_string_member(image, "name"), ==, manifest->image_name);
}

static void
test_a_new_manifest_is_pending_and_of_this_version(void)
{
    g_autoptr(RubManifest) manifest = rub_manifest_new();
    g_assert_cmpstr(manifest->tool_version, ==, RUB_VERSION);
    g_autofree char *text = to_text(manifest);
    g_assert_nonnull(strstr(text, "\"state\":\"pending\""));
    g_assert_nonnull(strstr(text, "\"boot\":{}"));
    g_assert_nonnull(strstr(text, "\"folders\":[],\"files\":[]"));
}

/* Reading back relies on it. */
static void
test_the_same_manifest_gives_the_same_bytes(void)
{
    g_autoptr(RubManifest) manifest = make_manifest();
    g_autofree char *first = to_text(manifest);
    g_autofree char *second = to_text(manifest);
    g_assert_cmpstr(first, ==, second);
}

static RubManifest *
parse(const char *text, GError **error)
{
    g_autoptr(GBytes) json = g_bytes_new(text, strlen(text));
    return rub_manifest_parse(json, error);
}

static RubManifest *
make_kept_manifest(void)
{
    RubManifest *manifest = make_manifest();
    g_free(manifest->mode);
    manifest->mode = g_strdup(RUB_MANIFEST_MODE_KEEP);
    manifest->partition_number = 3;
    manifest->volume.number = 3;
    manifest->made_partition = TRUE;
    g_strlcpy(manifest->image_digest, DIGEST_2, sizeof manifest->image_digest);
    g_strlcpy(manifest->boot_sectors_digest, DIGEST_1, sizeof manifest->boot_sectors_digest);
    rub_manifest_add_file(manifest, "old", 1, DIGEST_1)->is_earlier = TRUE;
    rub_manifest_add_file(manifest, "sources/install.wim", (guint64) 5 << 30, DIGEST_1);
    rub_manifest_add_saved(manifest, "BOOTMGR", ".rescue-usb-builder/undo/0001", 7, DIGEST_2);
    rub_manifest_add_saved(manifest, "a film", ".rescue-usb-builder/undo/0002", (guint64) 6 << 30,
                           DIGEST_2);
    return manifest;
}

static void
test_what_is_read_is_what_was_written(void)
{
    g_autoptr(RubManifest) erase = make_manifest();
    g_autoptr(RubManifest) keep = make_kept_manifest();
    const RubManifest *written[] = {erase, keep};
    for (gsize i = 0; i < G_N_ELEMENTS(written); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = to_text(written[i]);
        g_autoptr(RubManifest) manifest = parse(text, &error);
        g_assert_no_error(error);
        g_autofree char *again = to_text(manifest);
        g_assert_cmpstr(again, ==, text);
        g_assert_cmpint(rub_manifest_can_be_undone(manifest), ==, i == 1);
    }
}

static void
test_members_of_later_versions_are_ignored(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubManifest) manifest =
        parse("{\"manifest\":1,\"state\":\"complete\",\"new\":{\"x\":[1.5,null]},\"files\":null}",
              &error);
    g_assert_no_error(error);
    g_assert_true(manifest->is_complete);
    g_assert_cmpuint(manifest->files->len, ==, 0);
}

static void
test_a_later_version_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(parse("{\"manifest\":2}", &error));
    g_assert_error(error, RUB_ERROR, RUB_CODE_NOT_OUR_STICK);
}

static void
test_what_is_no_manifest_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"manifest\":0}",
        "{\"manifest\":\"1\"}",
        "{\"manifest\":1.0}",
        "{\"manifest\":-1}",
        "{\"manifest\":1,\"state\":1}",
        "{\"manifest\":1,\"image\":[]}",
        "{\"manifest\":1,\"image\":{\"size\":-5}}",
        "{\"manifest\":1,\"files\":{}}",
        "{\"manifest\":1,\"files\":[1]}",
        "{\"manifest\":1,\"files\":[{}]}",
        "{\"manifest\":1,\"files\":[{\"path\":\"../x\",\"size\":1,\"digest\":\"" DIGEST_1 "\"}]}",
        "{\"manifest\":1,\"files\":[{\"path\":\"/x\",\"size\":1,\"digest\":\"" DIGEST_1 "\"}]}",
        "{\"manifest\":1,\"files\":[{\"path\":\"x/./y\",\"size\":1,\"digest\":\"" DIGEST_1 "\"}]}",
        "{\"manifest\":1,\"files\":[{\"path\":\"x\",\"size\":17592186044417,\"digest\":\"" DIGEST_1
        "\"}]}",
        "{\"manifest\":1,\"files\":[{\"path\":\"x\",\"size\":1,\"digest\":\"short\"}]}",
        "{\"manifest\":1,\"files\":[{\"path\":\"x\",\"size\":1}]}",
        "{\"manifest\":1,\"folders\":[7]}",
        "{\"manifest\":1,\"folders\":[\"a\\\\..\\\\b\"]}",
        "{\"manifest\":1,\"undo\":{\"replaced\":[{\"path\":\"x\"}]}}",
        "{\"manifest\":1,\"undo\":{\"made_table\":\"yes\"}}",
        "{\"manifest\":1 /* \" */}",
        "{\"manifest\":1,\"deep\":[[[[[[[[[[1]]]]]]]]]]}",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(parse(texts[i], &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    }
}

static void
test_endless_nesting_and_numbers_cost_nothing(void)
{
    static const char *const units[] = {"[", "{\"a\":", "[1,", "//\"\n["};
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) text = g_string_new("{\"manifest\":1,\"files\":");
        for (guint j = 0; j < 3000000; j++)
            g_string_append(text, units[i]);
        g_assert_null(parse(text->str, &error));
        g_assert_error(error, RUB_ERROR, RUB_CODE_VERIFY_FAILED);
    }
}

static void
test_every_cut_and_every_flipped_byte_is_survived(void)
{
    g_autoptr(RubManifest) manifest = make_kept_manifest();
    g_autofree char *text = to_text(manifest);
    for (gsize i = 0; text[i]; i++) {
        g_autofree char *part = g_strndup(text, i);
        g_assert_null(parse(part, NULL));
        for (guint bit = 0; bit < 8; bit++) {
            g_autofree char *flipped = g_strdup(text);
            flipped[i] ^= (char) (1 << bit);
            g_autoptr(RubManifest) other = parse(flipped, NULL);
            g_assert_true(!other || other->files->len == manifest->files->len ||
                          other->files->len == 0);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/manifest/shape", test_the_shape_is_a_promise);
    g_test_add_func("/manifest/json", test_it_is_json_for_others);
    g_test_add_func("/manifest/new", test_a_new_manifest_is_pending_and_of_this_version);
    g_test_add_func("/manifest/same", test_the_same_manifest_gives_the_same_bytes);
    g_test_add_func("/manifest/reread", test_what_is_read_is_what_was_written);
    g_test_add_func("/manifest/unknown-members", test_members_of_later_versions_are_ignored);
    g_test_add_func("/manifest/later-version", test_a_later_version_is_refused);
    g_test_add_func("/manifest/hostile", test_what_is_no_manifest_is_refused);
    g_test_add_func("/manifest/endless", test_endless_nesting_and_numbers_cost_nothing);
    g_test_add_func("/manifest/damaged", test_every_cut_and_every_flipped_byte_is_survived);
    return g_test_run();
}
