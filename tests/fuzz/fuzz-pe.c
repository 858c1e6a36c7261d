/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is a whole file that may be a program. */
#include <stddef.h>
#include <stdint.h>

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
    return 0;
}
