/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-catalogue.h"
#include "rub-cli-json-facts.h"
#include "rub-intl.h"

/* What is not known is "" in the list of drives. */
static void
set_known(JsonObject *object, const char *key, const char *text)
{
    rub_cli_json_set_text(object, key, *text ? text : NULL);
}

static void
set_bytes_if(JsonObject *object, const char *key, gboolean is_known, guint64 size_bytes)
{
    if (is_known)
        json_object_set_int_member(object, key, (gint64) size_bytes);
    else
        json_object_set_null_member(object, key);
}

static JsonArray *
make_contents(RubDrive *drive)
{
    const GPtrArray *volumes = rub_drive_get_contents(drive);
    JsonArray *array = json_array_new();
    for (guint i = 0; i < volumes->len; i++) {
        const RubDriveVolume *volume = g_ptr_array_index((GPtrArray *) volumes, i);
        g_autofree char *filesystem =
            rub_cli_json_make_filesystem(volume->filesystem, volume->fat_bits);
        JsonObject *object = json_object_new();
        rub_cli_json_set_text(object, "filesystem", filesystem);
        rub_cli_json_set_text(object, "label", volume->label);
        json_object_set_int_member(object, "size", (gint64) volume->size_bytes);
        set_bytes_if(object, "used", volume->is_counted, volume->used_bytes);
        set_bytes_if(object, "free", volume->is_counted, volume->free_bytes);
        rub_cli_json_set_text(object, "mounted", volume->mount_point);
        json_array_add_object_element(array, object);
    }
    return array;
}

static void
set_reason(JsonObject *object, RubDrive *drive)
{
    const RubText *reason = rub_drive_get_reason(drive);
    g_autofree char *sentence = reason ? rub_text_format(reason, rub_intl_translate) : NULL;
    rub_cli_json_set_text(object, "reason", sentence);
    if (reason)
        json_object_set_int_member(object, "reason_code", rub_drive_get_reason_code(drive));
    else
        json_object_set_null_member(object, "reason_code");
}

void
rub_cli_json_fill_drive(JsonObject *object, RubDrive *drive, guint number)
{
    set_bytes_if(object, "number", number > 0, number);
    set_known(object, "vendor", rub_drive_get_vendor(drive));
    set_known(object, "model", rub_drive_get_model(drive));
    set_known(object, "serial", rub_drive_get_serial(drive));
    json_object_set_int_member(object, "size", (gint64) rub_drive_get_size_bytes(drive));
    set_known(object, "node", rub_drive_get_node(drive));
    rub_cli_json_set_text(object, "media", rub_drive_is_removable(drive) ? "removable" : "fixed");
    json_object_set_array_member(object, "contents", make_contents(drive));
    json_object_set_boolean_member(object, "suitable", rub_drive_is_suitable(drive));
    set_reason(object, drive);
}
