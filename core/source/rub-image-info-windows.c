/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rub-error.h"
#include "source/rub-image-info-private.h"
#include "source/rub-wim-split.h"
#include "source/rub-wim.h"

/* Windows media have two to four; an image stuffed with them shall not take for ever. */
#define MAX_WIMS 64

/* What a WIM's name says about its part in the image. */
typedef enum {
    ROLE_NONE,
    ROLE_OTHER,
    ROLE_BOOT,
    ROLE_INSTALL,
} Role;

static Role
find_role(const RubEntry *entry)
{
    static const struct {
        const char *name;
        Role role;
    } roles[] = {
        {"install.wim", ROLE_INSTALL},
        {"install.esd", ROLE_INSTALL},
        {"install.swm", ROLE_INSTALL},
        {"boot.wim", ROLE_BOOT},
    };
    if (entry->kind != RUB_ENTRY_FILE || entry->size_bytes == 0)
        return ROLE_NONE;
    const char *slash = strrchr(entry->path, '/');
    const char *name = slash ? slash + 1 : entry->path;
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++) {
        if (g_ascii_strcasecmp(name, roles[i].name) == 0)
            return roles[i].role;
    }
    const char *dot = strrchr(name, '.');
    return dot != NULL && g_ascii_strcasecmp(dot, ".wim") == 0 ? ROLE_OTHER : ROLE_NONE;
}

static RubLargeFile *
find_large_file(RubImageInfo *self, const RubEntry *entry)
{
    for (guint i = 0; i < self->large_files->len; i++) {
        RubLargeFile *file = g_ptr_array_index(self->large_files, i);
        if (strcmp(file->path, entry->path) == 0)
            return file;
    }
    return NULL;
}

static gboolean
fit_fat(const GPtrArray *parts)
{
    for (guint i = 0; i < parts->len; i++) {
        const RubEntry *part = g_ptr_array_index(parts, i);
        if (part->size_bytes > RUB_FAT_MAX_FILE_BYTES)
            return FALSE;
    }
    return TRUE;
}

/* Only Windows Setup knows how to put parts together, and only those of install.wim. */
static gboolean
split_large_wim(RubImageInfo *self, const RubSource *source, const RubEntry *entry, GError **error)
{
    RubLargeFile *file = find_large_file(self, entry);
    g_autoptr(GPtrArray) parts = NULL;
    if (!file)
        return TRUE;
    if (!rub_wim_split(source, entry, RUB_WIM_PART_BYTES, &parts, error))
        return FALSE;
    if (parts && fit_fat(parts))
        file->parts = g_steal_pointer(&parts);
    return TRUE;
}

static void
add_version(RubImageInfo *self, const RubWimImage *image)
{
    g_clear_pointer(&self->windows_version, g_free);
    self->windows_build = image->build;
    if (image->major != 0)
        self->windows_version = g_strdup_printf("%u.%u", image->major, image->minor);
}

static void
add_image(RubImageInfo *self, const RubWimImage *image)
{
    const char *name = image->display_name ?: image->name;
    self->machines |= image->machine;
    if (name != NULL && *name != '\0')
        rub_image_info_add_unique(self->windows_names, name);
}

/* The facts of the most telling WIM replace those of lesser ones; equals add up (media for two
 * processors have one tree for each). */
static void
add_wim(RubImageInfo *self, const RubWim *wim, Role role, Role *best)
{
    if (role < *best)
        return;
    if (role > *best) {
        self->machines = RUB_MACHINE_NONE;
        g_ptr_array_set_size(self->windows_names, 0);
        const RubWimImage *image = rub_wim_get_boot_image(wim);
        if (image != NULL)
            add_version(self, image);
    }
    *best = role;
    for (guint i = 0; i < wim->images->len; i++)
        add_image(self, g_ptr_array_index(wim->images, i));
}

/* A WIM that names itself for booting or installing is enough; any other, or one that cannot be
 * read, needs the loader beside it. */
static gboolean
is_windows(const RubSource *source, Role best, Role best_named)
{
    return best >= ROLE_BOOT ||
           (best_named != ROLE_NONE && (rub_source_find(source, "bootmgr") != NULL ||
                                        rub_source_find(source, "bootmgr.efi") != NULL));
}

static void
forget_windows(RubImageInfo *self)
{
    self->machines = RUB_MACHINE_NONE;
    self->windows_build = 0;
    g_clear_pointer(&self->windows_version, g_free);
    g_ptr_array_set_size(self->windows_names, 0);
}

gboolean
rub_image_info_add_windows(RubImageInfo *self, const RubSource *source, GCancellable *cancellable,
                           GError **error)
{
    const GPtrArray *entries = rub_source_get_listing(source)->entries;
    Role best = ROLE_NONE;
    Role best_named = ROLE_NONE;
    guint count = 0;
    for (guint i = 0; i < entries->len && count < MAX_WIMS; i++) {
        const RubEntry *entry = g_ptr_array_index(entries, i);
        Role role = find_role(entry);
        if (role == ROLE_NONE)
            continue;
        if (g_cancellable_is_cancelled(cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
        count++;
        best_named = MAX(best_named, role);
        g_autoptr(RubWim) wim = NULL;
        if (!rub_wim_read(source, entry, &wim, error))
            return FALSE;
        if (wim == NULL) {
            rub_image_info_add_unique(self->damaged_wims, entry->path);
            continue;
        }
        add_wim(self, wim, role, &best);
        if (role == ROLE_INSTALL && !split_large_wim(self, source, entry, error))
            return FALSE;
    }
    if (!is_windows(source, best, best_named))
        forget_windows(self);
    else
        self->kind = best_named == ROLE_INSTALL ? RUB_IMAGE_WINDOWS_SETUP : RUB_IMAGE_WINDOWS_PE;
    self->has_wim = count > 0;
    return TRUE;
}
