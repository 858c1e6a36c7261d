/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-pe-signature.h"

#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>

#include "source/rub-pe-layout.h"
#include "source/rub-pe-resource.h"

/* Doubly signed programs have two entries, or one nested in the other. */
#define MAX_ENTRIES 16
#define MAX_NESTING 4
#define MAX_SBAT_BYTES 4096

/* Microsoft's object identifier for a signature within the unsigned attributes of another one. */
#define NESTED_SIGNATURE "1.3.6.1.4.1.311.2.4.1"

static void
add_issuer(RubPeSignature *self, const gnutls_datum_t *raw_name)
{
    gnutls_x509_dn_t name;
    gnutls_x509_ava_st part;
    if (raw_name->size == 0 || gnutls_x509_dn_init(&name) < 0)
        return;
    gboolean is_read = gnutls_x509_dn_import(name, raw_name) >= 0;
    for (int i = 0; is_read && gnutls_x509_dn_get_rdn_ava(name, i, 0, &part) >= 0; i++) {
        if (g_strcmp0((const char *) part.oid.data, GNUTLS_OID_X520_COMMON_NAME) != 0)
            continue;
        g_autofree char *text = g_utf8_make_valid((const char *) part.value.data, part.value.size);
        if (!g_ptr_array_find_with_equal_func(self->issuers, text, g_str_equal, NULL))
            g_ptr_array_add(self->issuers, g_steal_pointer(&text));
    }
    gnutls_x509_dn_deinit(name);
}

static void add_signatures(RubPeSignature *self, const gnutls_datum_t *message, guint depth);

static void
add_nested(RubPeSignature *self, gnutls_pkcs7_attrs_t attributes, guint depth)
{
    char *oid;
    gnutls_datum_t value;
    for (guint i = 0; attributes && i < MAX_ENTRIES; i++) {
        if (gnutls_pkcs7_get_attr(attributes, i, &oid, &value, 0) < 0)
            return;
        if (strcmp(oid, NESTED_SIGNATURE) == 0)
            add_signatures(self, &value, depth + 1);
        gnutls_free(value.data);
    }
}

static void
add_signatures(RubPeSignature *self, const gnutls_datum_t *message, guint depth)
{
    gnutls_pkcs7_t pkcs7;
    gnutls_pkcs7_signature_info_st info;
    if (depth > MAX_NESTING || gnutls_pkcs7_init(&pkcs7) < 0)
        return;
    gboolean is_read = gnutls_pkcs7_import(pkcs7, message, GNUTLS_X509_FMT_DER) >= 0;
    for (guint i = 0; is_read && i < MAX_ENTRIES; i++) {
        if (gnutls_pkcs7_get_signature_info(pkcs7, i, &info) < 0)
            break;
        self->is_signed = TRUE;
        add_issuer(self, &info.issuer_dn);
        add_nested(self, info.unsigned_attrs, depth);
        gnutls_pkcs7_signature_info_deinit(&info);
    }
    gnutls_pkcs7_deinit(pkcs7);
}

/* Signing tools fill the entry up with zeros, which GnuTLS takes for an error: cuts it to the
 * length that the message itself gives (X.690 8.1.3; messages of 256 bytes to 16 MiB). */
static void
cut_padding(gnutls_datum_t *message)
{
    RubBytes bytes = rub_bytes(message->data, message->size);
    guint8 length_bytes = rub_bytes_u8(&bytes, 1);
    if (length_bytes != 0x82 && length_bytes != 0x83)
        return;
    guint64 size_bytes = 0;
    for (gsize i = 0; i < (length_bytes & 0x7f); i++)
        size_bytes = size_bytes << 8 | rub_bytes_u8(&bytes, 2 + i);
    size_bytes += 2 + (length_bytes & 0x7f);
    if (size_bytes < message->size)
        message->size = (unsigned int) size_bytes;
}

/* Each entry of the table begins at a multiple of eight bytes. */
static void
add_certificate_table(RubPeSignature *self, RubBytes *program, guint64 at, guint64 size_bytes)
{
    for (guint i = 0; i < MAX_ENTRIES && size_bytes > RUB_PE_CERTIFICATE_HEADER_BYTES; i++) {
        RubBytes table = rub_bytes_slice(program, at, size_bytes);
        guint32 entry_bytes = rub_bytes_u32le(&table, 0);
        guint16 type = rub_bytes_u16le(&table, 6);
        if (program->overrun || entry_bytes <= RUB_PE_CERTIFICATE_HEADER_BYTES ||
            entry_bytes > size_bytes)
            return;
        gsize data_bytes = entry_bytes - RUB_PE_CERTIFICATE_HEADER_BYTES;
        const guint8 *data = rub_bytes_at(&table, RUB_PE_CERTIFICATE_HEADER_BYTES, data_bytes);
        gnutls_datum_t message = {(unsigned char *) data, (unsigned int) data_bytes};
        if (data && type == RUB_PE_CERTIFICATE_PKCS7) {
            cut_padding(&message);
            add_signatures(self, &message, 0);
        }
        guint64 step_bytes = ((guint64) entry_bytes + 7) / 8 * 8;
        at += step_bytes;
        size_bytes -= MIN(step_bytes, size_bytes);
    }
}

/* Each line of the section is a component and its generation, then words for people; the first
 * line is about the format (shim, SBAT.md). */
static void
parse_sbat(RubPeSignature *self, const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup((const char *) data, MIN(size, MAX_SBAT_BYTES));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) summary = g_string_new(NULL);
    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ",", 3);
        if (!fields[0] || !fields[1] || strcmp(fields[0], "sbat") == 0)
            continue;
        g_string_append_printf(summary, "%s%s %s", summary->len > 0 ? ", " : "", fields[0],
                               fields[1]);
    }
    if (summary->len > 0 && !self->sbat)
        self->sbat = g_utf8_make_valid(summary->str, (gssize) summary->len);
}

static void
add_sections(RubPeSignature *self, RubBytes *program, gsize at, guint count)
{
    for (guint i = 0; i < count; i++, at += RUB_PE_SECTION_BYTES) {
        const guint8 *name = rub_bytes_at(program, at, RUB_PE_SECTION_NAME_BYTES);
        if (!name)
            return;
        gsize size = rub_bytes_u32le(program, at + RUB_PE_SECTION_RAW_SIZE_AT);
        gsize raw_at = rub_bytes_u32le(program, at + RUB_PE_SECTION_RAW_AT);
        if (memcmp(name, ".sbat\0\0", RUB_PE_SECTION_NAME_BYTES) != 0)
            continue;
        const guint8 *data = rub_bytes_at(program, raw_at, size);
        if (data)
            parse_sbat(self, data, size);
    }
}

static void
add_security_version(RubPeSignature *self, const guint8 *program, gsize size_bytes)
{
    gsize size;
    const guint8 *data =
        rub_pe_resource_find(program, size_bytes, "BOOTMGRSECURITYVERSIONNUMBER", &size);
    RubBytes bytes = rub_bytes(data, data ? size : 0);
    guint16 minor = rub_bytes_u16le(&bytes, 0);
    guint16 major = rub_bytes_u16le(&bytes, 2);
    if (bytes.overrun)
        return;
    self->has_security_version = TRUE;
    self->security_version_major = major;
    self->security_version_minor = minor;
}

static gsize
get_directories_at(RubBytes *program, gsize optional_at)
{
    gboolean is_wide = rub_bytes_u16le(program, optional_at) == RUB_PE32_PLUS;
    return optional_at + (is_wide ? RUB_PE32_PLUS_DIRECTORIES_AT : RUB_PE32_DIRECTORIES_AT);
}

RubPeSignature *
rub_pe_signature_new(const guint8 *program, gsize size_bytes)
{
    RubPeSignature *self = g_new0(RubPeSignature, 1);
    self->issuers = g_ptr_array_new_with_free_func(g_free);
    RubBytes bytes = rub_bytes(program, size_bytes);
    if (rub_bytes_u16le(&bytes, 0) != RUB_PE_DOS_MAGIC)
        return self;
    gsize at = rub_bytes_u32le(&bytes, RUB_PE_DOS_HEADER_AT);
    if (rub_bytes_u32le(&bytes, at) != RUB_PE_MAGIC)
        return self;
    guint section_count = rub_bytes_u16le(&bytes, at + RUB_PE_SECTION_COUNT_AT);
    gsize optional_bytes = rub_bytes_u16le(&bytes, at + RUB_PE_OPTIONAL_BYTES_AT);
    gsize optional_at = at + RUB_PE_HEADER_BYTES;
    gsize directories_at = get_directories_at(&bytes, optional_at);
    gsize entry_at = directories_at + RUB_PE_DIRECTORY_CERTIFICATES * RUB_PE_DIRECTORY_BYTES;
    /* A count before the directories says how many there are. */
    guint32 directory_count = rub_bytes_u32le(&bytes, directories_at - 4);
    guint64 table_at = rub_bytes_u32le(&bytes, entry_at);
    guint64 table_bytes = rub_bytes_u32le(&bytes, entry_at + 4);
    if (bytes.overrun)
        return self;
    if (directory_count > RUB_PE_DIRECTORY_CERTIFICATES && table_at < size_bytes &&
        table_bytes <= size_bytes - table_at)
        add_certificate_table(self, &bytes, table_at, table_bytes);
    add_sections(self, &bytes, optional_at + optional_bytes, section_count);
    add_security_version(self, program, size_bytes);
    return self;
}

void
rub_pe_signature_free(RubPeSignature *self)
{
    g_ptr_array_unref(self->issuers);
    g_free(self->sbat);
    g_free(self);
}
