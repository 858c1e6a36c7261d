/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is a whole file that may be a program, with its signatures and
 * resources. */
#include <stddef.h>
#include <stdint.h>

#include "source/rub-pe-signature.h"
#include "source/rub-pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RubPe pe;
    if (rub_pe_parse(data, MIN(size, RUB_PE_HEAD_BYTES), size, &pe)) {
        g_assert(pe.machine != RUB_MACHINE_NONE && (pe.machine & RUB_MACHINE_ALL) == pe.machine);
        g_assert(rub_machine_get_id(pe.machine) != NULL);
    }
    g_autoptr(RubPeSignature) signature = rub_pe_signature_new(data, size);
    g_assert(signature->is_signed || signature->issuers->len == 0);
    for (guint i = 0; i < signature->issuers->len; i++)
        g_assert(g_utf8_validate(signature->issuers->pdata[i], -1, NULL));
    g_assert(!signature->sbat || g_utf8_validate(signature->sbat, -1, NULL));
    return 0;
}
