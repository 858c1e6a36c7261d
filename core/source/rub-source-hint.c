/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-source-hint.h"

#include <string.h>

#include "base/rub-error.h"

#define HEAD_BYTES 1024
#define FIRST_DESCRIPTOR_OFFSET 32768
#define FOOTER_BYTES 512

/* First match wins; what a boot sector's signature alone says is the weakest. */
static const struct {
    gsize offset;
    gsize size;
    const char *magic;
    const char *hint;
} magics[] = {
    {0, 4, "PK\3\4",
     N_("{path} is neither ISO 9660 nor UDF; it is a ZIP archive: unpack it and use the ISO in "
        "it")},
    {0, 6, "7z\xbc\xaf\x27\x1c",
     N_("{path} is neither ISO 9660 nor UDF; it is a 7-Zip archive: unpack it and use the ISO in "
        "it")},
    {0, 4, "Rar!",
     N_("{path} is neither ISO 9660 nor UDF; it is a RAR archive: unpack it and use the ISO in "
        "it")},
    {0, 2, "\x1f\x8b",
     N_("{path} is neither ISO 9660 nor UDF; it is compressed with gzip: unpack it first")},
    {0, 6,
     "\xfd"
     "7zXZ",
     N_("{path} is neither ISO 9660 nor UDF; it is compressed with xz: unpack it first")},
    {0, 3, "BZh",
     N_("{path} is neither ISO 9660 nor UDF; it is compressed with bzip2: unpack it first")},
    {0, 4, "\x28\xb5\x2f\xfd",
     N_("{path} is neither ISO 9660 nor UDF; it is compressed with zstd: unpack it first")},
    {0, 8, "MSWIM\0\0",
     N_("{path} is neither ISO 9660 nor UDF; it is a WIM archive, not an image of a disc")},
    {0, 8, "conectix",
     N_("{path} is neither ISO 9660 nor UDF; it is a virtual hard disk (VHD), not an image of a "
        "disc")},
    {0, 8, "vhdxfile",
     N_("{path} is neither ISO 9660 nor UDF; it is a virtual hard disk (VHDX), not an image of a "
        "disc")},
    {0, 4, "KDMV",
     N_("{path} is neither ISO 9660 nor UDF; it is a virtual hard disk (VMDK), not an image of a "
        "disc")},
    {0, 4, "QFI\xfb",
     N_("{path} is neither ISO 9660 nor UDF; it is a virtual hard disk (QCOW2), not an image of a "
        "disc")},
    {0, 12, "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
     N_("{path} is neither ISO 9660 nor UDF; it holds the raw sectors of a disc (BIN, MDF): "
        "convert it to an ISO first")},
    {0, 14, "<!DOCTYPE html",
     N_("{path} is neither ISO 9660 nor UDF; it is a web page: the download did not work")},
    {0, 14, "<!doctype html",
     N_("{path} is neither ISO 9660 nor UDF; it is a web page: the download did not work")},
    {0, 5, "<html",
     N_("{path} is neither ISO 9660 nor UDF; it is a web page: the download did not work")},
    {512, 8, "EFI PART",
     N_("{path} is neither ISO 9660 nor UDF; it is an image of a hard disk or stick, not of a "
        "disc")},
    {510, 2, "\x55\xaa",
     N_("{path} is neither ISO 9660 nor UDF; it is an image of a hard disk or stick, not of a "
        "disc")},
};

static const char *
find_hint(const guint8 *head, gsize size)
{
    for (guint i = 0; i < G_N_ELEMENTS(magics); i++) {
        if (magics[i].offset + magics[i].size <= size &&
            memcmp(head + magics[i].offset, magics[i].magic, magics[i].size) == 0)
            return magics[i].hint;
    }
    return NULL;
}

/* Downloaders make room first: where both the start and the first volume descriptor are zeros, they
 * never came back to fill it. */
static gboolean
is_blank(RubImageFile *file)
{
    static const guint8 zeros[HEAD_BYTES];
    static const guint64 offsets[] = {0, FIRST_DESCRIPTOR_OFFSET};
    guint8 bytes[HEAD_BYTES];
    for (guint i = 0; i < G_N_ELEMENTS(offsets); i++) {
        if (!rub_image_file_read(file, offsets[i], bytes, sizeof bytes, NULL) ||
            memcmp(bytes, zeros, sizeof bytes) != 0)
            return FALSE;
    }
    return TRUE;
}

/* A VHD of fixed size has its header at the end. */
static const char *
find_hint_in_file(RubImageFile *file)
{
    guint8 head[HEAD_BYTES];
    guint64 size_bytes = rub_image_file_get_size_bytes(file);
    gsize size = MIN(sizeof head, size_bytes);
    if (size_bytes >= FOOTER_BYTES &&
        rub_image_file_read(file, size_bytes - FOOTER_BYTES, head, 8, NULL) &&
        memcmp(head, "conectix", 8) == 0)
        return find_hint(head, 8);
    if (is_blank(file))
        return N_("{path} is neither ISO 9660 nor UDF; it begins with nothing but zeros: the "
                  "download may not have ended");
    if (!rub_image_file_read(file, 0, head, size, NULL))
        return NULL;
    return find_hint(head, size);
}

void
rub_source_set_foreign_error(RubImageFile *file, GError **error)
{
    const char *hint = find_hint_in_file(file);
    const char *message = hint ? hint : N_("{path} is neither ISO 9660 nor UDF");
    rub_error_take_text(error, RUB_CODE_IMAGE_UNREADABLE,
                        rub_text_new(message, "path", rub_image_file_get_path(file), NULL));
}
