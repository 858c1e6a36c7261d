/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * udf-list IMAGE: what rub_udf_list() says, for tests that compare it with other readers.
 * First line: "volume", size, name. Then a line an entry, fields separated by tabs: kind, size,
 * mtime, extents ("offset+size,..." or "hole+size"), link target, path. Names are escaped.
 */
#include <stdio.h>

#include "base/rub-error.h"
#include "source/rub-udf.h"

static void
print_extents(const GArray *extents)
{
    for (guint i = 0; extents && i < extents->len; i++) {
        const RubExtent *extent = &g_array_index(extents, RubExtent, i);
        if (extent->offset_bytes == RUB_EXTENT_HOLE)
            printf("hole");
        else
            printf("%" G_GUINT64_FORMAT, extent->offset_bytes);
        printf("+%" G_GUINT64_FORMAT "%s", extent->size_bytes, i + 1 < extents->len ? "," : "");
    }
}

static void
print_entry(const RubEntry *entry)
{
    static const char *const kinds[] = {"file", "folder", "symlink"};
    g_autofree char *path = g_strescape(entry->path, NULL);
    g_autofree char *target = g_strescape(entry->link_target ? entry->link_target : "", NULL);
    printf("%s\t%" G_GUINT64_FORMAT "\t%" G_GINT64_FORMAT "\t", kinds[entry->kind],
           entry->size_bytes, entry->mtime_unix);
    print_extents(entry->extents);
    printf("\t%s\t%s\n", target, path);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubImageFile) file = rub_image_file_open(argc == 2 ? argv[1] : "", &error);
    g_autoptr(RubListing) listing = file ? rub_udf_list(file, NULL, &error) : NULL;
    if (!listing) {
        fprintf(stderr, "%s\n", error->message);
        return error->code;
    }
    g_autofree char *name = g_strescape(listing->volume_name ? listing->volume_name : "", NULL);
    printf("volume\t%" G_GUINT64_FORMAT "\t%s\n", listing->size_bytes, name);
    for (guint i = 0; i < listing->entries->len; i++)
        print_entry(g_ptr_array_index(listing->entries, i));
    return 0;
}
