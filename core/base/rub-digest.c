/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-digest.h"

#include <xxhash.h>

struct _RubDigest {
    XXH3_state_t *state;
};

RubDigest *
rub_digest_new(void)
{
    RubDigest *self = g_new0(RubDigest, 1);
    self->state = XXH3_createState();
    rub_digest_reset(self);
    return self;
}

void
rub_digest_free(RubDigest *self)
{
    XXH3_freeState(self->state);
    g_free(self);
}

void
rub_digest_reset(RubDigest *self)
{
    XXH3_128bits_reset(self->state);
}

void
rub_digest_add(RubDigest *self, const void *data, gsize size_bytes)
{
    XXH3_128bits_update(self->state, data, size_bytes);
}

void
rub_digest_get_text(const RubDigest *self, char text[RUB_DIGEST_TEXT_BYTES])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(self->state));
    for (gsize i = 0; i < sizeof canonical.digest; i++)
        g_snprintf(text + 2 * i, 3, "%02x", canonical.digest[i]);
}
