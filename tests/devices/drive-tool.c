/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does with a drive what the library can, one step at a time, for tests over the fake UDisks2. It
 * prints a JSON object for each thing that happens, and goes on at "pause" when a line comes. */
#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "target/rub-drive-list.h"
#include "target/rub-udisks-target.h"

#define MIB (1024 * 1024)
#define FILE_TEXT "hello from the kernel's driver\n"

static GCancellable *cancellable;

/* Prints an object of pairs of a name and a text, then NULL. */
static void G_GNUC_NULL_TERMINATED
say(const char *event, ...)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "event");
    json_builder_add_string_value(builder, event);
    va_list list;
    va_start(list, event);
    for (const char *name = va_arg(list, const char *); name; name = va_arg(list, const char *)) {
        json_builder_set_member_name(builder, name);
        json_builder_add_string_value(builder, va_arg(list, const char *));
    }
    va_end(list);
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = json_to_string(root, FALSE);
    printf("%s\n", text);
    fflush(stdout);
}

static int
say_error(const GError *error)
{
    g_autofree char *code = g_strdup_printf("%d", error->code);
    say("error", "code", code, "message", error->message, NULL);
    return 1;
}

static void
pause_for_test(const char *where)
{
    char line[16];
    say("pause", "where", where, NULL);
    if (!fgets(line, sizeof line, stdin))
        g_cancellable_cancel(cancellable);
}

static char *
describe_volumes(RubDrive *drive)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const GPtrArray *contents = rub_drive_get_contents(drive);
    for (guint i = 0; i < contents->len; i++) {
        const RubDriveVolume *volume = g_ptr_array_index(contents, i);
        g_string_append_printf(text, "%s%u:%s:%u:%s:%s:%s", i ? " " : "", volume->number,
                               volume->filesystem ? volume->filesystem : "", volume->fat_bits,
                               volume->label ? volume->label : "",
                               volume->mount_point ? "mounted" : "",
                               volume->is_counted ? "counted" : "");
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
say_drive(const char *event, RubDrive *drive)
{
    g_autofree char *name = rub_drive_get_display_name(drive);
    g_autofree char *code = g_strdup_printf("%d", (int) rub_drive_get_reason_code(drive));
    g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, rub_drive_get_size_bytes(drive));
    g_autofree char *reason = rub_drive_get_reason(drive)
                                  ? rub_text_format(rub_drive_get_reason(drive), NULL)
                                  : g_strdup("");
    g_autofree char *volumes = describe_volumes(drive);
    say(event, "node", rub_drive_get_node(drive), "name", name, "serial",
        rub_drive_get_serial(drive), "size", size, "code", code, "reason", reason, "volumes",
        volumes, "removable", rub_drive_is_removable(drive) ? "yes" : "no", "large",
        rub_drive_is_large(drive) ? "yes" : "no", NULL);
}

static void
say_all(GListModel *model)
{
    for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
        g_autoptr(RubDrive) drive = g_list_model_get_item(model, i);
        say_drive("drive", drive);
    }
    say("end", NULL);
}

static int
do_list(const char *unused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubDriveList) list = rub_drive_list_new(NULL, &error);
    if (!list)
        return say_error(error);
    say_all(G_LIST_MODEL(list));
    return 0;
}

static int
do_find(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubDriveList) list = rub_drive_list_new(NULL, &error);
    g_autoptr(RubDrive) drive = list ? rub_drive_list_find(list, name, &error) : NULL;
    if (!drive)
        return say_error(error);
    say_drive("drive", drive);
    return 0;
}

static void
on_changed_cb(RubDrive *drive, gpointer user_data)
{
    say_drive("changed", drive);
}

static void
on_items_changed_cb(GListModel *model, guint position, guint removed, guint added, gpointer data)
{
    g_autofree char *where = g_strdup_printf("%u %u %u", position, removed, added);
    say("items", "change", where, NULL);
    for (guint i = 0; i < added; i++) {
        g_autoptr(RubDrive) drive = g_list_model_get_item(model, position + i);
        g_signal_handlers_disconnect_by_func(drive, on_changed_cb, NULL);
        g_signal_connect(drive, "changed", G_CALLBACK(on_changed_cb), NULL);
    }
    say_all(model);
}

typedef struct {
    GMainLoop *loop;
    RubDriveList *list;
    int status;
} Watch;

static void
on_list_made_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Watch *watch = user_data;
    g_autoptr(GError) error = NULL;
    watch->list = rub_drive_list_new_finish(result, &error);
    if (!watch->list) {
        watch->status = say_error(error);
        g_main_loop_quit(watch->loop);
        return;
    }
    g_signal_connect(watch->list, "items-changed", G_CALLBACK(on_items_changed_cb), NULL);
    guint count = g_list_model_get_n_items(G_LIST_MODEL(watch->list));
    on_items_changed_cb(G_LIST_MODEL(watch->list), 0, 0, count, NULL);
}

static gboolean
on_stdin_cb(int fd, GIOCondition condition, gpointer user_data)
{
    g_main_loop_quit(user_data);
    return G_SOURCE_REMOVE;
}

static int
do_watch(const char *unused)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Watch watch = {.loop = loop};
    g_unix_fd_add(0, G_IO_IN | G_IO_HUP, on_stdin_cb, loop);
    rub_drive_list_new_async(NULL, on_list_made_cb, &watch);
    g_main_loop_run(loop);
    g_clear_object(&watch.list);
    return watch.status;
}

static void
on_powered_off_cb(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Watch *watch = user_data;
    g_autoptr(GError) error = NULL;
    if (rub_drive_power_off_finish(RUB_DRIVE(source), result, &error))
        say("done", NULL);
    else
        watch->status = say_error(error);
    g_main_loop_quit(watch->loop);
}

static int
do_power_off(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Watch watch = {.loop = loop};
    g_autoptr(RubDriveList) list = rub_drive_list_new(NULL, &error);
    g_autoptr(RubDrive) drive = list ? rub_drive_list_find(list, name, &error) : NULL;
    if (!drive)
        return say_error(error);
    rub_drive_power_off_async(drive, NULL, on_powered_off_cb, &watch);
    g_main_loop_run(loop);
    return watch.status;
}

static void
say_contents(const char *event, guint number, const RubContents *contents)
{
    const RubKeptVolume *kept = contents->kept;
    g_autofree char *text = g_strdup_printf("%u", number);
    g_autofree char *files = g_strdup_printf("%u", contents->file_count);
    g_autofree char *damage = kept && kept->damage ? rub_text_format(kept->damage, NULL) : NULL;
    say(event, "number", text, "filesystem", contents->filesystem ? contents->filesystem : "",
        "label", contents->label ? contents->label : "", "counted",
        contents->is_counted ? "yes" : "no", "files", files, "kept", kept ? "yes" : "no", "damage",
        damage ? damage : "", "manifest", kept && kept->has_manifest ? "yes" : "no", NULL);
}

static void
say_layout(const RubLayout *layout)
{
    static const char *const tables[] = {"none", "superfloppy", "mbr", "gpt", "hybrid", "other"};
    static const char *const needs[] = {"not-needed", "needed", "refused"};
    g_autofree char *code = g_strdup_printf("%d", (int) layout->refusal_code);
    g_autofree char *refusal = layout->refusal ? rub_text_format(layout->refusal, NULL) : NULL;
    g_autofree char *gaps = g_strdup_printf("%u", layout->gaps->len);
    say("layout", "name", layout->name, "table", tables[layout->table], "password",
        needs[layout->password], "mount", layout->can_mount ? "yes" : "no", "code", code, "refusal",
        refusal ? refusal : "", "gaps", gaps, "model", layout->model, "read-only",
        layout->is_read_only ? "yes" : "no", "fingerprint", layout->fingerprint, NULL);
    say_contents("whole", 0, &layout->whole);
    for (guint i = 0; i < layout->partitions->len; i++) {
        const RubPartition *partition = g_ptr_array_index(layout->partitions, i);
        say_contents("partition", partition->number, &partition->contents);
    }
    say("end", NULL);
}

static int
do_layout(const char *node)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubTarget) target = rub_udisks_target_new_for_node(node, &error);
    g_autoptr(RubLayout) layout =
        target ? rub_target_read_layout(target, cancellable, &error) : NULL;
    if (!layout)
        return say_error(error);
    say_layout(layout);
    return 0;
}

static gboolean
read_first_volume(RubTarget *target, GError **error)
{
    g_autofree char *folder = rub_target_mount(target, 1, TRUE, cancellable, error);
    if (!folder)
        return FALSE;
    g_autofree char *path = g_build_filename(folder, "hello.txt", NULL);
    g_autofree char *text = NULL;
    gboolean is_there = g_file_get_contents(path, &text, NULL, NULL);
    say("mounted", "folder", folder, "text", is_there ? text : "", NULL);
    pause_for_test("mounted");
    return rub_target_unmount(target, error);
}

/* What --check does: opens the drive if that takes no password, else mounts it. */
static int
do_check(const char *node)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) refusal = NULL;
    g_autoptr(RubTarget) target = rub_udisks_target_new_for_node(node, &error);
    if (!target)
        return say_error(error);
    g_autoptr(RubDisk) disk = rub_target_open_for_reading(target, FALSE, NULL, &refusal);
    if (disk)
        say("opened", NULL);
    else
        say_error(refusal);
    if (!read_first_volume(target, &error))
        return say_error(error);
    say("done", NULL);
    return 0;
}

static RubNewVolume
plan_volume(const RubLayout *layout)
{
    guint64 start_lba = MIB / layout->sector_size;
    RubNewVolume volume = {
        .number = 1,
        .start_lba = start_lba,
        .sector_count = layout->size_bytes / MIB * MIB / layout->sector_size - start_lba,
        .mbr_type = 0x0c,
        .sectors_per_cluster = 1,
        .label = "RESCUE",
        .disk_signature = 0x12345678,
        .volume_id = 0x87654321,
    };
    return volume;
}

static gboolean
write_file(RubTarget *target, GError **error)
{
    g_autofree char *folder = rub_target_mount(target, 1, FALSE, cancellable, error);
    if (!folder)
        return FALSE;
    g_autofree char *path = g_build_filename(folder, "hello.txt", NULL);
    say("writing", "folder", folder, NULL);
    g_autoptr(GError) ignored = NULL;
    g_file_set_contents(path, FILE_TEXT, -1, &ignored);
    pause_for_test("written");
    return rub_target_unmount(target, error) && read_first_volume(target, error);
}

static gboolean
open_reviewed(RubTarget *target, RubAccess access, RubLayout **layout, GError **error)
{
    *layout = rub_target_read_layout(target, cancellable, error);
    if (!*layout)
        return FALSE;
    say_layout(*layout);
    pause_for_test("reviewed");
    if (!rub_target_open_for_writing(target, *layout, access, cancellable, error))
        return FALSE;
    pause_for_test("open");
    return TRUE;
}

static int
build(const char *node, RubAccess access, gboolean erases)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RubTarget) target = rub_udisks_target_new_for_node(node, &error);
    g_autoptr(RubLayout) layout = NULL;
    if (!target || !open_reviewed(target, access, &layout, &error))
        return say_error(error);
    RubNewVolume volume = plan_volume(layout);
    if ((erases && (!rub_target_make_table(target, &volume, &error) ||
                    !rub_target_make_volume(target, &volume, cancellable, &error))) ||
        (access == RUB_ACCESS_MOUNTED && !write_file(target, &error)) ||
        !rub_target_finish(target, &error))
        return say_error(error);
    say("done", NULL);
    return 0;
}

static int
do_raw(const char *node)
{
    return build(node, RUB_ACCESS_RAW, TRUE);
}

static int
do_mounted(const char *node)
{
    return build(node, RUB_ACCESS_MOUNTED, TRUE);
}

static int
do_keep(const char *node)
{
    return build(node, RUB_ACCESS_MOUNTED, FALSE);
}

static gpointer
wait_for_signal(gpointer data)
{
    sigset_t *set = data;
    int number;
    sigwait(set, &number);
    g_cancellable_cancel(cancellable);
    say("stopping", NULL);
    return NULL;
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const char *argument);
    } commands[] = {
        {"list", do_list},     {"find", do_find},   {"watch", do_watch},
        {"layout", do_layout}, {"check", do_check}, {"power-off", do_power_off},
        {"raw", do_raw},       {"keep", do_keep},   {"mounted", do_mounted},
    };
    static sigset_t set;
    cancellable = g_cancellable_new();
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    g_thread_unref(g_thread_new("signals", wait_for_signal, &set));
    for (guint i = 0; argc > 1 && i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(argv[1], commands[i].name))
            return commands[i].run(argc > 2 ? argv[2] : "");
    return 64;
}
