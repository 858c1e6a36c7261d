/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may do what: one table for the calls of the fake UDisks2 and for the fake PolicyKit. */
#include "fake-policy.h"

static const char introspection[] =
    "<node><interface name='org.freedesktop.PolicyKit1.Authority'>"
    "<method name='CheckAuthorization'>"
    "<arg type='(sa{sv})' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='a{ss}' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='(bba{ss})' direction='out'/>"
    "</method>"
    "<method name='CancelCheckAuthorization'><arg type='s' direction='in'/></method>"
    "<signal name='Changed'/>"
    "<property name='BackendName' type='s' access='read'/>"
    "<property name='BackendVersion' type='s' access='read'/>"
    "<property name='BackendFeatures' type='u' access='read'/>"
    "</interface></node>";

/* What UDisks2 2.9.4 asks of an ordinary user in an active session, as
 * org.freedesktop.UDisks2.policy of that version has it. Actions that are not here are allowed. */
static const char *const actions_with_password[] = {
    "open-device",
    "open-device-system",
    "modify-device-system",
    "modify-device-other-seat",
    "filesystem-mount-system",
    "filesystem-unmount-others",
    "eject-media-system",
    "power-off-drive-system",
};

/* The table a fresh service has; a test changes entries of it. */
void
fake_policy_set_defaults(FakeWorld *world)
{
    g_hash_table_remove_all(world->policy);
    for (guint i = 0; i < G_N_ELEMENTS(actions_with_password); i++)
        g_hash_table_replace(
            world->policy, g_strconcat("org.freedesktop.udisks2.", actions_with_password[i], NULL),
            g_strdup("password"));
}

/* The process behind a name on the bus, 0 if it has gone. */
guint32
fake_policy_get_pid(FakeWorld *world, const char *bus_name)
{
    guint32 pid = 0;
    g_autoptr(GVariant) reply = g_dbus_connection_call_sync(
        world->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "GetConnectionUnixProcessID", g_variant_new("(s)", bus_name), G_VARIANT_TYPE("(u)"),
        G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
    if (reply != NULL)
        g_variant_get(reply, "(u)", &pid);
    return pid;
}

static char *
look_up(FakeWorld *world, const char *action)
{
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&world->lock);
    const char *answer = g_hash_table_lookup(world->policy, action);
    if (answer == NULL)
        answer = g_hash_table_lookup(world->policy, "*");
    return g_strdup(answer != NULL ? answer : "yes");
}

static gboolean
is_kept(FakeWorld *world, const char *key)
{
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&world->lock);
    const gint64 *end = g_hash_table_lookup(world->kept, key);
    return end != NULL && g_get_monotonic_time() < *end;
}

static void
keep(FakeWorld *world, const char *key)
{
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&world->lock);
    gint64 end = g_get_monotonic_time() + (gint64) world->keep_seconds * G_USEC_PER_SEC;
    g_hash_table_replace(world->kept, g_strdup(key), g_memdup2(&end, sizeof end));
}

/* A person at the password prompt: thinks for a while, or until the test answers. */
static char *
prompt(FakeWorld *world)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&world->wait_lock);
    world->prompts++;
    g_cond_broadcast(&world->changed);
    gint64 end = g_get_monotonic_time() + (gint64) world->answer_after_ms * 1000;
    while (world->answer_after_ms > 0 && g_cond_wait_until(&world->changed, &world->wait_lock, end))
        continue;
    while (g_str_equal(world->answer, "wait"))
        g_cond_wait(&world->changed, &world->wait_lock);
    return g_strdup(world->answer);
}

/* Whether process PID may do ACTION; asks for the password if it must and MAY_ASK. */
FakeVerdict
fake_policy_check(FakeWorld *world, guint32 pid, const char *action, gboolean may_ask)
{
    g_autofree char *rule = look_up(world, action);
    if (g_str_equal(rule, "yes"))
        return FAKE_VERDICT_YES;
    if (g_str_equal(rule, "no"))
        return FAKE_VERDICT_NO;
    /* PolicyKit keeps an authorisation for the process and the action that it was given for. */
    g_autofree char *key = g_strdup_printf("%u %s", pid, action);
    if (is_kept(world, key))
        return FAKE_VERDICT_YES;
    if (!may_ask)
        return FAKE_VERDICT_CHALLENGE;
    g_autofree char *answer = prompt(world);
    if (g_str_equal(answer, "dismissed"))
        return FAKE_VERDICT_DISMISSED;
    if (!g_str_equal(answer, "right"))
        return FAKE_VERDICT_NO;
    keep(world, key);
    return FAKE_VERDICT_YES;
}

static guint32
pid_of_subject(FakeWorld *world, GVariant *details)
{
    const char *name = NULL;
    guint32 pid = 0;
    if (g_variant_lookup(details, "name", "&s", &name))
        return fake_policy_get_pid(world, name);
    g_variant_lookup(details, "pid", "u", &pid);
    return pid;
}

typedef struct {
    FakeWorld *world;
    GDBusMethodInvocation *invocation;
} Question;

/* In a thread of its own, because a person may be asked. */
static gpointer
answer_question(gpointer data)
{
    g_autofree Question *question = data;
    g_autoptr(GVariant) details = NULL;
    const char *action;
    guint32 flags;
    g_variant_get(g_dbus_method_invocation_get_parameters(question->invocation),
                  "((&s@a{sv})&sa{ss}u&s)", NULL, &details, &action, NULL, &flags, NULL);
    guint32 pid = pid_of_subject(question->world, details);
    FakeVerdict verdict = fake_policy_check(question->world, pid, action, (flags & 1) != 0);
    GVariantBuilder more;
    g_variant_builder_init(&more, G_VARIANT_TYPE("a{ss}"));
    if (verdict == FAKE_VERDICT_DISMISSED)
        g_variant_builder_add(&more, "{ss}", "polkit.dismissed", "true");
    if (verdict == FAKE_VERDICT_CHALLENGE)
        g_variant_builder_add(&more, "{ss}", "polkit.retains_authorization_after_challenge", "1");
    g_dbus_method_invocation_return_value(question->invocation,
                                          g_variant_new("((bba{ss}))", verdict == FAKE_VERDICT_YES,
                                                        verdict == FAKE_VERDICT_CHALLENGE, &more));
    return NULL;
}

static void
on_method(GDBusConnection *bus, const char *sender, const char *path, const char *interface,
          const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
          gpointer world)
{
    if (!g_str_equal(method, "CheckAuthorization")) {
        g_dbus_method_invocation_return_value(invocation, NULL);
        return;
    }
    Question *question = g_new(Question, 1);
    question->world = world;
    question->invocation = invocation;
    g_thread_unref(g_thread_new("authorization", answer_question, question));
}

static GVariant *
on_property(GDBusConnection *bus, const char *sender, const char *path, const char *interface,
            const char *property, GError **error, gpointer world)
{
    if (g_str_equal(property, "BackendFeatures"))
        return g_variant_new_uint32(1);
    return g_variant_new_string(g_str_equal(property, "BackendName") ? "fake" : "122");
}

/* Puts the fake PolicyKit onto the bus. */
gboolean
fake_policy_serve(FakeWorld *world, GError **error)
{
    static const GDBusInterfaceVTable vtable = {.method_call = on_method,
                                                .get_property = on_property};
    g_autoptr(GDBusNodeInfo) info = g_dbus_node_info_new_for_xml(introspection, error);
    return info != NULL &&
           g_dbus_connection_register_object(world->bus, "/org/freedesktop/PolicyKit1/Authority",
                                             info->interfaces[0], &vtable, world, NULL, error) != 0;
}
