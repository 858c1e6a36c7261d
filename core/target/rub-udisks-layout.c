/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of a drive: an outline, with what can be seen of its volumes without a password. */
#include <fcntl.h>

#include "base/rub-text.h"
#include "target/rub-blank.h"
#include "target/rub-kept-folder.h"
#include "target/rub-outline.h"
#include "target/rub-polkit.h"
#include "target/rub-udisks-drive.h"
#include "target/rub-udisks-target-private.h"

#define ACTION_PREFIX "org.freedesktop.udisks2."

static RubPasswordNeed
check_action(RubUdisksTarget *self, const RubDriveFacts *facts, const char *action,
             GCancellable *cancellable)
{
    g_autofree char *name =
        g_strconcat(ACTION_PREFIX, action, facts->is_internal ? "-system" : "", NULL);
    return rub_polkit_check(rub_udisks_get_bus(self->udisks), name, cancellable);
}

/* Somebody who works from afar is asked for a password for either. */
static gboolean
may_mount(RubUdisksTarget *self, const RubDriveFacts *facts, GCancellable *cancellable)
{
    return check_action(self, facts, "modify-device", cancellable) == RUB_PASSWORD_NOT_NEEDED &&
           check_action(self, facts, "filesystem-mount", cancellable) == RUB_PASSWORD_NOT_NEEDED;
}

/* What a build of ours that was cut off left looks like damage from outside. */
static void
note_damage(RubContents *contents)
{
    if (!contents->kept)
        contents->kept = g_new0(RubKeptVolume, 1);
    if (!contents->kept->has_pending && !contents->kept->damage)
        contents->kept->damage =
            rub_text_new(N_("its check found faults, or it was not closed properly when it was "
                            "used last"),
                         NULL);
}

/* Without the right to mount or to check, all that stays unknown; nobody is asked for it here. */
static void
look_into_unmounted(RubUdisksTarget *self, RubContents *contents, const char *id,
                    GCancellable *cancellable)
{
    gboolean is_sound = TRUE;
    g_autoptr(GError) ignored = NULL;
    rub_udisks_check(self->udisks, id, FALSE, &is_sound, cancellable, NULL);
    g_autofree char *folder =
        rub_udisks_mount(self->udisks, id, TRUE, FALSE, cancellable, &ignored);
    if (folder) {
        rub_contents_look_into_folder(contents, folder, cancellable);
        rub_udisks_unmount(self->udisks, id, NULL, NULL);
    }
    if (!is_sound)
        note_damage(contents);
}

static void
look_into_volume(RubUdisksTarget *self, RubContents *contents, const char *id,
                 GCancellable *cancellable)
{
    rub_udisks_look(self->udisks);
    g_autofree char *folder = rub_udisks_get_mount_point(self->udisks, id);
    if (folder)
        rub_contents_look_into_folder(contents, folder, cancellable);
    else
        look_into_unmounted(self, contents, id, cancellable);
}

static gboolean
look_into_volumes(RubUdisksTarget *self, RubLayout *layout, const RubDriveFacts *facts,
                  GCancellable *cancellable, GError **error)
{
    g_autoptr(GPtrArray) volumes = rub_drive_facts_get_volumes(facts);
    for (guint i = 0; i < volumes->len; i++) {
        const RubVolumeFacts *volume = g_ptr_array_index(volumes, i);
        RubContents *contents = rub_outline_get_contents(layout, volume->number);
        if (contents && (contents->fat_bits != 0 || rub_contents_is_ntfs(contents)))
            look_into_volume(self, contents, volume->id, cancellable);
        if (g_cancellable_is_cancelled(cancellable)) {
            rub_error_set_cancelled(error);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
is_in_doubt(const RubLayout *layout)
{
    return layout->partitions->len == 0 &&
           (layout->table == RUB_TABLE_MBR ||
            (layout->table == RUB_TABLE_OTHER && !layout->table_name));
}

/* Where a look at the disk takes no password, a blank one can be told from an encrypted one. */
static void
tell_blank(RubUdisksTarget *self, RubLayout *layout)
{
    if (!is_in_doubt(layout) || layout->password != RUB_PASSWORD_NOT_NEEDED)
        return;
    g_autoptr(RubDisk) disk = rub_udisks_target_open_for_reading(&self->parent, FALSE, NULL, NULL);
    if (layout->table == RUB_TABLE_OTHER && disk && rub_blank_probe(disk))
        layout->table = RUB_TABLE_NONE;
    if (layout->table == RUB_TABLE_MBR && !(disk && rub_blank_probe_behind_mbr(disk)))
        layout->table = RUB_TABLE_OTHER;
}

RubLayout *
rub_udisks_target_read_layout(RubTarget *target, GCancellable *cancellable, GError **error)
{
    RubUdisksTarget *self = (RubUdisksTarget *) target;
    if (!rub_udisks_target_connect(self, cancellable, error))
        return NULL;
    g_autoptr(RubDriveFacts) facts = rub_udisks_target_probe(self, error);
    if (!facts)
        return NULL;
    g_autoptr(RubLayout) layout = rub_outline_new(facts);
    layout->password = check_action(self, facts, "open-device", cancellable);
    /* What may not be written is left alone. */
    if (layout->refusal)
        return g_steal_pointer(&layout);
    layout->can_mount = may_mount(self, facts, cancellable);
    tell_blank(self, layout);
    if (!look_into_volumes(self, layout, facts, cancellable, error))
        return NULL;
    return g_steal_pointer(&layout);
}
