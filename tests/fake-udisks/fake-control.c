/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test's side: a command a line on standard input, a reply a line on standard output, both
 * JSON. */
#include "fake-control.h"

#include "fake-call.h"
#include "fake-drive.h"
#include "fake-mount.h"
#include "fake-node.h"
#include "fake-policy.h"
#include "fake-watch.h"

#include <stdio.h>
#include <unistd.h>

typedef gboolean (*CommandFunc)(FakeWorld *world, JsonObject *command, JsonObject *reply,
                                GError **error);

static const char *
text_of(JsonObject *command, const char *member)
{
    return json_object_get_string_member_with_default(command, member, "");
}

static FakeDisk *
get_disk(FakeWorld *world, JsonObject *command, GError **error)
{
    FakeDisk *disk = fake_world_find_disk(world, text_of(command, "node"));
    if (disk == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s is not plugged in",
                    text_of(command, "node"));
    return disk;
}

/* {"image": FILE, "vendor": ..., ...}: see fake_udisks.py for all members. */
static gboolean
plug(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    FakeDisk *disk = fake_drive_plug(world, command, error);
    if (disk == NULL)
        return FALSE;
    json_object_set_string_member(reply, "node", ((FakeNode *) disk->nodes->pdata[0])->name);
    json_object_set_string_member(reply, "path", ((FakeNode *) disk->nodes->pdata[0])->path);
    json_object_set_string_member(reply, "drive", disk->drive_path);
    return TRUE;
}

/* "gone" also cuts the image to nothing, so that a descriptor that is open reads no byte any more.
 */
static gboolean
unplug(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    FakeDisk *disk = fake_world_find_disk(world, text_of(command, "node"));
    g_autofree char *image = disk != NULL ? g_strdup(disk->image) : NULL;
    if (!fake_drive_unplug(world, text_of(command, "node"), error))
        return FALSE;
    if (json_object_get_boolean_member_with_default(command, "gone", FALSE) &&
        truncate(image, 0) != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot truncate %s", image);
        return FALSE;
    }
    return TRUE;
}

/* A reader of cards whose card is pushed in or pulled out. */
static gboolean
set_medium(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    FakeDisk *disk = get_disk(world, command, error);
    if (disk == NULL)
        return FALSE;
    UDisksDrive *drive = g_hash_table_lookup(world->drives, disk->drive_path);
    disk->has_medium = json_object_get_boolean_member(command, "medium");
    disk->is_ejected = FALSE;
    fake_disk_refresh(disk);
    g_object_set(drive, "media-available", disk->has_medium, "size",
                 ((FakeNode *) disk->nodes->pdata[0])->size_bytes, NULL);
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(drive));
    return TRUE;
}

static gboolean
set_read_only(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    FakeDisk *disk = get_disk(world, command, error);
    if (disk == NULL)
        return FALSE;
    disk->read_only = json_object_get_boolean_member(command, "read_only");
    fake_disk_refresh(disk);
    return TRUE;
}

/* {"node": "sdx1", "interface": "Block", "property": "hint-system", "value": true}; it stays. */
static gboolean
change(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    FakeNode *node = fake_world_find_named(world, text_of(command, "node"));
    if (node == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such device");
        return FALSE;
    }
    if (!fake_property_set(node, command, error))
        return FALSE;
    json_array_add_object_element(node->disk->overrides, json_object_ref(command));
    return TRUE;
}

static gboolean
add_fault(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    g_queue_push_tail(&world->faults, json_object_ref(command));
    return TRUE;
}

static gboolean
clear_faults(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    g_queue_clear_full(&world->faults, (GDestroyNotify) json_object_unref);
    return TRUE;
}

/* {"action": "open-device" or a whole name or "*", "rule": "yes", "password" or "no"} */
static gboolean
set_policy(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    const char *action = text_of(command, "action");
    gboolean is_whole = g_str_equal(action, "*") || strchr(action, '.') != NULL;
    g_hash_table_replace(world->policy,
                         g_strconcat(is_whole ? "" : "org.freedesktop.udisks2.", action, NULL),
                         g_strdup(text_of(command, "rule")));
    return TRUE;
}

/* {"answer": "right", "wrong", "dismissed" or "wait", "after_ms": N, "keep_seconds": N} */
static gboolean
set_answer(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    g_mutex_lock(&world->wait_lock);
    g_free(world->answer);
    world->answer = g_strdup(text_of(command, "answer"));
    world->answer_after_ms =
        (guint) json_object_get_int_member_with_default(command, "after_ms", 0);
    g_cond_broadcast(&world->changed);
    g_mutex_unlock(&world->wait_lock);
    world->keep_seconds = (guint) json_object_get_int_member_with_default(command, "keep_seconds",
                                                                          world->keep_seconds);
    return TRUE;
}

/* {"late_ms": N, "automount_ms": N, "busy_format_ms": N}, any of them */
static gboolean
set_options(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    world->late_ms =
        (guint) json_object_get_int_member_with_default(command, "late_ms", world->late_ms);
    world->busy_format_ms = (guint) json_object_get_int_member_with_default(
        command, "busy_format_ms", world->busy_format_ms);
    world->automount_ms = (gint) json_object_get_int_member_with_default(command, "automount_ms",
                                                                         world->automount_ms);
    for (guint i = 0; i < world->disks->len; i++)
        fake_mount_automatically(world->disks->pdata[i]);
    return TRUE;
}

/* Forgets the authorisations that are kept, as if their time were over. */
static gboolean
forget(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    g_hash_table_remove_all(world->kept);
    return TRUE;
}

static gboolean
tell(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    JsonObject *mounted = json_object_new();
    for (guint i = 0; i < world->disks->len; i++) {
        FakeDisk *disk = world->disks->pdata[i];
        for (guint j = 0; j < disk->nodes->len; j++) {
            const FakeNode *node = disk->nodes->pdata[j];
            if (node->mount != NULL)
                json_object_set_string_member(mounted, node->name, node->mount->folder);
        }
    }
    g_mutex_lock(&world->wait_lock);
    json_object_set_array_member(reply, "calls", json_array_ref(world->calls));
    json_object_set_int_member(reply, "prompts", world->prompts);
    json_object_set_int_member(reply, "exclusive_opens", world->exclusive_opens);
    g_mutex_unlock(&world->wait_lock);
    json_object_set_int_member(reply, "mounts", world->mounts);
    json_object_set_object_member(reply, "mounted", mounted);
    return TRUE;
}

/* {"node": NODE, "bytes": N, "do": [COMMAND...]}: runs them once N more bytes lie on the disk. */
static gboolean
add_watch(FakeWorld *world, JsonObject *command, JsonObject *reply, GError **error)
{
    FakeDisk *disk = get_disk(world, command, error);
    return disk != NULL &&
           fake_watch_writes(disk, (guint64) json_object_get_int_member(command, "bytes"),
                             json_object_get_array_member(command, "do"), error);
}

static const struct {
    const char *name;
    CommandFunc run;
} commands[] = {
    {"plug", plug},
    {"unplug", unplug},
    {"medium", set_medium},
    {"read-only", set_read_only},
    {"change", change},
    {"fault", add_fault},
    {"clear-faults", clear_faults},
    {"policy", set_policy},
    {"answer", set_answer},
    {"options", set_options},
    {"forget", forget},
    {"state", tell},
    {"on-write", add_watch},
};

/* Does a command; the reply has "error" if it failed. */
JsonObject *
fake_control_run(FakeWorld *world, JsonObject *command)
{
    JsonObject *reply = json_object_new();
    const char *name = text_of(command, "command");
    g_autoptr(GError) error = NULL;
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&world->lock);
    gboolean is_known = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (!g_str_equal(commands[i].name, name))
            continue;
        is_known = TRUE;
        commands[i].run(world, command, reply, &error);
    }
    if (!is_known)
        g_set_error(&error, G_IO_ERROR, G_IO_ERROR_FAILED, "no command %s", name);
    if (error != NULL)
        json_object_set_string_member(reply, "error", error->message);
    return reply;
}

/* Runs commands whose replies nobody reads. */
void
fake_control_run_all(FakeWorld *world, JsonArray *list)
{
    for (guint i = 0; i < json_array_get_length(list); i++)
        json_object_unref(fake_control_run(world, json_array_get_object_element(list, i)));
}

static void
print_reply(JsonObject *reply)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    json_node_set_object(node, reply);
    g_autofree char *text = json_to_string(node, FALSE);
    puts(text);
    fflush(stdout);
}

static gboolean
has_come(FakeWorld *world, JsonObject *command)
{
    guint count = (guint) json_object_get_int_member_with_default(command, "count", 0);
    const char *what = text_of(command, "for");
    if (g_str_equal(what, "prompt"))
        return world->prompts >= count;
    if (g_str_equal(what, "close"))
        return world->exclusive_opens == 0;
    return fake_call_count(world, text_of(command, "method")) >= count;
}

/* {"for": "call", "prompt" or "close", "method": NAME, "count": N, "timeout_ms": N}: waits without
 * the lock, which what is waited for needs. */
static JsonObject *
wait_until_come(FakeWorld *world, JsonObject *command)
{
    JsonObject *reply = json_object_new();
    gint64 end = g_get_monotonic_time() + json_object_get_int_member(command, "timeout_ms") * 1000;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&world->wait_lock);
    gboolean in_time = TRUE;
    while (in_time && !has_come(world, command))
        in_time = g_cond_wait_until(&world->changed, &world->wait_lock, end);
    if (!in_time)
        json_object_set_string_member(reply, "error", "that did not happen in time");
    return reply;
}

static void
run_line(FakeWorld *world, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) node = json_from_string(line, &error);
    g_autoptr(JsonObject) reply = NULL;
    if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
        reply = json_object_new();
        json_object_set_string_member(reply, "error", "not a JSON object");
    } else if (g_str_equal(text_of(json_node_get_object(node), "command"), "wait")) {
        reply = wait_until_come(world, json_node_get_object(node));
    } else {
        reply = fake_control_run(world, json_node_get_object(node));
    }
    print_reply(reply);
}

typedef struct {
    FakeWorld *world;
    GMainLoop *loop;
} FakeReader;

/* In a thread of its own, so that a command may wait. The end of the input ends the program. */
static gpointer
read_commands(gpointer data)
{
    g_autofree FakeReader *reader = data;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0)
        run_line(reader->world, line);
    free(line);
    g_main_loop_quit(reader->loop);
    return NULL;
}

/* Says that the service is there and starts to read commands. */
void
fake_control_start(FakeWorld *world, GMainLoop *loop)
{
    FakeReader *reader = g_new(FakeReader, 1);
    g_autoptr(JsonObject) hello = json_object_new();
    reader->world = world;
    reader->loop = loop;
    json_object_set_boolean_member(hello, "ready", TRUE);
    print_reply(hello);
    g_thread_unref(g_thread_new("control", read_commands, reader));
}
