/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rub-cli-json-facts.h"

#include "plan/rub-catalogue.h"
#include "rub-cli-words.h"
#include "rub-intl.h"

void
rub_cli_json_set_text(JsonObject *object, const char *key, const char *text)
{
    if (!text) {
        json_object_set_null_member(object, key);
        return;
    }
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_object_set_string_member(object, key, valid);
}

static void
set_sentence(JsonObject *object, const char *key, const RubText *text)
{
    g_autofree char *sentence = text ? rub_text_format(text, rub_intl_translate) : NULL;
    rub_cli_json_set_text(object, key, sentence);
}

static void
add_text(JsonArray *array, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_array_add_string_element(array, valid);
}

JsonArray *
rub_cli_json_make_texts(const GPtrArray *texts)
{
    JsonArray *array = json_array_new();
    for (guint i = 0; texts && i < texts->len; i++)
        add_text(array, g_ptr_array_index((GPtrArray *) texts, i));
    return array;
}

JsonArray *
rub_cli_json_make_list(char **texts)
{
    JsonArray *array = json_array_new();
    for (char **text = texts; text && *text; text++)
        add_text(array, *text);
    return array;
}

char *
rub_cli_json_make_filesystem(const char *filesystem, guint fat_bits)
{
    return fat_bits ? g_strdup_printf("fat%u", fat_bits) : g_strdup(filesystem);
}

JsonArray *
rub_cli_json_make_firmware(RubMachine uefi_machines, gboolean starts_bios)
{
    JsonArray *array = json_array_new();
    for (guint bit = 1; bit <= RUB_MACHINE_ALL; bit <<= 1) {
        g_autofree char *id = g_strdup_printf("uefi-%s", rub_machine_get_id(bit));
        if (uefi_machines & bit)
            add_text(array, id);
    }
    if (starts_bios)
        add_text(array, "bios");
    return array;
}

static JsonArray *
make_machines(RubMachine machines)
{
    JsonArray *array = json_array_new();
    for (guint bit = 1; bit <= RUB_MACHINE_ALL; bit <<= 1) {
        if (machines & bit)
            add_text(array, rub_machine_get_id(bit));
    }
    return array;
}

static const char *
get_kind_id(RubImageKind kind)
{
    static const char *const ids[] = {
        [RUB_IMAGE_OTHER] = "other",
        [RUB_IMAGE_WINDOWS_PE] = "windows-pe",
        [RUB_IMAGE_WINDOWS_SETUP] = "windows-setup",
        [RUB_IMAGE_LINUX] = "linux",
    };
    return ids[kind];
}

static const char *
get_loader_state_id(RubLoaderState state)
{
    static const char *const ids[] = {
        [RUB_LOADER_GOOD] = "good",
        [RUB_LOADER_EMPTY] = "empty",
        [RUB_LOADER_NOT_A_PROGRAM] = "not-a-program",
        [RUB_LOADER_WRONG_MACHINE] = "wrong-machine",
    };
    return ids[state];
}

static const char *
get_origin_id(RubFileOrigin origin)
{
    static const char *const ids[] = {
        [RUB_ORIGIN_IMAGE] = "image",
        [RUB_ORIGIN_EL_TORITO] = "el-torito",
        [RUB_ORIGIN_WIM] = "wim",
    };
    return ids[origin];
}

/* What Secure Boot goes by. */
static void
set_signature(JsonObject *object, const RubPeSignature *signature)
{
    g_autofree char *version = NULL;
    if (!signature) {
        json_object_set_null_member(object, "signed");
        return;
    }
    if (signature->has_security_version)
        version = g_strdup_printf("%u.%u", signature->security_version_major,
                                  signature->security_version_minor);
    json_object_set_boolean_member(object, "signed", signature->is_signed);
    json_object_set_array_member(object, "issuers", rub_cli_json_make_texts(signature->issuers));
    rub_cli_json_set_text(object, "sbat", signature->sbat);
    rub_cli_json_set_text(object, "security_version", version);
}

static JsonArray *
make_loaders(const RubImageInfo *info)
{
    JsonArray *array = json_array_new();
    for (guint i = 0; i < info->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = g_ptr_array_index(info->uefi_loaders, i);
        gboolean is_program = loader->machine != RUB_MACHINE_NONE;
        JsonObject *object = json_object_new();
        rub_cli_json_set_text(object, "path", loader->path);
        rub_cli_json_set_text(object, "machine",
                              is_program ? rub_machine_get_id(loader->machine) : NULL);
        rub_cli_json_set_text(object, "state", get_loader_state_id(loader->state));
        rub_cli_json_set_text(object, "origin", get_origin_id(loader->origin));
        set_signature(object, loader->signature);
        json_array_add_object_element(array, object);
    }
    return array;
}

static JsonArray *
make_needs(RubImageNeeds needs)
{
    JsonArray *array = json_array_new();
    if (needs & RUB_IMAGE_NEEDS_SPLIT)
        add_text(array, "split");
    if (needs & RUB_IMAGE_NEEDS_LARGE_FILES)
        add_text(array, "large-files");
    if (needs & RUB_IMAGE_NEEDS_SYMLINKS)
        add_text(array, "symlinks");
    if (needs & RUB_IMAGE_NEEDS_EL_TORITO_EFI)
        add_text(array, "el-torito-efi");
    return array;
}

static void
set_largest_file(JsonObject *object, const RubImageInfo *info)
{
    if (!info->largest_file_path) {
        json_object_set_null_member(object, "largest_file");
        return;
    }
    JsonObject *file = json_object_new();
    rub_cli_json_set_text(file, "path", info->largest_file_path);
    json_object_set_int_member(file, "size", (gint64) info->largest_file_bytes);
    json_object_set_object_member(object, "largest_file", file);
}

static void
set_windows(JsonObject *object, const RubImageInfo *info)
{
    rub_cli_json_set_text(object, "version", info->windows_version);
    if (info->windows_build)
        json_object_set_int_member(object, "build", info->windows_build);
    else
        json_object_set_null_member(object, "build");
    json_object_set_array_member(object, "names", rub_cli_json_make_texts(info->windows_names));
}

static void
set_start(JsonObject *object, const RubImageInfo *info)
{
    json_object_set_array_member(object, "architectures", make_machines(info->machines));
    json_object_set_array_member(
        object, "starts_on",
        rub_cli_json_make_firmware(info->uefi_machines | info->raw_uefi_machines,
                                   info->boots_bios || info->raw_starts_bios));
    json_object_set_array_member(object, "uefi_loaders", make_loaders(info));
    json_object_set_array_member(object, "uefi_missing",
                                 rub_cli_json_make_texts(info->uefi_missing));
    json_object_set_array_member(object, "bios_missing",
                                 rub_cli_json_make_texts(info->bios_missing));
    json_object_set_boolean_member(object, "hybrid", info->is_hybrid);
}

void
rub_cli_json_fill_image(JsonObject *object, const RubImageInfo *info)
{
    g_autofree char *description = rub_image_info_describe(info, rub_intl_translate);
    rub_cli_json_set_text(object, "path", info->path);
    rub_cli_json_set_text(object, "name", info->display_name);
    rub_cli_json_set_text(object, "format", info->format);
    rub_cli_json_set_text(object, "volume_name", info->volume_name);
    json_object_set_int_member(object, "size", (gint64) info->size_bytes);
    json_object_set_int_member(object, "file_count", info->file_count);
    json_object_set_int_member(object, "folder_count", info->folder_count);
    json_object_set_int_member(object, "symlink_count", info->symlink_count);
    json_object_set_int_member(object, "files_size", (gint64) info->files_size_bytes);
    rub_cli_json_set_text(object, "kind", get_kind_id(info->kind));
    rub_cli_json_set_text(object, "description", description);
    set_windows(object, info);
    set_start(object, info);
    set_largest_file(object, info);
    json_object_set_array_member(object, "needs", make_needs(info->needs));
}

static const char *
get_table_id(RubTableKind kind)
{
    static const char *const ids[] = {
        [RUB_TABLE_NONE] = "none",
        [RUB_TABLE_SUPERFLOPPY] = "filesystem",
        [RUB_TABLE_MBR] = "mbr",
        [RUB_TABLE_GPT] = "gpt",
        [RUB_TABLE_HYBRID_ISO] = "hybrid-iso",
        [RUB_TABLE_OTHER] = "other",
    };
    return ids[kind];
}

static void
set_filesystem(JsonObject *object, const RubContents *contents)
{
    g_autofree char *filesystem =
        rub_cli_json_make_filesystem(contents->filesystem, contents->fat_bits);
    rub_cli_json_set_text(object, "filesystem", filesystem);
    rub_cli_json_set_text(object, "label", contents->label);
    if (contents->is_counted) {
        json_object_set_int_member(object, "files", contents->file_count);
        json_object_set_int_member(object, "used", (gint64) contents->used_bytes);
    } else {
        json_object_set_null_member(object, "files");
        json_object_set_null_member(object, "used");
    }
}

static JsonArray *
make_partitions(const RubLayout *layout)
{
    JsonArray *array = json_array_new();
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        JsonObject *object = json_object_new();
        json_object_set_int_member(object, "number", partition->number);
        json_object_set_int_member(object, "start",
                                   (gint64) (partition->start_lba * layout->sector_size));
        json_object_set_int_member(object, "size",
                                   (gint64) (partition->sector_count * layout->sector_size));
        json_object_set_int_member(object, "type", partition->mbr_type);
        json_object_set_boolean_member(object, "active", partition->is_active);
        set_filesystem(object, &partition->contents);
        json_array_add_object_element(array, object);
    }
    return array;
}

/* Any stick would be as wrong for what is wrong with the image. */
static gboolean
is_about_image(RubCode code)
{
    return code == RUB_CODE_IMAGE_UNREADABLE || code == RUB_CODE_IMAGE_INCOMPLETE ||
           code == RUB_CODE_IMAGE_NOT_BOOTABLE || code == RUB_CODE_FILE_TOO_LARGE ||
           code == RUB_CODE_NAME_NOT_REPRESENTABLE;
}

static const RubFinding *
find_objection(const RubPlan *plan)
{
    for (guint i = 0; i < plan->findings->len; i++) {
        const RubFinding *finding = g_ptr_array_index(plan->findings, i);
        if (finding->severity == RUB_SEVERITY_ERROR && !is_about_image(finding->code))
            return finding;
    }
    return NULL;
}

static JsonArray *
make_sentences(const GPtrArray *texts)
{
    g_autoptr(GPtrArray) sentences = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < texts->len; i++)
        g_ptr_array_add(sentences, rub_text_format(texts->pdata[i], rub_intl_translate));
    return rub_cli_json_make_texts(sentences);
}

static JsonArray *
make_menu_changes(const GPtrArray *changes)
{
    JsonArray *array = json_array_new();
    for (guint i = 0; i < changes->len; i++) {
        const RubMenuChange *change = g_ptr_array_index(changes, i);
        JsonObject *object = json_object_new();
        rub_cli_json_set_text(object, "path", change->path);
        rub_cli_json_set_text(object, "from", change->old_label);
        rub_cli_json_set_text(object, "to", change->new_label);
        json_array_add_object_element(array, object);
    }
    return array;
}

/* Where nothing is built, nothing is lost and every stick is as good as any other. */
static void
set_verdict(JsonObject *object, const RubPlan *plan)
{
    const RubFinding *objection = plan ? find_objection(plan) : NULL;
    json_object_set_array_member(object, "lost",
                                 plan ? make_sentences(plan->lost) : json_array_new());
    json_object_set_array_member(object, "notes",
                                 plan ? make_sentences(plan->notes) : json_array_new());
    json_object_set_array_member(object, "changed_menus",
                                 plan ? make_menu_changes(plan->changed_menus) : json_array_new());
    set_sentence(object, "secure_boot", plan ? plan->secure_boot : NULL);
    if (plan)
        json_object_set_boolean_member(object, "suitable", objection == NULL);
    else
        json_object_set_null_member(object, "suitable");
    set_sentence(object, "reason", objection ? objection->meaning : NULL);
}

static void
set_number(JsonObject *object, guint number)
{
    if (number > 0)
        json_object_set_int_member(object, "number", number);
    else
        json_object_set_null_member(object, "number");
}

/* What is not known of a drive is "". */
static void
set_known(JsonObject *object, const char *key, const char *text)
{
    rub_cli_json_set_text(object, key, text && *text ? text : NULL);
}

static void
set_password(JsonObject *object, const RubPlan *plan)
{
    if (plan)
        json_object_set_boolean_member(object, "password", plan->password == RUB_PASSWORD_NEEDED);
    else
        json_object_set_null_member(object, "password");
    set_sentence(object, "password_reason", plan ? plan->password_reason : NULL);
}

void
rub_cli_json_fill_device(JsonObject *object, const RubCliDevice *device, const RubLayout *layout,
                         const RubPlan *plan)
{
    g_autofree char *contents = rub_cli_describe_contents(layout);
    RubDrive *drive = device->drive;
    set_number(object, device->number);
    set_known(object, "vendor", drive ? rub_drive_get_vendor(drive) : NULL);
    set_known(object, "model", drive ? rub_drive_get_model(drive) : layout->model);
    set_known(object, "serial", layout->serial);
    json_object_set_int_member(object, "size", (gint64) layout->size_bytes);
    rub_cli_json_set_text(object, "node", layout->is_file ? NULL : layout->name);
    rub_cli_json_set_text(object, "path", layout->is_file ? layout->name : NULL);
    json_object_set_boolean_member(object, "new", layout->is_new);
    rub_cli_json_set_text(object, "media", layout->is_removable ? "removable" : "fixed");
    rub_cli_json_set_text(object, "contents", contents);
    rub_cli_json_set_text(object, "table", get_table_id(layout->table));
    json_object_set_array_member(object, "partitions", make_partitions(layout));
    set_password(object, plan);
    set_verdict(object, plan);
}

static JsonArray *
make_notes(const RubFinding *finding)
{
    JsonArray *notes = json_array_new();
    for (guint i = 0; i < finding->notes->len; i++) {
        g_autofree char *note = rub_finding_get_note(finding, i, rub_intl_translate);
        json_array_add_string_element(notes, note);
    }
    return notes;
}

void
rub_cli_json_fill_finding(JsonObject *object, const RubFinding *finding)
{
    const RubCatalogueEntry *entry = rub_catalogue_get(finding->code);
    json_object_set_int_member(object, "code", finding->code);
    rub_cli_json_set_text(object, "id", entry->id);
    rub_cli_json_set_text(object, "severity",
                          finding->severity == RUB_SEVERITY_ERROR ? "error" : "warning");
    rub_cli_json_set_text(object, "title", _(entry->title));
    set_sentence(object, "meaning", finding->meaning);
    set_sentence(object, "remedy", finding->remedy);
    rub_cli_json_set_text(object, "action", rub_action_get_id(finding->action));
    json_object_set_array_member(object, "files", rub_cli_json_make_list(finding->files));
    if (finding->notes)
        json_object_set_array_member(object, "notes", make_notes(finding));
    else
        json_object_set_null_member(object, "notes");
}
