/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crash-disk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that belong somewhere on the disk. */
typedef struct {
    guint64 offset_bytes;
    gsize size_bytes;
    guint epoch;
    guint8 data[];
} Patch;

typedef enum { IDLE, RECORDING, IN_TRIAL } State;

struct _CrashDisk {
    char *path;
    guint sector_size;
    guint8 *map;
    gsize size_bytes;
    State state;
    /* (element-type Patch): what was written. */
    GPtrArray *record;
    /* (element-type Patch): what was there before, of the record and of the trial. */
    GPtrArray *record_undo;
    GPtrArray *trial_undo;
    guint epoch;
    /* How much of the record is applied. */
    guint next_write;
    gsize next_byte;
};

/* The one that records; fsync() says nothing about whose disk it is for. */
static CrashDisk *recording;

static Patch *
patch_new(guint64 offset_bytes, const void *data, gsize size_bytes, guint epoch)
{
    Patch *self = g_malloc(sizeof *self + size_bytes);
    *self = (Patch){.offset_bytes = offset_bytes, .size_bytes = size_bytes, .epoch = epoch};
    memcpy(self->data, data, size_bytes);
    return self;
}

CrashDisk *
crash_disk_new(const char *path, guint sector_size)
{
    struct stat st;
    CrashDisk *self = g_new0(CrashDisk, 1);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(fstat(fd, &st), ==, 0);
    self->path = g_strdup(path);
    self->sector_size = sector_size;
    self->size_bytes = (gsize) st.st_size;
    self->map = mmap(NULL, self->size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(self->map != MAP_FAILED);
    close(fd);
    self->record = g_ptr_array_new_with_free_func(g_free);
    self->record_undo = g_ptr_array_new_with_free_func(g_free);
    self->trial_undo = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void
crash_disk_free(CrashDisk *self)
{
    if (recording == self)
        recording = NULL;
    munmap(self->map, self->size_bytes);
    g_ptr_array_unref(self->record);
    g_ptr_array_unref(self->record_undo);
    g_ptr_array_unref(self->trial_undo);
    g_free(self->path);
    g_free(self);
}

static void
save(CrashDisk *self, GPtrArray *undo, guint64 offset_bytes, gsize size_bytes)
{
    g_ptr_array_add(undo, patch_new(offset_bytes, self->map + offset_bytes, size_bytes, 0));
}

static int
note_write(guint64 offset_bytes, const void *data, gsize size_bytes, gpointer user_data)
{
    CrashDisk *self = user_data;
    if (self->state == RECORDING) {
        g_ptr_array_add(self->record, patch_new(offset_bytes, data, size_bytes, self->epoch));
        save(self, self->record_undo, offset_bytes, size_bytes);
    } else if (self->state == IN_TRIAL) {
        save(self, self->trial_undo, offset_bytes, size_bytes);
    }
    return 0;
}

/* Takes the place of the C library's: what the drive would do is played here. */
int
fsync(int fd)
{
    (void) fd;
    if (recording)
        recording->epoch++;
    return 0;
}

void
crash_disk_watch(CrashDisk *self, RubDisk *disk)
{
    rub_disk_set_write_hook(disk, note_write, self);
}

RubDisk *
crash_disk_open(CrashDisk *self)
{
    int fd = open(self->path, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    RubDisk *disk = rub_disk_new(fd, self->size_bytes, self->sector_size, self->path);
    crash_disk_watch(self, disk);
    return disk;
}

const guint8 *
crash_disk_get_data(const CrashDisk *self)
{
    return self->map;
}

static void
undo_all(CrashDisk *self, GPtrArray *undo)
{
    for (guint i = undo->len; i > 0; i--) {
        const Patch *patch = g_ptr_array_index(undo, i - 1);
        memcpy(self->map + patch->offset_bytes, patch->data, patch->size_bytes);
    }
    g_ptr_array_set_size(undo, 0);
}

void
crash_disk_start(CrashDisk *self)
{
    g_assert_cmpint(self->state, ==, IDLE);
    g_ptr_array_set_size(self->record, 0);
    g_ptr_array_set_size(self->record_undo, 0);
    self->epoch = 0;
    self->state = RECORDING;
    recording = self;
}

void
crash_disk_stop(CrashDisk *self)
{
    g_assert_cmpint(self->state, ==, RECORDING);
    self->state = IDLE;
    recording = NULL;
    crash_disk_rewind(self);
}

guint
crash_disk_get_sync_count(const CrashDisk *self)
{
    return self->epoch;
}

void
crash_disk_rewind(CrashDisk *self)
{
    undo_all(self, self->record_undo);
    self->next_write = 0;
    self->next_byte = 0;
}

static void
apply(CrashDisk *self, GPtrArray *undo, const Patch *patch, gsize from, gsize size_bytes)
{
    save(self, undo, patch->offset_bytes + from, size_bytes);
    memcpy(self->map + patch->offset_bytes + from, patch->data + from, size_bytes);
}

gboolean
crash_disk_next_cut(CrashDisk *self)
{
    g_assert_cmpint(self->state, ==, IDLE);
    if (self->next_write == self->record->len)
        return FALSE;
    const Patch *patch = g_ptr_array_index(self->record, self->next_write);
    gsize size = MIN(self->sector_size, patch->size_bytes - self->next_byte);
    apply(self, self->record_undo, patch, self->next_byte, size);
    self->next_byte += size;
    if (self->next_byte < patch->size_bytes)
        return TRUE;
    self->next_write++;
    self->next_byte = 0;
    return TRUE;
}

gboolean
crash_disk_next_epoch(CrashDisk *self)
{
    if (self->next_write == self->record->len)
        return FALSE;
    guint epoch = ((const Patch *) g_ptr_array_index(self->record, self->next_write))->epoch;
    const Patch *patch;
    do {
        crash_disk_next_cut(self);
        if (self->next_write == self->record->len)
            return TRUE;
        patch = g_ptr_array_index(self->record, self->next_write);
    } while (patch->epoch == epoch);
    return TRUE;
}

void
crash_disk_apply_some(CrashDisk *self, GRand *random)
{
    g_assert_cmpint(self->state, ==, IN_TRIAL);
    const Patch *first = self->next_write < self->record->len
                             ? g_ptr_array_index(self->record, self->next_write)
                             : NULL;
    double share = g_rand_double(random);
    for (guint i = self->next_write; first && i < self->record->len; i++) {
        const Patch *patch = g_ptr_array_index(self->record, i);
        if (patch->epoch != first->epoch)
            return;
        for (gsize at = 0; at < patch->size_bytes; at += self->sector_size)
            if (g_rand_double(random) < share)
                apply(self, self->trial_undo, patch, at,
                      MIN(self->sector_size, patch->size_bytes - at));
    }
}

void
crash_disk_begin_trial(CrashDisk *self)
{
    g_assert_cmpint(self->state, ==, IDLE);
    self->state = IN_TRIAL;
}

void
crash_disk_end_trial(CrashDisk *self)
{
    g_assert_cmpint(self->state, ==, IN_TRIAL);
    undo_all(self, self->trial_undo);
    self->state = IDLE;
}
