/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** RUB_PE_MAX_BYTES: how large a program may be that is looked into; loaders have some MiB */
#define RUB_PE_MAX_BYTES ((guint64) 16 * 1024 * 1024)

/**
 * RubPeSignature:
 * @is_signed: whether it has a signature that can be read; whether that is right is for firmware to
 *   say
 * @issuers: (element-type utf8): the common names of the authorities that issued the certificates
 *   of its signers, also of nested signatures, without repeats: "Microsoft Corporation UEFI CA
 *   2011"
 * @sbat: (nullable): what shim's revocation list counts in it: "shim 4, grub 5"
 * @has_security_version: whether it says which revocations Windows asks of its boot manager
 * @security_version_major: that version
 * @security_version_minor: and its second number
 *
 * What Secure Boot goes by when it decides about a program.
 */
typedef struct {
    gboolean is_signed;
    GPtrArray *issuers;
    char *sbat;
    gboolean has_security_version;
    guint security_version_major;
    guint security_version_minor;
} RubPeSignature;

/**
 * rub_pe_signature_new:
 * @program: a whole PE file, of which nothing is trusted
 * @size_bytes: its size
 *
 * Returns: (transfer full): what can be read of its signatures; without any for what is no program
 */
RubPeSignature *rub_pe_signature_new(const guint8 *program, gsize size_bytes);

/** rub_pe_signature_free: frees it */
void rub_pe_signature_free(RubPeSignature *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubPeSignature, rub_pe_signature_free)

G_END_DECLS
