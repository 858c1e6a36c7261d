/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive.h"

#include <string.h>

#include "target/rub-drive-private.h"
#include "target/rub-drive-rules.h"
#include "target/rub-udisks-drive.h"

struct _RubDrive {
    GObject parent_instance;

    RubDriveFacts *facts;
    RubDriveVerdict verdict;
    GPtrArray *contents;
};

G_DEFINE_FINAL_TYPE(RubDrive, rub_drive, G_TYPE_OBJECT)

enum {
    SIGNAL_CHANGED,
    SIGNAL_COUNT,
};

static guint signals[SIGNAL_COUNT];

void
rub_drive_volume_free(RubDriveVolume *self)
{
    g_free(self->filesystem);
    g_free(self->label);
    g_free(self->mount_point);
    g_free(self);
}

static void
rub_drive_finalize(GObject *object)
{
    RubDrive *self = RUB_DRIVE(object);
    g_clear_pointer(&self->facts, rub_drive_facts_free);
    g_clear_pointer(&self->contents, g_ptr_array_unref);
    rub_drive_verdict_clear(&self->verdict);
    G_OBJECT_CLASS(rub_drive_parent_class)->finalize(object);
}

static void
rub_drive_class_init(RubDriveClass *class)
{
    G_OBJECT_CLASS(class)->finalize = rub_drive_finalize;

    /**
     * RubDrive::changed:
     * @self: a drive
     *
     * Something that can be asked about the drive is different now.
     */
    signals[SIGNAL_CHANGED] = g_signal_new("changed", RUB_TYPE_DRIVE, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
}

static void
rub_drive_init(RubDrive *self)
{
    self->contents = g_ptr_array_new_with_free_func((GDestroyNotify) rub_drive_volume_free);
}

static char *
dup_if_any(const char *text)
{
    return *text ? g_strdup(text) : NULL;
}

static RubDriveVolume *
make_volume(const RubVolumeFacts *facts)
{
    RubDriveVolume *volume = g_new0(RubDriveVolume, 1);
    volume->number = facts->number;
    volume->filesystem = dup_if_any(facts->filesystem);
    volume->fat_bits = rub_volume_facts_get_fat_bits(facts);
    volume->label = dup_if_any(facts->label);
    volume->size_bytes = facts->size_bytes;
    volume->mount_point = g_strdup(facts->mount_points[0]);
    return volume;
}

/* A table's own remains of a filesystem are no contents. */
static GPtrArray *
make_contents(const RubDriveFacts *facts)
{
    GPtrArray *contents = g_ptr_array_new_with_free_func((GDestroyNotify) rub_drive_volume_free);
    if (!*facts->table && *facts->whole->filesystem)
        g_ptr_array_add(contents, make_volume(facts->whole));
    for (guint i = 0; i < facts->partitions->len; i++) {
        const RubVolumeFacts *partition = g_ptr_array_index(facts->partitions, i);
        if (!partition->is_container)
            g_ptr_array_add(contents, make_volume(partition));
    }
    return contents;
}

/* What was counted stays until it is counted anew. */
static void
keep_counts(GPtrArray *contents, const GPtrArray *earlier)
{
    for (guint i = 0; i < contents->len; i++) {
        RubDriveVolume *volume = g_ptr_array_index(contents, i);
        for (guint j = 0; volume->mount_point && j < earlier->len; j++) {
            const RubDriveVolume *old = g_ptr_array_index(earlier, j);
            if (g_strcmp0(old->mount_point, volume->mount_point) != 0)
                continue;
            volume->is_counted = old->is_counted;
            volume->used_bytes = old->used_bytes;
            volume->free_bytes = old->free_bytes;
        }
    }
}

static void
take_facts(RubDrive *self, RubDriveFacts *facts)
{
    g_autoptr(GPtrArray) earlier = self->contents;
    self->contents = make_contents(facts);
    keep_counts(self->contents, earlier);
    g_clear_pointer(&self->facts, rub_drive_facts_free);
    self->facts = facts;
    rub_drive_verdict_clear(&self->verdict);
    self->verdict = rub_drive_judge(facts);
}

RubDrive *
rub_drive_new(RubDriveFacts *facts)
{
    RubDrive *self = g_object_new(RUB_TYPE_DRIVE, NULL);
    take_facts(self, facts);
    return self;
}

gboolean
rub_drive_update(RubDrive *self, RubDriveFacts *facts)
{
    if (rub_drive_facts_equal(self->facts, facts)) {
        rub_drive_facts_free(facts);
        return FALSE;
    }
    take_facts(self, facts);
    rub_drive_emit_changed(self);
    return TRUE;
}

void
rub_drive_emit_changed(RubDrive *self)
{
    g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

const RubDriveFacts *
rub_drive_get_facts(RubDrive *self)
{
    return self->facts;
}

gboolean
rub_drive_set_counts(RubDrive *self, const char *mount_point, guint64 used_bytes,
                     guint64 free_bytes)
{
    for (guint i = 0; i < self->contents->len; i++) {
        RubDriveVolume *volume = g_ptr_array_index(self->contents, i);
        if (g_strcmp0(volume->mount_point, mount_point) != 0 ||
            (volume->is_counted && volume->used_bytes == used_bytes &&
             volume->free_bytes == free_bytes))
            continue;
        volume->is_counted = TRUE;
        volume->used_bytes = used_bytes;
        volume->free_bytes = free_bytes;
        return TRUE;
    }
    return FALSE;
}

const char *
rub_drive_get_id(RubDrive *self)
{
    return self->facts->id;
}

const char *
rub_drive_get_vendor(RubDrive *self)
{
    return self->facts->vendor;
}

const char *
rub_drive_get_model(RubDrive *self)
{
    return self->facts->model;
}

const char *
rub_drive_get_serial(RubDrive *self)
{
    return self->facts->serial;
}

const char *
rub_drive_get_node(RubDrive *self)
{
    return self->facts->node;
}

char *
rub_drive_get_display_name(RubDrive *self)
{
    return rub_drive_facts_make_name(self->facts);
}

guint64
rub_drive_get_size_bytes(RubDrive *self)
{
    return self->facts->size_bytes;
}

gboolean
rub_drive_is_removable(RubDrive *self)
{
    return self->facts->is_removable;
}

gboolean
rub_drive_is_large(RubDrive *self)
{
    return self->facts->size_bytes > RUB_DRIVE_LARGE_BYTES;
}

gboolean
rub_drive_has_medium(RubDrive *self)
{
    return self->facts->has_medium;
}

gboolean
rub_drive_can_power_off(RubDrive *self)
{
    return self->facts->can_power_off || self->facts->can_eject;
}

gboolean
rub_drive_is_suitable(RubDrive *self)
{
    return self->verdict.code == 0;
}

gboolean
rub_drive_is_listed(RubDrive *self)
{
    return self->verdict.is_listed;
}

const RubText *
rub_drive_get_reason(RubDrive *self)
{
    return self->verdict.reason;
}

RubCode
rub_drive_get_reason_code(RubDrive *self)
{
    return self->verdict.code;
}

const GPtrArray *
rub_drive_get_contents(RubDrive *self)
{
    return self->contents;
}

static int
get_group(RubDrive *self)
{
    if (!rub_drive_is_suitable(self))
        return 2;
    return rub_drive_is_large(self) ? 1 : 0;
}

/* The kernel counts sda … sdz, sdaa …, and mmcblk9, mmcblk10. */
int
rub_drive_compare(RubDrive *self, RubDrive *other)
{
    const char *node = self->facts->node;
    const char *other_node = other->facts->node;
    int by_group = get_group(self) - get_group(other);
    if (by_group != 0)
        return by_group;
    gsize length = strlen(node);
    gsize other_length = strlen(other_node);
    int by_length = (length > other_length) - (length < other_length);
    return by_length != 0 ? by_length : strcmp(node, other_node);
}

static void
power_off_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    const char *id = task_data;
    GError *error = NULL;
    g_autoptr(RubUdisks) udisks = rub_udisks_new(cancellable, &error);
    if (udisks && rub_udisks_power_off(udisks, id, cancellable, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

void
rub_drive_power_off_async(RubDrive *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_task_set_source_tag(task, rub_drive_power_off_async);
    g_task_set_task_data(task, g_strdup(self->facts->id), g_free);
    g_task_run_in_thread(task, power_off_in_thread);
}

gboolean
rub_drive_power_off_finish(RubDrive *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}
