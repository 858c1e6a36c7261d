/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the input is the header of a WIM, and its description right behind that. */
#include <stddef.h>
#include <stdint.h>

#include "source/rub-wim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const char *text)
{
    g_assert(text == NULL || g_utf8_validate(text, -1, NULL));
}

static void
check_image(const RubWimImage *image)
{
    check_text(image->name);
    check_text(image->display_name);
    check_text(image->description);
    check_text(image->edition);
    check_text(image->installation_type);
    for (guint i = 0; i < image->languages->len; i++)
        check_text(g_ptr_array_index(image->languages, i));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < RUB_WIM_HEADER_BYTES)
        return 0;
    g_autoptr(RubWim) wim = rub_wim_parse_header(data, size);
    if (wim == NULL)
        return 0;
    g_assert(wim->xml_size_bytes <= RUB_WIM_MAX_XML_BYTES);
    g_assert(wim->xml_size_bytes <= size && wim->xml_offset_bytes <= size - wim->xml_size_bytes);
    rub_wim_parse_xml(wim, data + RUB_WIM_HEADER_BYTES, size - RUB_WIM_HEADER_BYTES);
    for (guint i = 0; i < wim->images->len; i++)
        check_image(g_ptr_array_index(wim->images, i));
    g_assert((rub_wim_get_boot_image(wim) == NULL) == (wim->images->len == 0));
    return 0;
}
