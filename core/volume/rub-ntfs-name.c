/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume/rub-ntfs-name.h"

#include "base/rub-error.h"
#include "volume/rub-fat-name.h"

#define REPLACEMENT_CHARACTER 0xfffd

/* The rules are those of Windows, and the same as for long names on FAT. NTFS itself would hold
 * nearly everything. */
gboolean
rub_ntfs_name_parse(RubNtfsName *self, const char *text, const char *path, GError **error)
{
    RubFatNameFault fault = rub_fat_name_check(text);
    glong length = 0;
    if (fault != RUB_FAT_NAME_OK) {
        g_autoptr(RubText) reason = rub_fat_name_describe_fault(fault);
        rub_error_take_text(error, RUB_CODE_NAME_NOT_REPRESENTABLE,
                            rub_text_new_named(path, reason));
        return FALSE;
    }
    g_autofree gunichar2 *units = g_utf8_to_utf16(text, -1, NULL, &length, NULL);
    self->length = (guint8) length;
    for (glong i = 0; i < length; i++)
        self->letters[i] = GUINT16_TO_LE(units[i]);
    return TRUE;
}

char *
rub_ntfs_name_to_utf8(const ntfschar *letters, guint length)
{
    GString *text = g_string_sized_new(length);
    for (guint i = 0; i < length; i++) {
        gunichar character = GUINT16_FROM_LE(letters[i]);
        gunichar next = i + 1 < length ? GUINT16_FROM_LE(letters[i + 1]) : 0;
        gboolean is_high = character >= 0xd800 && character < 0xdc00;
        if (is_high && next >= 0xdc00 && next < 0xe000) {
            character = 0x10000 + ((character - 0xd800) << 10) + (next - 0xdc00);
            i++;
        } else if (character >= 0xd800 && character < 0xe000) {
            character = REPLACEMENT_CHARACTER;
        }
        /* Neither can be part of a path. */
        if (character == 0 || character == '/')
            character = REPLACEMENT_CHARACTER;
        g_string_append_unichar(text, character);
    }
    return g_string_free(text, FALSE);
}

char *
rub_ntfs_name_fold(const ntfs_volume *volume, const RubNtfsName *self)
{
    RubNtfsName upper = *self;
    ntfs_name_upcase(upper.letters, upper.length, volume->upcase, volume->upcase_len);
    return rub_ntfs_name_to_utf8(upper.letters, upper.length);
}
