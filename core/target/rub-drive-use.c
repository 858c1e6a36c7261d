/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/rub-drive-use.h"

#include <string.h>

#include "target/rub-drive-rules.h"

/* Fields of a line of /proc/self/mountinfo, counted from 0 (proc(5)). What follows " - " is the
 * type of the filesystem and where it comes from. */
#define MOUNTINFO_DEVICE 2
#define MOUNTINFO_MOUNT_POINT 4
#define MOUNTINFO_FIELDS 6
#define SOURCE_FIELD 1

/* The devices that lie on a disk. */
typedef struct {
    const char *root;
    GPtrArray *uses;
    GHashTable *names;   /* "sdb", "sdb1", "dm-0", and what device-mapper calls that */
    GHashTable *numbers; /* "8:17" */
} RubStack;

static void visit(RubStack *stack, const char *device);

char *
rub_drive_use_read_attribute(const char *root, const char *device, const char *attribute)
{
    g_autofree char *path = g_build_filename(root, "sys/class/block", device, attribute, NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    return g_strchomp(g_steal_pointer(&text));
}

void
rub_drive_use_add(GPtrArray *uses, RubDriveUseKind kind, const char *name)
{
    for (guint i = 0; i < uses->len; i++) {
        const RubDriveUse *use = g_ptr_array_index(uses, i);
        if (use->kind == kind && g_str_equal(use->name, name))
            return;
    }
    g_ptr_array_add(uses, rub_drive_use_new(kind, name));
}

/* Device-mapper's identifiers begin with the name of who made the device. */
static RubDriveUseKind
classify_holder(const char *device, const char *mapper_id)
{
    if (g_str_has_prefix(device, "md"))
        return RUB_DRIVE_USE_RAID;
    if (mapper_id && g_str_has_prefix(mapper_id, "CRYPT-"))
        return RUB_DRIVE_USE_CRYPT;
    if (mapper_id && g_str_has_prefix(mapper_id, "LVM-"))
        return RUB_DRIVE_USE_LVM;
    return RUB_DRIVE_USE_OTHER;
}

static void
note_holder(RubStack *stack, const char *device)
{
    g_autofree char *mapper_id = rub_drive_use_read_attribute(stack->root, device, "dm/uuid");
    g_autofree char *mapper_name = rub_drive_use_read_attribute(stack->root, device, "dm/name");
    rub_drive_use_add(stack->uses, classify_holder(device, mapper_id),
                      mapper_name ? mapper_name : device);
    if (mapper_name)
        g_hash_table_add(stack->names, g_strdup(mapper_name));
    visit(stack, device);
}

static void
visit_holders(RubStack *stack, const char *device)
{
    g_autofree char *path =
        g_build_filename(stack->root, "sys/class/block", device, "holders", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir)))
        if (!g_hash_table_contains(stack->names, name))
            note_holder(stack, name);
}

static void
visit_partitions(RubStack *stack, const char *device)
{
    g_autofree char *path = g_build_filename(stack->root, "sys/class/block", device, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *mark = g_build_filename(path, name, "partition", NULL);
        if (g_str_has_prefix(name, device) && g_file_test(mark, G_FILE_TEST_EXISTS))
            visit(stack, name);
    }
}

static void
visit(RubStack *stack, const char *device)
{
    if (!g_hash_table_add(stack->names, g_strdup(device)))
        return;
    char *number = rub_drive_use_read_attribute(stack->root, device, "dev");
    if (number)
        g_hash_table_add(stack->numbers, number);
    visit_partitions(stack, device);
    visit_holders(stack, device);
}

/* Whether a node such as /dev/sdb1 or /dev/mapper/name lies on the disk. */
static gboolean
has_node(const RubStack *stack, const char *node)
{
    if (!g_str_has_prefix(node, "/dev/"))
        return FALSE;
    const char *name = strrchr(node, '/') + 1;
    return g_hash_table_contains(stack->names, name);
}

/* Btrfs has a device number of its own; where it comes from is told as a node. */
static gboolean
is_on_disk(const RubStack *stack, const char *number, const char *rest)
{
    if (g_hash_table_contains(stack->numbers, number))
        return TRUE;
    const char *separator = strstr(rest, " - ");
    if (!separator)
        return FALSE;
    g_auto(GStrv) origin = g_strsplit(separator + strlen(" - "), " ", SOURCE_FIELD + 2);
    return g_strv_length(origin) > SOURCE_FIELD && has_node(stack, origin[SOURCE_FIELD]);
}

/* The kernel writes blanks and the like as octal numbers. */
static void
find_mounts(RubStack *stack)
{
    g_autofree char *path = g_build_filename(stack->root, "proc/self/mountinfo", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, " ", MOUNTINFO_FIELDS);
        if (g_strv_length(fields) < MOUNTINFO_FIELDS ||
            !is_on_disk(stack, fields[MOUNTINFO_DEVICE], *line))
            continue;
        g_autofree char *mount_point = g_strcompress(fields[MOUNTINFO_MOUNT_POINT]);
        if (!rub_drive_is_user_place(mount_point))
            rub_drive_use_add(stack->uses, RUB_DRIVE_USE_SYSTEM, mount_point);
    }
}

static void
find_swap(RubStack *stack)
{
    g_autofree char *path = g_build_filename(stack->root, "proc/swaps", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit_set(*line, " \t", 2);
        if (fields[0] && has_node(stack, fields[0]))
            rub_drive_use_add(stack->uses, RUB_DRIVE_USE_SWAP, fields[0]);
    }
}

void
rub_drive_use_find_all(GPtrArray *uses, const char *disk, const char *root)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    RubStack stack = {.root = root, .uses = uses, .names = names, .numbers = numbers};
    visit(&stack, disk);
    find_mounts(&stack);
    find_swap(&stack);
}
