/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job/rub-manifest.h"

#include <json-glib/json-glib.h>
#include <string.h>

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

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/manifest/shape", test_the_shape_is_a_promise);
    g_test_add_func("/manifest/json", test_it_is_json_for_others);
    g_test_add_func("/manifest/new", test_a_new_manifest_is_pending_and_of_this_version);
    g_test_add_func("/manifest/same", test_the_same_manifest_gives_the_same_bytes);
    return g_test_run();
}
