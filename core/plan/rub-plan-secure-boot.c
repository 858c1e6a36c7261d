/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "plan/rub-plan-private.h"

/* Whose signatures the firmware of PCs trusts as they are sold: Microsoft's authorities of 2011
 * ("Windows Production PCA", "UEFI CA") and those of 2023 that follow them. */
typedef enum {
    TRUST_NONE = 0,
    TRUST_2011 = 1 << 0,
    TRUST_2023 = 1 << 1,
} Trust;

static Trust
judge_issuer(const char *name)
{
    static const struct {
        const char *name;
        Trust trust;
    } authorities[] = {
        {"Microsoft Windows Production PCA 2011", TRUST_2011},
        {"Microsoft Corporation UEFI CA 2011", TRUST_2011},
        {"Windows UEFI CA 2023", TRUST_2023},
        {"Microsoft UEFI CA 2023", TRUST_2023},
    };
    for (guint i = 0; i < G_N_ELEMENTS(authorities); i++) {
        if (strcmp(name, authorities[i].name) == 0)
            return authorities[i].trust;
    }
    return TRUST_NONE;
}

static Trust
judge_signature(const RubPeSignature *signature)
{
    Trust trust = TRUST_NONE;
    for (guint i = 0; i < signature->issuers->len; i++)
        trust |= judge_issuer(g_ptr_array_index(signature->issuers, i));
    return trust;
}

static RubText *
describe_trusted(Trust trust)
{
    switch ((int) trust) {
    case TRUST_2011 | TRUST_2023:
        return rub_text_new(N_("starts on PCs that trust the 2011 or the 2023 Microsoft CA, unless "
                               "they revoked its loader"),
                            NULL);
    case TRUST_2023:
        return rub_text_new(N_("starts on PCs that trust the 2023 Microsoft CA; older ones may "
                               "need Secure Boot turned off"),
                            NULL);
    default:
        return rub_text_new(N_("starts on PCs that trust the 2011 Microsoft CA; new or fully "
                               "updated ones may refuse it"),
                            NULL);
    }
}

static RubText *
describe_untrusted(const RubUefiLoader *loader)
{
    const RubPeSignature *signature = loader->signature;
    if (!signature || !signature->is_signed || signature->issuers->len == 0)
        return rub_text_new(N_("{path} is not signed: turn Secure Boot off"), "path", loader->path,
                            NULL);
    return rub_text_new(N_("{path} is signed by \"{issuer}\", which PCs do not trust by "
                           "themselves: turn Secure Boot off, or enrol its key"),
                        "path", loader->path, "issuer", g_ptr_array_index(signature->issuers, 0),
                        NULL);
}

/* Only what firmware itself starts counts; the weakest of these decides. */
void
rub_planning_tell_secure_boot(RubPlanning *self)
{
    Trust common = TRUST_2011 | TRUST_2023;
    const RubUefiLoader *untrusted = NULL;
    const GPtrArray *loaders =
        self->plan->mode == RUB_PLAN_RAW ? self->info->raw_uefi_loaders : self->info->uefi_loaders;
    if (!(self->plan->starts_on & RUB_FIRMWARE_UEFI))
        return;
    for (guint i = 0; i < loaders->len; i++) {
        const RubUefiLoader *loader = loaders->pdata[i];
        if (loader->state != RUB_LOADER_GOOD || loader->named_for == RUB_MACHINE_NONE)
            continue;
        Trust trust = loader->signature ? judge_signature(loader->signature) : TRUST_NONE;
        if (trust == TRUST_NONE && !untrusted)
            untrusted = loader;
        common &= trust ? trust : common;
    }
    self->plan->secure_boot = untrusted ? describe_untrusted(untrusted) : describe_trusted(common);
}
