/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-wim.h"

#include "base/rub-bytes.h"

#define FILE_BYTES G_GUINT64_CONSTANT(5000000000)

static void
put_resource(guint8 *at, guint32 size, guint8 flags, guint32 offset)
{
    rub_put_u32le(at, size);
    at[7] = flags;
    rub_put_u32le(at + 8, offset);
}

static void
make_header(guint8 *header)
{
    memset(header, 0, RUB_WIM_HEADER_BYTES);
    memcpy(header, "MSWIM\0\0\0", 8);
    rub_put_u32le(header + 8, RUB_WIM_HEADER_BYTES);
    rub_put_u32le(header + 12, 0x10d00);
    rub_put_u32le(header + 16, 0x40002);
    rub_put_u16le(header + 40, 1);
    rub_put_u16le(header + 42, 1);
    rub_put_u32le(header + 44, 3);
    put_resource(header + 48, 5000, 0, 300000);
    put_resource(header + 72, 2000, 0, 400000);
    rub_put_u32le(header + 120, 2);
}

static RubWim *
parse_with(gsize at, guint32 value)
{
    guint8 header[RUB_WIM_HEADER_BYTES];
    make_header(header);
    rub_put_u32le(header + at, value);
    return rub_wim_parse_header(header, FILE_BYTES);
}

static void
test_the_header_says_what_it_holds(void)
{
    guint8 header[RUB_WIM_HEADER_BYTES];
    make_header(header);
    g_autoptr(RubWim) wim = rub_wim_parse_header(header, FILE_BYTES);
    g_assert_cmpuint(wim->image_count, ==, 3);
    g_assert_cmpuint(wim->boot_index, ==, 2);
    g_assert_cmpuint(wim->part_count, ==, 1);
    g_assert_true(wim->is_compressed);
    g_assert_false(wim->is_solid);
    g_assert_true(wim->is_splittable);
    g_assert_cmpuint(wim->xml_offset_bytes, ==, 400000);
    g_assert_cmpuint(wim->xml_size_bytes, ==, 2000);
    g_assert_null(rub_wim_get_boot_image(wim));
}

static void
test_only_whole_plain_wims_are_splittable(void)
{
    g_autoptr(RubWim) solid = parse_with(12, 0xe00);
    g_assert_true(solid->is_solid);
    g_assert_false(solid->is_splittable);
    g_autoptr(RubWim) spanned = parse_with(16, 0x4000a);
    g_assert_false(spanned->is_splittable);
    g_autoptr(RubWim) part = parse_with(40, 0x20001);
    g_assert_cmpuint(part->part_number, ==, 1);
    g_assert_cmpuint(part->part_count, ==, 2);
    g_assert_false(part->is_splittable);
    g_autoptr(RubWim) unfinished = parse_with(16, 0x42);
    g_assert_false(unfinished->is_splittable);
    g_autoptr(RubWim) packed_table = parse_with(52, 0x4000000);
    g_assert_false(packed_table->is_splittable);
}

static void
test_an_unreadable_description_is_left_alone(void)
{
    g_autoptr(RubWim) compressed = parse_with(76, 0x4000000);
    g_assert_cmpuint(compressed->xml_size_bytes, ==, 0);
    g_autoptr(RubWim) outside = parse_with(84, 0xffffffff);
    g_assert_cmpuint(outside->xml_size_bytes, ==, 0);
    g_autoptr(RubWim) huge = parse_with(72, RUB_WIM_MAX_XML_BYTES + 1);
    g_assert_cmpuint(huge->xml_size_bytes, ==, 0);
    g_autoptr(RubWim) wrapping = parse_with(76, 0x00ffffff);
    g_assert_cmpuint(wrapping->xml_size_bytes, ==, 0);
}

static void
test_other_files_are_no_wims(void)
{
    guint8 header[RUB_WIM_HEADER_BYTES];
    make_header(header);
    g_assert_null(rub_wim_parse_header(header, RUB_WIM_HEADER_BYTES - 1));
    header[5] = 1;
    g_assert_null(rub_wim_parse_header(header, FILE_BYTES));
}

static gboolean
add_xml(RubWim *wim, const char *xml, gboolean with_mark)
{
    g_autofree gunichar2 *units = g_utf8_to_utf16(xml, -1, NULL, NULL, NULL);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (with_mark)
        g_byte_array_append(bytes, (const guint8 *) "\xff\xfe", 2);
    for (guint i = 0; units[i] != 0; i++) {
        guint8 pair[2];
        rub_put_u16le(pair, units[i]);
        g_byte_array_append(bytes, pair, 2);
    }
    return rub_wim_parse_xml(wim, bytes->data, bytes->len);
}

static RubWim *
make_wim(void)
{
    guint8 header[RUB_WIM_HEADER_BYTES];
    make_header(header);
    return rub_wim_parse_header(header, FILE_BYTES);
}

static void
test_the_description_names_every_image(void)
{
    static const char xml[] =
        "<WIM><TOTALBYTES>1</TOTALBYTES><IMAGE INDEX=\"1\"><WINDOWS><ARCH>9</ARCH>"
        "<EDITIONID>WindowsPE</EDITIONID><INSTALLATIONTYPE>WindowsPE</INSTALLATIONTYPE>"
        "<LANGUAGES><LANGUAGE>en-US</LANGUAGE><LANGUAGE>de-DE</LANGUAGE></LANGUAGES>"
        "<VERSION><MAJOR>10</MAJOR><MINOR>0</MINOR><BUILD>26100</BUILD><SPBUILD>1742</SPBUILD>"
        "</VERSION></WINDOWS><NAME>PE &amp; more</NAME><DESCRIPTION>Größe 😀</DESCRIPTION></IMAGE>"
        "<IMAGE INDEX=\"2\"><WINDOWS><ARCH>12</ARCH></WINDOWS>"
        "<DISPLAYNAME> Setup\n</DISPLAYNAME></IMAGE></WIM>";
    for (gboolean with_mark = FALSE; with_mark <= TRUE; with_mark++) {
        g_autoptr(RubWim) wim = make_wim();
        g_assert_true(add_xml(wim, xml, with_mark));
        g_assert_cmpuint(wim->images->len, ==, 2);
        const RubWimImage *first = g_ptr_array_index(wim->images, 0);
        g_assert_cmpint(first->machine, ==, RUB_MACHINE_X64);
        g_assert_cmpstr(first->name, ==, "PE & more");
        g_assert_cmpstr(first->description, ==, "Größe 😀");
        g_assert_cmpstr(first->edition, ==, "WindowsPE");
        g_assert_cmpstr(first->installation_type, ==, "WindowsPE");
        g_assert_cmpuint(first->major, ==, 10);
        g_assert_cmpuint(first->minor, ==, 0);
        g_assert_cmpuint(first->build, ==, 26100);
        g_assert_cmpuint(first->service_build, ==, 1742);
        g_assert_cmpuint(first->languages->len, ==, 2);
        g_assert_cmpstr(g_ptr_array_index(first->languages, 1), ==, "de-DE");
        const RubWimImage *boot = rub_wim_get_boot_image(wim);
        g_assert_true(boot == g_ptr_array_index(wim->images, 1));
        g_assert_cmpint(boot->machine, ==, RUB_MACHINE_ARM64);
        g_assert_cmpstr(boot->display_name, ==, "Setup");
        g_assert_null(boot->name);
    }
}

static void
test_every_processor_of_windows_is_known(void)
{
    static const struct {
        const char *number;
        RubMachine machine;
    } processors[] = {
        {"0", RUB_MACHINE_X86},   {"5", RUB_MACHINE_ARM},    {"6", RUB_MACHINE_IA64},
        {"9", RUB_MACHINE_X64},   {"12", RUB_MACHINE_ARM64}, {"77", RUB_MACHINE_OTHER},
        {"-1", RUB_MACHINE_NONE}, {"", RUB_MACHINE_NONE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(processors); i++) {
        g_autofree char *xml = g_strdup_printf(
            "<WIM><IMAGE><WINDOWS><ARCH>%s</ARCH></WINDOWS></IMAGE></WIM>", processors[i].number);
        g_autoptr(RubWim) wim = make_wim();
        g_assert_true(add_xml(wim, xml, TRUE));
        const RubWimImage *image = g_ptr_array_index(wim->images, 0);
        g_assert_cmpint(image->machine, ==, processors[i].machine);
    }
}

static void
test_a_damaged_description_adds_nothing(void)
{
    g_autofree char *deep = g_strnfill(60000, 'x');
    for (guint i = 0; i < 60000; i += 3)
        memcpy(deep + i, "<a>", 3);
    const char *const damaged[] = {
        "",
        "<WIM>",
        "<WIM><IMAGE><NAME>a</NAME></IMAGE>",
        "<WIM><IMAGE></WIM></IMAGE>",
        "no markup",
        "<WIM><IMAGE><NAME>&unknown;</NAME></IMAGE></WIM>",
        deep,
    };
    for (guint i = 0; i < G_N_ELEMENTS(damaged); i++) {
        g_autoptr(RubWim) wim = make_wim();
        g_assert_false(add_xml(wim, damaged[i], TRUE));
        g_assert_cmpuint(wim->images->len, ==, 0);
    }
}

static void
test_text_that_is_no_utf16_adds_nothing(void)
{
    static const guint8 lone_surrogate[] = {0xff, 0xfe, '<', 0, 0x00, 0xd8, '>', 0};
    g_autoptr(RubWim) wim = make_wim();
    g_assert_false(rub_wim_parse_xml(wim, lone_surrogate, sizeof lone_surrogate));
    g_assert_false(rub_wim_parse_xml(wim, lone_surrogate, 1));
    g_assert_false(rub_wim_parse_xml(wim, NULL, 0));
    g_assert_cmpuint(wim->images->len, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wim/header", test_the_header_says_what_it_holds);
    g_test_add_func("/wim/splittable", test_only_whole_plain_wims_are_splittable);
    g_test_add_func("/wim/unreadable-description", test_an_unreadable_description_is_left_alone);
    g_test_add_func("/wim/other-files", test_other_files_are_no_wims);
    g_test_add_func("/wim/description", test_the_description_names_every_image);
    g_test_add_func("/wim/processors", test_every_processor_of_windows_is_known);
    g_test_add_func("/wim/damaged-description", test_a_damaged_description_adds_nothing);
    g_test_add_func("/wim/no-utf16", test_text_that_is_no_utf16_adds_nothing);
    return g_test_run();
}
