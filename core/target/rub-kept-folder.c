/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-kept-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/rub-error.h"
#include "target/rub-kept-facts.h"
#include "target/rub-kept-listing.h"
#include "volume/rub-folder-listing.h"
#include "volume/rub-folder.h"
#include "volume/rub-pending.h"
#include "volume/rub-records.h"

#define MAX_NOTE_BYTES ((guint64) 64 * 1024 * 1024)

/* The note of a build that was cut off; NULL where there is none that can be read. */
static GBytes *
read_note(const char *root, const RubKeptVolume *kept)
{
    const RubEntry *entry = rub_kept_volume_find_file(kept, RUB_PENDING_PATH);
    g_autoptr(RubFolder) folder = entry ? rub_folder_new(root, NULL) : NULL;
    int fd = folder && entry->size_bytes <= MAX_NOTE_BYTES
                 ? rub_folder_open(folder, entry->path, O_RDONLY | O_NONBLOCK)
                 : -1;
    if (fd < 0)
        return NULL;
    g_autofree guint8 *data = g_malloc(entry->size_bytes + 1);
    gsize done_bytes = 0;
    ssize_t n;
    do {
        n = pread(fd, data + done_bytes, entry->size_bytes - done_bytes, (off_t) done_bytes);
        done_bytes += (gsize) MAX(n, 0);
    } while (n > 0 || (n < 0 && errno == EINTR));
    close(fd);
    return g_bytes_new_take(g_steal_pointer(&data), done_bytes);
}

/* What a build that was cut off left is as good as gone, as in rub-kept-volume.c. */
static void
take_back(RubKeptVolume *kept, const char *root)
{
    g_autoptr(GBytes) bytes = read_note(root, kept);
    g_autoptr(RubPending) note = bytes ? rub_pending_parse(bytes) : NULL;
    kept->has_leftovers = note != NULL;
    if (note && note->is_whole)
        kept->free_clusters +=
            rub_kept_listing_take_back(kept->listing, note, NULL, kept->cluster_bytes);
}

void
rub_contents_look_into_folder(RubContents *self, const char *folder, GCancellable *cancellable)
{
    struct statvfs room;
    g_autoptr(RubKeptVolume) kept = g_new0(RubKeptVolume, 1);
    g_autoptr(GError) error = NULL;
    if (statvfs(folder, &room) != 0)
        return;
    kept->listing = rub_folder_listing_read(folder, cancellable, &error);
    if (!kept->listing) {
        /* What cannot be read is not known; what can, but makes no sense, is damaged. */
        if (!g_error_matches(error, RUB_ERROR, RUB_CODE_VOLUME_DAMAGED))
            return;
        kept->damage = rub_error_make_text(error);
    } else {
        kept->has_manifest = rub_kept_volume_find_file(kept, RUB_MANIFEST_PATH) != NULL;
        kept->has_pending = rub_kept_volume_find_file(kept, RUB_PENDING_PATH) != NULL;
    }
    /* The driver's block size is the cluster size of a FAT or an NTFS. */
    kept->cluster_bytes = (guint) room.f_bsize;
    kept->free_clusters = room.f_bfree;
    rub_contents_count(self, kept, room.f_blocks);
    if (kept->has_pending)
        take_back(kept, folder);
    self->kept = g_steal_pointer(&kept);
}
