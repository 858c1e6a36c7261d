/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "source/rub-iso9660.h"

/* ECMA-119 (ISO 9660) 8.1 to 8.5. */
#define SECTOR_BYTES 2048
#define FIRST_DESCRIPTOR_SECTOR 16
#define MAX_DESCRIPTORS 32
#define TYPE_PRIMARY 1
#define TYPE_SUPPLEMENTARY 2
#define TYPE_TERMINATOR 255
#define VOLUME_NAME_OFFSET 40
#define VOLUME_NAME_BYTES 32
#define CREATED_OFFSET 813
#define MODIFIED_OFFSET 830
#define UUID_DIGITS 16

/* Joliet Specification, 1995: the escape sequences of UCS-2 levels 1 to 3. */
static gboolean
is_joliet(const guint8 *descriptor)
{
    const guint8 *escape = descriptor + 88;
    return escape[0] == '%' && escape[1] == '/' &&
           (escape[2] == '@' || escape[2] == 'C' || escape[2] == 'E');
}

static char *
read_name(const guint8 *descriptor)
{
    const char *raw = (const char *) descriptor + VOLUME_NAME_OFFSET;
    g_autofree char *name = g_strndup(raw, VOLUME_NAME_BYTES);
    return g_strstrip(g_utf8_make_valid(name, -1));
}

static char *
read_joliet_name(const guint8 *descriptor)
{
    const guint8 *raw = descriptor + VOLUME_NAME_OFFSET;
    g_autoptr(GString) name = g_string_new(NULL);
    for (guint i = 0; i < VOLUME_NAME_BYTES; i += 2) {
        gunichar c = (gunichar) raw[i] << 8 | raw[i + 1];
        if (c == 0)
            break;
        g_string_append_unichar(name, g_unichar_validate(c) ? c : 0xfffd);
    }
    return g_strstrip(g_strdup(name->str));
}

/* A time of 16 digits and a zone (ECMA-119 8.4.26.1), as libblkid and GRUB write it. NULL where it
 * is not told. */
static char *
read_uuid(const guint8 *descriptor, gsize offset)
{
    const char *digits = (const char *) descriptor + offset;
    gboolean is_told = FALSE;
    for (guint i = 0; i < UUID_DIGITS; i++) {
        if (!g_ascii_isdigit(digits[i]))
            return NULL;
        is_told |= digits[i] != '0';
    }
    return is_told ? g_strdup_printf("%.4s-%.2s-%.2s-%.2s-%.2s-%.2s-%.2s", digits, digits + 4,
                                     digits + 6, digits + 8, digits + 10, digits + 12, digits + 14)
                   : NULL;
}

static void
read_primary(RubIso9660Volume *self, const guint8 *descriptor)
{
    RubBytes bytes = rub_bytes(descriptor, SECTOR_BYTES);
    guint64 block_count = rub_bytes_u32le(&bytes, 80);
    self->size_bytes = block_count * rub_bytes_u16le(&bytes, 128);
    self->name = read_name(descriptor);
    self->uuid = read_uuid(descriptor, MODIFIED_OFFSET);
    if (!self->uuid)
        self->uuid = read_uuid(descriptor, CREATED_OFFSET);
}

static void
read_supplementary(RubIso9660Volume *self, const guint8 *descriptor)
{
    if (self->has_joliet || !is_joliet(descriptor))
        return;
    self->has_joliet = TRUE;
    self->joliet_name = read_joliet_name(descriptor);
}

void
rub_iso9660_volume_free(RubIso9660Volume *self)
{
    g_free(self->name);
    g_free(self->joliet_name);
    g_free(self->uuid);
    g_free(self);
}

RubIso9660Volume *
rub_iso9660_read_volume(RubImageFile *file)
{
    g_autoptr(RubIso9660Volume) self = g_new0(RubIso9660Volume, 1);
    guint8 sector[SECTOR_BYTES];
    for (guint i = 0; i < MAX_DESCRIPTORS; i++) {
        guint64 offset_bytes = (FIRST_DESCRIPTOR_SECTOR + i) * SECTOR_BYTES;
        if (!rub_image_file_read(file, offset_bytes, sector, sizeof sector, NULL) ||
            memcmp(sector + 1, "CD001", 5) != 0 || sector[0] == TYPE_TERMINATOR)
            break;
        if (sector[0] == TYPE_PRIMARY && self->name == NULL)
            read_primary(self, sector);
        else if (sector[0] == TYPE_SUPPLEMENTARY)
            read_supplementary(self, sector);
    }
    return self->name != NULL ? g_steal_pointer(&self) : NULL;
}
