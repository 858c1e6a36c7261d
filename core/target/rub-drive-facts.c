/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-facts.h"

#include <string.h>

#define LABEL_LINKS "/dev/disk/by-label/"

RubDriveUse *
rub_drive_use_new(RubDriveUseKind kind, const char *name)
{
    RubDriveUse *self = g_new0(RubDriveUse, 1);
    self->kind = kind;
    self->name = g_strdup(name);
    return self;
}

void
rub_drive_use_free(RubDriveUse *self)
{
    g_free(self->name);
    g_free(self);
}

static RubVolumeFacts *
volume_facts_new(const char *id, guint number)
{
    RubVolumeFacts *self = g_new0(RubVolumeFacts, 1);
    self->id = g_strdup(id);
    self->number = number;
    self->type = g_strdup("");
    self->usage = g_strdup("");
    self->filesystem = g_strdup("");
    self->version = g_strdup("");
    self->label = g_strdup("");
    self->uuid = g_strdup("");
    self->mount_points = g_new0(char *, 1);
    return self;
}

static void
volume_facts_free(gpointer data)
{
    RubVolumeFacts *self = data;
    g_free(self->id);
    g_free(self->type);
    g_free(self->usage);
    g_free(self->filesystem);
    g_free(self->version);
    g_free(self->label);
    g_free(self->uuid);
    g_strfreev(self->mount_points);
    g_free(self);
}

/* Bytes that are not plain are \xNN there, see blkid_encode_string() of libblkid. */
static char *
decode_link(const char *text)
{
    GString *bytes = g_string_new(NULL);
    for (const char *c = text; *c; c++) {
        gboolean is_escape =
            c[0] == '\\' && c[1] == 'x' && g_ascii_isxdigit(c[2]) && g_ascii_isxdigit(c[3]);
        if (!is_escape) {
            g_string_append_c(bytes, *c);
            continue;
        }
        g_string_append_c(bytes,
                          (char) (g_ascii_xdigit_value(c[2]) * 16 + g_ascii_xdigit_value(c[3])));
        c += 3;
    }
    return g_string_free(bytes, FALSE);
}

char *
rub_volume_facts_make_label(const char *id_label, const char *const *links)
{
    for (; links && *links; links++) {
        if (!g_str_has_prefix(*links, LABEL_LINKS))
            continue;
        g_autofree char *label = decode_link(*links + strlen(LABEL_LINKS));
        if (!g_utf8_validate(label, -1, NULL))
            return g_utf8_make_valid(label, -1);
    }
    return g_strdup(id_label);
}

guint
rub_volume_facts_get_fat_bits(const RubVolumeFacts *self)
{
    if (!g_str_equal(self->filesystem, "vfat") || !g_str_has_prefix(self->version, "FAT"))
        return 0;
    return (guint) g_ascii_strtoull(self->version + strlen("FAT"), NULL, 10);
}

RubDriveFacts *
rub_drive_facts_new(const char *id, const char *node)
{
    RubDriveFacts *self = g_new0(RubDriveFacts, 1);
    self->id = g_strdup(id);
    self->drive_id = g_strdup("/");
    self->node = g_strdup(node);
    self->vendor = g_strdup("");
    self->model = g_strdup("");
    self->serial = g_strdup("");
    self->bus = g_strdup("");
    self->table = g_strdup("");
    self->sector_size = 512;
    self->whole = volume_facts_new(id, 0);
    self->partitions = g_ptr_array_new_with_free_func(volume_facts_free);
    self->uses = g_ptr_array_new_with_free_func((GDestroyNotify) rub_drive_use_free);
    return self;
}

void
rub_drive_facts_free(RubDriveFacts *self)
{
    g_free(self->id);
    g_free(self->drive_id);
    g_free(self->node);
    g_free(self->vendor);
    g_free(self->model);
    g_free(self->serial);
    g_free(self->bus);
    g_free(self->table);
    volume_facts_free(self->whole);
    g_ptr_array_unref(self->partitions);
    g_ptr_array_unref(self->uses);
    g_free(self);
}

RubVolumeFacts *
rub_drive_facts_add_partition(RubDriveFacts *self, const char *id, guint number)
{
    RubVolumeFacts *partition = volume_facts_new(id, number);
    g_ptr_array_add(self->partitions, partition);
    return partition;
}

static int
compare_numbers(gconstpointer a, gconstpointer b)
{
    const RubVolumeFacts *one = *(RubVolumeFacts *const *) a;
    const RubVolumeFacts *other = *(RubVolumeFacts *const *) b;
    return (one->number > other->number) - (one->number < other->number);
}

void
rub_drive_facts_sort(RubDriveFacts *self)
{
    g_ptr_array_sort(self->partitions, compare_numbers);
}

GPtrArray *
rub_drive_facts_get_volumes(const RubDriveFacts *self)
{
    GPtrArray *volumes = g_ptr_array_new();
    g_ptr_array_add(volumes, self->whole);
    for (guint i = 0; i < self->partitions->len; i++)
        g_ptr_array_add(volumes, g_ptr_array_index(self->partitions, i));
    return volumes;
}

/* One line for each volume. Texts come from the medium: they are quoted, so that none can look like
 * two others. */
static void
describe_volume(GVariantBuilder *builder, const RubVolumeFacts *volume)
{
    g_variant_builder_add(builder, "(utttsssss)", volume->number, volume->offset_bytes,
                          volume->size_bytes, volume->flags, volume->type, volume->filesystem,
                          volume->version, volume->label, volume->uuid);
}

/* What tells one drive with its contents from another. */
static GVariant *
describe(const RubDriveFacts *self)
{
    g_autoptr(GPtrArray) volumes = rub_drive_facts_get_volumes(self);
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(utttsssss)"));
    for (guint i = 0; i < volumes->len; i++)
        describe_volume(&builder, g_ptr_array_index(volumes, i));
    return g_variant_new("(sssttsa(utttsssss))", self->vendor, self->model, self->serial,
                         self->disk_sequence, self->size_bytes, self->table, &builder);
}

char *
rub_drive_facts_make_fingerprint(const RubDriveFacts *self)
{
    g_autoptr(GVariant) description = g_variant_ref_sink(describe(self));
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, g_variant_get_data(description),
                                       g_variant_get_size(description));
}

static gboolean
are_mounts_equal(const RubDriveFacts *self, const RubDriveFacts *other)
{
    g_autoptr(GPtrArray) ours = rub_drive_facts_get_volumes(self);
    g_autoptr(GPtrArray) theirs = rub_drive_facts_get_volumes(other);
    for (guint i = 0; i < ours->len; i++) {
        const RubVolumeFacts *one = g_ptr_array_index(ours, i);
        const RubVolumeFacts *two = g_ptr_array_index(theirs, i);
        if (!g_strv_equal((const char *const *) one->mount_points,
                          (const char *const *) two->mount_points))
            return FALSE;
    }
    return TRUE;
}

static gboolean
are_uses_equal(const RubDriveFacts *self, const RubDriveFacts *other)
{
    if (self->uses->len != other->uses->len)
        return FALSE;
    for (guint i = 0; i < self->uses->len; i++) {
        const RubDriveUse *one = g_ptr_array_index(self->uses, i);
        const RubDriveUse *two = g_ptr_array_index(other->uses, i);
        if (one->kind != two->kind || !g_str_equal(one->name, two->name))
            return FALSE;
    }
    return TRUE;
}

gboolean
rub_drive_facts_equal(const RubDriveFacts *self, const RubDriveFacts *other)
{
    g_autoptr(GVariant) ours = g_variant_ref_sink(describe(self));
    g_autoptr(GVariant) theirs = g_variant_ref_sink(describe(other));
    return g_variant_equal(ours, theirs) && g_str_equal(self->id, other->id) &&
           g_str_equal(self->drive_id, other->drive_id) && g_str_equal(self->node, other->node) &&
           g_str_equal(self->bus, other->bus) && self->is_card == other->is_card &&
           self->is_internal == other->is_internal && self->is_removable == other->is_removable &&
           self->is_read_only == other->is_read_only && self->has_medium == other->has_medium &&
           self->can_power_off == other->can_power_off && self->can_eject == other->can_eject &&
           are_mounts_equal(self, other) && are_uses_equal(self, other);
}

/* Drives pad their names with blanks, and UDisks2 leaves some of them inside. */
static char *
squeeze(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t_", -1);
    g_autoptr(GString) result = g_string_new(NULL);
    for (char **word = words; *word; word++)
        if (**word)
            g_string_append_printf(result, "%s%s", result->len ? " " : "", *word);
    return g_string_free(g_steal_pointer(&result), FALSE);
}

static gboolean
begins_with_word(const char *text, const char *word)
{
    gsize length = strlen(word);
    return g_ascii_strncasecmp(text, word, length) == 0 &&
           (text[length] == ' ' || text[length] == '\0');
}

char *
rub_drive_facts_make_name(const RubDriveFacts *self)
{
    g_autofree char *vendor = squeeze(self->vendor);
    g_autofree char *model = squeeze(self->model);
    if (!*vendor && !*model)
        return g_strdup(self->node);
    if (!*vendor || begins_with_word(model, vendor))
        return g_steal_pointer(&model);
    if (!*model)
        return g_steal_pointer(&vendor);
    return g_strconcat(vendor, " ", model, NULL);
}
