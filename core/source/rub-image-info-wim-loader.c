/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-image-info-private.h"
#include "source/rub-wim-file.h"
#include "source/rub-wim.h"

/* What Windows itself copies to EFI/BOOT when it installs; some 1.5 MiB. */
#define LOADER_IN_WIM "Windows/Boot/EFI/bootmgfw.efi"
#define MAX_LOADER_BYTES ((guint64) 16 * 1024 * 1024)

/* The WIM that starts is of the same age as the boot files beside it; the one that installs may be
 * the only one that has the loader. */
static const char *const wims[] = {"sources/boot.wim", "sources/install.wim"};

/* UEFI Specification 3.5.1.1, table "UEFI Image Types". */
static const char *
get_loader_path(RubMachine machine)
{
    switch (machine) {
    case RUB_MACHINE_X64:
        return "EFI/BOOT/BOOTX64.EFI";
    case RUB_MACHINE_X86:
        return "EFI/BOOT/BOOTIA32.EFI";
    case RUB_MACHINE_ARM64:
        return "EFI/BOOT/BOOTAA64.EFI";
    default:
        return NULL;
    }
}

static void
add_extra(RubImageInfo *self, const RubSource *source, RubEntry *entry, const char *wim_path)
{
    RubExtraEntry *extra = g_new0(RubExtraEntry, 1);
    extra->entry = entry;
    extra->origin = RUB_ORIGIN_WIM;
    extra->origin_path = wim_path ? g_strdup_printf("%s: " LOADER_IN_WIM, wim_path) : NULL;
    extra->replaces = rub_source_find(source, entry->path) != NULL;
    g_ptr_array_add(self->extra_entries, extra);
}

static void
add_missing_folder(RubImageInfo *self, const RubSource *source, const char *path)
{
    g_autofree char *spelled = rub_image_info_spell_path(source, path);
    if (!rub_source_find(source, spelled))
        add_extra(self, source, rub_entry_new(RUB_ENTRY_FOLDER, g_steal_pointer(&spelled)), NULL);
}

static void
forget_loader(RubImageInfo *self, const char *path)
{
    for (guint i = 0; i < self->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = g_ptr_array_index(self->uefi_loaders, i);
        if (g_ascii_strcasecmp(loader->path, path) == 0) {
            g_ptr_array_remove_index(self->uefi_loaders, i);
            return;
        }
    }
}

/* Returns a file under the name by which the firmware of @machine looks for its loader. */
static RubEntry *
make_entry(const RubSource *source, const char *path, GBytes *bytes, gint64 mtime_unix)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    RubEntry *entry = rub_entry_new(RUB_ENTRY_FILE, rub_image_info_spell_path(source, path));
    rub_entry_add_memory(entry, data, size);
    entry->size_bytes = size;
    entry->mtime_unix = mtime_unix;
    return entry;
}

static gboolean
add_loader(RubImageInfo *self, const RubSource *source, const RubEntry *wim, GBytes *bytes,
           GError **error)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    RubPe pe;
    if (!rub_pe_parse(data, MIN(size, RUB_PE_HEAD_BYTES), size, &pe) || !pe.is_efi_application)
        return TRUE;
    const char *path = get_loader_path(pe.machine);
    if (!path)
        return TRUE;
    g_autoptr(RubEntry) entry = make_entry(source, path, bytes, wim->mtime_unix);
    RubUefiLoader *loader = rub_image_info_read_loader(source, entry, RUB_ORIGIN_WIM, error);
    if (!loader)
        return FALSE;
    forget_loader(self, path);
    g_ptr_array_add(self->uefi_loaders, loader);
    add_missing_folder(self, source, "EFI");
    add_missing_folder(self, source, "EFI/BOOT");
    add_extra(self, source, g_steal_pointer(&entry), wim->path);
    return TRUE;
}

static gboolean
read_boot_index(const RubSource *source, const RubEntry *wim, guint *index, GError **error)
{
    g_autoptr(RubWim) facts = NULL;
    if (!rub_wim_read(source, wim, &facts, error))
        return FALSE;
    *index = facts && facts->boot_index > 0 ? facts->boot_index : 1;
    return TRUE;
}

static gboolean
look_into_wim(RubImageInfo *self, const RubSource *source, const RubEntry *wim, GError **error)
{
    guint index;
    g_autoptr(GBytes) bytes = NULL;
    if (!read_boot_index(source, wim, &index, error) ||
        !rub_wim_read_file(source, wim, index, LOADER_IN_WIM, MAX_LOADER_BYTES, &bytes, error))
        return FALSE;
    return !bytes || add_loader(self, source, wim, bytes, error);
}

static gboolean
has_good_loader(const RubImageInfo *self)
{
    for (guint i = 0; i < self->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = g_ptr_array_index(self->uefi_loaders, i);
        if (loader->state == RUB_LOADER_GOOD && loader->named_for != RUB_MACHINE_NONE)
            return TRUE;
    }
    return FALSE;
}

/* Without its menu for UEFI the loader would start nothing. */
static gboolean
could_start(const RubImageInfo *self, const RubSource *source)
{
    return (self->kind == RUB_IMAGE_WINDOWS_PE || self->kind == RUB_IMAGE_WINDOWS_SETUP) &&
           rub_source_find(source, "efi/microsoft/boot/bcd") != NULL;
}

gboolean
rub_image_info_add_wim_loader(RubImageInfo *self, const RubSource *source, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(wims); i++) {
        const RubEntry *wim = rub_source_find(source, wims[i]);
        if (!could_start(self, source) || has_good_loader(self))
            return TRUE;
        if (wim && !look_into_wim(self, source, wim, error))
            return FALSE;
    }
    return TRUE;
}
