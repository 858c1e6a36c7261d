/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rub-plan-private.h"

/* How many names a note lists before it only counts. */
#define MAX_NAMES_IN_NOTE 3

const GPtrArray *
rub_planning_find_parts(const RubPlanning *self, const RubEntry *entry)
{
    if (entry->size_bytes <= RUB_FAT_MAX_FILE_BYTES || rub_planning_uses_ntfs(self))
        return NULL;
    for (guint i = 0; i < self->info->large_files->len; i++) {
        const RubLargeFile *file = g_ptr_array_index(self->info->large_files, i);
        if (g_str_equal(file->path, entry->path))
            return file->parts;
    }
    return NULL;
}

const char *
rub_planning_find_whole(const RubPlanning *self, const RubEntry *part)
{
    for (guint i = 0; i < self->info->large_files->len; i++) {
        const RubLargeFile *file = g_ptr_array_index(self->info->large_files, i);
        if (file->parts && g_ptr_array_find(file->parts, part, NULL))
            return file->path;
    }
    return NULL;
}

const RubEntry *
rub_planning_find_replacement(const RubPlanning *self, const RubEntry *entry)
{
    for (guint i = 0; i < self->info->extra_entries->len; i++) {
        const RubExtraEntry *extra = g_ptr_array_index(self->info->extra_entries, i);
        if (extra->replaces && g_ascii_strcasecmp(extra->entry->path, entry->path) == 0)
            return extra->entry;
    }
    return NULL;
}

static RubText *
describe_split(const RubLargeFile *file)
{
    g_autofree char *size = g_format_size(file->size_bytes);
    return rub_text_new_plural(
        N_PLURAL("{path}, {size}, is stored as {count} part, because FAT32 holds no file of 4 GiB; "
                 "Windows Setup reads it all the same.",
                 "{path}, {size}, is split into {count} parts, because FAT32 holds no file of "
                 "4 GiB; Windows Setup puts them together."),
        file->parts->len, "path", file->path, "size", size, NULL);
}

static RubText *
describe_from_wim(const RubExtraEntry *extra)
{
    return rub_text_new(extra->replaces
                            ? N_("{path}, without which UEFI does not start Windows, comes from "
                                 "{origin}: the image's own would not start.")
                            : N_("{path}, without which UEFI does not start Windows, comes from "
                                 "{origin}: the image has none."),
                        "path", extra->entry->path, "origin", extra->origin_path, NULL);
}

static RubText *
describe_from_boot_image(guint count, const RubPathList *list)
{
    RubText *text = rub_text_new_plural(
        N_PLURAL("{count} file for UEFI comes from the disc's boot image: {list}.",
                 "{count} files for UEFI come from the disc's boot image: {list}."),
        count, NULL);
    return rub_text_new_filled(text, "list", rub_path_list_describe(list, MAX_NAMES_IN_NOTE));
}

static void
note_extras(RubPlanning *self)
{
    g_autoptr(RubPathList) list = rub_path_list_new();
    for (guint i = 0; i < self->info->extra_entries->len; i++) {
        const RubExtraEntry *extra = g_ptr_array_index(self->info->extra_entries, i);
        if (extra->entry->kind == RUB_ENTRY_FOLDER)
            continue;
        if (extra->origin == RUB_ORIGIN_WIM)
            g_ptr_array_add(self->plan->notes, describe_from_wim(extra));
        else
            rub_path_list_add(list, extra->entry->path, NULL);
    }
    if (list->paths->len > 0)
        g_ptr_array_add(self->plan->notes, describe_from_boot_image(list->paths->len, list));
}

void
rub_planning_note_changes(RubPlanning *self)
{
    for (guint i = 0; i < self->info->large_files->len; i++) {
        const RubLargeFile *file = g_ptr_array_index(self->info->large_files, i);
        if (file->parts && !rub_planning_uses_ntfs(self))
            g_ptr_array_add(self->plan->notes, describe_split(file));
    }
    note_extras(self);
    if (self->plan->uses_grub)
        g_ptr_array_add(
            self->plan->notes,
            rub_text_new(N_("BIOS starts {path}, which is the GRUB of this computer and "
                            "shows the boot menu {menu}."),
                         "path", self->options->grub->path, "menu", self->info->bios_menu, NULL));
}
