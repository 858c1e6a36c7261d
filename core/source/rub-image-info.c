/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/rub-image-info.h"

#include "source/rub-image-info-private.h"

void
rub_uefi_loader_free(RubUefiLoader *self)
{
    g_clear_pointer(&self->signature, rub_pe_signature_free);
    g_free(self->path);
    g_free(self);
}

static void
large_file_free(RubLargeFile *file)
{
    g_free(file->path);
    g_clear_pointer(&file->parts, g_ptr_array_unref);
    g_free(file);
}

static void
extra_entry_free(RubExtraEntry *extra)
{
    rub_entry_free(extra->entry);
    g_free(extra->origin_path);
    g_free(extra);
}

static void
rub_image_info_clear(gpointer data)
{
    RubImageInfo *self = data;
    g_free(self->path);
    g_free(self->real_path);
    g_free(self->display_name);
    g_free(self->volume_name);
    g_free(self->format);
    g_free(self->windows_version);
    g_free(self->largest_file_path);
    g_free(self->bios_menu);
    g_ptr_array_unref(self->windows_names);
    g_ptr_array_unref(self->bios_missing);
    g_ptr_array_unref(self->uefi_loaders);
    g_ptr_array_unref(self->uefi_missing);
    g_ptr_array_unref(self->raw_uefi_loaders);
    g_ptr_array_unref(self->damaged_wims);
    g_ptr_array_unref(self->large_files);
    g_ptr_array_unref(self->label_menus);
    g_ptr_array_unref(self->extra_entries);
}

static RubImageInfo *
image_info_new_empty(const RubSource *source)
{
    RubImageInfo *self = g_atomic_rc_box_new0(RubImageInfo);
    self->path = g_strdup(rub_source_get_path(source));
    self->real_path = rub_image_file_find_path(rub_source_get_image_file(source));
    self->display_name = g_strdup(rub_source_get_display_name(source));
    self->volume_name = g_strdup(rub_source_get_volume_name(source));
    self->format = g_strdup(rub_source_get_format(source));
    self->size_bytes = rub_source_get_size_bytes(source);
    self->windows_names = g_ptr_array_new_with_free_func(g_free);
    self->bios_missing = g_ptr_array_new_with_free_func(g_free);
    self->uefi_loaders = g_ptr_array_new_with_free_func((GDestroyNotify) rub_uefi_loader_free);
    self->raw_uefi_loaders = g_ptr_array_new_with_free_func((GDestroyNotify) rub_uefi_loader_free);
    self->uefi_missing = g_ptr_array_new_with_free_func(g_free);
    self->damaged_wims = g_ptr_array_new_with_free_func(g_free);
    self->extra_entries = g_ptr_array_new_with_free_func((GDestroyNotify) extra_entry_free);
    self->label_menus = g_ptr_array_new_with_free_func((GDestroyNotify) rub_boot_menu_free);
    self->large_files = g_ptr_array_new_with_free_func((GDestroyNotify) large_file_free);
    return self;
}

void
rub_image_info_add_unique(GPtrArray *texts, const char *text)
{
    if (!g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL))
        g_ptr_array_add(texts, g_strdup(text));
}

static void
count_file(RubImageInfo *self, const RubEntry *entry)
{
    self->file_count++;
    self->files_size_bytes += entry->size_bytes;
    if (self->largest_file_path == NULL || entry->size_bytes > self->largest_file_bytes) {
        g_free(self->largest_file_path);
        self->largest_file_path = g_strdup(entry->path);
        self->largest_file_bytes = entry->size_bytes;
    }
    if (entry->size_bytes <= RUB_FAT_MAX_FILE_BYTES)
        return;
    RubLargeFile *file = g_new0(RubLargeFile, 1);
    file->path = g_strdup(entry->path);
    file->size_bytes = entry->size_bytes;
    g_ptr_array_add(self->large_files, file);
}

static void
count_entries(RubImageInfo *self, const RubListing *listing)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        if (entry->kind == RUB_ENTRY_FILE)
            count_file(self, entry);
        else if (entry->kind == RUB_ENTRY_FOLDER)
            self->folder_count++;
        else
            self->symlink_count++;
    }
}

/* Names that the kernel, its first filesystem and live systems' root filesystems go by. */
static gboolean
is_linux_name(const char *name)
{
    static const char *const prefixes[] = {"vmlinuz", "bzimage", "initrd", "initramfs"};
    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_ascii_strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return TRUE;
    }
    return g_str_has_suffix(name, ".squashfs") || g_str_has_suffix(name, ".sfs");
}

static gboolean
has_linux(const RubListing *listing)
{
    for (guint i = 0; i < listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(listing->entries, i);
        const char *slash = strrchr(entry->path, '/');
        if (entry->kind != RUB_ENTRY_FOLDER && is_linux_name(slash ? slash + 1 : entry->path))
            return TRUE;
    }
    return FALSE;
}

static void
add_needs(RubImageInfo *self)
{
    for (guint i = 0; i < self->large_files->len; i++) {
        const RubLargeFile *file = g_ptr_array_index(self->large_files, i);
        self->needs |= file->parts ? RUB_IMAGE_NEEDS_SPLIT : RUB_IMAGE_NEEDS_LARGE_FILES;
    }
    if (self->symlink_count > 0)
        self->needs |= RUB_IMAGE_NEEDS_SYMLINKS;
    for (guint i = 0; i < self->uefi_loaders->len; i++) {
        const RubUefiLoader *loader = g_ptr_array_index(self->uefi_loaders, i);
        if (loader->origin == RUB_ORIGIN_EL_TORITO)
            self->needs |= RUB_IMAGE_NEEDS_EL_TORITO_EFI;
    }
}

RubImageInfo *
rub_image_info_new(RubSource *source, GCancellable *cancellable, GError **error)
{
    const RubListing *listing = rub_source_get_listing(source);
    g_autoptr(RubImageInfo) self = image_info_new_empty(source);
    count_entries(self, listing);
    if (!rub_image_info_add_windows(self, source, cancellable, error))
        return NULL;
    if (self->kind == RUB_IMAGE_OTHER && has_linux(listing))
        self->kind = RUB_IMAGE_LINUX;
    if (!rub_image_info_add_boot(self, source, error) ||
        !rub_image_info_add_bios_menu(self, source, error) ||
        !rub_image_info_add_label_menus(self, source, cancellable, error))
        return NULL;
    add_needs(self);
    return g_steal_pointer(&self);
}

RubImageInfo *
rub_image_info_ref(RubImageInfo *self)
{
    return g_atomic_rc_box_acquire(self);
}

void
rub_image_info_unref(RubImageInfo *self)
{
    g_atomic_rc_box_release_full(self, rub_image_info_clear);
}

static const char *
put(RubTranslate translate, const char *word)
{
    return translate ? translate(word, NULL, 1) : word;
}

static char *
name_system(const RubImageInfo *self, RubTranslate translate)
{
    static const char *const kinds[] = {
        [RUB_IMAGE_OTHER] = N_("Other system"),
        [RUB_IMAGE_WINDOWS_PE] = N_("Windows PE"),
        [RUB_IMAGE_WINDOWS_SETUP] = N_("Windows setup"),
        [RUB_IMAGE_LINUX] = N_("Linux"),
    };
    g_autoptr(GString) name = g_string_new(put(translate, kinds[self->kind]));
    if (self->windows_version != NULL)
        g_string_append_printf(name, " %s", self->windows_version);
    if (self->windows_build == 0)
        return g_strdup(name->str);
    g_autofree char *build = g_strdup_printf("%u", self->windows_build);
    g_autoptr(RubText) text =
        rub_text_new(N_("{name} (build {build})"), "name", name->str, "build", build, NULL);
    return rub_text_format(text, translate);
}

/* Adds a processor to what the description says so far. Takes description. */
static char *
add_machine(char *description, gboolean is_first, const char *machine, RubTranslate translate)
{
    const char *sentence = is_first ? N_("{system}, {machine}") : N_("{system} and {machine}");
    g_autofree char *system = description;
    g_autoptr(RubText) text =
        rub_text_new(sentence, "system", system, "machine", put(translate, machine), NULL);
    return rub_text_format(text, translate);
}

char *
rub_image_info_describe(const RubImageInfo *self, RubTranslate translate)
{
    char *description = name_system(self, translate);
    gboolean is_first = TRUE;
    for (guint bit = 1; bit < RUB_MACHINE_ALL; bit <<= 1) {
        if (!(self->machines & bit))
            continue;
        description = add_machine(description, is_first, rub_machine_get_name(bit), translate);
        is_first = FALSE;
    }
    return description;
}
