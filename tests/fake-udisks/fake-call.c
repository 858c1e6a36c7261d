/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way of every method call: counted, failed or held up as the test wants, authorised, done.
 */
#include "fake-call.h"

#include "fake-control.h"
#include "fake-policy.h"

static const FakeMethod *
find_method(const char *name)
{
    const FakeMethod *tables[] = {fake_block_methods, fake_partition_methods,
                                  fake_filesystem_methods, fake_drive_methods};
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const FakeMethod *method = tables[i]; method->name != NULL; method++)
            if (g_str_equal(method->name, name))
                return method;
    return NULL;
}

static char *
name_of(GDBusMethodInvocation *invocation)
{
    const char *interface = g_dbus_method_invocation_get_interface_name(invocation);
    return g_strdup_printf("%s.%s", strrchr(interface, '.') + 1,
                           g_dbus_method_invocation_get_method_name(invocation));
}

/* How often METHOD was called; with wait_lock. */
guint
fake_call_count(FakeWorld *world, const char *method)
{
    guint count = 0;
    for (guint i = 0; i < json_array_get_length(world->calls); i++) {
        JsonObject *call = json_array_get_object_element(world->calls, i);
        if (g_str_equal(json_object_get_string_member(call, "method"), method))
            count++;
    }
    return count;
}

static void
record(FakeWorld *world, const char *name, const FakeCall *call)
{
    g_autofree char *arguments = g_variant_print(call->parameters, FALSE);
    JsonObject *entry = json_object_new();
    json_object_set_string_member(entry, "method", name);
    json_object_set_string_member(entry, "object", strrchr(call->path, '/') + 1);
    json_object_set_string_member(entry, "arguments", arguments);
    json_object_set_int_member(entry, "pid", call->pid);
    g_mutex_lock(&world->wait_lock);
    json_array_add_object_element(world->calls, entry);
    g_cond_broadcast(&world->changed);
    g_mutex_unlock(&world->wait_lock);
}

/* The first fault that is meant for this call; counts it down. */
static JsonObject *
take_fault(FakeWorld *world, const char *name, const char *path)
{
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&world->lock);
    for (GList *link = world->faults.head; link != NULL; link = link->next) {
        JsonObject *fault = link->data;
        const char *node = json_object_get_string_member_with_default(fault, "node", NULL);
        if (!g_str_equal(json_object_get_string_member(fault, "method"), name) ||
            (node != NULL && !g_str_has_suffix(path, node)))
            continue;
        gint64 skip = json_object_get_int_member_with_default(fault, "skip", 0);
        if (skip > 0) {
            json_object_set_int_member(fault, "skip", skip - 1);
            continue;
        }
        gint64 times = json_object_get_int_member_with_default(fault, "times", 1);
        json_object_ref(fault);
        json_object_set_int_member(fault, "times", times - 1);
        if (times == 1) {
            json_object_unref(fault);
            g_queue_delete_link(&world->faults, link);
        }
        return fault;
    }
    return NULL;
}

static const char *
fault_string(JsonObject *fault, const char *member)
{
    return fault == NULL ? NULL : json_object_get_string_member_with_default(fault, member, NULL);
}

static GVariant *
get_options(GVariant *parameters)
{
    for (gsize i = 0; i < g_variant_n_children(parameters); i++) {
        g_autoptr(GVariant) argument = g_variant_get_child_value(parameters, i);
        if (g_variant_is_of_type(argument, G_VARIANT_TYPE_VARDICT))
            return g_steal_pointer(&argument);
    }
    return g_variant_ref_sink(g_variant_new("a{sv}", NULL));
}

/* The string of an option, NULL if there is none; belongs to the call. */
const char *
fake_call_get_string(const FakeCall *call, const char *option)
{
    const char *text = NULL;
    return g_variant_lookup(call->options, option, "&s", &text) ? text : NULL;
}

/* The block device that was called; it may have been unplugged while the call waited. */
FakeNode *
fake_call_get_node(FakeCall *call, GError **error)
{
    FakeNode *node = fake_world_find_node(call->world, call->path);
    if (node == NULL)
        g_set_error(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD,
                    "Object does not exist at path “%s”", call->path);
    return node;
}

static gboolean
is_system_device(FakeWorld *world, const char *path)
{
    FakeNode *node = fake_world_find_node(world, path);
    return node != NULL && udisks_block_get_hint_system(node->block);
}

static gboolean
is_mounted_by_other(FakeWorld *world, const char *path)
{
    FakeNode *node = fake_world_find_node(world, path);
    return node != NULL && node->mount != NULL && node->mount->by_other;
}

/* What PolicyKit is asked about, NULL for nothing. */
static char *
action_of(FakeWorld *world, const FakeMethod *method, const char *path)
{
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&world->lock);
    if (g_str_equal(method->name, "Filesystem.Unmount"))
        return is_mounted_by_other(world, path)
                   ? g_strdup("org.freedesktop.udisks2.filesystem-unmount-others")
                   : NULL;
    if (method->action == NULL)
        return NULL;
    return g_strconcat("org.freedesktop.udisks2.", method->action,
                       is_system_device(world, path) ? "-system" : NULL, NULL);
}

static gboolean
authorize(FakeWorld *world, const FakeMethod *method, const FakeCall *call, GError **error)
{
    g_autofree char *action = action_of(world, method, call->path);
    if (action == NULL)
        return TRUE;
    gboolean is_silent = FALSE;
    g_variant_lookup(call->options, "auth.no_user_interaction", "b", &is_silent);
    switch (fake_policy_check(world, call->pid, action, !is_silent)) {
    case FAKE_VERDICT_YES:
        return TRUE;
    case FAKE_VERDICT_DISMISSED:
        g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED_DISMISSED,
                            "The authentication dialog was dismissed");
        return FALSE;
    case FAKE_VERDICT_CHALLENGE:
        g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN,
                            "Not authorized to perform operation");
        return FALSE;
    case FAKE_VERDICT_NO:
    default:
        g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED,
                            "Not authorized to perform operation");
        return FALSE;
    }
}

/* Does what the test wants done at this moment of a call: waits, runs commands. */
static void
apply_fault(FakeWorld *world, JsonObject *fault)
{
    if (fault == NULL)
        return;
    g_usleep(1000 * json_object_get_int_member_with_default(fault, "delay_ms", 0));
    if (json_object_has_member(fault, "do"))
        fake_control_run_all(world, json_object_get_array_member(fault, "do"));
}

static GVariant *
run(const FakeMethod *method, FakeCall *call, GError **error)
{
    if (!authorize(call->world, method, call, error))
        return NULL;
    g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&call->world->lock);
    return method->run(call, error);
}

static void
reply(GDBusMethodInvocation *invocation, FakeCall *call, GVariant *result, JsonObject *fault,
      const GError *error)
{
    const char *name = fault_string(fault, "error");
    if (name != NULL)
        g_dbus_method_invocation_return_dbus_error(invocation, name, fault_string(fault, "text"));
    else if (error != NULL)
        g_dbus_method_invocation_return_gerror(invocation, error);
    else
        g_dbus_method_invocation_return_value_with_unix_fd_list(invocation, result,
                                                                call->descriptors);
}

static void
serve(FakeWorld *world, GDBusMethodInvocation *invocation, const FakeMethod *method,
      const char *name)
{
    GVariant *parameters = g_dbus_method_invocation_get_parameters(invocation);
    g_autoptr(GVariant) options = get_options(parameters);
    g_autoptr(GUnixFDList) descriptors = g_unix_fd_list_new();
    FakeCall call = {
        .world = world,
        .path = g_dbus_method_invocation_get_object_path(invocation),
        .parameters = parameters,
        .options = options,
        .pid = fake_policy_get_pid(world, g_dbus_method_invocation_get_sender(invocation)),
        .descriptors = descriptors,
    };
    record(world, name, &call);
    g_autoptr(JsonObject) fault = take_fault(world, name, call.path);
    gboolean is_after = g_strcmp0(fault_string(fault, "when"), "after") == 0;
    g_autoptr(GVariant) result = NULL;
    g_autoptr(GError) error = NULL;
    if (!is_after)
        apply_fault(world, fault);
    if (fault_string(fault, "error") == NULL || is_after) {
        result = run(method, &call, &error);
        if (result != NULL)
            g_variant_ref_sink(result);
    }
    if (is_after)
        apply_fault(world, fault);
    /* The reference that a reply would take is kept for ever: nobody answers this call. */
    if (fault == NULL || !json_object_get_boolean_member_with_default(fault, "never", FALSE))
        reply(invocation, &call, result, fault, error);
}

/* Runs in a thread of its own for each call. Answers it here, so the skeleton never does. */
static gboolean
on_method(GDBusInterfaceSkeleton *interface, GDBusMethodInvocation *invocation, gpointer data)
{
    g_autofree char *name = name_of(invocation);
    const FakeMethod *method = find_method(name);
    if (method == NULL)
        g_dbus_method_invocation_return_error(invocation, UDISKS_ERROR, UDISKS_ERROR_NOT_SUPPORTED,
                                              "The fake service has no %s", name);
    else
        serve(data, invocation, method, name);
    return FALSE;
}

/* Lets the methods of INTERFACE, a skeleton, be answered by the tables of methods. */
void
fake_call_serve(FakeWorld *world, gpointer interface)
{
    g_dbus_interface_skeleton_set_flags(
        interface, G_DBUS_INTERFACE_SKELETON_FLAGS_HANDLE_METHOD_INVOCATIONS_IN_THREAD);
    g_signal_connect(interface, "g-authorize-method", G_CALLBACK(on_method), world);
}
