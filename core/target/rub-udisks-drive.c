/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-udisks-drive.h"

#include <string.h>

#include "target/rub-drive-probe.h"
#include "target/rub-file-holder.h"

/* A volume can be mounted several times; more often than this means that somebody mounts it again
 * and again. */
#define MAX_UNMOUNTS 8
#define UNMOUNTED_MS 5000

static UDisksFilesystem *
find_filesystem(RubUdisks *self, const char *id)
{
    UDisksObject *object = udisks_client_peek_object(rub_udisks_get_client(self), id);
    return object ? udisks_object_peek_filesystem(object) : NULL;
}

char *
rub_udisks_find_partition(RubUdisks *self, const char *id, guint number)
{
    if (number == 0)
        return g_strdup(id);
    g_autoptr(RubDriveFacts) facts = rub_drive_probe(rub_udisks_get_client(self), id);
    for (guint i = 0; facts && i < facts->partitions->len; i++) {
        const RubVolumeFacts *partition = g_ptr_array_index(facts->partitions, i);
        if (partition->number == number)
            return g_strdup(partition->id);
    }
    return NULL;
}

char *
rub_udisks_get_mount_point(RubUdisks *self, const char *id)
{
    UDisksFilesystem *filesystem = find_filesystem(self, id);
    const char *const *places = filesystem ? udisks_filesystem_get_mount_points(filesystem) : NULL;
    return places ? g_strdup(places[0]) : NULL;
}

gboolean
rub_udisks_is_mounted(RubUdisks *self, const char *id)
{
    g_autoptr(RubDriveFacts) facts = rub_drive_probe(rub_udisks_get_client(self), id);
    if (!facts)
        return FALSE;
    g_autoptr(GPtrArray) volumes = rub_drive_facts_get_volumes(facts);
    for (guint i = 0; i < volumes->len; i++) {
        const RubVolumeFacts *volume = g_ptr_array_index(volumes, i);
        if (volume->mount_points[0])
            return TRUE;
    }
    return FALSE;
}

static GVariant *
make_options(gboolean may_ask, const char *mount_options)
{
    GVariantBuilder options;
    g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
    if (!may_ask)
        g_variant_builder_add(&options, "{sv}", "auth.no_user_interaction",
                              g_variant_new_boolean(TRUE));
    if (mount_options)
        g_variant_builder_add(&options, "{sv}", "options", g_variant_new_string(mount_options));
    return g_variant_new("(a{sv})", &options);
}

static int
get_timeout(gboolean may_ask)
{
    return may_ask ? RUB_UDISKS_ASKING_TIMEOUT_MS : RUB_UDISKS_TIMEOUT_MS;
}

char *
rub_udisks_mount(RubUdisks *self, const char *id, gboolean is_read_only, gboolean may_ask,
                 GCancellable *cancellable, GError **error)
{
    if (g_cancellable_is_cancelled(cancellable)) {
        rub_error_set_cancelled(error);
        return NULL;
    }
    /* Who gives up waiting leaves a volume mounted; only a question for a password may take long.
     */
    g_autoptr(GVariant) answer = rub_udisks_call(
        self, id, "Filesystem.Mount", make_options(may_ask, is_read_only ? "ro" : NULL),
        get_timeout(may_ask), RUB_CODE_VERIFY_FAILED, may_ask ? cancellable : NULL, error);
    char *folder = NULL;
    if (answer)
        g_variant_get(answer, "(s)", &folder);
    return folder;
}

/* Puts the program that uses the folder into the error that UDisks2 gave. */
static void
name_holder(const char *folder, GError **error)
{
    if (!g_error_matches(*error, RUB_ERROR, RUB_CODE_DEVICE_BUSY))
        return;
    g_autofree char *holder = rub_file_holder_find_user(folder, "/");
    rub_udisks_set_busy(error, folder, holder);
}

typedef struct {
    const char *id;
    const char *folder;
} RubMountPlace;

static gboolean
is_not_there(RubUdisks *self, gpointer data)
{
    const RubMountPlace *place = data;
    UDisksFilesystem *filesystem = find_filesystem(self, place->id);
    const char *const *places = filesystem ? udisks_filesystem_get_mount_points(filesystem) : NULL;
    return !places || !g_strv_contains(places, place->folder);
}

/* Somebody else may have been quicker, which is as good. */
static gboolean
unmount_once(RubUdisks *self, const char *id, const char *folder, GCancellable *cancellable,
             GError **error)
{
    g_autoptr(GError) failure = NULL;
    RubMountPlace place = {id, folder};
    g_autoptr(GVariant) answer =
        rub_udisks_call(self, id, "Filesystem.Unmount", make_options(TRUE, NULL),
                        RUB_UDISKS_ASKING_TIMEOUT_MS, RUB_CODE_WRITE_FAILED, cancellable, &failure);
    if (answer)
        rub_udisks_wait(self, id, is_not_there, &place, UNMOUNTED_MS, cancellable);
    else
        rub_udisks_look(self);
    if (is_not_there(self, &place) && !g_error_matches(failure, RUB_ERROR, RUB_CODE_DEVICE_GONE))
        return TRUE;
    if (!failure && g_cancellable_is_cancelled(cancellable))
        rub_error_set_cancelled(&failure);
    if (!failure)
        failure = g_error_new(RUB_ERROR, RUB_CODE_DEVICE_BUSY, "%s is still mounted", folder);
    name_holder(folder, &failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean
rub_udisks_unmount(RubUdisks *self, const char *id, GCancellable *cancellable, GError **error)
{
    for (guint i = 0; i < MAX_UNMOUNTS; i++) {
        rub_udisks_look(self);
        g_autofree char *folder = rub_udisks_get_mount_point(self, id);
        if (!folder)
            return TRUE;
        if (!unmount_once(self, id, folder, cancellable, error))
            return FALSE;
    }
    rub_error_set_text(error, RUB_CODE_DEVICE_BUSY,
                       N_("a program mounts the drive again each time it is unmounted"), NULL);
    return FALSE;
}

gboolean
rub_udisks_unmount_all(RubUdisks *self, const char *id, GCancellable *cancellable, GError **error)
{
    rub_udisks_look(self);
    g_autoptr(RubDriveFacts) facts = rub_drive_probe(rub_udisks_get_client(self), id);
    if (!facts) {
        g_autofree char *name = g_path_get_basename(id);
        rub_udisks_set_gone(error, name);
        return FALSE;
    }
    g_autoptr(GPtrArray) volumes = rub_drive_facts_get_volumes(facts);
    for (guint i = 0; i < volumes->len; i++) {
        const RubVolumeFacts *volume = g_ptr_array_index(volumes, i);
        if (!rub_udisks_unmount(self, volume->id, cancellable, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
rub_udisks_check(RubUdisks *self, const char *id, gboolean may_ask, gboolean *is_sound,
                 GCancellable *cancellable, GError **error)
{
    g_autoptr(GVariant) answer =
        rub_udisks_call(self, id, "Filesystem.Check", make_options(may_ask, NULL),
                        RUB_UDISKS_ASKING_TIMEOUT_MS, RUB_CODE_VERIFY_FAILED, cancellable, error);
    if (answer)
        g_variant_get(answer, "(b)", is_sound);
    return answer != NULL;
}

/* UDisks2 takes two drives of the same vendor, model and serial number for two ways to one drive,
 * and would switch off whichever it finds first. */
static gboolean
has_twin(RubUdisks *self, const RubDriveFacts *facts)
{
    GDBusObjectManager *manager = udisks_client_get_object_manager(rub_udisks_get_client(self));
    GList *objects = g_dbus_object_manager_get_objects(manager);
    guint count = 0;
    for (GList *l = objects; l; l = l->next)
        if (rub_drive_probe_is_disk(l->data))
            count += g_str_equal(udisks_block_get_drive(udisks_object_peek_block(l->data)),
                                 facts->drive_id);
    g_list_free_full(objects, g_object_unref);
    return count > 1;
}

/* Ejecting first would take the medium away from under the switch. */
gboolean
rub_udisks_power_off(RubUdisks *self, const char *id, GCancellable *cancellable, GError **error)
{
    if (!rub_udisks_unmount_all(self, id, cancellable, error))
        return FALSE;
    g_autoptr(RubDriveFacts) facts = rub_drive_probe(rub_udisks_get_client(self), id);
    if (!facts || (!facts->can_power_off && !facts->can_eject) || has_twin(self, facts))
        return TRUE;
    g_autoptr(GVariant) answer = rub_udisks_call(
        self, facts->drive_id, facts->can_power_off ? "Drive.PowerOff" : "Drive.Eject",
        make_options(TRUE, NULL), RUB_UDISKS_ASKING_TIMEOUT_MS, RUB_CODE_WRITE_FAILED, cancellable,
        error);
    return answer != NULL;
}
