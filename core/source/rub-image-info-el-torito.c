/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-efi-volume.h"
#include "source/rub-image-info-private.h"

/* Boot images for UEFI have a handful of files; a loader has one or two MiB. */
#define MAX_FILES 1000
#define MAX_LOADER_BYTES ((guint64) 16 * 1024 * 1024)

static RubUefiLoader *
find_loader(const RubImageInfo *self, const char *path)
{
    for (guint i = 0; i < self->uefi_loaders->len; i++) {
        RubUefiLoader *loader = g_ptr_array_index(self->uefi_loaders, i);
        if (g_ascii_strcasecmp(loader->path, path) == 0)
            return loader;
    }
    return NULL;
}

static GBytes *
read_whole(const RubSource *source, const RubEntry *entry, GError **error)
{
    g_autofree guint8 *data = g_malloc(entry->size_bytes);
    if (!rub_source_read(source, entry, 0, data, entry->size_bytes, error))
        return NULL;
    return g_bytes_new_take(g_steal_pointer(&data), entry->size_bytes);
}

/* On Windows discs the boot image has a program of its own, which asks for a key before it starts
 * the loader of the disc: no rival of that, and of no use on a stick. */
static gboolean
asks_for_disc_key(GBytes *program)
{
    static const char question[] = "C\0D\0 \0o\0r\0 \0D\0V\0D";
    gsize size;
    const void *data = g_bytes_get_data(program, &size);
    return memmem(data, size, question, sizeof question - 1) != NULL;
}

static gboolean
compare_rivals(RubUefiLoader *loader, const RubSource *source, const RubEntry *entry,
               const RubEntry *rival, GError **error)
{
    if (MAX(entry->size_bytes, rival->size_bytes) > MAX_LOADER_BYTES)
        return TRUE;
    g_autoptr(GBytes) bytes = read_whole(source, entry, error);
    g_autoptr(GBytes) rival_bytes = bytes ? read_whole(source, rival, error) : NULL;
    if (!rival_bytes)
        return FALSE;
    loader->has_rival = !g_bytes_equal(bytes, rival_bytes) && !asks_for_disc_key(rival_bytes);
    return TRUE;
}

static void
add_extra(RubImageInfo *self, const RubSource *source, const RubEntry *entry, gboolean replaces)
{
    RubExtraEntry *extra = g_new0(RubExtraEntry, 1);
    extra->entry = rub_entry_copy(entry, rub_image_info_spell_path(source, entry->path));
    extra->origin = RUB_ORIGIN_EL_TORITO;
    extra->replaces = replaces;
    g_ptr_array_add(self->extra_entries, extra);
}

/* The image's own loader stays unless only the other one would start. */
static gboolean
meet_loader(RubImageInfo *self, const RubSource *source, const RubEntry *entry, GError **error)
{
    const RubEntry *own_entry = rub_source_find(source, entry->path);
    RubUefiLoader *own = find_loader(self, entry->path);
    RubUefiLoader *loader = rub_image_info_read_loader(source, entry, RUB_ORIGIN_EL_TORITO, error);
    if (!loader)
        return FALSE;
    if (own_entry && (!own || own->state == RUB_LOADER_GOOD || loader->state != RUB_LOADER_GOOD)) {
        gboolean are_rivals = own && own->state == RUB_LOADER_GOOD &&
                              loader->state == RUB_LOADER_GOOD && own_entry->kind == RUB_ENTRY_FILE;
        rub_uefi_loader_free(loader);
        return !are_rivals || compare_rivals(own, source, own_entry, entry, error);
    }
    if (own)
        g_ptr_array_remove(self->uefi_loaders, own);
    g_ptr_array_add(self->uefi_loaders, loader);
    if (loader->state == RUB_LOADER_GOOD || loader->named_for == RUB_MACHINE_NONE)
        add_extra(self, source, entry, own_entry != NULL);
    return TRUE;
}

static gboolean
add_entries(RubImageInfo *self, const RubSource *source, const RubListing *listing, GError **error)
{
    for (guint i = 0; i < MIN(listing->entries->len, MAX_FILES); i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (rub_image_info_is_loader(entry)) {
            if (!meet_loader(self, source, entry, error))
                return FALSE;
        } else if (!rub_source_find(source, entry->path)) {
            add_extra(self, source, entry, FALSE);
        }
    }
    return TRUE;
}

gboolean
rub_image_info_add_el_torito_efi(RubImageInfo *self, const RubSource *source, GError **error)
{
    g_autoptr(RubListing) listing = NULL;
    if (!self->has_el_torito_efi)
        return TRUE;
    if (!rub_efi_volume_list(rub_source_get_image_file(source), self->el_torito_efi_offset_bytes,
                             &listing, error))
        return FALSE;
    return !listing || add_entries(self, source, listing, error);
}
