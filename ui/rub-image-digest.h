/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RubDigestMatch:
 * @RUB_DIGEST_MATCH_UNKNOWN: there is nothing to compare, or not yet
 * @RUB_DIGEST_MATCH_INVALID: what was expected is no SHA-256
 * @RUB_DIGEST_MATCH_YES: the image is what was expected
 * @RUB_DIGEST_MATCH_NO: it is not
 *
 * How a digest compares with the one that was expected.
 */
typedef enum {
    RUB_DIGEST_MATCH_UNKNOWN,
    RUB_DIGEST_MATCH_INVALID,
    RUB_DIGEST_MATCH_YES,
    RUB_DIGEST_MATCH_NO,
} RubDigestMatch;

/**
 * RubImageDigest:
 *
 * The SHA-256 of an image, worked out on another thread when it is asked for. Emits "changed" when
 * anything about it changes.
 */
#define RUB_TYPE_IMAGE_DIGEST (rub_image_digest_get_type())
G_DECLARE_FINAL_TYPE(RubImageDigest, rub_image_digest, RUB, IMAGE_DIGEST, GObject)

/** rub_image_digest_new: Returns: (transfer full): a digest of no image */
RubImageDigest *rub_image_digest_new(void);

/** rub_image_digest_set_path: takes another image, @path (nullable); what was known is forgotten */
void rub_image_digest_set_path(RubImageDigest *self, const char *path);

/** rub_image_digest_set_expected: sets what the digest should be */
void rub_image_digest_set_expected(RubImageDigest *self, const char *expected);

/** rub_image_digest_start: begins to work it out, unless that is done or under way */
void rub_image_digest_start(RubImageDigest *self);

/** rub_image_digest_is_busy: Returns: whether it is being worked out */
gboolean rub_image_digest_is_busy(RubImageDigest *self);

/** rub_image_digest_get_fraction: Returns: how much of the image was read, 0 to 1 */
double rub_image_digest_get_fraction(RubImageDigest *self);

/** rub_image_digest_get_text: Returns: (transfer none) (nullable): the digest; %NULL if unknown */
const char *rub_image_digest_get_text(RubImageDigest *self);

/** rub_image_digest_get_error: Returns: (transfer none) (nullable): why it cannot be worked out */
const GError *rub_image_digest_get_error(RubImageDigest *self);

/** rub_image_digest_get_match: Returns: how it compares with what was expected */
RubDigestMatch rub_image_digest_get_match(RubImageDigest *self);

G_END_DECLS
