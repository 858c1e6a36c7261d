/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** RUB_DIGEST_NAME: what the digest is called in a manifest */
#define RUB_DIGEST_NAME "xxh3-128"

/** RUB_DIGEST_TEXT_BYTES: room for a digest in hexadecimal and the final 0 */
#define RUB_DIGEST_TEXT_BYTES 33

/**
 * RubDigest:
 *
 * A digest of bytes that come piece by piece. It finds every accident; it is not made to withstand
 * somebody who forges a stick.
 */
typedef struct _RubDigest RubDigest;

/** rub_digest_new: Returns: (transfer full): the digest of nothing */
RubDigest *rub_digest_new(void);

/** rub_digest_free: frees a digest */
void rub_digest_free(RubDigest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RubDigest, rub_digest_free)

/** rub_digest_reset: makes @self the digest of nothing again */
void rub_digest_reset(RubDigest *self);

/** rub_digest_add: adds @size_bytes bytes at @data */
void rub_digest_add(RubDigest *self, const void *data, gsize size_bytes);

/**
 * rub_digest_get_text:
 * @self: a digest
 * @text: (out caller-allocates): the digest of all bytes so far, in hexadecimal
 */
void rub_digest_get_text(const RubDigest *self, char text[RUB_DIGEST_TEXT_BYTES]);

G_END_DECLS
