/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-facts.h"

#include "base/rub-error.h"
#include "volume/rub-fat-name.h"

const RubEntry *
rub_kept_volume_find_file(const RubKeptVolume *self, const char *path)
{
    g_autofree char *wanted = rub_fat_name_make_key(path);
    for (guint i = 0; i < self->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(self->listing->entries, i);
        g_autofree char *key = rub_fat_name_make_key(entry->path);
        if (entry->kind == RUB_ENTRY_FILE && g_str_equal(key, wanted))
            return entry;
    }
    return NULL;
}

void
rub_contents_count(RubContents *self, const RubKeptVolume *kept, guint64 cluster_count)
{
    self->is_counted = kept->listing != NULL;
    self->file_count = 0;
    for (guint i = 0; kept->listing && i < kept->listing->entries->len; i++) {
        const RubEntry *entry = g_ptr_array_index(kept->listing->entries, i);
        self->file_count += entry->kind == RUB_ENTRY_FILE;
    }
    self->free_bytes = kept->free_clusters * kept->cluster_bytes;
    self->used_bytes = cluster_count * kept->cluster_bytes - self->free_bytes;
}

gboolean
rub_contents_settle(RubContents *self, RubKeptVolume *kept, GError *failure, GError **error)
{
    g_autoptr(GError) owned = failure;
    if (g_error_matches(failure, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED)) {
        g_clear_pointer(&kept->damage, rub_text_unref);
        kept->damage = rub_error_make_text(failure);
    } else if (failure) {
        g_clear_pointer(&kept, rub_kept_volume_free);
        self->is_counted = FALSE;
    }
    self->kept = kept;
    if (!g_error_matches(failure, RUB_ERROR, RUB_CODE_DEVICE_GONE))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&owned));
    return FALSE;
}
