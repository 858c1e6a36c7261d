/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-list.h"

#include <stdlib.h>
#include <udisks/udisks.h>

#include "base/rub-error.h"
#include "target/rub-drive-count.h"
#include "target/rub-drive-private.h"
#include "target/rub-drive-probe.h"
#include "target/rub-udisks.h"

/* A drive that is plugged in comes piece by piece: drive, disk, table, partitions, filesystems. It
 * is shown once nothing new was told for a while, but not later than somebody would wonder. */
#define QUIET_MS 300
#define MAX_QUIET_USEC (2 * G_USEC_PER_SEC)

/* A drive that is not shown yet. */
typedef struct {
    RubDriveFacts *facts;
    gint64 since_usec;
} RubNewcomer;

struct _RubDriveList {
    GObject parent_instance;

    UDisksClient *client;
    gulong changed_id;
    GPtrArray *drives;
    GHashTable *newcomers; /* id: RubNewcomer */
    GMainContext *context;
    GSource *quiet;
    GCancellable *count_cancellable;
};

static void rub_drive_list_model_init(GListModelInterface *interface);
static void refresh(RubDriveList *self);

G_DEFINE_FINAL_TYPE_WITH_CODE(RubDriveList, rub_drive_list, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, rub_drive_list_model_init))

static void
rub_newcomer_free(gpointer data)
{
    RubNewcomer *self = data;
    rub_drive_facts_free(self->facts);
    g_free(self);
}

static void
stop_quiet(RubDriveList *self)
{
    if (!self->quiet)
        return;
    g_source_destroy(self->quiet);
    g_clear_pointer(&self->quiet, g_source_unref);
}

static void
rub_drive_list_dispose(GObject *object)
{
    RubDriveList *self = RUB_DRIVE_LIST(object);
    stop_quiet(self);
    g_cancellable_cancel(self->count_cancellable);
    if (self->client)
        g_clear_signal_handler(&self->changed_id, self->client);
    g_clear_object(&self->client);
    G_OBJECT_CLASS(rub_drive_list_parent_class)->dispose(object);
}

static void
rub_drive_list_finalize(GObject *object)
{
    RubDriveList *self = RUB_DRIVE_LIST(object);
    g_ptr_array_unref(self->drives);
    g_hash_table_unref(self->newcomers);
    g_main_context_unref(self->context);
    g_object_unref(self->count_cancellable);
    G_OBJECT_CLASS(rub_drive_list_parent_class)->finalize(object);
}

static void
rub_drive_list_class_init(RubDriveListClass *class)
{
    G_OBJECT_CLASS(class)->dispose = rub_drive_list_dispose;
    G_OBJECT_CLASS(class)->finalize = rub_drive_list_finalize;
}

static void
rub_drive_list_init(RubDriveList *self)
{
    self->drives = g_ptr_array_new_with_free_func(g_object_unref);
    self->newcomers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, rub_newcomer_free);
    self->context = g_main_context_ref_thread_default();
    self->count_cancellable = g_cancellable_new();
}

static GType
get_item_type(GListModel *model)
{
    return RUB_TYPE_DRIVE;
}

static guint
get_n_items(GListModel *model)
{
    return RUB_DRIVE_LIST(model)->drives->len;
}

static gpointer
get_item(GListModel *model, guint position)
{
    RubDriveList *self = RUB_DRIVE_LIST(model);
    return position < self->drives->len ? g_object_ref(g_ptr_array_index(self->drives, position))
                                        : NULL;
}

static void
rub_drive_list_model_init(GListModelInterface *interface)
{
    interface->get_item_type = get_item_type;
    interface->get_n_items = get_n_items;
    interface->get_item = get_item;
}

static void
insert(RubDriveList *self, RubDrive *drive)
{
    guint position = 0;
    while (position < self->drives->len &&
           rub_drive_compare(g_ptr_array_index(self->drives, position), drive) <= 0)
        position++;
    g_ptr_array_insert(self->drives, (int) position, drive);
    g_list_model_items_changed(G_LIST_MODEL(self), position, 0, 1);
}

static RubDrive *
take_out(RubDriveList *self, guint position)
{
    RubDrive *drive = g_ptr_array_steal_index(self->drives, position);
    g_list_model_items_changed(G_LIST_MODEL(self), position, 1, 0);
    return drive;
}

static gboolean
is_in_place(RubDriveList *self, guint position)
{
    RubDrive *drive = g_ptr_array_index(self->drives, position);
    gboolean after_last =
        position == 0 ||
        rub_drive_compare(g_ptr_array_index(self->drives, position - 1), drive) <= 0;
    gboolean before_next =
        position + 1 >= self->drives->len ||
        rub_drive_compare(drive, g_ptr_array_index(self->drives, position + 1)) <= 0;
    return after_last && before_next;
}

/* The facts of all drives as of now, by their ids. */
static GHashTable *
probe_all(RubDriveList *self)
{
    GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify) rub_drive_facts_free);
    GList *objects =
        g_dbus_object_manager_get_objects(udisks_client_get_object_manager(self->client));
    for (GList *l = objects; l; l = l->next) {
        const char *id = g_dbus_object_get_object_path(l->data);
        RubDriveFacts *facts =
            rub_drive_probe_is_disk(l->data) ? rub_drive_probe(self->client, id) : NULL;
        if (facts)
            g_hash_table_insert(all, g_strdup(id), facts);
    }
    g_list_free_full(objects, g_object_unref);
    return all;
}

/* Another drive in the place of one that was pulled is another drive. */
static gboolean
is_same_drive(RubDrive *drive, const RubDriveFacts *facts)
{
    const RubDriveFacts *earlier = rub_drive_get_facts(drive);
    return g_str_equal(earlier->drive_id, facts->drive_id) &&
           g_str_equal(earlier->serial, facts->serial);
}

static void
sort_known(RubDriveList *self)
{
    g_autoptr(GPtrArray) displaced = g_ptr_array_new();
    guint position = 0;
    while (position < self->drives->len) {
        if (is_in_place(self, position))
            position++;
        else
            g_ptr_array_add(displaced, take_out(self, position));
    }
    for (guint i = 0; i < displaced->len; i++)
        insert(self, g_ptr_array_index(displaced, i));
}

static void
refresh_known(RubDriveList *self, GHashTable *all)
{
    for (guint i = self->drives->len; i-- > 0;) {
        g_autoptr(RubDrive) drive = g_object_ref(g_ptr_array_index(self->drives, i));
        const char *id = rub_drive_get_id(drive);
        const RubDriveFacts *now = g_hash_table_lookup(all, id);
        if (!now || !is_same_drive(drive, now)) {
            g_object_unref(take_out(self, i));
            continue;
        }
        g_autofree char *key = NULL;
        RubDriveFacts *facts = NULL;
        g_hash_table_steal_extended(all, id, (gpointer *) &key, (gpointer *) &facts);
        rub_drive_update(drive, facts);
        if (!rub_drive_is_listed(drive))
            g_object_unref(take_out(self, i));
    }
    sort_known(self);
}

/* Returns whether the newcomer is complete, as far as one can tell. */
static gboolean
is_settled(RubDriveList *self, const char *id, RubDriveFacts *facts)
{
    RubNewcomer *newcomer = g_hash_table_lookup(self->newcomers, id);
    gint64 now_usec = g_get_monotonic_time();
    if (newcomer && (rub_drive_facts_equal(newcomer->facts, facts) ||
                     now_usec - newcomer->since_usec > MAX_QUIET_USEC))
        return TRUE;
    RubNewcomer *next = g_new0(RubNewcomer, 1);
    next->facts = facts;
    next->since_usec = newcomer ? newcomer->since_usec : now_usec;
    g_hash_table_replace(self->newcomers, g_strdup(id), next);
    return FALSE;
}

static void
show(RubDriveList *self, RubDriveFacts *facts)
{
    g_autoptr(RubDrive) drive = rub_drive_new(facts);
    if (rub_drive_is_listed(drive))
        insert(self, g_steal_pointer(&drive));
}

static void
forget_vanished(RubDriveList *self, GHashTable *all)
{
    GHashTableIter iter;
    gpointer id;
    g_hash_table_iter_init(&iter, self->newcomers);
    while (g_hash_table_iter_next(&iter, &id, NULL))
        if (!g_hash_table_contains(all, id))
            g_hash_table_iter_remove(&iter);
}

/* Looks at drives that are not shown yet once it has been quiet for a while. */
static void
refresh_new(RubDriveList *self, GHashTable *all, gboolean is_quiet)
{
    GHashTableIter iter;
    gpointer key, value;
    forget_vanished(self, all);
    g_hash_table_iter_init(&iter, all);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        g_autofree char *id = key;
        g_hash_table_iter_steal(&iter);
        if (!is_quiet && !is_settled(self, id, value))
            continue;
        show(self, value);
        g_hash_table_remove(self->newcomers, id);
    }
}

static GPtrArray *
list_counts(RubDriveList *self)
{
    GPtrArray *counts = g_ptr_array_new_with_free_func(rub_drive_count_free);
    for (guint i = 0; i < self->drives->len; i++) {
        const GPtrArray *contents = rub_drive_get_contents(g_ptr_array_index(self->drives, i));
        for (guint j = 0; j < contents->len; j++) {
            const RubDriveVolume *volume = g_ptr_array_index(contents, j);
            if (volume->mount_point)
                g_ptr_array_add(counts, rub_drive_count_new(volume->mount_point));
        }
    }
    return counts;
}

static void
take_counts(RubDriveList *self, GPtrArray *counts)
{
    for (guint i = 0; i < self->drives->len; i++) {
        g_autoptr(RubDrive) drive = g_object_ref(g_ptr_array_index(self->drives, i));
        gboolean is_news = FALSE;
        for (guint j = 0; j < counts->len; j++) {
            const RubDriveCount *count = g_ptr_array_index(counts, j);
            if (count->is_counted && rub_drive_set_counts(drive, count->mount_point,
                                                          count->used_bytes, count->free_bytes))
                is_news = TRUE;
        }
        if (is_news)
            rub_drive_emit_changed(drive);
    }
}

static void
count_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    rub_drive_count_all(task_data);
    g_task_return_boolean(task, TRUE);
}

static void
on_counted_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    if (g_task_propagate_boolean(G_TASK(result), NULL))
        take_counts(RUB_DRIVE_LIST(source), g_task_get_task_data(G_TASK(result)));
}

/* A filesystem may let us wait for its answer. */
static void
start_counting(RubDriveList *self)
{
    GPtrArray *counts = list_counts(self);
    g_autoptr(GTask) task = g_task_new(self, self->count_cancellable, on_counted_cb, NULL);
    g_task_set_task_data(task, counts, (GDestroyNotify) g_ptr_array_unref);
    if (counts->len > 0)
        g_task_run_in_thread(task, count_in_thread);
    else
        g_task_return_boolean(task, TRUE);
}

static gboolean
on_quiet_cb(gpointer user_data)
{
    RubDriveList *self = user_data;
    g_clear_pointer(&self->quiet, g_source_unref);
    refresh(self);
    return G_SOURCE_REMOVE;
}

static void
start_quiet(RubDriveList *self)
{
    stop_quiet(self);
    self->quiet = g_timeout_source_new(QUIET_MS);
    g_source_set_callback(self->quiet, on_quiet_cb, self, NULL);
    g_source_attach(self->quiet, self->context);
}

static void
refresh_all(RubDriveList *self, gboolean is_quiet)
{
    g_autoptr(GHashTable) all = probe_all(self);
    refresh_known(self, all);
    refresh_new(self, all, is_quiet);
}

static void
refresh(RubDriveList *self)
{
    g_autoptr(RubDriveList) alive = g_object_ref(self);
    refresh_all(self, FALSE);
    if (g_hash_table_size(self->newcomers) > 0)
        start_quiet(self);
    start_counting(self);
}

static void
on_client_changed_cb(UDisksClient *client, gpointer user_data)
{
    refresh(RUB_DRIVE_LIST(user_data));
}

/* Takes over the client. */
static RubDriveList *
make_list(UDisksClient *client)
{
    RubDriveList *self = g_object_new(RUB_TYPE_DRIVE_LIST, NULL);
    self->client = client;
    self->changed_id = g_signal_connect(client, "changed", G_CALLBACK(on_client_changed_cb), self);
    refresh_all(self, TRUE);
    return self;
}

RubDriveList *
rub_drive_list_new(GCancellable *cancellable, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(UDisksClient) client = udisks_client_new_sync(cancellable, &failure);
    if (!rub_udisks_check_presence(client, failure, error))
        return NULL;
    RubDriveList *self = make_list(g_steal_pointer(&client));
    g_autoptr(GPtrArray) counts = list_counts(self);
    rub_drive_count_all(counts);
    take_counts(self, counts);
    return self;
}

static void
on_client_made_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    g_autoptr(GError) failure = NULL;
    GError *error = NULL;
    g_autoptr(UDisksClient) client = udisks_client_new_finish(result, &failure);
    if (!rub_udisks_check_presence(client, failure, &error)) {
        g_task_return_error(task, error);
        return;
    }
    RubDriveList *self = make_list(g_steal_pointer(&client));
    start_counting(self);
    g_task_return_pointer(task, self, g_object_unref);
}

void
rub_drive_list_new_async(GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
    GTask *task = g_task_new(NULL, cancellable, callback, user_data);
    g_task_set_source_tag(task, rub_drive_list_new_async);
    udisks_client_new(cancellable, on_client_made_cb, task);
}

RubDriveList *
rub_drive_list_new_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static gboolean
is_called(RubDrive *drive, const char *name, const char *node)
{
    return g_str_equal(rub_drive_get_id(drive), name) ||
           g_str_equal(rub_drive_get_node(drive), name) ||
           g_strcmp0(rub_drive_get_node(drive), node) == 0;
}

static void
set_several(GError **error, const char *serial, RubDrive *one, RubDrive *other)
{
    rub_error_take_text(error, RUB_CODE_USAGE,
                        rub_text_new(N_("several drives have the serial number {serial}; use the "
                                        "device node instead: {node} or {other}"),
                                     "serial", serial, "node", rub_drive_get_node(one), "other",
                                     rub_drive_get_node(other), NULL));
}

static RubDrive *
find_serial(RubDriveList *self, const char *serial, GError **error)
{
    RubDrive *found = NULL;
    for (guint i = 0; *serial && i < self->drives->len; i++) {
        RubDrive *drive = g_ptr_array_index(self->drives, i);
        if (!g_str_equal(rub_drive_get_serial(drive), serial))
            continue;
        if (found) {
            set_several(error, serial, found, drive);
            return NULL;
        }
        found = drive;
    }
    if (!found)
        rub_error_take_text(error, RUB_CODE_USAGE,
                            rub_text_new(N_("there is no USB drive or memory card called {name}"),
                                         "name", serial, NULL));
    return found ? g_object_ref(found) : NULL;
}

RubDrive *
rub_drive_list_find(RubDriveList *self, const char *name, GError **error)
{
    g_autofree char *node = realpath(name, NULL);
    for (guint i = 0; i < self->drives->len; i++) {
        RubDrive *drive = g_ptr_array_index(self->drives, i);
        if (is_called(drive, name, node))
            return g_object_ref(drive);
    }
    return find_serial(self, name, error);
}
