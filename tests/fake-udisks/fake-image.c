/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What udisksd's tools write to a device, written to its image. */
#include "fake-image.h"

#include "fake-probe.h"
#include "fake-run.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define SECTOR_BYTES 512

/* Takes the signatures of a device away. */
gboolean
fake_image_wipe(FakeNode *node, GError **error)
{
    if (!node->disk->read_only &&
        fake_probe_wipe(node->disk->image, node->offset, node->size_bytes))
        return TRUE;
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED, "Failed to open the device '/dev/%s'",
                node->name);
    return FALSE;
}

static void
append_all(GPtrArray *arguments, const char *const *words)
{
    for (; *words != NULL; words++)
        g_ptr_array_add(arguments, (char *) *words);
}

static gboolean
run_sfdisk(FakeDisk *disk, const char *const *before, const char *const *after, const char *script,
           GError **error)
{
    const char *const fixed[] = {"sfdisk", "--quiet", "--no-reread",       "--no-tell-kernel",
                                 "--wipe", "never",   "--wipe-partitions", "never",
                                 NULL};
    g_autoptr(GPtrArray) arguments = g_ptr_array_new();
    append_all(arguments, fixed);
    append_all(arguments, before);
    g_ptr_array_add(arguments, disk->image);
    append_all(arguments, after);
    g_ptr_array_add(arguments, NULL);
    return fake_run((const char *const *) arguments->pdata, script, NULL, error);
}

/* Writes an empty partition table, "dos" or "gpt". */
gboolean
fake_image_make_table(FakeDisk *disk, const char *type, GError **error)
{
    const char *const none[] = {NULL};
    g_autofree char *script = g_strdup_printf("label: %s\n", type);
    return run_sfdisk(disk, none, none, script, error);
}

/* Makes a FAT with the command udisksd runs, whose words are the ones in the error. */
gboolean
fake_image_make_vfat(FakeNode *node, const char *label, GError **error)
{
    g_autofree char *first_sector =
        g_strdup_printf("%" G_GUINT64_FORMAT, node->offset / SECTOR_BYTES);
    g_autofree char *offset_option = g_strdup_printf("--offset=%s", first_sector);
    g_autofree char *blocks = g_strdup_printf("%" G_GUINT64_FORMAT, node->size_bytes / 1024);
    const char *const arguments[] = {"mkfs.vfat",       "-I",   "-n",         label,
                                     "--mbr=n",         "-h",   first_sector, offset_option,
                                     node->disk->image, blocks, NULL};
    g_autoptr(GError) failure = NULL;
    if (fake_run(arguments, NULL, NULL, &failure))
        return TRUE;
    const char *words = strstr(failure->message, " exited with ");
    g_set_error(error, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                "Error creating file system: Command-line `mkfs.vfat -I -n '%s' --mbr=n "
                "'/dev/%s''%s",
                label, node->name, words != NULL ? words : failure->message);
    return FALSE;
}

/* Adds partition NUMBER; TYPE is the table's own word for it. */
gboolean
fake_image_add_partition(FakeDisk *disk, guint number, guint64 offset, guint64 size_bytes,
                         const char *type, GError **error)
{
    g_autofree char *number_text = g_strdup_printf("%u", number);
    g_autofree char *script = g_strdup_printf(
        "start=%" G_GUINT64_FORMAT ", size=%" G_GUINT64_FORMAT ", type=%s\n", offset / SECTOR_BYTES,
        size_bytes / SECTOR_BYTES, g_str_has_prefix(type, "0x") ? type + 2 : type);
    const char *const before[] = {"--force", "-N", number_text, NULL};
    const char *const none[] = {NULL};
    return run_sfdisk(disk, before, none, script, error);
}

/* Runs sfdisk OPTION for a partition, with VALUE if there is one. */
gboolean
fake_image_edit_table(FakeNode *node, const char *option, const char *value, GError **error)
{
    g_autofree char *number = g_strdup_printf("%u", node->number);
    const char *const before[] = {option, NULL};
    const char *const after[] = {number, value, NULL};
    return run_sfdisk(node->disk, before, after, NULL, error);
}

/* Writes the first byte of a primary partition's entry, whose bit 7 makes it active. */
gboolean
fake_image_set_flags(FakeNode *node, guint8 flags, GError **error)
{
    int fd = g_open(node->disk->image, O_WRONLY | O_CLOEXEC);
    off_t position = 446 + 16 * ((off_t) node->number - 1);
    gboolean done = fd >= 0 && pwrite(fd, &flags, 1, position) == 1;
    if (!done)
        g_set_error_literal(error, UDISKS_ERROR, UDISKS_ERROR_FAILED, g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return done;
}

static gboolean
copy_area(const char *from, const char *to, const char *position, guint64 size_bytes,
          const char *conversion, GError **error)
{
    g_autofree char *input = g_strconcat("if=", from, NULL);
    g_autofree char *output = g_strconcat("of=", to, NULL);
    g_autofree char *count = g_strdup_printf("count=%" G_GUINT64_FORMAT, size_bytes);
    const char *const arguments[] = {"dd",
                                     input,
                                     output,
                                     "bs=1M",
                                     "status=none",
                                     "iflag=count_bytes,skip_bytes",
                                     "oflag=seek_bytes",
                                     position,
                                     count,
                                     conversion,
                                     NULL};
    return fake_run(arguments, NULL, NULL, error);
}

/* Unpacks an NTFS volume with 7-Zip, which wants it in a file of its own. */
gboolean
fake_image_extract_ntfs(FakeNode *node, const char *folder, GError **error)
{
    g_autofree char *copy = g_strdup_printf("%s/%s.ntfs", node->disk->world->folder, node->name);
    g_autofree char *skip = g_strdup_printf("skip=%" G_GUINT64_FORMAT, node->offset);
    g_autofree char *output = g_strconcat("-o", folder, NULL);
    const char *const unpack[] = {"7z", "x", "-tntfs", "-x![SYSTEM]", output, copy, NULL};
    gboolean done =
        copy_area(node->disk->image, copy, skip, node->size_bytes, "conv=sparse", error) &&
        fake_run(unpack, NULL, NULL, error);
    g_unlink(copy);
    return done;
}

/* Runs fsck.fat with FSCK_OPTION on a copy of the partition, or ntfsfix; what it repairs goes back.
 */
gboolean
fake_image_check(FakeNode *node, const char *fsck_option, int *out_status, char **out_output,
                 GError **error)
{
    g_autofree char *copy = g_strdup_printf("%s/%s.fat", node->disk->world->folder, node->name);
    g_autofree char *skip = g_strdup_printf("skip=%" G_GUINT64_FORMAT, node->offset);
    g_autofree char *seek = g_strdup_printf("seek=%" G_GUINT64_FORMAT, node->offset);
    const char *tool = g_str_equal(node->type, "ntfs") ? "ntfsfix" : "fsck.vfat";
    const char *const fsck[] = {tool, fsck_option, copy, NULL};
    gboolean done =
        copy_area(node->disk->image, copy, skip, node->size_bytes, "conv=sparse", error) &&
        fake_run_status(fsck, out_status, out_output, error);
    if (done && !g_str_equal(fsck_option, "-n"))
        done = copy_area(copy, node->disk->image, seek, node->size_bytes, "conv=notrunc", error);
    g_unlink(copy);
    return done;
}
