/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs commands in the middle of a write: the kernel tells of each write to the image. */
#include "fake-watch.h"

#include "fake-control.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES 512 /* the unit of st_blocks */

typedef struct {
    FakeWorld *world;
    char *image;
    int notifier;
    guint64 end_blocks;
    JsonArray *commands;
} FakeWatch;

static guint64
count_blocks(const char *image)
{
    struct stat status;
    return stat(image, &status) == 0 ? (guint64) status.st_blocks : 0;
}

static gpointer
watch(gpointer data)
{
    FakeWatch *self = data;
    char events[4096];
    while (count_blocks(self->image) < self->end_blocks)
        if (read(self->notifier, events, sizeof events) <= 0)
            break;
    fake_control_run_all(self->world, self->commands);
    /* Last: this waits until the kernel has let go of every watch, which may take its time. */
    close(self->notifier);
    json_array_unref(self->commands);
    g_free(self->image);
    g_free(self);
    return NULL;
}

/* Runs COMMANDS once the image takes SIZE_BYTES more than now; it should be sparse. */
gboolean
fake_watch_writes(FakeDisk *disk, guint64 size_bytes, JsonArray *commands, GError **error)
{
    int notifier = inotify_init1(IN_CLOEXEC);
    if (notifier < 0 || inotify_add_watch(notifier, disk->image, IN_MODIFY) < 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot watch %s", disk->image);
        return FALSE;
    }
    FakeWatch *self = g_new0(FakeWatch, 1);
    self->world = disk->world;
    self->image = g_strdup(disk->image);
    self->notifier = notifier;
    self->end_blocks = count_blocks(disk->image) + size_bytes / BLOCK_BYTES;
    self->commands = json_array_ref(commands);
    g_thread_unref(g_thread_new("watch-writes", watch, self));
    return TRUE;
}
