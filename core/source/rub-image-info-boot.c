/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-bytes.h"
#include "source/rub-image-info-private.h"

#define LOADER_FOLDER "efi/boot/"
#define RAM_DISK "boot/boot.sdi"

static gboolean
has_file(const RubSource *source, const char *path)
{
    const RubEntry *entry = rub_source_find(source, path);
    return entry != NULL && entry->kind == RUB_ENTRY_FILE && entry->size_bytes > 0;
}

/* A WIM is started as a RAM disk, which takes boot.sdi, from wherever the BCD says. */
static gboolean
has_ram_disk(const RubSource *source)
{
    const GPtrArray *entries = rub_source_get_listing(source)->entries;
    for (guint i = 0; i < entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(entries, i);
        const char *slash = strrchr(entry->path, '/');
        if (entry->kind == RUB_ENTRY_FILE && entry->size_bytes > 0 &&
            g_ascii_strcasecmp(slash ? slash + 1 : entry->path, "boot.sdi") == 0)
            return TRUE;
    }
    return FALSE;
}

/* BIOS starts bootmgr, which reads its menu from the BCD; that starts a WIM. */
static void
add_bios(RubImageInfo *self, const RubSource *source)
{
    static const char *const wanted[] = {"bootmgr", "boot/bcd"};
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (!has_file(source, wanted[i]))
            rub_image_info_add_unique(self->bios_missing, wanted[i]);
    }
    if (!has_ram_disk(source))
        rub_image_info_add_unique(self->bios_missing, RAM_DISK);
    if (!self->has_wim)
        rub_image_info_add_unique(self->bios_missing, "sources/boot.wim");
    self->boots_bios = self->bios_missing->len == 0;
}

/* UEFI Specification 3.5.1.1, table "UEFI Image Types": names on removable media. */
static RubMachine
find_named_machine(const char *name)
{
    static const struct {
        const char *name;
        RubMachine machine;
    } names[] = {
        {"bootia32.efi", RUB_MACHINE_X86},  {"bootx64.efi", RUB_MACHINE_X64},
        {"bootarm.efi", RUB_MACHINE_ARM},   {"bootaa64.efi", RUB_MACHINE_ARM64},
        {"bootia64.efi", RUB_MACHINE_IA64}, {"bootriscv64.efi", RUB_MACHINE_RISCV64},
    };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_ascii_strcasecmp(name, names[i].name) == 0)
            return names[i].machine;
    }
    return RUB_MACHINE_NONE;
}

gboolean
rub_image_info_is_loader(const RubEntry *entry)
{
    gsize folder_size = strlen(LOADER_FOLDER);
    gsize size = strlen(entry->path);
    return entry->kind != RUB_ENTRY_FOLDER && size > folder_size + 4 &&
           g_ascii_strncasecmp(entry->path, LOADER_FOLDER, folder_size) == 0 &&
           g_ascii_strcasecmp(entry->path + size - 4, ".efi") == 0 &&
           strchr(entry->path + folder_size, '/') == NULL;
}

static gboolean
judge_loader(RubUefiLoader *loader, const RubSource *source, const RubEntry *entry, GError **error)
{
    if (entry->kind != RUB_ENTRY_FILE || entry->size_bytes == 0) {
        loader->state = RUB_LOADER_EMPTY;
        return TRUE;
    }
    guint8 head[RUB_PE_HEAD_BYTES];
    gsize size = MIN(sizeof head, entry->size_bytes);
    if (!rub_source_read(source, entry, 0, head, size, error))
        return FALSE;
    RubPe pe;
    loader->state = RUB_LOADER_NOT_A_PROGRAM;
    if (!rub_pe_parse(head, size, entry->size_bytes, &pe) || !pe.is_efi_application)
        return TRUE;
    loader->machine = pe.machine;
    gboolean fits = loader->named_for == RUB_MACHINE_NONE || loader->named_for == pe.machine;
    loader->state = fits ? RUB_LOADER_GOOD : RUB_LOADER_WRONG_MACHINE;
    return TRUE;
}

static gboolean
read_signature(RubUefiLoader *loader, const RubSource *source, const RubEntry *entry,
               GError **error)
{
    if (loader->state != RUB_LOADER_GOOD || entry->size_bytes > RUB_PE_MAX_BYTES)
        return TRUE;
    g_autofree guint8 *program = g_malloc(entry->size_bytes);
    if (!rub_source_read(source, entry, 0, program, entry->size_bytes, error))
        return FALSE;
    loader->signature = rub_pe_signature_new(program, entry->size_bytes);
    return TRUE;
}

RubUefiLoader *
rub_image_info_read_loader(const RubSource *source, const RubEntry *entry, RubFileOrigin origin,
                           GError **error)
{
    g_autoptr(RubUefiLoader) loader = g_new0(RubUefiLoader, 1);
    loader->path = g_strdup(entry->path);
    loader->origin = origin;
    loader->named_for = find_named_machine(entry->path + strlen(LOADER_FOLDER));
    if (!judge_loader(loader, source, entry, error) ||
        !read_signature(loader, source, entry, error))
        return NULL;
    return g_steal_pointer(&loader);
}

char *
rub_image_info_spell_path(const RubSource *source, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autofree char *spelled = g_strdup(parts[0]);
    for (guint i = 1; parts[i]; i++) {
        const RubEntry *folder = rub_source_find(source, spelled);
        char *longer = g_strconcat(folder ? folder->path : spelled, "/", parts[i], NULL);
        g_free(spelled);
        spelled = longer;
    }
    return g_steal_pointer(&spelled);
}

static gboolean
add_loaders(RubImageInfo *self, const RubSource *source, GError **error)
{
    const GPtrArray *entries = rub_source_get_listing(source)->entries;
    for (guint i = 0; i < entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(entries, i);
        if (!rub_image_info_is_loader(entry))
            continue;
        RubUefiLoader *loader = rub_image_info_read_loader(source, entry, RUB_ORIGIN_IMAGE, error);
        if (!loader)
            return FALSE;
        g_ptr_array_add(self->uefi_loaders, loader);
    }
    return TRUE;
}

static void
sum_up_uefi(RubImageInfo *self, const RubSource *source)
{
    for (guint i = 0; i < self->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = g_ptr_array_index(self->uefi_loaders, i);
        if (loader->state == RUB_LOADER_GOOD)
            self->uefi_machines |= loader->named_for;
    }
    gboolean is_windows =
        self->kind == RUB_IMAGE_WINDOWS_PE || self->kind == RUB_IMAGE_WINDOWS_SETUP;
    if (is_windows && !has_file(source, "efi/microsoft/boot/bcd"))
        rub_image_info_add_unique(self->uefi_missing, "efi/microsoft/boot/bcd");
    if (is_windows && !has_ram_disk(source))
        rub_image_info_add_unique(self->uefi_missing, RAM_DISK);
    if (self->machines == RUB_MACHINE_NONE)
        self->machines = self->uefi_machines;
}

static void
add_el_torito(RubImageInfo *self, const GArray *boot_images)
{
    for (guint i = 0; boot_images != NULL && i < boot_images->len; i++) {
        const RubElToritoEntry *entry = &g_array_index(boot_images, RubElToritoEntry, i);
        if (!entry->is_bootable)
            continue;
        if (entry->platform == RUB_EL_TORITO_BIOS)
            self->has_el_torito_bios = TRUE;
        if (entry->platform != RUB_EL_TORITO_EFI || self->has_el_torito_efi)
            continue;
        self->has_el_torito_efi = TRUE;
        self->el_torito_efi_offset_bytes = entry->offset_bytes;
    }
}

gboolean
rub_image_info_add_boot(RubImageInfo *self, const RubSource *source, GError **error)
{
    add_bios(self, source);
    add_el_torito(self, rub_source_get_boot_images(source));
    if (!add_loaders(self, source, error) ||
        !rub_image_info_add_el_torito_efi(self, source, error) ||
        !rub_image_info_add_wim_loader(self, source, error) ||
        !rub_image_info_add_hybrid(self, source, error))
        return FALSE;
    sum_up_uefi(self, source);
    return TRUE;
}
